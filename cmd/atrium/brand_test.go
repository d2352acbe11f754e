package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
)

// TestBrandIsSeenOnThePortal types and looks: the previews follow before anything is saved, and a portal that is open
// shows what was saved with its next page.
func TestBrandIsSeenOnThePortal(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	portal := browsertest.Open(t, browsertest.Settings{})
	portal.Open(s.portal("acme", "/sign-in"))
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/brand"))
	const signIn = `document.querySelector("#brand-preview iframe").contentDocument`
	w.Until(signIn + `.querySelector("h1")?.innerText === "Good to see you"`)
	w.Type("#field-sign_in_title", "Welcome back, dear client")
	w.Until(signIn + `.querySelector("h1")?.innerText.includes("dear client")`)
	w.UntilFocus("#field-sign_in_title")
	browsertest.Get[any](w, `(input => { input.value = "#ffe000"; input.dispatchEvent(new Event("input", {bubbles: true})) })(document.querySelector("#field-accent"))`)
	w.Until(`document.querySelector("button[name=use]") !== null`)
	const button = `getComputedStyle(` + signIn + `.querySelector(".btn-primary")).backgroundColor`
	w.Until(button + ` === "rgb(255, 224, 0)"`)
	w.Press("button[name=use]")
	w.Until(`document.querySelector("button[name=use]") === null`)
	w.Press(`label[for="field-scheme-dark"]`)
	w.Until(signIn + `.documentElement.dataset.theme === "dark"`)
	accent := w.Value("#field-accent")
	portal.Open(s.portal("acme", "/sign-in"))
	if words := browsertest.Get[string](portal, `document.querySelector("h1").innerText`); strings.Contains(words, "dear client") {
		t.Error("the portal shows what is not saved")
	}
	w.Press("#brand-form .form-actions .btn-primary")
	w.Until(`document.querySelector(".flash-success") !== null`)
	portal.Open(s.portal("acme", "/sign-in"))
	if words := browsertest.Get[string](portal, `document.querySelector("h1").innerText`); !strings.Contains(words, "dear client") {
		t.Errorf("the portal says %q", words)
	}
	if !browsertest.Get[bool](portal, `document.documentElement.dataset.theme === "dark" && getComputedStyle(document.documentElement).colorScheme === "dark"`) {
		t.Error("the portal is not dark")
	}
	if sheet := browsertest.Get[string](portal, `document.querySelector("link[rel=stylesheet][href*='/brand/']").href`); !strings.Contains(sheet, strings.TrimPrefix(accent, "#")) {
		t.Errorf("the portal's stylesheet is %s, and the colour chosen is %s", sheet, accent)
	}
}

// TestBrandPictureLeavesWhatIsTyped gives the portal another logo while words wait to be saved: they stay, the previews show
// both, and what is refused or taken away leaves them alone as well.
func TestBrandPictureLeavesWhatIsTyped(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/brand"))
	w.Type("#field-sign_in_title", "Not saved yet")
	const signIn = `document.querySelector("#brand-preview iframe").contentDocument`
	before := browsertest.Get[string](w, `document.querySelector("img.brand-picture").src`)
	choose(w, `#brand-logo`, "logo.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="#0a7"/></svg>`)
	w.Press("#brand-logo-part .form-actions button:not([type=button])")
	w.Until(`document.querySelector("#notice .flash-success")`)
	w.UntilFocus("#brand-logo-title")
	w.Until(fmt.Sprintf(`%s.querySelector(".logo img") && !%[1]s.querySelector(".logo img").src.endsWith(%q) && %[1]s.querySelector("h1").innerText === "Not saved yet"`,
		signIn, before[strings.LastIndex(before, "/"):]))
	choose(w, `#brand-logo`, "logo.png", "no picture")
	w.Press("#brand-logo-part .form-actions button:not([type=button])")
	w.UntilFocus("#brand-logo[aria-invalid]")
	w.Press(`button[commandfor="logo-remove"]`)
	w.Press("#logo-remove .btn-danger")
	w.Until(`document.querySelector("#brand-logo-part") && !document.querySelector("img.brand-picture:not([alt='The picture as it is'])") && document.querySelector("#notice .flash-success")`)
	if typed := w.Value("#field-sign_in_title"); typed != "Not saved yet" {
		t.Errorf("what was typed became %q", typed)
	}
}

// TestAppsAreMovedByKeyboard moves one app twice without looking for its button again.
func TestAppsAreMovedByKeyboard(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/apps"))
	w.Type("#field-label_courses", "Lessons")
	browsertest.Get[any](w, `document.querySelector("#apps-down-courses").focus()`)
	for place := 2; place <= 3; place++ {
		w.Keys(kb.Enter)
		w.Until(fmt.Sprintf(`[...document.querySelectorAll("ol > li")].findIndex(row => row.id === "apps-row-courses") === %d`, place))
		w.UntilFocus("#apps-down-courses")
	}
	if typed := w.Value("#field-label_courses"); typed != "Lessons" {
		t.Errorf("the label became %q", typed)
	}
}

// TestLogoIsSeen uploads logos that a page swallows: those, and no others, stand on a plate.
func TestLogoIsSeen(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	const word = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40" width="200" height="40"><path d="M5 33 17 9l12 24" fill="none" stroke="%[1]s" stroke-width="5"/><path d="M50 10h140v6H50z" fill="%[1]s"/></svg>`
	const looked = `(img => img.decode().then(() => new Promise(done => setTimeout(done, 50))).then(() => img.matches(".on-plate")))(document.querySelector("#brand-logo-part img.brand-picture"))`
	for _, logo := range []struct {
		name, svg   string
		light, dark bool // whether it has a plate there
	}{
		{"white", fmt.Sprintf(word, "#fff"), true, false},
		{"black", fmt.Sprintf(word, "#111"), false, true},
		{"a colour", fmt.Sprintf(word, "#c2410c"), false, false},
		{"with a ground of its own", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" width="40" height="40"><path fill="#fff" d="M0 0h8v8H0z"/><path fill="#111" d="M3 3h2v2H3z"/></svg>`, false, false},
	} {
		w.Be(browsertest.Settings{})
		w.Open(s.admin("/acme/brand"))
		choose(w, `#brand-logo`, "logo.svg", logo.svg)
		w.Press("#brand-logo-part .form-actions button:not([type=button])")
		w.Until(`document.querySelector("#notice .flash-success")`)
		for dark, want := range map[bool]bool{false: logo.light, true: logo.dark} {
			w.Be(browsertest.Settings{Dark: dark})
			w.Open(s.admin("/acme/brand"))
			if plate := browsertest.Get[bool](w, looked); plate != want {
				t.Errorf("%s, dark %t: on a plate %t", logo.name, dark, plate)
			}
		}
	}
}
