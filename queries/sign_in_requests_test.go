package queries_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
)

// asked is a request to be mailed a sign-in link, as a browser made it.
type asked struct {
	id      uuid.UUID
	browser string
	code    string
	token   string // of the mailed link; empty when nobody has the address
}

// ask asks for a link and lets the job answer.
func (a *tenant) ask(email, browser string, at time.Time) asked {
	a.t.Helper()
	r := asked{id: queries.NewID(), browser: browser}
	check(a.t, a.q.SignInRequestInsert(a.t.Context(), queries.SignInRequestInsertParams{AccountID: a.id, ID: r.id, Email: email,
		BrowserHash: queries.TokenHash(browser), Target: queries.AppProfile, Now: at, ExpiresAt: at.Add(queries.SignInLife)}))
	mail, err := mails.MailSignIn(a.t.Context(), a.q, a.id, r.id, at)
	check(a.t, err)
	r.code = mails.Secret.Code(r.id)
	if mail != nil {
		r.token = mails.Secret.LinkToken(a.linkOf(*mail))
	}
	return r
}

// try tries a code, in a transaction of its own.
func (a *tenant) try(browser, code string, at time.Time) (result queries.CodeResult, err error) {
	s := a.signIn(at)
	err = a.tx(func(ctx context.Context, q *queries.Queries) error {
		result, err = queries.TryCode(ctx, q, mails.Secret, browser, code, s)
		return err
	})
	return result, err
}

// wrong is a code that is not r's.
func (r asked) wrong() string {
	if r.code == "000000" {
		return "000001"
	}
	return "000000"
}

func (a *tenant) endOfRequest(id uuid.UUID) string {
	a.t.Helper()
	return read[string](a, "SELECT tries || ' ' || coalesce(ended_because::text, 'open') FROM sign_in_request WHERE account_id = $1 AND id = $2", a.id, id)
}

func TestTryCode(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	r := a.ask("ANA@example.com", "browser", noon)
	for left := 4; left > 0; left-- { // the fifth try may still be the right one
		if got, err := a.try(r.browser, r.wrong(), noon); err != nil || got != (queries.CodeResult{Target: queries.AppProfile, Email: "ANA@example.com", Left: left}) {
			t.Fatalf("wrong, %d left: %+v, %v", left, got, err)
		}
	}
	got, err := a.try(r.browser, r.code, noon)
	if err != nil || got != (queries.CodeResult{SignedIn: true, News: true, Target: queries.AppProfile, Email: "ANA@example.com"}) {
		t.Fatalf("right: %+v, %v", got, err)
	}
	if method := read[string](a, "SELECT method::text FROM session WHERE contact_id = $1", contact); method != "code" {
		t.Errorf("signed in by %s", method)
	}
	if _, err := a.try(r.browser, r.code, noon); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("the second time: %v", err)
	}
	if _, _, err := a.confirm(r.token, a.signIn(noon)); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("the link after its code: %v", err)
	}
	if end := a.endOfRequest(r.id); end != "5 used" || a.ended(r.token) != queries.EndReasonUsed || a.sessions() != 1 {
		t.Errorf("the request is %s, the link %q, sessions %d", end, a.ended(r.token), a.sessions())
	}
}

func TestTryCodeFiveTimes(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.contact("ana@example.com")
	// An address nobody has behaves the same all along, also with the code that would be right.
	for email, last := range map[string]func(asked) string{"ana@example.com": asked.wrong, "nobody@example.com": func(r asked) string { return r.code }} {
		r := a.ask(email, email, noon)
		for left := queries.CodeTries - 1; left >= 0; left-- {
			code := r.wrong()
			if left == 0 {
				code = last(r)
			}
			if got, err := a.try(r.browser, code, noon); err != nil || got != (queries.CodeResult{Target: queries.AppProfile, Email: email, Left: left}) {
				t.Fatalf("%s, %d left: %+v, %v", email, left, got, err)
			}
		}
		if _, err := a.try(r.browser, r.code, noon); !errors.Is(err, queries.ErrNotFound) {
			t.Errorf("%s, the sixth: %v", email, err)
		}
		if end := a.endOfRequest(r.id); end != "5 too_many_tries" {
			t.Errorf("%s: the request is %s", email, end)
		}
	}
	// What somebody else guessed wrong must not take the link out of the client's mail.
	r := a.ask("ana@example.com", "other", noon)
	for range queries.CodeTries {
		_, err := a.try(r.browser, r.wrong(), noon)
		check(t, err)
	}
	if _, _, err := a.confirm(r.token, a.signIn(noon)); err != nil {
		t.Errorf("the link: %v", err)
	}
}

