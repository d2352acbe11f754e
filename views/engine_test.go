package views

import (
	"bytes"
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func loaded(t *testing.T) *Engine {
	t.Helper()
	e := &Engine{Compared: func(name string, _ any, err error) {
		if err != nil {
			t.Errorf("%s is not what html/template makes of it: %v", name, err)
		}
	}}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRenderPutsTheBodyIntoTheFrame(t *testing.T) {
	e := loaded(t)
	page := struct {
		Page
		Empty
	}{Page{Title: "Contacts", Account: Account{Name: "Acme <Coaching>"}}, Empty{}}
	var out bytes.Buffer
	if err := e.Render(&out, "frame/_foot", page, FrameCard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!doctype html>", "<title>Contacts · Acme &lt;Coaching&gt;</title>", `<footer class="foot">`} {
		if strings.Count(out.String(), want) < 1 {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Count(out.String(), "<main") != 1 {
		t.Error("a page has exactly one <main>")
	}
}

func TestRenderWritesNothingOnAnError(t *testing.T) {
	e := loaded(t)
	for name, try := range map[string]func(*bytes.Buffer) error{
		"no such template":   func(w *bytes.Buffer) error { return e.Render(w, "nowhere/index", nil) },
		"no such frame":      func(w *bytes.Buffer) error { return e.Render(w, "frame/_foot", Page{}, "frame/none") },
		"a field is missing": func(w *bytes.Buffer) error { return e.Render(w, "ui/_empty", struct{ Icon string }{"mail"}) },
		"no page in a frame": func(w *bytes.Buffer) error { return e.Render(w, "ui/_copy", Copy{}, FrameCard) },
		"the frame fails": func(w *bytes.Buffer) error {
			return e.Render(w, "frame/_foot", Page{Nav: []NavItem{{Icon: "none"}}}, FramePortal)
		},
		"rendered unloaded":   func(w *bytes.Buffer) error { return (&Engine{}).Render(w, "ui/_copy", Copy{}) },
		"a fragment half-way": func(w *bytes.Buffer) error { return e.Render(w, "ui/_empty", Empty{Icon: "none"}) },
	} {
		var out bytes.Buffer
		if err := try(&out); err == nil {
			t.Errorf("%s: no error", name)
		}
		if out.Len() > 0 {
			t.Errorf("%s: %q was written", name, out.String())
		}
	}
}

func TestTraceSeesNestedTemplates(t *testing.T) {
	seen := map[string]bool{}
	e := &Engine{Trace: func(name string) { seen[name] = true }}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	if len(seen) > 0 {
		t.Errorf("loading counts as executing: %v", seen)
	}
	var traced, plain bytes.Buffer
	field := Field{Name: "email", Label: "E-mail", Error: "Please write one.", Required: true}
	if err := e.Render(&traced, "ui/_field", field); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ui/_field", "ui/_attributes", "ui/_error"} {
		if !seen[want] {
			t.Errorf("%s was not traced", want)
		}
	}
	if err := loaded(t).Render(&plain, "ui/_field", field); err != nil {
		t.Fatal(err)
	}
	if traced.String() != plain.String() {
		t.Errorf("tracing changes the page:\n%s\n%s", traced.String(), plain.String())
	}
}

func TestManyRendersAtOnceDoNotMix(t *testing.T) {
	e := loaded(t)
	var wait sync.WaitGroup
	for i := range 8 {
		name := strings.Repeat(string(rune('A'+i)), 200)
		wait.Go(func() {
			for range 50 {
				var out bytes.Buffer
				if err := e.Render(&out, "ui/_copy", Copy{Value: name}); err != nil || strings.Count(out.String(), name) != 2 {
					t.Errorf("another page's text, or %v", err)
				}
			}
		})
	}
	wait.Wait()
}

var (
	firstLine = regexp.MustCompile(`^\{\{- /\* \w+\.\w+: .+ \*/ -\}\}$`)
	refused   = regexp.MustCompile(`\{\{-? *(define|block|embed)\b|\s(style|on[a-z]+|hx-on[^=\s]*)\s*=|<style|<script(?:[^>]*src=)?[^>]*>[^<]|="javascript:|["']js:|hx-trigger="[^"]*\[`)
)

// Every template says its Go type, and holds nothing the house or the content security policy refuses.
func TestTemplatesKeepTheRules(t *testing.T) {
	err := fs.WalkDir(source{files}, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		first, rest, _ := strings.Cut(string(text), "\n")
		if !firstLine.MatchString(first) {
			t.Errorf("%s: the first line must be like {{- /* handlers.contactsPage: the list of contacts */ -}}", name)
		}
		if found := refused.FindString(rest); found != "" {
			t.Errorf("%s: %q is refused", name, strings.TrimSpace(found))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheRulesRefuseWhatTheyShould(t *testing.T) {
	for _, text := range []string{`{{define "x"}}`, `{{- block "x" .}}`, `{{embed}}`, `<p style="color:red">`, `<a onclick="x()">`, `<a hx-on:click="x()">`,
		`<script>x</script>`, `<a href="javascript:x">`, `<i hx-vals='js:{a:1}'>`, `<i hx-trigger="click[ctrlKey]">`} {
		if !refused.MatchString(text) {
			t.Errorf("%s is let through", text)
		}
	}
	for _, text := range []string{`<script src="{{asset "atrium.js"}}" defer></script>`, `<p class="style">`, `{{.Definition}}`, `<i hx-trigger="every 3s">`} {
		if refused.MatchString(text) {
			t.Errorf("%s is refused", text)
		}
	}
}

// Whatever is wrong with a template stops the start, with its name.
func TestFaultsOfTemplatesAreNamed(t *testing.T) {
	for fault, text := range map[string]string{
		"another that is not there": `{{template "nowhere" .}}`,
		"an open tag":               `<a href="`,
		"two ends":                  `<p {{if .}}title="{{end}}>`,
	} {
		all := template.Must(template.New("/").New("good").Parse("<p>{{.}}</p>"))
		template.Must(all.New("pages/bad").Parse(text))
		if err := escape(all); err == nil || !strings.Contains(err.Error(), "pages/bad") {
			t.Errorf("%s: %v", fault, err)
		}
	}
}
