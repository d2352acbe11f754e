package handlers

import (
	"net/http"
	"testing"
	"time"

	"atrium/queries"
)

// The first look at an invitation by a filter and the first by a person are steps of its contact, and each is counted once. Other
// links are none, and neither is an invitation that was withdrawn, perhaps with an address that was somebody else's.
func TestFirstLooks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	person, filter := s.portal(t, s.acme), s.portal(t, s.acme).with("User-Agent", "Mimecast")
	type look struct {
		by   *browser
		jobs int
	}
	for name, c := range map[string]struct {
		link   func(c contact) string
		looks  []look
		filter string // minutes after noon; empty: never
		opened string
	}{
		"a filter, then a person": {func(c contact) string { return s.invited(t, c) }, []look{{filter, 1}, {filter, 0}, {person, 1}, {person, 0}, {filter, 0}}, "0", "2"},
		"only a filter":           {func(c contact) string { return s.invited(t, c) }, []look{{filter, 1}, {filter, 0}}, "0", ""},
		"a person first":          {func(c contact) string { return s.invited(t, c) }, []look{{person, 1}, {person, 0}, {filter, 1}}, "2", "0"},
		"a link of staff":         {func(c contact) string { path, _ := s.magicLink(t, c, queries.AppHome, time.Hour); return path }, []look{{filter, 0}, {person, 0}}, "", ""},
		"a withdrawn invitation": {func(c contact) string {
			path := s.invited(t, c)
			s.exec(t, "UPDATE magic_link SET ended_at = $1, ended_because = 'revoked' WHERE contact_id = $2", s.clock.now(), c.id)
			return path
		}, []look{{filter, 0}, {person, 0}}, "", ""},
		"an expired invitation": {func(c contact) string {
			path := s.invited(t, c)
			s.exec(t, "UPDATE magic_link SET ended_at = $1, ended_because = 'expired' WHERE contact_id = $2", s.clock.now(), c.id)
			return path
		}, []look{{person, 1}}, "", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			ana := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
			path, began := c.link(ana), s.clock.now()
			s.jobs(t)
			for i, look := range c.looks {
				look.by.get(path).is(http.StatusOK)
				if n := len(s.jobs(t)); n != look.jobs {
					t.Errorf("look %d inserted %d jobs, want %d", i, n, look.jobs)
				}
				s.clock.move(time.Minute)
			}
			var filter, opened string
			s.scan(t, `SELECT coalesce((extract(epoch FROM filter_opened_at - $2) / 60)::int::text, ''), coalesce((extract(epoch FROM opened_at - $2) / 60)::int::text, '')
				FROM contact WHERE id = $1`, []any{ana.id, began}, &filter, &opened)
			if filter != c.filter || opened != c.opened {
				t.Errorf("looked at by a filter at %q and a person at %q, want %q and %q", filter, opened, c.filter, c.opened)
			}
		})
	}
}

// Whoever is in has opened their invitation, whichever way they came; and who comes back after a month is counted as active again.
func TestJoinsAndReturnsAreSteps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	s.invited(t, ana)
	sign := func() {
		path, _ := s.magicLink(t, ana, queries.AppHome, time.Hour)
		s.jobs(t)
		s.portal(t, s.acme).confirm(path).leadsTo("/")
	}
	sign()
	s.inserted(t, "metric_count")
	s.rows(t, 1, "contact WHERE id = $1 AND joined_at = $2 AND opened_at = $2 AND last_seen_at = $2", ana.id, noon)
	s.clock.move(queries.ActiveWithin - time.Second)
	sign()
	s.inserted(t)
	s.clock.move(queries.ActiveWithin)
	sign()
	s.inserted(t, "metric_count")
	s.rows(t, 1, "contact WHERE id = $1 AND joined_at = $2 AND last_seen_at = $3", ana.id, noon, s.clock.now())
}
