package views

import (
	"encoding/hex"
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// BrandIcon is the account's favicon: the first letter of its name on its accent, in the colour that can be read there. It is an SVG
// document without scripts or links. Equal arguments give equal bytes.
func BrandIcon(name, accent string) []byte {
	if _, ok := parseColor(accent); !ok {
		accent = "#3f3f46"
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="%s"/>`+
		`<text x="16" y="22.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="19" font-weight="600" fill="%s">%s</text></svg>`,
		accent, TextOn(accent), html.EscapeString(firstLetter(name)))
}

// BrandIconFile is the name of the icon's file, such as icon-3457d5-41.svg: all that is in it follows from the name.
func BrandIconFile(name, accent string) string {
	if _, ok := parseColor(accent); !ok {
		accent = ""
	}
	return "icon-" + strings.TrimPrefix(accent, "#") + "-" + hex.EncodeToString([]byte(firstLetter(name))) + ".svg"
}

var brandIconForm = regexp.MustCompile(`^icon-([0-9a-f]{6}|)-((?:[0-9a-f]{2}){0,16})\.svg$`)

// BrandIconOfFile is the icon a file's name tells; not found is what no BrandIconFile can be.
func BrandIconOfFile(file string) (icon []byte, found bool) {
	part := brandIconForm.FindStringSubmatch(file)
	if part == nil {
		return nil, false
	}
	letter, err := hex.DecodeString(part[2])
	if err != nil || !utf8.Valid(letter) || string(letter) != firstLetter(string(letter)) {
		return nil, false
	}
	return BrandIcon(string(letter), "#"+part[1]), true
}
