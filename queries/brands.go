package queries

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// LinksMost is how many links of its own an account has at the foot of its pages, and how many in the menu.
const LinksMost = 5

// What an account may say in its own words, in characters.
const (
	LinkLabelMax   = 30
	LinkURLMax     = 300
	SignInTitleMax = 80
	SignInTextMax  = 400
)

// Link is a link of an account's own.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"` // https or mailto
}

// Links reads a column of links; what cannot be read is none.
func Links(column []byte) (links []Link) {
	if json.Unmarshal(column, &links) != nil {
		return nil
	}
	return links
}

// ParseLink checks what was typed: https is added where it was left out, and mailto to an address. Two empty fields are no
// link. The field of an Invalid is label or url.
func ParseLink(label, address string) (Link, error) {
	label, err := ParseName(label)
	address = strings.TrimSpace(address)
	switch {
	case err != nil:
		return Link{}, Invalid{"label", messageOf(err)}
	case label == "" && address == "":
		return Link{}, nil
	case label == "":
		return Link{}, Invalid{"label", "Say in a word or two where this link leads."}
	case utf8.RuneCountInString(label) > LinkLabelMax:
		return Link{}, Invalid{"label", "A link's words have at most 30 characters."}
	case address == "":
		return Link{}, Invalid{"url", "Enter where this link leads, such as https://example.com."}
	}
	if email, isMail := strings.CutPrefix(address, "mailto:"); isMail || strings.Contains(address, "@") && !strings.Contains(address, "/") {
		email, err := ParseEmail(email)
		if err != nil {
			return Link{}, Invalid{"url", messageOf(err)}
		}
		return Link{label, "mailto:" + email}, nil
	}
	if !strings.Contains(address, ":") {
		address = "https://" + address
	}
	target, err := url.Parse(address)
	if err != nil || target.Scheme != "https" || !strings.Contains(target.Host, ".") || target.User != nil || len(address) > LinkURLMax {
		return Link{}, Invalid{"url", "Enter a whole address that begins with https://, or an e-mail address."}
	}
	return Link{label, target.String()}, nil
}

func messageOf(err error) string {
	var wrong Invalid
	if errors.As(err, &wrong) {
		return wrong.Message
	}
	return err.Error()
}

var colorForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// ParseColor checks a colour and returns it as #rrggbb in lower case.
func ParseColor(typed string) (string, error) {
	color := strings.ToLower(strings.TrimSpace(typed))
	if !strings.HasPrefix(color, "#") {
		color = "#" + color
	}
	if !colorForm.MatchString(color) {
		return "", Invalid{"color", "Enter a colour as # and six letters a to f or digits, such as #3457d5."}
	}
	return color, nil
}

// ParseText checks words of several lines: no more than that many characters, and none that cannot be seen.
func ParseText(typed string, most int) (string, error) {
	text := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\r\n", "\n"))
	hidden := func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }
	switch {
	case strings.ContainsFunc(text, hidden):
		return "", Invalid{"text", "There are characters in it that cannot be seen. Type it again."}
	case utf8.RuneCountInString(text) > most:
		return "", Invalid{"text", "This is too long."}
	}
	return text, nil
}
