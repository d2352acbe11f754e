package views

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestAssetPathNamesTheContent(t *testing.T) {
	p := AssetPath("atrium.css")
	if !regexp.MustCompile(`^/static/atrium-[0-9a-f]{10}\.css$`).MatchString(p) {
		t.Fatalf("path %q", p)
	}
	a, ok := Open(p)
	if !ok || a.ContentType != "text/css; charset=utf-8" || len(a.Body) == 0 {
		t.Fatalf("%s: %v %q", p, ok, a.ContentType)
	}
	if AssetPath("nothing.css") != "" {
		t.Error("an unknown name has a path")
	}
	for _, wrong := range []string{"/static/atrium.css", "/static/atrium-0000000000.css", "/static/", "", "/static/../views.go"} {
		if _, ok := Open(wrong); ok {
			t.Errorf("%q opens", wrong)
		}
	}
	if !slices.Contains(Assets(), p) {
		t.Error("Assets leaves one out")
	}
}

func TestEncodedUnpacksToTheBody(t *testing.T) {
	for _, p := range Assets() {
		a, _ := Open(p)
		for accept, unpack := range map[string]func(io.Reader) (io.Reader, error){
			"gzip":                  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
			"gzip, deflate, br;q=1": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		} {
			packed, encoding := a.Encoded(accept)
			if encoding == "" {
				continue
			}
			r, err := unpack(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, a.Body) {
				t.Errorf("%s as %s: another body, %v", p, encoding, err)
			}
			if len(packed) >= len(a.Body) {
				t.Errorf("%s as %s is no smaller", p, encoding)
			}
		}
	}
}

func TestEncodedHonoursTheHeader(t *testing.T) {
	a, _ := Open(AssetPath("atrium.css"))
	for accept, want := range map[string]string{"": "", "identity": "", "gzip": "gzip", "br": "br", "gzip, br": "br", "br;q=0, gzip;q=0.5": "gzip", "GZIP": "gzip", "br;q=0.00": "", "brx": ""} {
		if _, got := a.Encoded(accept); got != want {
			t.Errorf("Accept-Encoding %q gives %q, not %q", accept, got, want)
		}
	}
}

func TestStripped(t *testing.T) {
	if got := string(stripped([]byte("// What it does.\n(() => {\n  // Why.\n\n  let a = \"// kept\"; // kept\n})();\n"))); got != "(() => {\nlet a = \"// kept\"; // kept\n})();\n" {
		t.Errorf("%q", got)
	}
	names, err := fs.Glob(files, "static/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		source, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			if !strings.HasSuffix(name, ".min.js") && strings.Count(line, "`")%2 != 0 {
				t.Errorf("%s has a string over several lines: %s", name, line)
			}
		}
	}
}

// The budget for everything a portal page brings along, compressed; the page itself and a logo have what is left of 60 KB.
func TestFirstPortalPageIsSmall(t *testing.T) {
	const budget = 40_000
	total := 0
	for _, name := range []string{"atrium.css", "htmx.min.js", "atrium.js", "time.js", "icons.svg", "favicon.svg"} {
		a, _ := Open(AssetPath(name))
		body, _ := a.Encoded("gzip")
		total += len(body)
	}
	if total > budget {
		t.Errorf("%d bytes, over the budget of %d", total, budget)
	}
}

func TestNoticeNamesEveryFileOfOthers(t *testing.T) {
	notice, _ := Open(AssetPath("NOTICE"))
	for _, name := range []string{"htmx.min.js: htmx.org ", "atrium.css: tailwindcss ", "atrium.css: daisyui ", "icons.svg: lucide-static "} {
		if !strings.Contains(string(notice.Body), name) {
			t.Errorf("NOTICE lacks %q", name)
		}
	}
}
