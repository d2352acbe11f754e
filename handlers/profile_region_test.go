package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Times are told in the zone the client chose, or the account's, and dates as they write them.
func TestProfileRegion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, "UPDATE account SET time_zone = 'America/New_York', changed_at = $1 WHERE slug = 'acme'", noon.Add(time.Second))
	eventually(t, "the account's zone is known", func() bool { return s.accounts.BySlug("acme").Location.String() == "America/New_York" })
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	s.session(t, ana) // another device, last seen at noon
	s.clock.move(8 * 24 * time.Hour)
	for _, c := range []struct{ zone, locale, text, title, greeting string }{
		{"", "en-GB", "10 Mar", "10 Mar 2026, 08:00 EDT", "Good morning"},
		{"Asia/Tokyo", "ja-JP", "3月10日", "2026年3月10日 21:00 JST", "Good evening"},
		{"Europe/Berlin", "de-DE", "10. März", "10. März 2026, 13:00 CET", "Good afternoon"},
		{"Pacific/Auckland", "en-US", "Mar 11", "Mar 11, 2026, 1:00 AM NZDT", "Good evening"},
		{"Nowhere/Else", "tlh", "10 Mar", "10 Mar 2026, 08:00 EDT", "Good morning"}, // not of the lists
	} {
		b.fill(b.get("/profile"), "#profile-region", "zone", c.zone, "locale", c.locale).leadsTo("/profile#region")
		p := b.get("/profile").is(http.StatusOK)
		at := p.one("#profile-devices time")
		if text(at) != c.text || attr(at, "title") != c.title {
			t.Errorf("%s %s: %q, %q", c.zone, c.locale, text(at), attr(at, "title"))
		}
		if body := p.one("body"); c.zone != "Nowhere/Else" && attr(body, "data-zone") != c.zone {
			t.Errorf("the page says its zone is %q", attr(body, "data-zone"))
		}
		if words := b.get("/").words(); !strings.Contains(words, c.greeting) {
			t.Errorf("%s: no %s in %s", c.zone, c.greeting, words)
		}
	}
	s.rows(t, 1, "contact WHERE id = $1 AND time_zone = '' AND locale = ''", ana.id)
}

func TestProfileMails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	save := func(ticked ...string) {
		form := b.get("/profile").form("#profile-mails")
		for _, name := range []string{"automatic", "courses", "invoices"} {
			form.values.Del(name)
		}
		for _, name := range ticked {
			form.values.Set(name, "on")
		}
		b.send(form.method, form.action, form.values).leadsTo("/profile#mails")
	}
	ticked := func(names ...string) {
		t.Helper()
		var got []string
		for _, box := range b.get("/profile").all("#profile-mails input[checked]") {
			got = append(got, attr(box, "name"))
		}
		if !slices.Equal(got, names) {
			t.Errorf("ticked are %v, want %v", got, names)
		}
	}
	ticked("automatic", "courses", "invoices")
	save("courses", "invoices")
	s.clock.move(time.Minute)
	save("courses", "invoices") // the first time stays
	ticked("courses", "invoices")
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at = $2", ana.id, noon)
	save("automatic", "courses", "invoices")
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at IS NULL", ana.id)
	ticked("automatic", "courses", "invoices")
}

// Each kind is chosen alone and keeps when it was ended; what waits of it is withdrawn, and staff see it on the contact's page.
func TestProfileMailKinds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, maya := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for _, kind := range []queries.MailKind{queries.MailKindLessonsUnlocked, queries.MailKindInvoiceReminder} {
		inTx(t, s.DB, func(q *queries.Queries) error {
			_, err := s.Mails.Mail(t.Context(), q, queries.MailInsertParams{AccountID: s.acme.id, Kind: kind, ContactID: &ana.id, ToEmail: ana.email, Now: noon})
			return err
		})
	}
	save := func(courses, invoices bool) {
		form := b.get("/profile").form("#profile-mails")
		for name, on := range map[string]bool{"courses": courses, "invoices": invoices} {
			if form.values.Del(name); on {
				form.values.Set(name, "on")
			}
		}
		b.send(form.method, form.action, form.values).leadsTo("/profile#mails")
	}
	page := "/acme/contacts/" + ana.id.String()
	maya.get(page).lacks("#no-mail-kinds")
	save(false, true)
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at IS NULL AND no_course_mail_at = $2 AND no_invoice_mail_at IS NULL", ana.id, noon)
	s.rows(t, 1, "mail WHERE kind = 'lessons_unlocked' AND state = 'withdrawn'")
	s.rows(t, 1, "mail WHERE kind = 'invoice_reminder' AND state = 'queued'")
	s.rows(t, 1, `audit WHERE subject_id = $1 AND staff_id IS NULL AND action = 'contact.mail_kinds' AND became = '{"course_news": false, "invoice_reminders": true}'`, ana.id)
	if told := words(maya.get(page).one("#no-mail-kinds")); !strings.Contains(told, "no automatic news of their courses") || strings.Contains(told, "invoices") {
		t.Errorf("staff are told %s", told)
	}
	s.clock.move(time.Minute)
	save(false, false)
	s.rows(t, 1, "contact WHERE id = $1 AND no_course_mail_at = $2 AND no_invoice_mail_at = $3", ana.id, noon, noon.Add(time.Minute))
	s.rows(t, 2, "mail WHERE state = 'withdrawn'")
	save(true, true)
	save(true, true)
	s.rows(t, 1, "contact WHERE id = $1 AND no_course_mail_at IS NULL AND no_invoice_mail_at IS NULL", ana.id)
	s.rows(t, 3, "audit WHERE action LIKE 'contact.%mail%'")
}
