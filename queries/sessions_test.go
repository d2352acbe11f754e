package queries_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"atrium/queries"
)

// open signs a contact in by password and returns what stands in the cookie.
func (a *tenant) open(s queries.SignIn) (first bool, err error) {
	s.Method = queries.SignInMethodPassword
	err = a.tx(func(ctx context.Context, q *queries.Queries) error {
		first, err = queries.SignInClient(ctx, q, s)
		return err
	})
	return first, err
}

func (a *tenant) session(token string, at time.Time) (queries.SessionByTokenRow, error) {
	row, err := a.q.SessionByToken(a.t.Context(), queries.SessionByTokenParams{AccountID: a.id, TokenHash: queries.TokenHash(token), Now: at,
		IdleSince: at.Add(-queries.SessionIdle)})
	return row, queries.Kind(err)
}

func TestSignInClientJoinsOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	tokens := []string{a.invite(contact, noon), a.invite(contact, noon)}
	_, staffs := a.link(contact, noon.Add(time.Hour))
	firsts := make([]bool, 12)
	for i, err := range together(len(firsts), func(i int) (err error) {
		s := a.signIn(noon.Add(time.Duration(i) * time.Second))
		s.ContactID = contact
		firsts[i], err = a.open(s)
		return err
	}) {
		if err != nil {
			t.Errorf("sign-in %d: %v", i, err)
		}
	}
	joined := slices.Index(firsts, true)
	if at := a.byID(contact).JoinedAt; count(firsts) != 1 || at == nil || !at.Equal(noon.Add(time.Duration(joined)*time.Second)) {
		t.Errorf("firsts %v, joined at %v", firsts, at)
	}
	if a.sessions() != len(firsts) {
		t.Errorf("%d sessions", a.sessions())
	}
	for _, token := range tokens {
		if why := a.ended(token); why != queries.EndReasonSuperseded {
			t.Errorf("a link of the invitation is over because %q", why)
		}
	}
	if list := a.invitations(contact); list[0].JoinedAt == nil || list[0].EndedAt == nil {
		t.Errorf("the invitation is %+v", list[0])
	}
	if why := a.ended(staffs); why != "" {
		t.Errorf("a link of staff is over because %q", why)
	}
}

func TestSignInReplacesTheBrowsersSession(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben, lumen := a.contact("ana@example.com"), a.contact("ben@example.com"), a.another("lumen")
	cleo := lumen.contact("cleo@example.com")
	old, elsewhere, foreign := a.signIn(noon), a.signIn(noon), lumen.signIn(noon)
	old.ContactID, elsewhere.ContactID, foreign.ContactID = ana, ana, cleo
	for who, s := range map[*tenant]queries.SignIn{a: old, lumen: foreign} {
		_, err := who.open(s)
		check(t, err)
	}
	_, err := a.open(elsewhere)
	check(t, err)
	next := a.signIn(noon)
	next.ContactID, next.OldToken = ben, old.Token
	_, err = a.open(next)
	check(t, err)
	thief := a.signIn(noon)
	thief.ContactID, thief.OldToken = ben, foreign.Token // a cookie of another account's host ends nothing there
	_, err = a.open(thief)
	check(t, err)
	for name, c := range map[string]struct {
		who   *tenant
		token string
		want  error
	}{
		"the old one":          {a, old.Token, queries.ErrNotFound},
		"the new one":          {a, next.Token, nil},
		"in another browser":   {a, elsewhere.Token, nil},
		"of another account":   {lumen, foreign.Token, nil},
		"on another's host":    {lumen, next.Token, queries.ErrNotFound},
		"of nobody":            {a, queries.NewToken(), queries.ErrNotFound},
		"of an empty cookie":   {a, "", queries.ErrNotFound},
		"the hash as a cookie": {a, string(queries.TokenHash(next.Token)), queries.ErrNotFound},
	} {
		if _, err := c.who.session(c.token, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if why := read[string](a, "SELECT ended_because::text FROM session WHERE token_hash = $1", queries.TokenHash(old.Token)); why != "superseded" {
		t.Errorf("the old one is over because %q", why)
	}
}

func TestSessionLasts(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		visits []time.Duration // since the sign-in, each finding it open
		last   time.Duration
		want   error
	}{
		"at once":                         {nil, 0, nil},
		"just before two weeks":           {nil, queries.SessionIdle - time.Microsecond, nil},
		"after two weeks":                 {nil, queries.SessionIdle, queries.ErrNotFound},
		"used in between":                 {[]time.Duration{10 * day}, 20 * day, nil},
		"used in between, then not":       {[]time.Duration{10 * day}, 24 * day, queries.ErrNotFound},
		"a visit within five minutes":     {[]time.Duration{4 * time.Minute}, queries.SessionIdle, queries.ErrNotFound}, // is not written down
		"used all along, before 90 days":  {[]time.Duration{13 * day, 26 * day, 39 * day, 52 * day, 65 * day, 78 * day}, queries.SessionMax - time.Microsecond, nil},
		"used all along, after 90 days":   {[]time.Duration{13 * day, 26 * day, 39 * day, 52 * day, 65 * day, 78 * day}, queries.SessionMax, queries.ErrNotFound},
		"two requests at the same moment": {[]time.Duration{day, day}, 2 * day, nil},
	} {
		s := a.signIn(noon)
		s.ContactID = contact
		_, err := a.open(s)
		check(t, err)
		for _, after := range c.visits {
			if _, err := a.session(s.Token, noon.Add(after)); err != nil {
				t.Errorf("%s: %v after %v", name, err, after)
			}
		}
		if _, err := a.session(s.Token, noon.Add(c.last)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
