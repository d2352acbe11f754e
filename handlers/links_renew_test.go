package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// used is a link of a contact that has done its work.
func (s *testSite) used(t *testing.T, c contact, path string) string {
	t.Helper()
	s.exec(t, "UPDATE magic_link SET ended_at = $2, ended_because = 'used' WHERE contact_id = $1 AND ended_at IS NULL", c.id, s.clock.now())
	return path
}

// newLink is the link of the newest mail to a contact, and the mail's kind.
func (s *testSite) newLink(t *testing.T, c contact) (path string, kind queries.MailKind) {
	t.Helper()
	var mail uuid.UUID
	s.scan(t, "SELECT id, kind FROM mail WHERE contact_id = $1 AND to_email = $2 ORDER BY id DESC LIMIT 1", []any{c.id, c.email}, &mail, &kind)
	return s.linkOfMail(t, queries.New(s.DB), c.account, mail), kind
}

// A link that is over is replaced by one that works, mailed to whom the old one was for and nobody else.
func TestLinkRenew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct {
		joined bool
		make   func(c contact) string
		kind   queries.MailKind
		target string
	}{
		"an invitation, never joined": {false, func(c contact) string { return s.invited(t, c) }, queries.MailKindInvitation, "/"},
		"an invitation, joined":       {true, func(c contact) string { return s.invitedBefore(t, c) }, queries.MailKindMagicLink, "/"},
		"a magic link, never joined":  {false, func(c contact) string { return s.toProfile(t, c) }, queries.MailKindMagicLink, "/profile"},
		"a magic link, joined":        {true, func(c contact) string { return s.toProfile(t, c) }, queries.MailKindMagicLink, "/profile"},
	} {
		for _, htmx := range []bool{false, true} {
			somebody := map[bool]func(testing.TB, account, string, string) contact{false: s.contact, true: s.arrived}[c.joined]
			ana := somebody(t, s.acme, queries.NewID().String()+"@example.com", "Ana Souza")
			path := s.used(t, ana, c.make(ana))
			b := s.portal(t, s.acme)
			over := b.get(path)
			s.jobs(t)
			if htmx {
				b = b.htmx()
			}
			p := b.fill(over, "#link-over form").is(http.StatusOK).has("#link-over").lacks("#link-over form")
			if len(p.all("main")) == 1 == htmx {
				t.Errorf("%s, htmx %v: page or part?", name, htmx)
			}
			if !strings.Contains(p.words(), queries.MaskEmail(ana.email)) || strings.Contains(p.body, ana.email) {
				t.Errorf("%s: %s", name, p.words())
			}
			s.rows(t, 1, "mail WHERE contact_id = $1 AND state = 'queued' AND created_at = $2 AND link_id IN (SELECT id FROM magic_link WHERE ended_at IS NULL)", ana.id, s.clock.now())
			link, kind := s.newLink(t, ana)
			if kind != c.kind {
				t.Errorf("%s: mailed a %s, want %s", name, kind, c.kind)
			}
			if inserted := []string{"mail_send", "metric_count"}; kind == queries.MailKindInvitation { // invited again, which is counted
				s.inserted(t, inserted...)
			} else {
				s.inserted(t, inserted[0])
			}
			s.portal(t, s.acme).confirm(link).leadsTo(c.target)
			s.jobs(t)
		}
	}
}

func (s *testSite) toProfile(t *testing.T, c contact) string {
	path, _ := s.magicLink(t, c, queries.AppProfile, queries.MagicLinkDefault)
	return path
}

// invitedBefore is the link of an invitation that a contact had before they joined in some other way.
func (s *testSite) invitedBefore(t *testing.T, c contact) string {
	t.Helper()
	s.exec(t, "UPDATE contact SET joined_at = NULL WHERE id = $1", c.id)
	path := s.invited(t, c)
	s.session(t, c)
	return path
}

// A link that still works is not replaced: the button of a page that stood open leads back to it.
func TestLinkRenewOfOneThatWorks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	path := s.used(t, ana, s.invited(t, ana))
	b := s.portal(t, s.acme)
	over := b.get(path)
	s.exec(t, "UPDATE magic_link SET ended_at = NULL, ended_because = NULL")
	b.fill(over, "#link-over form").leadsTo(path)
	s.rows(t, 1, "mail")
}

// Whoever holds an old link can have no more mails sent than the limit lets them, whichever links they hold.
func TestLinkRenewIsLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	first, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	second, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	s.used(t, ana, "")
	b := s.portal(t, s.acme)
	for i := range queries.LimitMailAddress.Times {
		b.fill(b.get([]string{first, second}[i%2]), "#link-over form").is(http.StatusOK)
	}
	p := b.fill(b.get(first), "#link-over form").is(http.StatusTooManyRequests)
	if wait := p.header.Get("Retry-After"); wait != "720" {
		t.Errorf("Retry-After %q, want a fifth of an hour", wait)
	}
	s.rows(t, queries.LimitMailAddress.Times, "mail")
	s.clock.move(12 * time.Minute)
	b.fill(b.get(first), "#link-over form").is(http.StatusOK)
	s.rows(t, queries.LimitMailAddress.Times+1, "mail")
}

// To an address that refuses mail nothing is sent, and the page says so: whoever sees it would wait in vain.
func TestLinkRenewOfABouncedAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	path := s.used(t, ana, s.invited(t, ana))
	s.bounced(t, ana)
	b := s.portal(t, s.acme)
	over := b.get(path)
	s.jobs(t)
	b.fill(over, "#link-over form").is(http.StatusUnprocessableEntity).lacks("#link-over form")
	s.rows(t, 1, "mail")
	s.inserted(t)
}

// bounced marks a contact as one whose server refused a mail for good.
func (s *testSite) bounced(t *testing.T, c contact) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		return q.ContactSetBounced(t.Context(), queries.ContactSetBouncedParams{AccountID: c.account.id, ID: c.id, Email: c.email,
			BounceReason: "5.1.1 no such mailbox", Now: s.clock.now()})
	})
}
