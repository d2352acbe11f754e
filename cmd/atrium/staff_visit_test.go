package main

import (
	"strings"
	"testing"
	"time"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// TestStaffLookAsClient signs in as a client in one browser: over from the admin side, around the portal without changing
// anything, and back.
func TestStaffLookAsClient(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	ana := s.contactPath("acme", "ana@example.com")
	look := func() {
		w.Open(s.admin(ana))
		w.Follow(`a[href="` + ana + `/visit"]`)
		w.Type(`textarea[name="reason"]`, "She cannot find her invoice")
		w.Follow(`#visit .btn-primary`)
		if !strings.HasPrefix(w.URL().String(), s.portal("acme", "/l/")) {
			t.Fatalf("the way in is %s", w.URL())
		}
		w.Follow(submit("/l/"))
	}
	look()
	if text := w.Text(".visit"); !strings.Contains(text, "You see the portal as Ana Souza. Changes are off. Ends in 30 minutes.") {
		t.Errorf("the portal says %q", text)
	}
	w.Open(s.portal("acme", "/profile"))
	w.Type(`#profile-name input[name="name"]`, "Somebody Else")
	w.Press(submit("/profile/name"))
	w.Until(`document.querySelector("#notice .flash-error")`)
	if text := w.Text("#notice"); !strings.Contains(text, "Changes are off") {
		t.Errorf("the refusal says %q", text)
	}
	if typed := w.Value(`#profile-name input[name="name"]`); typed != "Somebody Else" {
		t.Errorf("what was typed became %q", typed)
	}
	row, err := queries.New(s.database.pool).ContactByEmail(t.Context(), queries.ContactByEmailParams{AccountID: s.account("acme"), Email: "ana@example.com"})
	if err != nil || row.Name != "Ana Souza" {
		t.Errorf("the client is called %q, %v", row.Name, err)
	}
	w.Follow(submit("/visit/end"))
	if w.URL().String() != s.admin(ana) || !strings.Contains(w.Text("#contacts-timeline"), "She cannot find her invoice") {
		t.Errorf("it ends at %s", w.URL())
	}
	w.Open(s.portal("acme", "/"))
	w.UntilPath("/sign-in")

	look()
	s.ahead.Add(int64(queries.VisitLife + time.Second))
	w.Open(s.portal("acme", "/profile"))
	w.UntilPath("/sign-in")
}
