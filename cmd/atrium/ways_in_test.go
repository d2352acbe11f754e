package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// ana is a client of the demo who has joined and has a password.
const ana = "ana@example.com"

// signedIn tells whether the portal takes this browser for a client.
func signedIn(s *site, w *browsertest.Window) bool {
	w.Open(s.portal("acme", "/profile"))
	return w.URL().Path == "/profile"
}

// askForLink has a sign-in link mailed, and returns the mail; the window then waits for the code.
func askForLink(s *site, w *browsertest.Window) (link, code string) {
	w.Open(s.portal("acme", "/sign-in"))
	w.Type(`input[name="email"]`, ana)
	w.Follow(`button[formaction="/sign-in/link"]`)
	w.UntilPath("/sign-in/code")
	m := s.mail(ana)
	return linkIn(s.t, m), m.Code
}

func TestMagicLinkFromDashboard(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme"))
	w.Follow(`#main a[href="/acme/magic-links/new"]`)
	w.Type(`input[name="q"]`, "ana sou")
	w.Until(`document.querySelectorAll("#magiclinks-found a").length === 1`)
	w.Follow(`#magiclinks-found a`)
	browsertest.Get[any](w, `document.querySelector('select[name="target"]').value = "profile"`)
	w.Press(`button[name="by"][value="copy"]`)
	w.Press(`#magiclinks-form [data-copy]`)
	w.Until(`document.querySelector("#live").textContent !== ""`) // it says so
	link := w.Clipboard()

	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	phone.Open(link)
	phone.Follow(submit("/l/"))
	phone.UntilPath("/profile")
	if text := phone.Text("#main"); !strings.Contains(text, ana) {
		t.Errorf("this is not Ana's profile: %s", text)
	}
}

func TestLinkSignsInTheDeviceItIsOpenedOn(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	laptop, phone := browsertest.Open(t, browsertest.Settings{}), browsertest.Open(t, browsertest.Settings{Phone: true})
	link, code := askForLink(s, laptop)
	phone.Open(link)
	phone.Follow(submit("/l/"))
	phone.UntilPath("/")
	if !signedIn(s, phone) {
		t.Error("the device on which the link was opened is not signed in")
	}
	laptop.Type(`input[name="code"]`, code) // the last digit sends it
	laptop.Until(`!document.querySelector('input[name="code"]')`)
	if signedIn(s, laptop) {
		t.Error("the code signed in although the link was used")
	}
}

func TestCodeSignsInTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	laptop, other := browsertest.Open(t, browsertest.Settings{}), browsertest.Open(t, browsertest.Settings{})
	link, code := askForLink(s, laptop)
	other.Open(s.portal("acme", "/sign-in/code"))
	other.UntilPath("/sign-in") // nothing to type a code into
	laptop.Leave(func() { laptop.Type(`input[name="code"]`, code) })
	laptop.UntilPath("/")
	if !signedIn(s, laptop) {
		t.Error("the code did not sign in")
	}
	other.Open(link)
	if other.Has(`form[action="` + path(link) + `"]`) {
		t.Error("the link can still be confirmed after its code was used")
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	for _, settings := range []browsertest.Settings{{}, {NoScripts: true}} {
		w := browsertest.Open(t, settings)
		w.Open(s.portal("acme", "/sign-in"))
		w.Type(`input[name="email"]`, ana)
		w.Type(`input[name="password"]`, "not the right one")
		w.Press(submit("/sign-in"))
		w.Until(`document.querySelector('form[action="/sign-in"] [role="alert"], form[action="/sign-in"] .error')?.checkVisibility()`)
		w.UntilFocus(`input[name="password"]`)
		if typed := w.Value(`input[name="email"]`); typed != ana {
			t.Errorf("%+v: the address typed has become %q", settings, typed)
		}
		w.Leave(func() { w.Keys(demoPassword + kb.Enter) }) // as people do: type it again, without clearing the field
		w.UntilPath("/")
	}
}

func TestLinksThatAreOverRenewThemselves(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	const priya = "priya.raghavan@example.org" // invited, never here
	used := s.magicLink("acme", ana, queries.AppHome, day)
	first := browsertest.Open(t, browsertest.Settings{})
	first.Open(used)
	first.Follow(submit("/l/"))
	for _, over := range []struct {
		email, link string
		later       time.Duration
		arrives     string
	}{
		{ana, used, 0, "/"},
		{priya, s.invite("acme", priya), queries.InvitationLife + time.Hour, "/welcome"},
	} {
		s.ahead.Add(int64(over.later))
		before := s.mailsTo(over.email)
		w := browsertest.Open(t, browsertest.Settings{Phone: true})
		w.Open(over.link)
		if strings.Contains(w.Text("#main"), over.email) {
			t.Errorf("%s: the address is shown to whoever has the link", over.email)
		}
		w.Press(submit(path(over.link) + "/renew"))
		w.Until(`!document.querySelector('form[action$="/renew"]')`)
		renewed := linkIn(t, s.mail(over.email, over.link))
		if mails := s.mailsTo(over.email) - before; mails != 1 {
			t.Errorf("%s: %d mails where one was asked for", over.email, mails)
		}
		w.Open(renewed)
		w.Follow(submit("/l/"))
		w.UntilPath(over.arrives)
	}
}

func path(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.Path
}
