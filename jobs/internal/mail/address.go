package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
)

// Address is a mailbox and the name shown for it, which may be empty.
type Address struct{ Name, Email string }

// parse checks that Email is exactly one bare address, and cleans the name.
func (a Address) parse() (*netmail.Address, error) {
	parsed, err := netmail.ParseAddress(a.Email)
	if err != nil || parsed.Name != "" || parsed.Address != a.Email {
		return nil, fmt.Errorf("address %q", a.Email)
	}
	if parsed.Name = singleLine(a.Name); !isASCII(parsed.Name) {
		parsed.Name = strings.ReplaceAll(parsed.Name, `\`, "＼") // net/mail leaves it in the encoded word, where RFC 2047 (5.3) does not allow it
	}
	return parsed, nil
}

// envelope is the address as MAIL FROM and RCPT TO take it.
func envelope(address *netmail.Address) string {
	return (&netmail.Address{Address: address.Address}).String()
}

// singleLine replaces everything that could end a line, or is not shown at
// all, by a space. Encoding would carry a line break through to the reader.
//
// What begins an encoded word (RFC 2047) gets a full-width sign: go-mail and
// net/mail write it as it stands where all else is ASCII, and the reader's
// program would decode it to letters that nobody typed and no form takes.
func singleLine(text string) string {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r == ' ' || r == '\u2028' || r == '\u2029'
	}), " ")
	return strings.ReplaceAll(line, "=?", "＝?")
}

// isASCII reports whether text has only characters that every server takes.
func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
