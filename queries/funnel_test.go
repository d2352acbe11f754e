package queries_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"atrium/queries"
	"atrium/queries/dbtest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// facts are how far a contact came, as moments.
type facts struct{ sent, filter, opened, joined, seen *time.Time }

func (a *tenant) facts(contact uuid.UUID) (f facts) {
	a.t.Helper()
	check(a.t, a.pool.QueryRow(a.t.Context(), "SELECT sent_at, filter_opened_at, opened_at, joined_at, last_seen_at FROM contact WHERE id = $1", contact).
		Scan(&f.sent, &f.filter, &f.opened, &f.joined, &f.seen))
	return f
}

// is compares with minutes after noon; -1 means never.
func (f facts) is(t *testing.T, sent, filter, opened, joined, seen int) {
	t.Helper()
	for i, fact := range []*time.Time{f.sent, f.filter, f.opened, f.joined, f.seen} {
		got, want := -1, []int{sent, filter, opened, joined, seen}[i]
		if fact != nil {
			got = int(fact.Sub(noon).Minutes())
		}
		if got != want {
			t.Errorf("%s at minute %d, want %d", []string{"sent", "opened by a filter", "opened", "joined", "seen"}[i], got, want)
		}
	}
}

func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// The first mail that arrives marks the contact, and no other mail does.
func TestSentIsTheFirstInvitationThatArrived(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	for i, c := range []struct {
		invites bool
		email   string
		news    int64
		sent    int
	}{{false, "ana@example.com", 0, -1}, {true, "old@example.com", 0, -1}, {true, "ANA@example.com", 1, 2}, {true, "ana@example.com", 0, 2}} {
		n, err := a.q.ContactSetDelivered(t.Context(), queries.ContactSetDeliveredParams{AccountID: a.id, ID: contact, Email: c.email, Invites: c.invites, Now: minute(i)})
		check(t, err)
		if n != c.news {
			t.Errorf("mail %d is news for %d", i, n)
		}
		a.facts(contact).is(t, c.sent, -1, -1, -1, -1)
	}
}

// A corrected address begins anew, but for who came in already; a wish for no more mails is the person's and stays.
func TestCorrectedAddressesForget(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	waiting, joined := a.contact("ana@example.com"), a.contact("ben@example.com")
	a.exec("UPDATE contact SET sent_at = $1, filter_opened_at = $1, opened_at = $1, last_seen_at = $1, no_mail_at = $1", minute(1))
	a.exec("UPDATE contact SET joined_at = $1 WHERE id = $2", minute(1), joined)
	for i, contact := range []uuid.UUID{waiting, joined} {
		check(t, a.change(contact, []string{"ana.souza@example.com", "ben.okri@example.com"}[i]))
	}
	a.facts(waiting).is(t, -1, -1, -1, -1, 1)
	a.facts(joined).is(t, 1, 1, 1, 1, 1)
	if n := read[int](a, "SELECT count(*) FROM contact WHERE no_mail_at = $1", minute(1)); n != 2 {
		t.Errorf("%d of two still want no mails", n)
	}
}

// Using the portal marks the contact at most every five minutes, however many devices do; staff who look as they do not.
func TestClientsAreSeen(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	phone, laptop, staffs := a.signIn(noon), a.signIn(noon), a.signIn(noon)
	for _, s := range []queries.SignIn{phone, laptop, staffs} {
		s.ContactID = contact
		_, err := a.open(s)
		check(t, err)
	}
	a.exec("UPDATE session SET staff_id = $1 WHERE token_hash = $2", a.member("maya@acme.test", queries.StaffRoleAdmin), queries.TokenHash(staffs.Token))
	for _, c := range []struct {
		s        queries.SignIn
		at, seen int
	}{{phone, 5, 0}, {phone, 6, 6}, {laptop, 7, 6}, {phone, 8, 6}, {staffs, 60, 6}, {laptop, 61, 61}, {phone, 62, 61}} {
		if _, err := a.session(c.s.Token, minute(c.at)); err != nil {
			t.Fatalf("minute %d: %v", c.at, err)
		}
		if got := a.facts(contact).seen; !got.Equal(minute(c.seen)) {
			t.Errorf("at minute %d the contact was last seen at %s", c.at, got)
		}
	}
	if got := read[time.Time](a, "SELECT last_seen_at FROM session WHERE staff_id IS NOT NULL"); !got.Equal(minute(60)) {
		t.Errorf("the session of staff was last seen at %s", got)
	}
	a.exec("UPDATE session SET ended_at = $1, ended_because = 'revoked'", minute(62))
	if _, err := a.session(phone.Token, minute(90)); !errors.Is(err, queries.ErrNotFound) || !a.facts(contact).seen.Equal(minute(61)) {
		t.Errorf("a session that is over: %v, seen at %s", err, a.facts(contact).seen)
	}
}

