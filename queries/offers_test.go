package queries_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// offered makes an offer of a school's course.
func (s school) offered(change func(*queries.OfferDraft)) (id uuid.UUID) {
	s.t.Helper()
	id = queries.NewID()
	d := queries.OfferDraft{Name: "taster", Title: "A taster", Courses: []uuid.UUID{s.course}}
	change(&d)
	if wrong := d.Check(); len(wrong) > 0 {
		s.t.Fatal(wrong)
	}
	check(s.t, d.Insert(s.t.Context(), s.q, s.id, id, noon))
	return id
}

func (a *tenant) take(offer, contact uuid.UUID, at time.Time) error {
	return a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, err := queries.TakeOffer(ctx, q, queries.Taking{AccountID: a.id, OfferID: offer, ContactID: contact, Now: at, Zone: time.UTC})
		return err
	})
}

func number(n int32) *int32 { return &n }

// What is offered is given once, for as long as it says, and why it cannot be taken is told.
func TestOffersAreTaken(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*queries.OfferDraft)
		before func(s school, offer, ana uuid.UUID)
		at     time.Time
		want   error
		grants int
	}{
		"taken":                 {func(*queries.OfferDraft) {}, nil, noon, nil, 1},
		"for some days":         {func(d *queries.OfferDraft) { d.Days = number(3) }, nil, noon, nil, 1},
		"on its last day":       {func(d *queries.OfferDraft) { d.Until = &day }, nil, day.Add(23 * time.Hour), nil, 1},
		"after its last day":    {func(d *queries.OfferDraft) { d.Until = &day }, nil, day.Add(24 * time.Hour), queries.ErrOfferOver, 0},
		"switched off":          {func(*queries.OfferDraft) {}, func(s school, _, _ uuid.UUID) { s.exec("UPDATE offer SET switched_on = false") }, noon, queries.ErrOfferOff, 0},
		"its course is a draft": {func(*queries.OfferDraft) {}, func(s school, _, _ uuid.UUID) { s.exec("UPDATE course SET published_at = NULL") }, noon, queries.ErrOfferOff, 0},
		"its course is deleted": {func(*queries.OfferDraft) {}, func(s school, _, _ uuid.UUID) { s.exec("UPDATE course SET deleted_at = now()") }, noon, queries.ErrOfferOff, 0},
		"courses are switched off": {func(*queries.OfferDraft) {}, func(s school, _, _ uuid.UUID) {
			s.exec("INSERT INTO account_app SELECT id, 'courses', 1, false FROM account")
		}, noon, queries.ErrOfferOff, 0},
		"another took the only one": {func(d *queries.OfferDraft) { d.Most = number(1) }, func(s school, offer, _ uuid.UUID) { check(s.t, s.take(offer, s.contact("ben@example.com"), noon)) }, noon, queries.ErrOfferUsedUp, 0},
		"taken before, the last":    {func(d *queries.OfferDraft) { d.Most = number(1) }, func(s school, offer, ana uuid.UUID) { check(s.t, s.take(offer, ana, noon)) }, noon, nil, 1},
		"taken before, and over":    {func(d *queries.OfferDraft) { d.Days = number(3) }, func(s school, offer, ana uuid.UUID) { check(s.t, s.take(offer, ana, noon)) }, noon.AddDate(0, 0, 3), queries.ErrOfferEnded, 1},
		"taken before, and revoked": {func(*queries.OfferDraft) {}, func(s school, offer, ana uuid.UUID) {
			check(s.t, s.take(offer, ana, noon))
			s.exec("UPDATE access_grant SET ended_at = now(), ended_because = 'revoked'")
		}, noon.AddDate(1, 0, 0), queries.ErrOfferEnded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			s, ana := a.school(1), a.contact("ana@example.com")
			offer := s.offered(c.change)
			if c.before != nil {
				c.before(s, offer, ana)
			}
			wantErr(t, a.take(offer, ana, c.at), c.want)
			if n := read[int](a, "SELECT count(*) FROM access_grant WHERE contact_id = $1 AND source = 'free_offer' AND origin_id = $2", ana, offer); n != c.grants {
				t.Errorf("%d grants", n)
			}
			if c.want == nil && !a.may(ana, s.course, c.at) {
				t.Error("she cannot use it")
			}
		})
	}
}

// Of many at once no more take an offer than may, and whoever presses twice has one grant.
func TestOffersHoldAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.school(1)
	offer := s.offered(func(d *queries.OfferDraft) { d.Most = number(3) })
	var contacts []uuid.UUID
	for i := range 6 {
		contacts = append(contacts, a.contact(fmt.Sprintf("c%d@example.com", i)))
	}
	usedUp := 0
	for _, err := range together(24, func(i int) error { return a.take(offer, contacts[i%len(contacts)], noon) }) {
		switch {
		case errors.Is(err, queries.ErrOfferUsedUp):
			usedUp++
		case err != nil:
			t.Error(err)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM access_grant"); n != 3 || usedUp != 12 {
		t.Errorf("%d grants, %d were refused", n, usedUp)
	}
}

