package queries_test

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"atrium/queries"
	"atrium/queries/dbtest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// noon is when the tests happen.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var mails = queries.MailMaker{Secret: queries.NewSecret("the tests' secret"), Domain: "atrium.test"}

// tenant is one account, in a database of the test's own.
type tenant struct {
	t    *testing.T
	pool *pgxpool.Pool
	q    *queries.Queries
	id   uuid.UUID
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	pool := dbtest.New(t)
	return (&tenant{t: t, pool: pool, q: queries.New(pool)}).another("acme")
}

// another is one more account of the same database.
func (a *tenant) another(slug string) *tenant {
	a.t.Helper()
	id, err := queries.NewAccount(a.t.Context(), a.q, slug, slug, "help@"+slug+".test", noon)
	check(a.t, err)
	return &tenant{t: a.t, pool: a.pool, q: a.q, id: id}
}

// tx runs f in one transaction. It may be called by any goroutine.
func (a *tenant) tx(f func(ctx context.Context, q *queries.Queries) error) error {
	ctx := a.t.Context()
	return queries.InTx(ctx, a.pool, func(q *queries.Queries, _ pgx.Tx) error { return f(ctx, q) })
}

func (a *tenant) contact(email string) uuid.UUID {
	a.t.Helper()
	id, known, err := queries.AddContact(a.t.Context(), a.q, a.id, email, "", queries.ContactSourceManual, noon)
	check(a.t, err)
	if known {
		a.t.Fatalf("%s is known already", email)
	}
	return id
}

// invite invites a contact and returns the token in its mail.
func (a *tenant) invite(contact uuid.UUID, at time.Time) string {
	a.t.Helper()
	mail, err := mails.Invite(a.t.Context(), a.q, queries.InvitationOf{AccountID: a.id, ContactID: contact, Now: at})
	check(a.t, err)
	return mails.Secret.LinkToken(a.linkOf(mail))
}

func (a *tenant) linkOf(mail uuid.UUID) uuid.UUID {
	a.t.Helper()
	return *a.mail(mail).LinkID
}

func (a *tenant) mail(id uuid.UUID) queries.MailForSendingRow {
	a.t.Helper()
	row, err := a.q.MailForSending(a.t.Context(), queries.MailForSendingParams{AccountID: a.id, ID: id})
	check(a.t, err)
	return row
}

// link makes a magic link as staff do.
func (a *tenant) link(contact uuid.UUID, expires time.Time) (id uuid.UUID, token string) {
	a.t.Helper()
	id, err := mails.Link(a.t.Context(), a.q, queries.MagicLinkInsertParams{AccountID: a.id, ContactID: contact, Kind: queries.LinkKindStaff,
		Target: queries.AppHome, Now: noon, ExpiresAt: expires})
	check(a.t, err)
	return id, mails.Secret.LinkToken(id)
}

// signIn is a sign-in to this account by a browser of its own.
func (a *tenant) signIn(at time.Time) queries.SignIn {
	return queries.SignIn{AccountID: a.id, Token: queries.NewToken(),
		Visit: queries.Visit{At: at, IP: netip.MustParseAddr("192.0.2.7"), UserAgent: "Firefox"}}
}

// confirm uses a link up, in a transaction of its own.
func (a *tenant) confirm(token string, s queries.SignIn) (link queries.MagicLinkConsumeRow, first bool, err error) {
	err = a.tx(func(ctx context.Context, q *queries.Queries) error {
		link, first, err = queries.Confirm(ctx, q, token, s)
		return err
	})
	return link, first, err
}

// exec changes rows past the verbs, for states they do not lead to by themselves.
func (a *tenant) exec(sql string, args ...any) {
	a.t.Helper()
	_, err := a.pool.Exec(a.t.Context(), sql, args...)
	check(a.t, err)
}

// read answers a question with one value.
func read[T any](a *tenant, sql string, args ...any) (value T) {
	a.t.Helper()
	check(a.t, a.pool.QueryRow(a.t.Context(), sql, args...).Scan(&value))
	return value
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got error %v, want %v", got, want)
	}
}

// together runs f n times at once and returns what each run came to.
func together(n int, f func(i int) error) []error {
	var runs sync.WaitGroup
	results, begin := make([]error, n), make(chan struct{})
	for i := range n {
		runs.Go(func() {
			<-begin
			results[i] = f(i)
		})
	}
	close(begin)
	runs.Wait()
	return results
}

// eventually waits until holds does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	limit := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