// Pages that are asked for at once while an address is corrected wait for each other in one order.
func TestSeenWhileCorrected(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	for round := range 20 {
		s := a.signIn(noon)
		s.ContactID = contact
		_, err := a.open(s)
		check(t, err)
		for i, err := range together(4, func(i int) error {
			if i == 0 {
				return a.change(contact, []string{"ana@example.com", "ana.souza@example.com"}[round%2])
			}
			_, err := a.session(s.Token, minute(30+round))
			return err
		}) {
			if err != nil && !errors.Is(err, queries.ErrNotFound) {
				t.Errorf("round %d, %d: %v", round, i, err)
			}
		}
	}
}

// In bulk nobody is invited who wants no more mails; one by one they are.
func TestInviteInBulk(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	invite := func(bulk bool) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := mails.Invite(ctx, q, queries.InvitationOf{AccountID: a.id, ContactID: contact, Bulk: bulk, Now: noon})
			return err
		})
	}
	check(t, invite(true))
	a.exec("UPDATE contact SET no_mail_at = $1", noon)
	if err := invite(true); !errors.Is(err, queries.ErrNoMail) {
		t.Errorf("in bulk: %v", err)
	}
	check(t, invite(false))
	if n := read[int](a, "SELECT count(*) FROM mail"); n != 2 {
		t.Errorf("%d mails", n)
	}
}

func TestParseReminderDays(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]int16{"3, 7": {3, 7}, "7 3;3,\t7": {3, 7}, "60,1": {1, 60}, "3. 7.": {3, 7}, "1,2,3,4,5,5": {1, 2, 3, 4, 5}} {
		if got, err := queries.ParseReminderDays(typed); err != nil || len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("%q is %v, %v", typed, got, err)
		}
	}
}

// An installation from before the funnel knows from its mails, links and sessions how far everybody came.
func TestFactsOfBeforeAreKnown(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	pool, err := pgxpool.New(t.Context(), url)
	check(t, err)
	t.Cleanup(pool.Close)
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	check(t, err)
	_, err = provider.UpTo(t.Context(), 1)
	check(t, err)
	a := &tenant{t: t, pool: pool, q: queries.New(pool), id: queries.NewID()}
	a.exec("INSERT INTO account (id, slug, name, support_email, created_at, changed_at) VALUES ($1, 'acme', 'Acme', 'x@acme.test', $2, $2)", a.id, noon)
	ids := map[string]uuid.UUID{}
	for _, name := range []string{"joined", "filtered", "corrected", "never"} {
		contact, invitation, link := queries.NewID(), queries.NewID(), queries.NewID()
		ids[name] = contact
		a.exec("INSERT INTO contact (account_id, id, email, source, created_at, changed_at, invited_at) VALUES ($1, $2, $3 || '@example.com', 'manual', $4, $4, $4)", a.id, contact, name, noon)
		if name == "never" {
			continue
		}
		a.exec("INSERT INTO invitation (account_id, id, contact_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $4)", a.id, invitation, contact, noon)
		a.exec("INSERT INTO magic_link (account_id, id, contact_id, kind, invitation_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, 'invitation', $4, uuid_send($2), $5, $5)", a.id, link, contact, invitation, noon)
		for i, filter := range []bool{true, true, false, false} {
			if !filter && name == "filtered" {
				continue
			}
			a.exec("INSERT INTO link_fetch VALUES ($1, $2, $3, $4, 'GET', '', '192.0.2.1', $5)", a.id, queries.NewID(), link, minute(10+i), filter)
		}
		for i := range 2 {
			a.exec("INSERT INTO mail (account_id, id, kind, contact_id, link_id, to_email, message_id, state, created_at, changed_at, sent_at) VALUES ($1, $2, 'invitation', $3, $4, $5 || '@example.com', $2::uuid::text, 'sent', $6, $6, $6)",
				a.id, queries.NewID(), contact, link, name, minute(5+i))
		}
	}
	a.exec("UPDATE contact SET joined_at = $1 WHERE id = $2", minute(11), ids["joined"]) // by another link, before a person looked at the invitation's
	a.exec("INSERT INTO session (account_id, id, contact_id, token_hash, method, user_agent, ip, created_at, last_seen_at, expires_at) VALUES ($1, $1, $2, 'x', 'link', '', '192.0.2.1', $3, $3, $3)", a.id, ids["joined"], minute(40))
	a.exec("UPDATE contact SET email = 'right@example.com' WHERE id = $1", ids["corrected"])
	a.exec("UPDATE magic_link SET ended_at = $1, ended_because = 'revoked' WHERE contact_id = $2", noon, ids["corrected"])
	check(t, queries.Migrate(t.Context(), url))
	a.facts(ids["joined"]).is(t, 5, 10, 11, 11, 40)
	a.facts(ids["filtered"]).is(t, 5, 10, -1, -1, -1)
	a.facts(ids["corrected"]).is(t, -1, -1, -1, -1, -1)
	a.facts(ids["never"]).is(t, -1, -1, -1, -1, -1)
}

