package mail

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"unicode"
)

// wording says a fault that is no reply in words for staff.
func wording(at step, err error) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "the mail server did not answer in time"
	case errors.Is(err, context.Canceled):
		return "sending was interrupted"
	case errors.As(err, &dns):
		return "the mail server's name was not found: " + dns.Name
	case at == connecting:
		return "the mail server cannot be reached: " + err.Error()
	case at == startTLS && !errors.Is(err, errUnsupported):
		return "no secure connection to the mail server: " + err.Error()
	}
	return err.Error()
}

// oneLine makes foreign words fit to be shown: printable, one line, bounded.
func oneLine(text string) string {
	const limit = 300
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes)
}
