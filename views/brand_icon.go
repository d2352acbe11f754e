package views

import (
	"fmt"
	"html"
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

// BrandIconHash names the content of [BrandIcon] for its path.
func BrandIconHash(name, accent string) string { return contentHash(BrandIcon(name, accent)) }
