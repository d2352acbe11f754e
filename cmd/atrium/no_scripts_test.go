package main

import (
	"testing"

	"atrium/cmd/internal/browsertest"
)

// TestSignInWithoutScripts goes every way into the portal in browsers that run no scripts.
func TestSignInWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	open := func() *browsertest.Window { return browsertest.Open(t, browsertest.Settings{NoScripts: true}) }

	byPassword := open()
	client(s, byPassword)
	byPassword.UntilPath("/")
	if browsertest.Get[bool](byPassword, `"htmx" in window`) {
		t.Fatal("scripts run in this browser, so this test shows nothing")
	}

	byCode := open()
	link, code := askForLink(s, byCode)
	byLink := open()
	byLink.Open(link)
	byCode.Type(`input[name="code"]`, code)
	byCode.Follow(submit("/sign-in/code"))
	byCode.UntilPath("/")
	byLink.Follow(submit(path(link)))
	byLink.Follow(submit(path(link) + "/renew")) // the code ended the link
	byLink.Open(linkIn(t, s.mail(ana, link)))
	byLink.Follow(submit("/l/"))
	byLink.UntilPath("/")

	byInvitation := open()
	newcomer(s, byInvitation)
	byInvitation.UntilPath("/welcome")
	byInvitation.Type(`input[name="password"]`, "short")
	byInvitation.Follow(submit("/welcome"))
	if !byInvitation.Has(`input[name="password"][aria-invalid="true"]`) {
		t.Error("a short password was not refused")
	}
	byInvitation.Type(`input[name="password"]`, "seven quiet harbours")
	byInvitation.Follow(submit("/welcome"))
	byInvitation.UntilPath("/")
	if !signedIn(s, byInvitation) {
		t.Error("the invited client is not signed in")
	}
}
