package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
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
	save := func(with string) {
		form := b.get("/profile").form("#profile-mails")
		form.values.Del("automatic")
		if with != "" {
			form.values.Set("automatic", with)
		}
		b.send(form.method, form.action, form.values).leadsTo("/profile#mails")
	}
	b.get("/profile").has("#profile-mails input[name=automatic][checked]")
	save("")
	s.clock.move(time.Minute)
	save("") // the first time stays
	b.get("/profile").lacks("#profile-mails input[checked]")
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at = $2", ana.id, noon)
	save("on")
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at IS NULL", ana.id)
	b.get("/profile").has("#profile-mails input[name=automatic][checked]")
}
