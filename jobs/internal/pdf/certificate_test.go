package pdf

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sample() Certificate {
	return Certificate{Account: "Acme Coaching", Accent: "#0f766e", Holder: "Ana Souza", Course: "Clear goals", Completed: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC),
		Signer: "Maya Okafor, founder", Number: "7KQ4-M2ZD-9F", URL: "https://acme.portal.test/certificates/7KQ4-M2ZD-9F", Issued: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)}
}

// tool runs a program of poppler on a document.
func tool(t *testing.T, document []byte, name string, arguments ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "certificate.pdf")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), name, append(arguments, path, "-")...)
	if name == "pdfinfo" || name == "pdffonts" || name == "pdfimages" {
		command.Args = append(append([]string{name}, arguments...), path)
	}
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, said)
	}
	return strings.Join(strings.Fields(string(said)), " ")
}

func draw(t *testing.T, c Certificate) []byte {
	t.Helper()
	document, err := c.Draw()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// A certificate says who, what, when and where to look it up, in letters that programs read, on one sheet.
func TestCertificateSays(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("Gabriela Montserrat ", 6)) // 119 letters
	for name, change := range map[string]struct {
		do   func(*Certificate)
		says []string
		not  []string
	}{
		"plain":           {func(*Certificate) {}, []string{"Ana Souza", "Clear goals", "14 March 2026", "7KQ4-M2ZD-9F", "acme.portal.test/certificates/7KQ4-M2ZD-9F", "Maya Okafor, founder", "Acme Coaching"}, []string{"https"}},
		"Greek":           {func(c *Certificate) { c.Holder = "Αλέξανδρος Παπαδόπουλος" }, []string{"Αλέξανδρος Παπαδόπουλος"}, nil},
		"Cyrillic":        {func(c *Certificate) { c.Holder = "Дмитрий Щёголев" }, []string{"Дмитрий Щёголев"}, nil},
		"marks":           {func(c *Certificate) { c.Holder = "Nguyễn Thị A\u0301nh" }, []string{"Nguyễn Thị Ánh"}, nil},
		"a long name":     {func(c *Certificate) { c.Holder = long }, []string{long}, []string{"…"}},
		"one long word":   {func(c *Certificate) { c.Holder = strings.Repeat("Wm", 60) }, []string{"WmWmWm", "…"}, nil},
		"a long title":    {func(c *Certificate) { c.Course = long }, []string{long}, nil},
		"signs":           {func(c *Certificate) { c.Holder = "Ana ✨ Souza 🎉\ufe0f" }, []string{"Ana Souza"}, nil},
		"Arabic":          {func(c *Certificate) { c.Holder = "محمد علي" }, []string{holderElsewhere, "Clear goals"}, nil},
		"Chinese":         {func(c *Certificate) { c.Course, c.Account, c.Signer = "目標設定", "光", "光" }, []string{courseElsewhere, "Ana Souza"}, nil},
		"half of it":      {func(c *Certificate) { c.Holder = "Ana 李" }, []string{holderElsewhere}, []string{"Ana"}},
		"only signs":      {func(c *Certificate) { c.Holder = "🎉" }, []string{holderElsewhere}, nil},
		"no signature":    {func(c *Certificate) { c.Signer = "" }, []string{"Ana Souza"}, []string{"Maya"}},
		"the name signs":  {func(c *Certificate) { c.Signer = c.Account }, []string{"Acme Coaching"}, nil},
		"no colour of it": {func(c *Certificate) { c.Accent = "red" }, []string{"Ana Souza"}, nil},
		"evil":            {func(c *Certificate) { c.Holder, c.Course = `\) Tj (x`, "<script>%s" }, []string{`\) Tj (x`, "<script>%s"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sample()
			change.do(&c)
			document := draw(t, c)
			text := tool(t, document, "pdftotext", "-layout")
			for _, want := range change.says {
				if !strings.Contains(text, want) && !strings.Contains(strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(want, " ", "")) {
					t.Errorf("it does not say %q: %s", want, text)
				}
			}
			for _, not := range change.not {
				if strings.Contains(text, not) {
					t.Errorf("it says %q: %s", not, text)
				}
			}
			if info := tool(t, document, "pdfinfo"); !strings.Contains(info, "Pages: 1 ") || !strings.Contains(info, "(A4)") || !strings.Contains(info, "Title: Certificate 7KQ4-M2ZD-9F") ||
				!strings.Contains(info, "JavaScript: no") {
				t.Errorf("it is %s", info)
			}
			if fonts := tool(t, document, "pdffonts"); strings.Contains(fonts, " no ") && !strings.Contains(fonts, "yes") {
				t.Errorf("a font is not in it: %s", fonts)
			}
			if len(document) > 100<<10 {
				t.Errorf("it has %d bytes", len(document))
			}
		})
	}
}

// It is the same whenever it is drawn.
func TestCertificateIsTheSameAgain(t *testing.T) {
	t.Parallel()
	c := sample()
	c.Logo = picture(t, color.NRGBA{15, 118, 110, 255}, 600, 100)
	if !bytes.Equal(draw(t, c), draw(t, c)) {
		t.Error("drawn twice, it differs")
	}
}

func picture(t *testing.T, of color.Color, wide, high int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			m.Set(x, y, of)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The logo stands at the top, whatever its shape; one that paper would hide, or that is no picture, gives way to the name.
func TestCertificateLogo(t *testing.T) {
	t.Parallel()
	teal := color.NRGBA{15, 118, 110, 255}
	for name, c := range map[string]struct {
		logo  []byte
		shown bool
	}{
		"wide":        {picture(t, teal, 1000, 60), true},
		"tall":        {picture(t, teal, 60, 500), true},
		"tiny":        {picture(t, teal, 1, 1), true},
		"white":       {picture(t, color.White, 600, 100), false},
		"transparent": {picture(t, color.Transparent, 600, 100), false},
		"a drawing":   {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), false},
		"broken":      {picture(t, teal, 600, 100)[:60], false},
		"none":        {nil, false},
	} {
		cert := sample()
		cert.Logo, cert.Signer = c.logo, "Maya Okafor"
		document := draw(t, cert)
		if shown := strings.Contains(tool(t, document, "pdfimages", "-list"), " image "); shown != c.shown {
			t.Errorf("%s: shown %v", name, shown)
		}
		names := strings.Count(tool(t, document, "pdftotext", "-layout"), "Acme Coaching")
		if want := map[bool]int{true: 1, false: 2}[c.shown]; names != want { // below the signature it always stands
			t.Errorf("%s: the name stands there %d times, want %d", name, names, want)
		}
	}
}

// Every colour an account can choose reads on paper.
func TestDarkened(t *testing.T) {
	t.Parallel()
	for accent, want := range map[string]int{"#0f766e": 0x0f766e, "#000000": 0, "": ink, "#12": 0x12} {
		if got := darkened(accent); got != want {
			t.Errorf("%s becomes %06x, want %06x", accent, got, want)
		}
	}
	for _, accent := range []string{"#ffffff", "#ffd400", "#ff0000", "#00ff00", "#7c3aed"} {
		r, g, b := rgb(darkened(accent))
		if light := 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b); 1.05/(light+0.05) < 4.5 {
			t.Errorf("%s becomes %02x%02x%02x, which does not read", accent, r, g, b)
		}
	}
}
