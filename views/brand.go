package views

import (
	"fmt"
	"strings"
)

// The corner styles of a [Brand].
const (
	RadiusSharp = "sharp"
	RadiusSoft  = "soft" // the default
	RadiusRound = "round"
)

// Brand is what an account chose for its looks.
type Brand struct {
	Accent  string // #rrggbb; anything else is the neutral theme's own
	Accent2 string // #rrggbb; anything else is Accent
	Radius  string // a Radius constant; anything else is RadiusSoft
	Scheme  string // a Scheme constant; anything else is SchemeAuto
}

// The ways a page of a [Brand] chooses between light and dark.
const (
	SchemeAuto  = "auto" // as the reader's system says; the default
	SchemeLight = "light"
	SchemeDark  = "dark"
)

// The surfaces text in the accent may stand on. For each theme it is the one nearest to the text's own lightness,
// so contrast on the theme's other surfaces is higher still. They are --color-base-300 and -100 of styles/theme.css.
const (
	lightSurface = "#ebebee"
	darkSurface  = "#26272c"
	lightPage    = "#ffffff"
	darkPage     = "#151619"
)

var radii = map[string][3]string{ // box, field, selector
	RadiusSharp: {"0.125rem", "0.125rem", "0.125rem"},
	RadiusSoft:  {"0.75rem", "0.5rem", "0.375rem"},
	RadiusRound: {"1.25rem", "1.5rem", "0.5rem"},
}

// BrandStylesheet is the CSS that puts the brand over the neutral theme, in light and dark. Whatever the colours, text on the accent and
// the accent as text reach the 4.5:1 of WCAG AA, and an accent as pale or dark as the page behind it is moved until it can be seen.
// Equal brands give equal bytes.
func BrandStylesheet(b Brand) []byte {
	radius, ok := radii[b.Radius]
	if !ok {
		radius = radii[RadiusSoft]
	}
	var css strings.Builder
	fmt.Fprintf(&css, ":root:root{--radius-box:%s;--radius-field:%s;--radius-selector:%s", radius[0], radius[1], radius[2])
	if _, ok := parseColor(b.Accent); !ok {
		css.WriteString("}\n")
		return []byte(css.String())
	}
	if _, ok := parseColor(b.Accent2); !ok {
		b.Accent2 = b.Accent
	}
	light, dark := b.variables(lightPage, lightSurface, 1.3), b.variables(darkPage, darkSurface, 2)
	switch b.Scheme {
	case SchemeLight:
		css.WriteString(";" + light + "}\n")
	case SchemeDark:
		css.WriteString(";" + dark + "}\n")
	default:
		css.WriteString(";" + light + "}\n@media (prefers-color-scheme:dark){:root:root{" + dark + "}}\n")
	}
	return []byte(css.String())
}

// variables are the colours for one theme; visible is the contrast a filled shape needs against the page.
func (b Brand) variables(page, surface string, visible float64) string {
	fill, fill2 := filled(b.Accent, page, visible), filled(b.Accent2, page, visible)
	return fmt.Sprintf("--color-primary:%s;--color-primary-content:%s;--color-secondary:%s;--color-secondary-content:%s;--accent-text:%s",
		fill, TextOn(fill), fill2, TextOn(fill2), ContrastSafe(b.Accent, surface))
}

// filled is the colour for shapes such as buttons. A white or grey that the page swallows goes all the way to the other side,
// because a slightly moved grey looks like a button that is switched off.
func filled(color, page string, visible float64) string {
	if c, _ := parseColor(color); c.oklch().c < 0.03 && Contrast(color, page) < visible {
		return shift(color, page, 12)
	}
	return shift(color, page, visible)
}

// ContrastSafe is the accent, or the nearest lightness of it that reads with at least 4.5:1 on the background. Both are #rrggbb;
// an accent that is no colour gives the text colour for that background.
func ContrastSafe(accent, background string) string {
	if _, ok := parseColor(accent); !ok {
		return TextOn(background)
	}
	return shift(accent, background, 4.5)
}

// Readable says with which contrast text in the colour reads on the pages of a scheme, and the nearest colour that reaches 4.5:1 there: the
// colour itself when it does. With SchemeAuto it is the light page that counts, since no colour reads on both; the dark one moves it by itself.
func Readable(color, scheme string) (ratio float64, nearest string) {
	page := lightPage
	if scheme == SchemeDark {
		page = darkPage
	}
	return Contrast(color, page), ContrastSafe(color, page)
}

// TextOn is the colour for text on a background of that #rrggbb colour, with at least 4.5:1: white where that suffices, else near-black, else black.
// What is no colour counts as white.
func TextOn(color string) string {
	for _, text := range []string{"#ffffff", "#17181c"} {
		if Contrast(text, color) >= 4.5 {
			return text
		}
	}
	return "#000000"
}
