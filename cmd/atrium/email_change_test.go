package main

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/cmd/internal/browsertest"
	"atrium/jobs"
	"atrium/jobs/mailbox"
)

// emailLinks are the links that confirm and undo the demo's change to that address.
func (s *site) emailLinks(slug, to string) (confirm, undo string) {
	s.t.Helper()
	var id uuid.UUID
	err := s.database.pool.QueryRow(s.t.Context(), "SELECT id FROM email_change WHERE account_id = $1 AND new_email = $2", s.account(slug), to).Scan(&id)
	if err != nil {
		s.t.Fatalf("change to %s: %v", to, err)
	}
	return s.portal(slug, jobs.EmailChangePath(s.mails.Secret.EmailChangeToken(id))), s.portal(slug, jobs.EmailUndoPath(s.mails.Secret.EmailUndoToken(id)))
}

// emailLinkIn is the link of a mail about a changed address.
func emailLinkIn(t *testing.T, m mailbox.Message) string {
	t.Helper()
	for _, link := range m.Links {
		if strings.Contains(link, "/email/") {
			return link
		}
	}
	t.Fatalf("no link in %q: %s", m.Subject, m.Text)
	return ""
}

// Somebody at Ana's open laptop changes her address, confirms it on a phone, and Ana takes it back from her own mailbox.
func TestEmailChangeAndUndo(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	laptop, phone := browsertest.Open(t, browsertest.Settings{}), browsertest.Open(t, browsertest.Settings{Phone: true})
	client(s, laptop)
	laptop.Open(s.portal("acme", "/profile"))
	laptop.Press("#profile-email summary")
	laptop.Type(`#profile-email input[name="email"]`, "ana@new.example")
	laptop.Type(`#profile-email input[name="current"]`, "not the right one")
	laptop.Press(submit("/profile/email"))
	laptop.UntilFocus("#email-current")
	if typed := laptop.Value(`#profile-email input[name="email"]`); typed != "ana@new.example" {
		t.Errorf("the address that was typed has become %q", typed)
	}
	laptop.Type(`#profile-email input[name="current"]`, demoPassword)
	laptop.Follow(submit("/profile/email"))
	if text := laptop.Text("#profile-email .waiting"); !strings.Contains(text, "ana@new.example") {
		t.Errorf("what waits: %s", text)
	}
	phone.Open(emailLinkIn(t, s.mail("ana@new.example")))
	phone.Follow(submit("/email/"))
	phone.UntilPath("/sign-in")
	if !strings.Contains(phone.Text("#notice"), "ana@new.example") {
		t.Errorf("the phone says %s", phone.Text("#notice"))
	}
	if signedIn(s, laptop) {
		t.Error("the laptop stays signed in")
	}

	undo := emailLinkIn(t, s.mail(ana))
	phone.Open(undo)
	phone.Press(submit("/email/undo/"))
	phone.Until(`document.querySelector("#link-over")`)
	laptop.Open(s.portal("acme", "/sign-in"))
	laptop.Type(`input[name="email"]`, ana)
	laptop.Type(`input[name="password"]`, demoPassword)
	refused(laptop, "/sign-in")
	laptop.Follow(`button[formaction="/sign-in/link"]`)
	phone.Open(linkIn(t, s.mail(ana, undo)))
	phone.Follow(submit("/l/"))
	phone.Open(s.portal("acme", "/profile#password"))
	if !strings.Contains(phone.Text(".page-head"), ana) || phone.Has(`#profile-password input[name="current"]`) {
		t.Error("Ana cannot choose a new password for her address")
	}
}
