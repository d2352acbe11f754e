package handlers

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"atrium/queries"
)

// fetchers are what looks at links on their way to a person: who asks, and with which header more.
var fetchers = []struct{ agent, name, value string }{
	{firefox, "", ""},
	{"", "", ""}, // without an agent
	{"Mozilla/5.0 (compatible; Barracuda Sentinel)", "", ""},
	{"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Range", "bytes=0-32768"},
	{"Mozilla/5.0 (X11; Linux x64) HeadlessChrome/142.0.0.0 Safari/537.36", "Sec-Fetch-Site", "none"},
	{"WhatsApp/2.23.20.0", "", ""},
	{firefox, "Sec-Purpose", "prefetch;prerender"},
	{firefox, "HX-Request", "true"},
	{firefox, "HX-Boosted", "true"},
	{"curl/8.5.0", "X-HTTP-Method-Override", "POST"},
}

// Links, those of changed addresses too, are fetched fifty times by all sorts of programs. Nothing changes but the list of fetches and,
// of the invitation, that it was looked at; nobody gets a session, and the person still comes in.
func TestScannersChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "")
	invitation := s.invited(t, ana)
	magic, _ := s.magicLink(t, ben, queries.AppProfile, queries.MagicLinkDefault)
	cid, dee := s.arrived(t, s.acme, "cid@example.com", "Cid Costa"), s.arrived(t, s.acme, "dee@example.com", "Dee Diaz")
	change, _ := s.emailChange(t, cid, "new.cid@example.com")
	for name, c := range map[string]struct {
		path   string
		counts int // fetches that are remembered
		done   string
	}{
		"invitation": {invitation, 50, "session WHERE contact_id = '" + ana.id.String() + "'"}, "magic link": {magic, 50, "session WHERE contact_id = '" + ben.id.String() + "'"},
		"change of address": {"/email/" + change, 0, "contact WHERE email = 'new.cid@example.com'"},
		"undo of one":       {"/email/undo/" + s.emailChanged(t, dee, "new.dee@example.com"), 0, "contact WHERE email = 'dee@example.com'"},
	} {
		t.Run(name, func(t *testing.T) {
			s.jobs(t) // of what was prepared
			path, before, fetched := c.path, s.everything(t), s.count(t, "link_fetch")
			s.rows(t, 0, c.done)
			for i := range 50 {
				f := fetchers[i/2%len(fetchers)]
				b := s.portal(t, s.acme).with("User-Agent", f.agent)
				if f.name != "" {
					b = b.with(f.name, f.value)
				}
				p := b.send([]string{http.MethodGet, http.MethodHead}[i%2], path, nil).is(http.StatusOK)
				for _, c := range p.cookies {
					if strings.Contains(c.Name, sessionCookie) {
						t.Errorf("%s of %s is given a session", p.asked, f.agent)
					}
				}
			}
			if name == "invitation" {
				s.rows(t, 1, "contact WHERE id = $1 AND opened_at = $2 AND filter_opened_at = $2", ana.id, noon)
				s.inserted(t, "metric_count")
				s.exec(t, "UPDATE contact SET opened_at = NULL, filter_opened_at = NULL WHERE id = $1", ana.id)
			}
			if s.everything(t) != before {
				t.Errorf("the fetches changed rows:\n%s\nand now\n%s", before, s.everything(t))
			}
			s.rows(t, fetched+c.counts, "link_fetch")
			b := s.portal(t, s.acme)
			if p := b.fill(b.get(path), "form[action='"+path+"']"); p.status >= http.StatusBadRequest {
				t.Errorf("after the fetches the person gets status %d", p.status)
			}
			s.rows(t, 1, c.done)
		})
	}
}

// Of two confirmations at the same time one comes in, and the other is told so kindly.
func TestTwoConfirmationsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 20 {
		ana := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
		path := s.invited(t, ana)
		answers := s.atOnce(t, path, path)
		winners := 0
		for _, p := range answers {
			if p.status == http.StatusSeeOther {
				winners++
				continue
			}
			p.is(http.StatusOK).has("#link-over form[action='" + path + "/renew']")
		}
		if winners != 1 {
			t.Errorf("%d of two came in", winners)
		}
		s.rows(t, 1, "session WHERE contact_id = $1", ana.id)
		s.rows(t, 1, "contact WHERE id = $1 AND joined_at = $2", ana.id, noon)
		s.rows(t, 1, "invitation WHERE contact_id = $1 AND joined_at = $2 AND ended_because = 'used'", ana.id, noon)
	}
	s.inserted(t, "metric_count") // the first of them; the others found it waiting
}

// Somebody who was invited twice and presses the buttons of both mails at once comes in by one or both, and sees no fault.
func TestTwoInvitationsConfirmedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 20 {
		ana := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
		winners := 0
		for _, p := range s.atOnce(t, s.invited(t, ana), s.invited(t, ana)) {
			if p.status >= http.StatusBadRequest {
				t.Errorf("%s: status %d", p.asked, p.status)
			}
			if p.status == http.StatusSeeOther {
				winners++
			}
		}
		if n := s.count(t, "session WHERE contact_id = $1", ana.id); winners == 0 || n != winners {
			t.Errorf("%d came in, and there are %d sessions", winners, n)
		}
	}
}

// atOnce confirms links, each in a browser of its own, at the same time.
func (s *testSite) atOnce(t *testing.T, paths ...string) []*page {
	t.Helper()
	var sent []sending
	for _, path := range paths {
		b := s.portal(t, s.acme)
		sent = append(sent, sending{b, b.get(path).form("form[action='" + path + "']")})
	}
	return together(t, sent...)
}

// sending is a form filled in in a browser, and not yet sent.
type sending struct {
	b *browser
	f form
}

// together sends forms at the same time.
func together(t *testing.T, sent ...sending) []*page {
	t.Helper()
	answers, start := make([]*page, len(sent)), make(chan struct{})
	var all sync.WaitGroup
	for i, one := range sent {
		all.Go(func() {
			<-start
			var err error
			if answers[i], err = one.b.try(one.f.method, one.f.action, one.f.values); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
	if slices.Contains(answers, nil) {
		t.FailNow()
	}
	return answers
}
