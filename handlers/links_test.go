package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// confirm opens a link and presses its one button.
func (b *browser) confirm(path string) *page {
	b.t.Helper()
	return b.fill(b.get(path).is(http.StatusOK), "form[action='"+path+"']")
}

// Every link that was good once and is over signs nobody in, says whose it was only as far as its owner knows anyway, and has
// one button for a new one.
func TestLinksThatAreOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct {
		end    func(t *testing.T, c contact, path string)
		reason string // of the row; empty: none yet
	}{
		"used":       {func(t *testing.T, _ contact, path string) { s.portal(t, s.acme).confirm(path).leadsTo("/") }, "used"},
		"its minute": {func(*testing.T, contact, string) { s.clock.move(queries.InvitationLife) }, ""},
		"expired": {func(t *testing.T, _ contact, _ string) {
			s.clock.move(queries.InvitationLife)
			inTx(t, s.DB, func(q *queries.Queries) error {
				_, err := q.MagicLinkExpire(t.Context(), queries.MagicLinkExpireParams{Now: s.clock.now(), Portion: 9})
				return err
			})
		}, "expired"},
		"revoked": {func(t *testing.T, c contact, _ string) {
			inTx(t, s.DB, func(q *queries.Queries) error {
				_, err := q.MagicLinkRevokeOfContact(t.Context(), queries.MagicLinkRevokeOfContactParams{AccountID: c.account.id, ContactID: c.id, Now: s.clock.now()})
				return err
			})
		}, "revoked"},
		"another invitation was accepted": {func(t *testing.T, c contact, _ string) { s.portal(t, s.acme).confirm(s.invited(t, c)).leadsTo("/") }, "superseded"},
	} {
		t.Run(name, func(t *testing.T) {
			ana := s.contact(t, s.acme, "ana."+strings.ReplaceAll(name, " ", ".")+"@example.com", "Ana Souza")
			path := s.invited(t, ana)
			late := s.portal(t, s.acme)
			open := late.get(path)
			c.end(t, ana, path)
			if c.reason == "" {
				s.rows(t, 1, "magic_link WHERE contact_id = $1 AND ended_at IS NULL", ana.id)
			} else {
				s.rows(t, 1, "magic_link WHERE contact_id = $1 AND token_hash = $2 AND ended_because = $3::end_reason", ana.id, queries.TokenHash(path[len("/l/"):]), c.reason)
			}
			sessions := s.count(t, "session")
			for _, p := range []*page{late.fill(open, "form[action='"+path+"']"), late.get(path), s.portal(t, s.acme).get(path)} {
				p.is(http.StatusOK).has("#link-over form[action='" + path + "/renew']").lacks("form[action='" + path + "']")
				if text := p.words(); !strings.Contains(text, queries.MaskEmail(ana.email)) || strings.Contains(p.body, ana.email) || strings.Contains(text, ana.name) {
					t.Errorf("%s says more or less than the masked address: %s", p.asked, text)
				}
			}
			late.get("/").leadsTo("/sign-in")
			s.rows(t, sessions, "session")
		})
	}
}

// What was never a link of this host tells nobody anything, and cannot be renewed.
func TestLinksOfNowhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.lumen, "ana@example.com", "Ana Souza")
	path, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	b := s.portal(t, s.acme)
	token := b.token()
	for name, path := range map[string]string{
		"another account's": path, "cut off": path[:len(path)-1], "longer": path + "a", "of another case": path[:3] + strings.ToUpper(path[3:]),
		"made up": "/l/" + queries.NewToken(), "a word": "/l/x", "not a word": "/l/%00%C3%A9",
	} {
		before := s.everything(t) + s.everything(t, "link_fetch")
		for _, p := range []*page{b.get(path), b.send(post, path, url.Values{"_token": {token}}), b.send(post, path+"/renew", url.Values{"_token": {token}})} {
			p.is(http.StatusNotFound).has("#link-over a[href='/sign-in']").lacks("#link-over form")
			if strings.Contains(p.body, "ana@") || strings.Contains(p.body, "Ana") || strings.Contains(p.body, "Lumen") {
				t.Errorf("%s: %s tells whose it is", name, p.asked)
			}
		}
		if s.everything(t)+s.everything(t, "link_fetch") != before {
			t.Errorf("%s changed something", name)
		}
	}
	s.portal(t, s.lumen).confirm(path).leadsTo("/")
}

// A link leads to its target, and whoever is invited again comes in by the older mail as well, as long as the invitation lives.
func TestLinksLead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	path, _ := s.magicLink(t, ana, queries.AppProfile, queries.MagicLinkMin)
	s.clock.move(queries.MagicLinkMin - time.Second)
	b := s.portal(t, s.acme)
	b.follow(b.confirm(path).leadsTo("/profile")).is(http.StatusOK)
	s.rows(t, 1, "session WHERE contact_id = $1 AND method = 'link'", ana.id)
	for range 2 { // the mail is kept as the way to the portal: where its link has led in, it leads on
		b.get(path).leadsTo("/profile")
	}
	s.rows(t, 1, "session")

	ben := s.contact(t, s.acme, "ben@example.com", "")
	older := s.invited(t, ben)
	s.clock.move(queries.InvitationLife - time.Second)
	newer := s.invited(t, ben)
	s.clock.move(queries.InvitationLife - time.Second) // the older one would be over by itself
	if older == newer {
		t.Error("both mails have one link")
	}
	s.rows(t, 1, "invitation WHERE contact_id = $1", ben.id)
	s.portal(t, s.acme).get(newer).has("form[action='" + newer + "']")
	bens := s.portal(t, s.acme)
	bens.confirm(older).leadsTo("/")
	s.rows(t, 1, "session WHERE contact_id = $1 AND method = 'invitation'", ben.id)
	bens.get(older).leadsTo("/")
	bens.get(newer).leadsTo("/")
	bens.get(path).has("#link-over form[action='" + path + "/renew']") // another client's
	b.get(path).has("#link-over form[action='" + path + "/renew']")    // whose session is over
}

// Pages behind a link keep its token to themselves.
func TestLinkPagesHaveNoReferrer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path, _ := s.magicLink(t, s.contact(t, s.acme, "ana@example.com", ""), queries.AppHome, queries.MagicLinkDefault)
	b := s.portal(t, s.acme)
	used := func() *page { s.portal(t, s.acme).confirm(path).leadsTo("/"); return b.get(path) }
	for _, p := range []*page{b.get(path), b.get("/l/unknown"), used(), b.fill(b.get(path), "form[action='"+path+"/renew']"), s.admin(t).get("/l/unknown")} {
		if got := p.header.Get("Referrer-Policy"); got != "strict-origin" {
			t.Errorf("%s: Referrer-Policy %q", p.asked, got)
		}
		p.has("meta[name=robots]")
	}
}
