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

// A stylesheet's name tells all that is in it, so that an old page finds its own.
func TestBrandFileTellsItsBrand(t *testing.T) {
	for _, accent := range []string{"#2f6f4f", "", "red"} {
		for _, accent2 := range []string{"#ffffff", "#0"} {
			for _, radius := range []string{RadiusSharp, RadiusSoft, RadiusRound, ""} {
				for _, scheme := range []string{SchemeAuto, SchemeLight, SchemeDark, "x"} {
					b := Brand{accent, accent2, radius, scheme}
					told, exact, found := BrandOfFile(BrandFile(b))
					if !found || !exact || !bytes.Equal(BrandStylesheet(told), BrandStylesheet(b)) {
						t.Errorf("%+v is told as %+v (%v, %v)", b, told, exact, found)
					}
				}
			}
		}
	}
	if b, exact, found := BrandOfFile("2f6f4f-ffffff-soft-dark-000000.css"); !found || exact || b != (Brand{"#2f6f4f", "#ffffff", RadiusSoft, SchemeDark}) {
		t.Errorf("another version's: %+v, %v, %v", b, exact, found)
	}
	for _, wrong := range []string{"", ".css", "2f6f4f-ffffff-soft-auto.css", "2F6F4F-ffffff-soft-auto-000000.css", "2f6f4f-ffffff-}-auto-000000.css",
		"2f6f4f-ffffff-soft-auto-000000.css\n", "#2f6f4f-ffffff-soft-auto-000000.css", "../2f6f4f-ffffff-soft-auto-000000.css"} {
		if b, _, found := BrandOfFile(wrong); found {
			t.Errorf("%q is told as %+v", wrong, b)
		}
	}
}

func TestBrandIconFileTellsItsIcon(t *testing.T) {
	for _, name := range []string{"Acme", "ängström", "松", "<b>", "", "🌱"} {
		for _, accent := range []string{"#2f6f4f", "red"} {
			if icon, found := BrandIconOfFile(BrandIconFile(name, accent)); !found || !bytes.Equal(icon, BrandIcon(name, accent)) {
				t.Errorf("%q on %s: %v\n%s", name, accent, found, icon)
			}
		}
	}
	for _, wrong := range []string{"icon-2f6f4f-4.svg", "icon-2f6f4f-61.svg", "icon-2f6f4f-4142.svg", "icon-2f6f4f-ff.svg", "icon-red-41.svg", "icon-2f6f4f-41.png"} {
		if _, found := BrandIconOfFile(wrong); found {
			t.Errorf("%q is found", wrong)
		}
	}
}

// A page that is always light or dark is so whatever the reader's system says.
func TestBrandStylesheetKeepsToItsScheme(t *testing.T) {
	auto := string(BrandStylesheet(Brand{Accent: "#2f6f4f"}))
	light, dark, _ := strings.Cut(auto, "@media (prefers-color-scheme:dark){")
	for scheme, want := range map[string]string{SchemeLight: light, SchemeDark: dark} {
		css := string(BrandStylesheet(Brand{Accent: "#2f6f4f", Scheme: scheme}))
		colours := declaration.FindAllString(want, -1)
		if strings.Contains(css, "@media") || len(colours) == 0 || strings.Join(declaration.FindAllString(css, -1), ";") != strings.Join(colours, ";") {
			t.Errorf("always %s: %s", scheme, css)
		}
	}
}

func TestReadable(t *testing.T) {
	for _, c := range []struct {
		color, scheme string
		reads         bool
	}{{"#ffd400", SchemeAuto, false}, {"#ffd400", SchemeDark, true}, {"#101040", SchemeLight, true}, {"#101040", SchemeDark, false}} {
		ratio, nearest := Readable(c.color, c.scheme)
		again, same := Readable(nearest, c.scheme)
		if (ratio >= 4.5) != c.reads || (nearest == c.color) != c.reads || again < 4.5 || same != nearest {
			t.Errorf("%s, %s: %.2f and %s, which has %.2f", c.color, c.scheme, ratio, nearest, again)
		}
	}
}
