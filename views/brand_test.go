package views

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// colours are the corners of the cube, the greys, and many at random; the seed is fixed so that a failure repeats.
func colours() []string {
	var all []string
	for n := range 256 {
		all = append(all, fmt.Sprintf("#%02x%02x%02x", n, n, n))
	}
	for n := range 64 {
		all = append(all, fmt.Sprintf("#%02x%02x%02x", n>>4*85, n>>2&3*85, n&3*85))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		all = append(all, fmt.Sprintf("#%06x", random.IntN(1<<24)))
	}
	return all
}

func TestTextOnReadsOnAnyColour(t *testing.T) {
	for _, colour := range colours() {
		if c := Contrast(TextOn(colour), colour); c < 4.5 {
			t.Errorf("%s on %s has %.2f:1", TextOn(colour), colour, c)
		}
	}
}

func TestContrastSafeReadsOnAnyBackground(t *testing.T) {
	all := colours()
	for i, accent := range all {
		for _, background := range []string{lightPage, lightSurface, darkPage, darkSurface, all[len(all)-1-i]} {
			safe := ContrastSafe(accent, background)
			if c := Contrast(safe, background); c < 4.5 {
				t.Errorf("%s for %s on %s has %.2f:1", safe, accent, background, c)
			}
			if Contrast(accent, background) >= 4.5 && safe != accent {
				t.Errorf("%s needed no change on %s, but became %s", accent, background, safe)
			}
		}
	}
}

func TestContrastSafeKeepsTheHue(t *testing.T) {
	for _, accent := range []string{"#ffd400", "#ff8800", "#00c2a8", "#ff4fa3"} {
		before, _ := parseColor(accent)
		after, _ := parseColor(ContrastSafe(accent, lightPage))
		if d := before.oklch().h - after.oklch().h; d > 0.1 || d < -0.1 {
			t.Errorf("%s turned by %.2f rad", accent, d)
		}
	}
}

var declaration = regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`)

func TestBrandStylesheetIsReadable(t *testing.T) {
	for i, accent := range colours() {
		if i%20 != 0 {
			continue
		}
		css := string(BrandStylesheet(Brand{Accent: accent, Accent2: "#12ab9f"}))
		light, dark, ok := strings.Cut(css, "@media")
		if !ok {
			t.Fatalf("no dark theme in %s", css)
		}
		for theme, surface := range map[string]string{light: lightSurface, dark: darkSurface} {
			value := map[string]string{}
			for _, d := range declaration.FindAllStringSubmatch(theme, -1) {
				value[d[1]] = d[2]
			}
			for _, pair := range [][2]string{{value["color-primary"], value["color-primary-content"]}, {value["color-secondary"], value["color-secondary-content"]}, {value["accent-text"], surface}} {
				if c := Contrast(pair[0], pair[1]); c < 4.5 {
					t.Errorf("accent %s: %s on %s has %.2f:1", accent, pair[0], pair[1], c)
				}
			}
		}
	}
}

func TestBrandStylesheetTakesNothingButColours(t *testing.T) {
	css := BrandStylesheet(Brand{Accent: "#fff}", Accent2: "red;} body{display:none", Radius: "}"})
	if want := BrandStylesheet(Brand{}); !bytes.Equal(css, want) {
		t.Errorf("%s", css)
	}
	if css := string(BrandStylesheet(Brand{Accent: "#2f6f4f", Accent2: "x"})); !strings.Contains(css, "--color-secondary:#2f6f4f") {
		t.Errorf("the second colour is not the first: %s", css)
	}
}

func TestBrandHashFollowsTheContent(t *testing.T) {
	a := BrandHash(Brand{Accent: "#2f6f4f"})
	if a != BrandHash(Brand{Accent: "#2f6f4f", Radius: RadiusSoft}) {
		t.Error("equal stylesheets, different hashes")
	}
	if a == BrandHash(Brand{Accent: "#2f6f50"}) {
		t.Error("different stylesheets, one hash")
	}
}
