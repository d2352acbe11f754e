package queries_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// ledger is what the ledger should come to: the model that the database is held against.
type ledger struct {
	grants []modelGrant
}

type modelGrant struct {
	contact, course uuid.UUID
	source          queries.GrantSource
	sourceID        uuid.UUID
	starts          time.Time
	ends, ended     *time.Time
}

// closed says whether there is nothing left to end at a time.
func (g modelGrant) closed(at time.Time) bool {
	return g.ended != nil || g.ends != nil && !g.ends.After(at)
}

func (l *ledger) open(contact, course uuid.UUID, at time.Time) bool {
	for _, g := range l.grants {
		if g.contact == contact && g.course == course && !g.starts.After(at) && (g.ends == nil || g.ends.After(at)) && (g.ended == nil || g.ended.After(at)) {
			return true
		}
	}
	return false
}

func (l *ledger) knows(source queries.GrantSource, id, course uuid.UUID) bool {
	for _, g := range l.grants {
		if g.source == source && g.sourceID == id && g.course == course {
			return true
		}
	}
	return false
}

// Random sequences of grants and endings over several sources: at every step, and for times before and after it, who may use
// which course is what the model says, and a source that ends takes only what it gave.
func TestGrantsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			a := newTenant(t)
			contacts := []uuid.UUID{a.contact("ana@example.com"), a.contact("ben@example.com"), a.contact("chi@example.com")}
			courses := []uuid.UUID{a.school(1).course, a.school(1).course}
			sources := make([]uuid.UUID, 8) // few, so that they meet again
			for i := range sources {
				sources[i] = queries.NewID()
			}
			var model ledger
			now := noon
			for range 120 {
				now = now.Add(time.Duration(r.IntN(72)) * time.Hour)
				a.step(r, &model, contacts, courses, sources, now)
				for _, at := range []time.Time{now, now.Add(-time.Hour), now.AddDate(0, 0, r.IntN(40)), now.AddDate(0, 0, -r.IntN(40))} {
					for _, contact := range contacts {
						for _, course := range courses {
							if got, want := a.may(contact, course, at), model.open(contact, course, at); got != want {
								t.Fatalf("at %s (now %s) access is %v and should be %v, by\n%+v", at, now, got, want, model.grants)
							}
						}
					}
				}
			}
			if n := read[int](a, "SELECT count(*) FROM access_grant"); n != len(model.grants) || n < 20 {
				t.Errorf("the ledger has %d lines, the model %d", n, len(model.grants))
			}
		})
	}
}

// step does one thing to the ledger and to the model.
func (a *tenant) step(r *rand.Rand, model *ledger, contacts, courses, sources []uuid.UUID, now time.Time) {
	a.t.Helper()
	kinds := queries.AllGrantSourceValues()
	source, id := kinds[r.IntN(len(kinds))], sources[r.IntN(len(sources))]
	switch r.IntN(6) {
	case 0, 1, 2: // something gives a course, from now, the past or later on, for good or for a while
		g := modelGrant{contacts[r.IntN(len(contacts))], courses[r.IntN(len(courses))], source, id, now.AddDate(0, 0, r.IntN(30)-15), nil, nil}
		if r.IntN(2) == 0 {
			ends := g.starts.AddDate(0, 0, 1+r.IntN(40))
			g.ends = &ends
		}
		isNew, err := queries.Give(a.t.Context(), a.q, queries.Grant{AccountID: a.id, ContactID: g.contact, CourseID: g.course, Source: g.source, SourceID: g.sourceID,
			Starts: g.starts, Ends: g.ends, Now: now})
		check(a.t, err)
		if isNew == model.knows(g.source, g.sourceID, g.course) {
			a.t.Fatalf("a grant is new: %v", isNew)
		}
		if isNew {
			model.grants = append(model.grants, g)
		}
	case 3: // a source ends
		closed, err := queries.CloseSource(a.t.Context(), a.q, a.id, source, id, queries.Ending{Because: queries.GrantEndRefunded, Now: now})
		check(a.t, err)
		for i, g := range model.grants {
			if g.source == source && g.sourceID == id && !g.closed(now) {
				model.grants[i].ended = &now
				closed = closed[1:]
			}
		}
		if len(closed) > 0 {
			a.t.Fatalf("the end of a source closed %d grants too many", len(closed))
		}
	case 4: // staff revoke one grant
		if len(model.grants) == 0 {
			return
		}
		g := &model.grants[r.IntN(len(model.grants))]
		row := read[uuid.UUID](a, "SELECT id FROM access_grant WHERE source = $1 AND source_id = $2 AND course_id = $3", g.source, g.sourceID, g.course)
		err := queries.Close(a.t.Context(), a.q, a.id, row, queries.Ending{Because: queries.GrantEndRevoked, Note: "asked for", Now: now})
		if g.closed(now) {
			wantErr(a.t, err, queries.ErrNotFound)
			return
		}
		check(a.t, err)
		g.ended = &now
	case 5: // the schedule runs, sometimes; it changes nothing that counts
		_, err := a.q.GrantExpire(a.t.Context(), queries.GrantExpireParams{Now: now, Portion: 100})
		check(a.t, err)
		for i, g := range model.grants {
			if g.ended == nil && g.closed(now) {
				model.grants[i].ended = g.ends
			}
		}
	}
}

