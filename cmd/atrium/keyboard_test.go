package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

func TestPaletteByKeyboard(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/contacts"))
	w.Press(`input[name="q"]`)
	const open = `document.querySelector("#palette").open`
	w.Keys("k", chromedp.ModifierCtrl)
	w.Until(open)
	w.UntilFocus(`#palette input`)
	w.Keys("kenji")
	w.Keys(kb.Escape)
	w.Until(`!` + open)
	w.UntilFocus(`#main input[name="q"]`) // back where it was

	w.Keys("k", chromedp.ModifierCtrl)
	w.Until(open)
	w.Keys("kenji") // in place of what stands there
	const chosen = `document.getElementById(document.querySelector("#palette input").getAttribute("aria-activedescendant"))`
	w.Until(chosen + `?.innerText.includes("Kenji")`)
	w.UntilFocus(`#palette input`)
	w.Leave(func() { w.Keys(kb.Enter) })
	w.UntilPath(s.contactPath("acme", "kenji.watanabe@example.org"))

	w.Keys("k", chromedp.ModifierCtrl)
	w.Until(open + ` && document.querySelectorAll("#palette-list [role=option]").length > 1`) // the places to go
	first := browsertest.Get[string](w, chosen+`.href`)
	w.Keys(kb.ArrowDown)
	second := browsertest.Get[string](w, chosen+`.href`)
	if first == second || browsertest.Get[int](w, `document.querySelectorAll("#palette-list [aria-selected=true]").length`) != 1 {
		t.Errorf("the arrow key led from %s to %s", first, second)
	}
	w.Leave(func() { w.Keys(kb.Enter) })
	w.UntilPath(path(second))
}

func TestDialogsByKeyboard(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	s.magicLink("acme", ana, queries.AppHome, day)
	for _, dialog := range []struct{ page, id string }{
		{"/sessions", "end-all"},
		{s.contactPath("acme", ana), "revoke-0"},
		{s.contactPath("acme", "jonas.brandt@example.org"), "correct"},
	} {
		w.Open(s.admin(dialog.page))
		opener := fmt.Sprintf(`[command="show-modal"][commandfor=%q]`, dialog.id)
		open := fmt.Sprintf(`document.querySelector("#%s:modal") !== null`, dialog.id)
		browsertest.Get[any](w, fmt.Sprintf(`document.querySelector('%s').focus()`, opener))
		w.Keys(kb.Enter)
		w.Until(open)
		w.UntilFocus("#" + dialog.id)
		for range 6 { // around and around: the focus never gets behind the dialog, only to the browser's own buttons
			w.Keys(kb.Tab)
			w.Until(fmt.Sprintf(`document.activeElement === document.body || document.querySelector("#%s").contains(document.activeElement)`, dialog.id))
		}
		w.Keys(kb.Escape)
		w.Until(`!(` + open + `)`)
		w.UntilFocus(opener)
	}
	w.Open(s.admin("/sessions"))
	browsertest.Get[any](w, `document.querySelector('[commandfor="end-all"]').focus()`)
	w.Keys(kb.Enter)
	w.UntilFocus("#end-all")
	if browsertest.Get[string](w, `document.activeElement.getAttribute("command")`) != "close" {
		t.Error("a dialog about something final begins on the button that does it")
	}
	w.Keys(kb.Tab)
	w.Leave(func() { w.Keys(kb.Enter) })
	w.UntilPath("/sign-in")
}

// TestInvalidFieldsHaveTheFocus sends each form as nobody should, and looks for what is to be corrected: named, described and in
// focus, whether htmx put the answer into the page or the page is a new one.
func TestInvalidFieldsHaveTheFocus(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	for invited, settings := range map[string]browsertest.Settings{"amara.diallo@example.com": {}, "elif.yilmaz@example.com": {NoScripts: true}} {
		employee, customer, guest, arriving := browsertest.Open(t, settings), browsertest.Open(t, settings), browsertest.Open(t, settings), browsertest.Open(t, settings)
		staff(s, employee)
		client(s, customer)
		arriving.Open(s.invite("acme", invited))
		arriving.Follow(submit("/l/"))
		for _, form := range []struct {
			who          *browsertest.Window
			page, action string
			field, typed string
		}{
			{employee, s.admin("/acme/contacts/new"), "/acme/contacts", "email", "nobody at example"},
			{employee, s.admin("/acme/invitations/new"), "/acme/invitations", "people", "not an address"},
			{customer, s.portal("acme", "/profile"), "/profile/name", "name", "   "},
			{guest, s.portal("acme", "/sign-in"), "/sign-in", "email", "ana@example"},
			{guest, s.admin("/password-reset"), "/password-reset", "email", "maya@acme"},
			{arriving, s.portal("acme", "/welcome"), "/welcome", "password", "short"},
		} {
			w, field := form.who, fmt.Sprintf(`form[action=%q] [name=%q]`, form.action, form.field)
			w.Open(form.page)
			w.Type(field, form.typed)
			if form.action == "/sign-in" {
				w.Type(`form[action="/sign-in"] [name="password"]`, demoPassword)
			}
			w.Press(submit(form.action))
			w.Until(fmt.Sprintf(`document.querySelector('%s')?.getAttribute("aria-invalid") === "true"`, field))
			w.UntilFocus(field)
			if described := browsertest.Get[bool](w, fmt.Sprintf(`document.querySelector('%s').getAttribute("aria-describedby").split(" ")
				.every(id => document.getElementById(id)?.innerText.trim())`, field)); !described {
				t.Errorf("%s: what is wrong is not said with the field", form.action)
			}
			if form.field != "password" && form.field != "name" && w.Value(field) != form.typed {
				t.Errorf("%s: %q has become %q", form.action, form.typed, w.Value(field))
			}
		}
	}
}
