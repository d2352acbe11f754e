package queries_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"atrium/queries"
	"atrium/queries/dbtest"

	"github.com/google/uuid"
)

func (a *tenant) spend(at time.Time, spendings ...queries.Spending) time.Duration {
	a.t.Helper()
	wait, err := queries.Spend(a.t.Context(), a.q, a.id, at, spendings...)
	check(a.t, err)
	return wait
}

// Every limit there is, so that none divides into steps that are rounded.
func TestSpend(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for _, limit := range queries.Limits {
		t.Run(limit.Action, func(t *testing.T) {
			a, s := &tenant{t: t, pool: a.pool, q: a.q, id: a.id}, queries.Spending{Limit: limit, Subject: "ana@example.com"}
			step := limit.Per / time.Duration(limit.Times)
			for i := range limit.Times {
				if wait := a.spend(noon, s); wait != 0 {
					t.Fatalf("use %d of %d: wait %v", i+1, limit.Times, wait)
				}
			}
			for _, c := range []struct {
				after, want time.Duration
			}{
				{0, step},
				{0, step}, // refused uses cost nothing
				{step - time.Microsecond, time.Second},
				{step, 0},
				{step, step},
				{step + step/2, step / 2},
				{2 * step, 0},
				{2 * step, step},
				{4 * step, 0},
				{4 * step, 0},
				{4 * step, step},
				{-time.Hour, 4*step + time.Hour + step}, // a clock that is behind
			} {
				if got := a.spend(noon.Add(c.after), s); got != c.want {
					t.Errorf("%v later: wait %v, want %v", c.after, got, c.want)
				}
			}
			whole := noon.Add(4*step + limit.Per)
			for i := range limit.Times + 1 {
				if wait := a.spend(whole, s); (wait != 0) != (i == limit.Times) {
					t.Errorf("use %d of %d after all came back: wait %v", i+1, limit.Times, wait)
				}
			}
		})
	}
}

func TestSpendApart(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	limit := queries.LimitMailAddress
	ana := queries.Spending{Limit: limit, Subject: "ana@example.com"}
	for range limit.Times {
		a.spend(noon, ana)
	}
	for name, c := range map[string]struct {
		who      *tenant
		spending queries.Spending
		waits    bool
	}{
		"the same":        {a, ana, true},
		"in upper case":   {a, queries.Spending{Limit: limit, Subject: "ANA@example.com"}, true},
		"another subject": {a, queries.Spending{Limit: limit, Subject: "ben@example.com"}, false},
		"another limit":   {a, queries.Spending{Limit: queries.LimitSignInAddress, Subject: "ana@example.com"}, false},
		"another account": {a.another("lumen"), ana, false},
		"the admin host":  {&tenant{t: t, pool: a.pool, q: a.q, id: uuid.Nil}, ana, false},
	} {
		if wait := c.who.spend(noon, c.spending); (wait != 0) != c.waits {
			t.Errorf("%s: wait %v", name, wait)
		}
	}
}

func TestSpendSeveral(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	few, many := queries.Spending{Limit: queries.LimitMailAddress, Subject: "ana@example.com"}, queries.Spending{Limit: queries.LimitMailIP, Subject: "192.0.2.7"}
	step := few.Limit.Per / time.Duration(few.Limit.Times)
	for i := range few.Limit.Times + 3 {
		if wait := a.spend(noon, few, many); (wait != 0) != (i >= few.Limit.Times) || wait != 0 && wait != step {
			t.Errorf("use %d: wait %v", i+1, wait)
		}
	}
	// What was refused by the first limit has used nothing of the second.
	for i := range many.Limit.Times - few.Limit.Times + 1 {
		if wait := a.spend(noon, many, few); wait == 0 {
			t.Error("the second limit had come back by itself")
		} else if usedUp := i == many.Limit.Times-few.Limit.Times; usedUp != (wait < step) {
			t.Errorf("use %d of what was left: wait %v", i+1, wait)
		}
	}
	if wait := a.spend(noon); wait != 0 {
		t.Errorf("no limit at all: wait %v", wait)
	}
	if n := read[int](a, "SELECT count(*) FROM allowance WHERE length(subject) <> 32 OR subject = ANY($1)", [][]byte{[]byte(few.Subject), []byte(many.Subject)}); n != 0 {
		t.Error("a subject is stored as it is")
	}
}