// An installation from before the invited were counted by themselves has the same figures as the next count.
func TestFiguresOfBeforeAreOfTheInvited(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	pool, err := pgxpool.New(t.Context(), url)
	check(t, err)
	t.Cleanup(pool.Close)
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	check(t, err)
	_, err = provider.UpTo(t.Context(), 25)
	check(t, err)
	a := &tenant{t: t, pool: pool, q: queries.New(pool), id: queries.NewID()}
	for i, slug := range []string{"acme", "empty"} {
		id := []uuid.UUID{a.id, queries.NewID()}[i]
		a.exec("INSERT INTO account (id, slug, name, support_email, created_at, changed_at) VALUES ($1, $2::text, $2::text, 'x@acme.test', $3, $3)", id, slug, noon)
		a.exec("INSERT INTO metric (account_id, contacts, invited, joined, bounced, waiting, computed_at) VALUES ($1, 0, 0, 0, 0, 0, $2)", id, noon)
	}
	a.exec(`INSERT INTO contact (account_id, id, email, source, created_at, changed_at, invited_at, bounced_at, opened_at, joined_at, last_seen_at)
		SELECT $1, gen_random_uuid(), 'c' || i || '@example.com', 'manual', $2::timestamptz, $2::timestamptz, CASE WHEN i % 2 = 0 THEN $2::timestamptz END, CASE WHEN i % 3 = 0 THEN $2::timestamptz END,
			CASE WHEN i % 5 < 3 THEN $2::timestamptz END, CASE WHEN i % 5 < 2 THEN $2::timestamptz END, CASE WHEN i % 5 < 2 THEN $2::timestamptz - i * interval '10 days' END
		FROM generate_series(0, 29) i`, a.id, noon)
	check(t, queries.Migrate(t.Context(), url))
	before, err := a.q.MetricByAccount(t.Context(), a.id)
	check(t, err)
	check(t, a.q.MetricCompute(t.Context(), queries.MetricComputeParams{AccountID: a.id, Now: noon}))
	after, err := a.q.MetricByAccount(t.Context(), a.id)
	check(t, err)
	after.Contacts, after.Invited, after.Sent, after.Bounced, after.FilterOpened, after.Opened, after.Joined, after.Active, after.Waiting = 0, 0, 0, 0, 0, 0, 0, 0, 0
	if before != after || before.InvitedJoined != 6 || before.UninvitedJoined != 6 || before.InvitedActive != 1 || before.InvitedOpened != 9 || before.InvitedBounced != 5 {
		t.Errorf("brought up they are %+v, counted %+v", before, after)
	}
}