func (a *tenant) may(contact, course uuid.UUID, at time.Time) bool {
	a.t.Helper()
	open, err := a.q.GrantAccess(a.t.Context(), queries.GrantAccessParams{AccountID: a.id, ContactID: contact, CourseID: course, Now: at})
	check(a.t, err)
	return open
}

// What hides a course hides it whatever was granted: a draft, a deleted one, the app switched off; and it is there again after.
func TestGrantAccessNeedsTheCourse(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(1), a.contact("ana@example.com")
	s.give(ana, noon, nil)
	for _, c := range []struct{ hide, show string }{
		{"UPDATE course SET published_at = NULL", "UPDATE course SET published_at = '2026-01-01'"},
		{"UPDATE course SET deleted_at = now()", "UPDATE course SET deleted_at = NULL"},
		{"INSERT INTO account_app SELECT id, 'courses', 1, false FROM account", "UPDATE account_app SET switched_on = true"},
	} {
		if !a.may(ana, s.course, noon) {
			t.Fatalf("before %s she cannot see it", c.hide)
		}
		a.exec(c.hide)
		if a.may(ana, s.course, noon) {
			t.Errorf("after %s she sees it", c.hide)
		}
		a.exec(c.show)
	}
	if !a.may(ana, s.course, noon) || a.may(ana, s.course, noon.Add(-time.Second)) {
		t.Error("in the end it is not there from its start on")
	}
}

// A line of the ledger is closed once and otherwise stays as it was written, also past the program's own verbs.
func TestGrantsStay(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(1), a.contact("ana@example.com")
	s.give(ana, noon, nil)
	id := read[uuid.UUID](a, "SELECT id FROM access_grant")
	refused := func(sql string) {
		t.Helper()
		if _, err := a.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was done", sql)
		}
	}
	refused("UPDATE access_grant SET starts_at = starts_at - interval '1 day'")
	refused("UPDATE access_grant SET ends_at = now() + interval '1 day'")
	refused("UPDATE access_grant SET source = 'order'")
	check(t, queries.Close(t.Context(), a.q, a.id, id, queries.Ending{Because: queries.GrantEndRevoked, Now: noon.Add(time.Hour)}))
	refused("UPDATE access_grant SET ended_at = NULL, ended_because = NULL")
	refused("UPDATE access_grant SET ended_at = ended_at + interval '1 day'")
	wantErr(t, queries.Close(t.Context(), a.q, a.id, id, queries.Ending{Because: queries.GrantEndRevoked, Now: noon.Add(2 * time.Hour)}), queries.ErrNotFound)
}

// Grants of nobody, of another account's contact or course, or with an end before their start are not written.
func TestGiveRefuses(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	own, foreign := a.school(1), lumen.school(1)
	ana, zoe := a.contact("ana@example.com"), lumen.contact("zoe@example.com")
	give := func(change func(*queries.Grant)) error {
		g := own.grant(ana, noon, nil)
		change(&g)
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := queries.Give(ctx, q, g)
			return err
		})
	}
	wantErr(t, give(func(g *queries.Grant) { g.ContactID = zoe }), queries.ErrNotFound)
	wantErr(t, give(func(g *queries.Grant) { g.CourseID = foreign.course }), queries.ErrNotFound)
	wantErr(t, give(func(g *queries.Grant) { g.CourseID = queries.NewID() }), queries.ErrNotFound)
	var refused queries.Invalid
	if err := give(func(g *queries.Grant) { g.Ends = &noon }); !errors.As(err, &refused) || refused.Field != "ends" {
		t.Errorf("an end at the start: %v", err)
	}
	if n := read[int](a, "SELECT count(*) FROM access_grant"); n != 0 {
		t.Errorf("%d grants were written", n)
	}
}