func TestForgive(t *testing.T) {
	t.Parallel()
	a, limit := newTenant(t), queries.LimitSignInAddress
	ana, ben := queries.Spending{Limit: limit, Subject: "ana@example.com"}, queries.Spending{Limit: limit, Subject: "ben@example.com"}
	for range limit.Times {
		a.spend(noon, ana)
		a.spend(noon, ben)
	}
	check(t, queries.Forgive(t.Context(), a.q, a.id, queries.Spending{Limit: limit, Subject: "Ana@example.com"}))
	for i := range limit.Times + 1 {
		if wait := a.spend(noon, ana); (wait != 0) != (i == limit.Times) {
			t.Errorf("use %d: wait %v", i+1, wait)
		}
	}
	if wait := a.spend(noon, ben); wait == 0 {
		t.Error("somebody else was forgiven as well")
	}
}

func TestSpendAtOnceFromTwoPrograms(t *testing.T) {
	t.Parallel()
	a, other := newTenant(t), dbtest.New(t)
	programs := []*queries.Queries{a.q, queries.New(other)}
	s := queries.Spending{Limit: queries.LimitSignInAddress, Subject: "ana@example.com"}
	refused := errors.New("refused")
	// The first row is inserted by several at once, the later ones are updates: both have to hold.
	for round := range 5 {
		at, allowed := noon.Add(time.Duration(round)*s.Limit.Per), 0
		for _, err := range together(40, func(i int) error {
			wait, err := queries.Spend(t.Context(), programs[i%2], a.id, at, s)
			if wait > 0 {
				return refused
			}
			return err
		}) {
			switch {
			case err == nil:
				allowed++
			case !errors.Is(err, refused):
				t.Fatal(err)
			}
		}
		if allowed != s.Limit.Times {
			t.Errorf("round %d: %d of 40 allowed, want %d", round, allowed, s.Limit.Times)
		}
	}
}

// Callers name the limits, and the subjects of one limit, in the order that suits them: none waits while it holds another.
func TestSpendInAnyOrderLocksNobodyOut(t *testing.T) {
	t.Parallel()
	a, other := newTenant(t), dbtest.New(t)
	programs := []*queries.Queries{a.q, queries.New(other)}
	var spendings []queries.Spending
	for _, limit := range queries.Limits {
		spendings = append(spendings, queries.Spending{Limit: limit, Subject: "ana@example.com"}, queries.Spending{Limit: limit, Subject: "ben@example.com"})
	}
	for _, err := range together(8, func(i int) error {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		for n := range 60 {
			mine := make([]queries.Spending, len(spendings))
			for to, from := range random.Perm(len(spendings)) {
				mine[to] = spendings[from]
			}
			// Each time all has come back, so that every use writes.
			at := noon.Add(time.Duration(n) * time.Hour)
			if _, err := queries.Spend(t.Context(), programs[i%2], a.id, at, mine...); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Error(err)
		}
	}
}

// The verbs are given a transaction as well as a pool.
func TestSpendIsRolledBackWithItsTransaction(t *testing.T) {
	t.Parallel()
	a, fault := newTenant(t), errors.New("fault")
	s := queries.Spending{Limit: queries.LimitMailAddress, Subject: "ana@example.com"}
	for range s.Limit.Times {
		wantErr(t, a.tx(func(ctx context.Context, q *queries.Queries) error {
			if _, err := queries.Spend(ctx, q, a.id, noon, s); err != nil {
				return err
			}
			return fault
		}), fault)
	}
	if wait := a.spend(noon, s); wait != 0 {
		t.Errorf("wait %v", wait)
	}
}