func TestTryCodeElsewhere(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.contact("ana@example.com")
	lumen := a.another("lumen")
	lumen.contact("ana@example.com")
	r := a.ask("ana@example.com", "browser", noon)
	end := noon.Add(queries.SignInLife)
	for name, c := range map[string]struct {
		who     *tenant
		browser string
		at      time.Time
	}{
		"another browser": {a, "another", noon},
		"no browser":      {a, "", noon},
		"another account": {lumen, r.browser, noon},
		"at its end":      {a, r.browser, end},
	} {
		if _, err := c.who.try(c.browser, r.code, c.at); !errors.Is(err, queries.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if end := a.endOfRequest(r.id); end != "0 open" {
		t.Errorf("the request is %s", end)
	}
	if got, err := a.try(r.browser, r.code, end.Add(-time.Microsecond)); err != nil || !got.SignedIn {
		t.Errorf("a moment before its end: %+v, %v", got, err)
	}
}

func TestTryCodeAfterAskingTwice(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.contact("ana@example.com")
	first, second := a.ask("ana@example.com", "browser", noon), a.ask("ana@example.com", "browser", noon.Add(time.Minute))
	if got, err := a.try("browser", second.code, noon.Add(time.Minute)); err != nil || !got.SignedIn {
		t.Errorf("the newer code: %+v, %v", got, err)
	}
	// The older request is open as well, and now the newest that is.
	if got, err := a.try("browser", first.wrong(), noon.Add(time.Minute)); err != nil || got.SignedIn || got.Left != 4 {
		t.Errorf("a wrong code after it: %+v, %v", got, err)
	}
	if got, err := a.try("browser", first.code, noon.Add(time.Minute)); err != nil || !got.SignedIn || got.News {
		t.Errorf("the older code: %+v, %v", got, err)
	}
}

func TestLinkEndsItsCode(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.contact("ana@example.com")
	r, other := a.ask("ana@example.com", "browser", noon), a.ask("ana@example.com", "other", noon)
	_, _, err := a.confirm(r.token, a.signIn(noon)) // in whatever browser
	check(t, err)
	if end := a.endOfRequest(r.id); end != "0 used" {
		t.Errorf("the request is %s", end)
	}
	if _, err := a.try(r.browser, r.code, noon); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("the code: %v", err)
	}
	if end := a.endOfRequest(other.id); end != "0 open" {
		t.Errorf("another request is %s", end)
	}
}

func TestWrongCodesAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.contact("ana@example.com")
	r, left := a.ask("ana@example.com", "browser", noon), make([]int, 20)
	results := together(len(left), func(i int) error {
		got, err := a.try(r.browser, r.wrong(), noon)
		left[i] = got.Left
		return err
	})
	var counted []int
	for i, err := range results {
		switch {
		case err == nil:
			counted = append(counted, left[i])
		case !errors.Is(err, queries.ErrNotFound):
			t.Error(err)
		}
	}
	slices.Sort(counted)
	if end := a.endOfRequest(r.id); fmt.Sprint(counted) != "[0 1 2 3 4]" || end != "5 too_many_tries" {
		t.Errorf("tries left were %v, the request is %s", counted, end)
	}
}

// Code and link of one mail, several times each and all at once: one sign-in, and nobody is locked out by another.
func TestCodeAndLinkAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for round := range 25 {
		email := fmt.Sprintf("ana%d@example.com", round)
		a.contact(email)
		r, in := a.ask(email, email, noon), 0
		for _, err := range together(4, func(i int) error {
			if i%2 == 0 {
				_, _, err := a.confirm(r.token, a.signIn(noon))
				return err
			}
			_, err := a.try(r.browser, r.code, noon)
			return err
		}) {
			switch {
			case err == nil:
				in++
			case !errors.Is(err, queries.ErrNotFound):
				t.Fatal(err)
			}
		}
		if in != 1 || a.sessions() != round+1 {
			t.Fatalf("round %d: %d sign-ins, %d sessions", round, in, a.sessions())
		}
	}
}

func TestMailSignIn(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact, lumen := a.contact("Ana@example.com"), a.another("lumen")
	lumen.contact("lena@example.com")
	r := a.ask("ana@EXAMPLE.com", "browser", noon)
	mail := read[uuid.UUID](a, "SELECT id FROM mail")
	row := a.mail(mail)
	if row.Kind != queries.MailKindSignIn || row.ToEmail != "Ana@example.com" || *row.ContactID != contact || *row.SignInRequestID != r.id ||
		row.Target != queries.AppProfile || !row.LinkExpiresAt.Equal(noon.Add(queries.SignInLife)) {
		t.Errorf("the mail is %+v", row)
	}
	ended, over := a.ask("nobody@example.com", "ended", noon), a.ask("nobody@example.com", "over", noon.Add(-queries.SignInLife))
	check(t, a.q.SignInRequestEnd(t.Context(), queries.SignInRequestEndParams{AccountID: a.id, ID: ended.id, Now: noon, EndedBecause: queries.EndReasonTooManyTries}))
	a.contact("nobody@example.com") // now somebody is
	for name, id := range map[string]uuid.UUID{
		"answered before":              r.id,
		"ended":                        ended.id,
		"over":                         over.id,
		"never made":                   queries.NewID(),
		"nobody's address":             a.ask("lena@example.com", "lena", noon).id, // another account's
		"nobody's, asked once more":    a.ask("lena@example.com", "lena", noon).id,
		"another account's, by its id": lumen.ask("unknown@example.com", "browser", noon).id,
	} {
		if got, err := mails.MailSignIn(t.Context(), a.q, a.id, id, noon); got != nil || err != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM mail"); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestMailSignInOnceHoweverOftenAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.contact("ana@example.com")
	id := queries.NewID()
	check(t, a.q.SignInRequestInsert(t.Context(), queries.SignInRequestInsertParams{AccountID: a.id, ID: id, Email: "ana@example.com",
		BrowserHash: queries.TokenHash("browser"), Target: queries.AppHome, Now: noon, ExpiresAt: noon.Add(time.Minute)}))
	for _, err := range together(10, func(int) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := mails.MailSignIn(ctx, q, a.id, id, noon)
			return err
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if got := read[string](a, "SELECT (SELECT count(*) FROM magic_link) || ' ' || (SELECT count(*) FROM mail)"); got != "1 1" {
		t.Errorf("links and mails: %s", got)
	}
}
