package views

import (
	"bytes"
	"regexp"
	"strings"
)

// BrandFile is the name of a brand's stylesheet, such as 3457d5-0f766e-soft-auto-1f0c3e.css: all that is in it follows from the name, so
// that a page that is still open finds its stylesheet also after the account has chosen another. The last part tells how this program makes
// them, so that it can be cached for ever.
func BrandFile(b Brand) string {
	if _, ok := parseColor(b.Accent); !ok {
		b.Accent = ""
	}
	if _, ok := parseColor(b.Accent2); !ok {
		b.Accent2 = b.Accent
	}
	if _, ok := radii[b.Radius]; !ok {
		b.Radius = RadiusSoft
	}
	if b.Scheme != SchemeLight && b.Scheme != SchemeDark {
		b.Scheme = SchemeAuto
	}
	return strings.Join([]string{strings.TrimPrefix(b.Accent, "#"), strings.TrimPrefix(b.Accent2, "#"), b.Radius, b.Scheme, brandMaking}, "-") + ".css"
}

var brandFileForm = regexp.MustCompile(`^([0-9a-f]{6}|)-([0-9a-f]{6}|)-(sharp|soft|round)-(auto|light|dark)-([0-9a-f]{6})\.css$`)

// BrandOfFile is the brand a stylesheet's name tells, and whether this program makes it as the name says: another version that runs at the
// same time may make it a little differently. Not found is what no BrandFile can be.
func BrandOfFile(name string) (b Brand, exact, found bool) {
	part := brandFileForm.FindStringSubmatch(name)
	if part == nil {
		return Brand{}, false, false
	}
	b = Brand{Radius: part[3], Scheme: part[4]}
	if part[1] != "" {
		b.Accent = "#" + part[1]
	}
	if part[2] != "" {
		b.Accent2 = "#" + part[2]
	}
	return b, part[5] == brandMaking, true
}

// brandMaking changes when stylesheets are made differently.
var brandMaking = func() string {
	var all [][]byte
	for _, accent := range []string{"#3457d5", "#ffe000", "#101010"} {
		for _, scheme := range []string{SchemeAuto, SchemeLight, SchemeDark} {
			for _, radius := range []string{RadiusSharp, RadiusSoft, RadiusRound} {
				all = append(all, BrandStylesheet(Brand{accent, "#0f766e", radius, scheme}))
			}
		}
	}
	return contentHash(bytes.Join(all, nil))[:6]
}()
