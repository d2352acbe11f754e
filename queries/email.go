package queries

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// EmailMax is the longest address that can be sent to, in bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
const EmailMax = 254

// mailDomains makes a domain ASCII, in the limits of DNS, which idna.Lookup alone does not keep.
var mailDomains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true))

// ParseEmail checks an address a person typed and returns it as it is stored: trimmed, its domain in lower-case ASCII.
// The error is Invalid with a sentence for the person; whether anybody reads the mailbox only a mail can tell.
func ParseEmail(typed string) (string, error) {
	s := strings.TrimSpace(typed)
	switch {
	case s == "":
		return "", Invalid{"email", "Enter an e-mail address."}
	case len(s) > 4*EmailMax: // no ASCII form of it is short enough, and making that takes the square of its length
		return "", Invalid{"email", "This address is longer than mail allows."}
	case !utf8.ValidString(s) || strings.IndexFunc(s, notInAddress) >= 0:
		return "", Invalid{"email", "This address contains characters that cannot be part of one."}
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 {
		return "", Invalid{"email", "An address has a name, an @ and a domain, like ana@example.com."}
	}
	domain, err := mailDomains.ToASCII(s[at+1:])
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	if err != nil || top == domain || strings.Trim(top, "0123456789") == "" { // one label is no domain, and digits alone end an IP
		return "", Invalid{"email", "The part after the @ is not a domain, like example.com."}
	}
	s = s[:at] + "@" + domain
	if at > 64 || len(s) > EmailMax {
		return "", Invalid{"email", "This address is longer than mail allows."}
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s || strings.ContainsAny(s[:at], ` "(),:;<>[]\`) {
		return "", Invalid{"email", "This is not an e-mail address. Is there a typing error in it?"}
	}
	return s, nil
}

// ParseName checks a person's name and returns it trimmed, with single spaces. Empty is allowed.
func ParseName(typed string) (string, error) {
	s := strings.Join(strings.Fields(typed), " ")
	switch {
	case !utf8.ValidString(s) || strings.IndexFunc(s, notPrintable) >= 0:
		return "", Invalid{"name", "This name contains characters that cannot be shown."}
	case utf8.RuneCountInString(s) > 120:
		return "", Invalid{"name", "A name has at most 120 characters."}
	}
	return s, nil
}

// MaskEmail shows enough of an address for its owner to know it, and too little for anybody else to write to it:
// a•••@e•••.com.
func MaskEmail(email string) string {
	name, domain, _ := strings.Cut(email, "@")
	dot := strings.LastIndexByte(domain, '.')
	return first(name) + "•••@" + first(domain) + "•••" + domain[max(dot, 0):]
}

func first(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// notInAddress finds what can be neither seen nor typed: two addresses that look alike have to be one. So it does letters that are taken
// for one of ASCII where case does not count, such as the sign of Kelvin for a k: PostgreSQL finds Mike by them, while the mail goes to
// whoever has the other mailbox.
func notInAddress(r rune) bool {
	return r == utf8.RuneError || !unicode.IsPrint(r) || r > unicode.MaxASCII && unicode.ToLower(r) <= unicode.MaxASCII
}

// notPrintable finds control characters and the invisible marks that reorder or hide text, but not the joiners that some scripts are written with.
func notPrintable(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || (unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c')
}
