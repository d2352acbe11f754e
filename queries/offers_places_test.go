package queries_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// hold is somebody who goes to pay, at a moment; with an answer of Stripe's they have a page to pay on.
func (s shop) hold(at time.Time, answered bool) (checkout uuid.UUID, err error) {
	checkout = queries.NewID()
	err = s.tx(func(ctx context.Context, q *queries.Queries) error {
		return queries.HoldPlace(ctx, q, queries.Going{Zone: time.UTC, CheckoutInsertParams: queries.CheckoutInsertParams{AccountID: s.id, ID: checkout, OfferID: s.offer,
			PriceID: s.price, BrowserHash: queries.TokenHash(checkout.String()), Now: at}})
	})
	if err == nil && answered {
		check(s.t, s.q.CheckoutSetSession(s.t.Context(), queries.CheckoutSetSessionParams{AccountID: s.id, ID: checkout, StripeSessionID: "cs_" + checkout.String(), Now: at}))
	}
	return checkout, err
}

// Of many who want the last places at once, as many are sent to pay as there are places: those who have paid and those who are about
// to are never more than may.
func TestPlacesAreNotOversold(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.shop(queries.PriceIntervalOnce)
	a.exec("UPDATE offer SET most = 3 WHERE id = $1", s.offer)
	held := 0
	for _, err := range together(12, func(int) error { _, err := s.hold(noon, true); return err }) {
		switch {
		case err == nil:
			held++
		case !errors.Is(err, queries.ErrOfferHeld):
			t.Error(err)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM checkout"); held != 3 || n != 3 {
		t.Fatalf("%d are sent to pay for 3 places, and %d are written down", held, n)
	}
	for i, checkout := range read[[]uuid.UUID](a, "SELECT array_agg(id ORDER BY id) FROM checkout") {
		paid := queries.Paid{AccountID: s.id, CheckoutID: checkout, SessionID: "cs_" + checkout.String(), Email: string(rune('a'+i)) + "@example.com", AmountMinor: 4900, Currency: "eur", Now: noon}
		if i == 2 { // this one gives up
			check(t, s.q.CheckoutSetState(t.Context(), queries.CheckoutSetStateParams{AccountID: s.id, ID: checkout, State: queries.CheckoutStateExpired, StripeSessionID: paid.SessionID, Now: noon}))
			continue
		}
		_, err := a.fulfil(paid)
		check(t, err)
	}
	if _, err := s.hold(noon, true); err != nil {
		t.Errorf("the place that was given up: %v", err)
	}
	if _, err := s.hold(noon, true); !errors.Is(err, queries.ErrOfferHeld) {
		t.Errorf("one more: %v", err)
	}
	a.exec("UPDATE checkout SET state = 'expired' WHERE state = 'open'")
	last, err := s.hold(noon, true)
	check(t, err)
	_, err = a.fulfil(queries.Paid{AccountID: s.id, CheckoutID: last, SessionID: "cs_" + last.String(), Email: "z@example.com", AmountMinor: 4900, Currency: "eur", Now: noon})
	check(t, err)
	if _, err := s.hold(noon, true); !errors.Is(err, queries.ErrOfferUsedUp) {
		t.Errorf("after the last one was paid: %v", err)
	}
}

// Whom Stripe never answered holds a place for two minutes, since nobody can pay there; money on its way holds one until it is there
// or is not.
func TestPlacesComeFree(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.shop(queries.PriceIntervalOnce)
	a.exec("UPDATE offer SET most = 1 WHERE id = $1", s.offer)
	_, err := s.hold(noon, false)
	check(t, err)
	if _, err := s.hold(noon.Add(time.Minute), true); !errors.Is(err, queries.ErrOfferHeld) {
		t.Errorf("while Stripe is asked: %v", err)
	}
	second, err := s.hold(noon.Add(3*time.Minute), true)
	check(t, err)
	for state, want := range map[queries.CheckoutState]error{queries.CheckoutStateProcessing: queries.ErrOfferHeld, queries.CheckoutStateOpen: queries.ErrOfferHeld} {
		a.exec("UPDATE checkout SET state = $2 WHERE id = $1", second, state)
		if _, err := s.hold(noon.Add(20*24*time.Hour), true); !errors.Is(err, want) {
			t.Errorf("%s: %v", state, err)
		}
	}
	a.exec("UPDATE checkout SET state = 'failed' WHERE id = $1", second)
	_, err = s.hold(noon.Add(20*24*time.Hour), true)
	check(t, err)
}

// Who begins anew is asked about their own page for paying first, in whichever browser they are signed in, however many others of the
// same offer are to be looked at; of those what is being paid comes first.
func TestOfferHoldersOwnFirst(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.shop(queries.PriceIntervalOnce)
	ana := a.contact("ana@example.com")
	for range 8 { // of strangers, who left
		_, err := s.hold(noon.Add(-2*time.Hour), true)
		check(t, err)
	}
	open, err := s.hold(noon.Add(-10*time.Minute), true)
	check(t, err)
	paying, err := s.hold(noon.Add(-5*time.Minute), true)
	check(t, err)
	a.exec("UPDATE checkout SET contact_id = $1 WHERE id = ANY($2)", ana, []uuid.UUID{open, paying})
	a.exec("UPDATE checkout SET state = 'processing' WHERE id = $1", paying)
	for name, c := range map[string]struct {
		browser string
		contact *uuid.UUID
		want    []uuid.UUID
	}{
		"the browser":       {open.String(), nil, []uuid.UUID{open}},
		"the client":        {"another", &ana, []uuid.UUID{paying, open}},
		"client, browser":   {paying.String(), &ana, []uuid.UUID{paying, open}},
		"somebody else":     {"another", nil, nil},
		"another browser's": {"another", new(uuid.UUID), nil},
	} {
		rows, err := s.q.OfferHolders(t.Context(), queries.OfferHoldersParams{AccountID: s.id, OfferID: s.offer, BrowserHash: queries.TokenHash(c.browser), ContactID: c.contact, OverBefore: noon.Add(-queries.PlaceHeld)})
		check(t, err)
		var own []uuid.UUID
		for _, row := range rows {
			if row.Own {
				own = append(own, uuid.MustParse(row.SessionID[len("cs_"):]))
			}
		}
		if !slices.Equal(own, c.want) || len(rows) != 5 || len(own) > 0 && !rows[0].Own {
			t.Errorf("%s: %v of %d, want %v", name, own, len(rows), c.want)
		}
	}
}

// An offer stays while somebody is paying for it: what they buy would be gone when their money is there.
func TestOfferIsKeptWhilePaid(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.shop(queries.PriceIntervalOnce)
	checkout, err := s.hold(noon, true)
	check(t, err)
	remove := func(at time.Time) error {
		return s.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := queries.DeleteOffer(ctx, q, s.id, s.offer, at)
			return err
		})
	}
	if err := remove(noon.Add(time.Hour)); !isInvalid(err, "offer") {
		t.Errorf("while the page is open: %v", err)
	}
	a.exec("UPDATE checkout SET state = 'processing' WHERE id = $1", checkout)
	if err := remove(noon.AddDate(0, 0, 9)); !isInvalid(err, "offer") {
		t.Errorf("while a bank takes its time: %v", err)
	}
	a.exec("UPDATE checkout SET state = 'open' WHERE id = $1", checkout)
	check(t, remove(noon.AddDate(0, 0, 2)))
	wantErr(t, remove(noon.AddDate(0, 0, 2)), queries.ErrNotFound)
}
