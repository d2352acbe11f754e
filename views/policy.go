package views

// ContentSecurityPolicy is the header value under which every page works: nothing inline, nothing evaluated, nothing from elsewhere.
// So templates carry no hx-on, no js: values and no trigger filters in brackets. What it lets a page frame is only what says so itself.
const ContentSecurityPolicy = policy + "frame-ancestors 'none'"

// EmbeddedPolicy is that of the public forms, which other sites show inside their pages.
const EmbeddedPolicy = policy + "frame-ancestors *"

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; manifest-src 'self'; "

// MailContentSecurityPolicy is that of a mail shown inside a page: its own styles and pictures from one origin, which may be
// empty, and nothing that runs or leads anywhere.
func MailContentSecurityPolicy(pictures string) string {
	if pictures == "" {
		pictures = "'none'"
	}
	return "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src " + pictures + "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}