// A claim gives its address what is offered and signs it in, once of many at once; the contact is made with it, or found.
func TestClaims(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"a stranger": false, "a contact": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			s := a.school(1)
			offer := s.offered(func(d *queries.OfferDraft) { d.Most = number(1) })
			if known {
				a.contact("ana@example.com")
				a.exec("UPDATE contact SET name = 'Ana Souza'")
			}
			id, err := mails.Claim(t.Context(), a.q, queries.OfferClaim{AccountID: a.id, OfferID: offer, Email: "ana@example.com", Name: "Somebody", Now: noon, IP: a.signIn(noon).Visit.IP})
			check(t, err)
			confirm := func(at time.Time) error {
				return a.tx(func(ctx context.Context, q *queries.Queries) error {
					_, _, err := queries.ConfirmClaim(ctx, q, mails.Secret.OfferToken(id), a.signIn(at), time.UTC)
					return err
				})
			}
			wantErr(t, confirm(noon.Add(queries.OfferClaimLife)), queries.ErrNotFound)
			done := 0
			for _, err := range together(8, func(int) error { return confirm(noon.Add(time.Hour)) }) {
				if err == nil {
					done++
				} else {
					wantErr(t, err, queries.ErrNotFound)
				}
			}
			want := map[bool]string{false: "Somebody form", true: "Ana Souza manual"}[known]
			if got := read[string](a, "SELECT string_agg(name || ' ' || source, ', ') FROM contact WHERE joined_at IS NOT NULL"); done != 1 || got != want {
				t.Errorf("done %d times, by %s", done, got)
			}
			if n := read[int](a, "SELECT count(*) FROM access_grant g JOIN offer_claim c ON c.contact_id = g.contact_id JOIN session x ON x.contact_id = g.contact_id"); n != 1 {
				t.Errorf("%d grants of the claim's contact, who is signed in", n)
			}
		})
	}
}

// When the offer closed after the mail went out, following the link makes nobody a contact and uses nothing up.
func TestClaimOfAClosedOffer(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.school(1)
	offer := s.offered(func(*queries.OfferDraft) {})
	id, err := mails.Claim(t.Context(), a.q, queries.OfferClaim{AccountID: a.id, OfferID: offer, Email: "ana@example.com", Now: noon, IP: a.signIn(noon).Visit.IP})
	check(t, err)
	confirm := func() error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, _, err := queries.ConfirmClaim(ctx, q, mails.Secret.OfferToken(id), a.signIn(noon), time.UTC)
			return err
		})
	}
	a.exec("UPDATE offer SET switched_on = false")
	wantErr(t, confirm(), queries.ErrOfferOff)
	if n := read[int](a, "SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM session) + (SELECT count(*) FROM offer_claim WHERE confirmed_at IS NOT NULL)"); n != 0 {
		t.Errorf("%d rows are left of it", n)
	}
	a.exec("UPDATE offer SET switched_on = true")
	check(t, confirm())
}

func TestOfferDrafts(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, foreign := a.school(1), a.another("lumen").school(1)
	right := queries.OfferDraft{Name: "taster", Title: "A taster", Courses: []uuid.UUID{s.course}}
	for field, change := range map[string]func(*queries.OfferDraft){
		"name": func(d *queries.OfferDraft) { d.Name = "Not so" }, "title": func(d *queries.OfferDraft) { d.Title = "" }, "courses": func(d *queries.OfferDraft) { d.Courses = nil },
		"days": func(d *queries.OfferDraft) { d.Days = number(0) }, "most": func(d *queries.OfferDraft) { d.Most = number(-1) },
		"text": func(d *queries.OfferDraft) { d.Text = string(make([]byte, queries.OfferTextMost+1)) },
	} {
		d := right
		change(&d)
		if wrong := d.Check(); len(wrong) != 1 || wrong[field] == "" {
			t.Errorf("%s: %v", field, wrong)
		}
	}
	insert := func(d queries.OfferDraft) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			return d.Insert(ctx, q, a.id, queries.NewID(), noon)
		})
	}
	check(t, insert(right))
	wantErr(t, insert(right), queries.ErrConflict)
	stolen := queries.OfferDraft{Name: "other", Title: "Other", Courses: []uuid.UUID{foreign.course}}
	wantErr(t, insert(stolen), queries.ErrNotFound)
}
