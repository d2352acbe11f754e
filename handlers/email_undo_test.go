package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Whoever reads the old address takes it back for seven days, whatever has been changed since, and whoever changed it is out.
func TestEmailUndo(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(s *testSite, ana contact){
		"at once":          func(*testSite, contact) {},
		"at the last time": func(s *testSite, _ contact) { s.clock.move(queries.EmailUndoLife - time.Second) },
		"of two changes": func(s *testSite, ana contact) {
			s.emailChanged(t, contact{account: ana.account, id: ana.id, email: "thief@example.com"}, "thief.two@example.com")
		},
		"while another waits": func(s *testSite, ana contact) { s.emailChange(t, ana, "thief.two@example.com") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
			undo := "/email/undo/" + s.emailChanged(t, ana, "thief@example.com")
			between(s, ana)
			s.session(t, ana)
			link := s.toProfile(t, ana)
			s.jobs(t)
			owner := s.portal(t, s.acme)
			shown := owner.get(undo).is(http.StatusOK).has("form[action='" + undo + "']")
			if words := shown.words(); !strings.Contains(words, "ana@example.com") || strings.Contains(words, "thief@example.com") {
				t.Errorf("the page says %s", words)
			}
			owner.fill(shown, "form[action='"+undo+"']").is(http.StatusOK).has("#link-over a[href='/sign-in']")
			s.inserted(t, "metric_count")
			s.rows(t, 1, "contact WHERE id = $1 AND email = 'ana@example.com' AND password_hash IS NULL", ana.id)
			s.rows(t, 0, "session WHERE ended_at IS NULL")
			s.rows(t, 0, "email_change WHERE ended_at IS NULL")
			s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.email_undo'", ana.id)
			owner.get(link).has("#link-over")
			owner.get(undo).is(http.StatusOK).has("#link-over").lacks("form[action='" + undo + "']")
			owner.fill(shown, "form[action='"+undo+"']").is(http.StatusOK).has("#link-over")
			s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.email_undo'", ana.id)
			b := s.portal(t, s.acme)
			b.code(s.ask(t, b, ana.email).code).leadsTo("/")
		})
	}
}

func TestEmailUndoRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	confirm, early := s.emailChange(t, ana, "new@example.com")
	b := s.portal(t, s.acme)
	b.get("/email/undo/" + early).is(http.StatusNotFound) // told to nobody yet
	b.fill(b.get("/email/"+confirm), "form[action='/email/"+confirm+"']").leadsTo("/sign-in")
	undo := "/email/undo/" + early
	open := b.get(undo).is(http.StatusOK)
	before := s.everything(t)
	for _, path := range []string{"/email/undo/" + confirm, "/email/" + early, "/email/undo/x", "/email/x"} {
		b.get(path).is(http.StatusNotFound)
	}
	s.portal(t, s.lumen).get(undo).is(http.StatusNotFound)
	s.clock.move(queries.EmailUndoLife)
	b.get(undo).is(http.StatusOK).lacks("form[action='" + undo + "']")
	b.fill(open, "form[action='"+undo+"']").is(http.StatusOK).has("#link-over")
	if s.everything(t) != before {
		t.Error("something changed")
	}
}

// An old address that another contact has by now cannot be given back; whoever came in by the new one is put out all the same.
func TestEmailUndoToATakenAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	undo := "/email/undo/" + s.emailChanged(t, ana, "thief@example.com")
	s.contact(t, s.acme, "ana@example.com", "Ana of the form")
	s.session(t, ana)
	b := s.portal(t, s.acme)
	b.fill(b.get(undo), "form[action='"+undo+"']").is(http.StatusUnprocessableEntity).has("#link-over")
	s.rows(t, 1, "contact WHERE id = $1 AND email = 'thief@example.com' AND password_hash IS NULL", ana.id)
	s.rows(t, 0, "session WHERE ended_at IS NULL")
	s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.email_undo_refused'", ana.id)
}

func TestEmailUndoTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 10 {
		ana := s.arrived(t, s.acme, queries.NewID().String()+"@example.com", "Ana Souza")
		undo := "/email/undo/" + s.emailChanged(t, ana, "new."+ana.email)
		for _, p := range s.atOnce(t, undo, undo) {
			p.is(http.StatusOK).has("#link-over")
		}
		s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.email_undo'", ana.id)
		s.rows(t, 1, "contact WHERE id = $1 AND email = $2", ana.id, ana.email)
	}
}
