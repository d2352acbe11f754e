package views

// ContentSecurityPolicy is the header value under which every page works: nothing inline, nothing evaluated, nothing from elsewhere.
// So templates carry no hx-on, no js: values and no trigger filters in brackets.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
