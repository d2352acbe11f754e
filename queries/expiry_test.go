package queries_test

import (
	"context"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
)

// swept is a table whose rows are closed when their time has passed, and removed long after.
type swept struct {
	table  string
	make   func(a *tenant, expires, seen time.Time) (id uuid.UUID, err error)
	expire func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error)
	purge  func(q *queries.Queries, ctx context.Context, endedBefore time.Time) (int64, error)
}

var sweeps = []swept{
	{"magic_link", func(a *tenant, expires, _ time.Time) (uuid.UUID, error) {
		return mails.Link(a.t.Context(), a.q, queries.MagicLinkInsertParams{AccountID: a.id, ContactID: a.somebody(), Kind: queries.LinkKindStaff,
			Target: queries.AppHome, Now: noon, ExpiresAt: expires})
	}, func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error) {
		return q.MagicLinkExpire(ctx, queries.MagicLinkExpireParams{Now: now, Portion: 9})
	}, func(q *queries.Queries, ctx context.Context, before time.Time) (int64, error) {
		return q.MagicLinkPurge(ctx, queries.MagicLinkPurgeParams{EndedBefore: before, Portion: 9})
	}},
	{"invitation", func(a *tenant, expires, _ time.Time) (uuid.UUID, error) {
		return a.q.InvitationOpen(a.t.Context(), queries.InvitationOpenParams{AccountID: a.id, ID: queries.NewID(), ContactID: a.somebody(), Now: noon, ExpiresAt: expires})
	}, func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error) {
		return q.InvitationExpire(ctx, queries.InvitationExpireParams{Now: now, Portion: 9})
	}, func(q *queries.Queries, ctx context.Context, before time.Time) (int64, error) {
		return q.InvitationPurge(ctx, queries.InvitationPurgeParams{EndedBefore: before, Portion: 9})
	}},
	{"sign_in_request", func(a *tenant, expires, _ time.Time) (uuid.UUID, error) {
		id := queries.NewID()
		return id, a.q.SignInRequestInsert(a.t.Context(), queries.SignInRequestInsertParams{AccountID: a.id, ID: id, Email: "ana@example.com",
			BrowserHash: id[:], Target: queries.AppHome, Now: noon, ExpiresAt: expires})
	}, func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error) {
		return q.SignInRequestExpire(ctx, queries.SignInRequestExpireParams{Now: now, Portion: 9})
	}, func(q *queries.Queries, ctx context.Context, before time.Time) (int64, error) {
		return q.SignInRequestPurge(ctx, queries.SignInRequestPurgeParams{EndedBefore: before, Portion: 9})
	}},
	{"session", func(a *tenant, expires, seen time.Time) (uuid.UUID, error) {
		id := queries.NewID()
		return id, a.q.SessionInsert(a.t.Context(), queries.SessionInsertParams{AccountID: a.id, ID: id, ContactID: a.somebody(), TokenHash: id[:],
			Method: queries.SignInMethodLink, IP: a.signIn(seen).Visit.IP, Now: seen, ExpiresAt: expires})
	}, func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error) {
		return q.SessionExpire(ctx, queries.SessionExpireParams{Now: now, IdleSince: now.Add(-queries.SessionIdle), Portion: 9})
	}, func(q *queries.Queries, ctx context.Context, before time.Time) (int64, error) {
		return q.SessionPurge(ctx, queries.SessionPurgeParams{EndedBefore: before, Portion: 9})
	}},
	{"staff_link", func(a *tenant, expires, _ time.Time) (uuid.UUID, error) {
		id := queries.NewID()
		return id, a.q.StaffLinkInsert(a.t.Context(), queries.StaffLinkInsertParams{ID: id, StaffID: a.staff("maya@acme.test"), Kind: queries.StaffLinkKindSetup,
			TokenHash: id[:], Now: noon, ExpiresAt: expires})
	}, func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error) {
		return q.StaffLinkExpire(ctx, queries.StaffLinkExpireParams{Now: now, Portion: 9})
	}, func(q *queries.Queries, ctx context.Context, before time.Time) (int64, error) {
		return q.StaffLinkPurge(ctx, queries.StaffLinkPurgeParams{EndedBefore: before, Portion: 9})
	}},
	{"staff_session", func(a *tenant, expires, seen time.Time) (uuid.UUID, error) {
		id := queries.NewID()
		_, err := a.q.StaffSessionInsert(a.t.Context(), queries.StaffSessionInsertParams{ID: id, StaffID: a.staff("maya@acme.test"), TokenHash: id[:],
			IP: a.signIn(seen).Visit.IP, Now: seen, ExpiresAt: expires})
		return id, err
	}, func(q *queries.Queries, ctx context.Context, now time.Time) (int64, error) {
		return q.StaffSessionExpire(ctx, queries.StaffSessionExpireParams{Now: now, IdleSince: now.Add(-queries.SessionIdle), Portion: 9})
	}, func(q *queries.Queries, ctx context.Context, before time.Time) (int64, error) {
		return q.StaffSessionPurge(ctx, queries.StaffSessionPurgeParams{EndedBefore: before, Portion: 9})
	}},
}

// somebody is one more contact.
func (a *tenant) somebody() uuid.UUID { return a.contact(uuid.NewString() + "@example.com") }

// expire closes what is over in all tables, as the schedule does.
func (a *tenant) expire(now time.Time) {
	a.t.Helper()
	for _, s := range sweeps {
		_, err := s.expire(a.q, a.t.Context(), now)
		check(a.t, err)
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	const open, justBefore = "open", time.Microsecond
	for _, s := range sweeps {
		t.Run(s.table, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			sessions := s.table == "session" || s.table == "staff_session"
			for _, c := range []struct {
				name          string
				expires, seen time.Time
				closed        string
				want          string
			}{
				{"in the future", noon.Add(time.Hour), noon, "", open},
				{"in a moment", noon.Add(justBefore), noon, "", open},
				{"now", noon, noon, "", "expired 2026-11-22 12:00"},
				{"long ago", noon.Add(-time.Hour), noon, "", "expired 2026-11-22 12:00"},
				{"closed already", noon.Add(-time.Hour), noon, "2026-11-22 10:00+00", "revoked 2026-11-22 10:00"},
				{"seen in time", noon.Add(time.Hour), noon.Add(justBefore - queries.SessionIdle), "", open},
				{"not seen for long", noon.Add(time.Hour), noon.Add(-queries.SessionIdle), "", "expired 2026-11-22 12:00"},
			} {
				id, err := s.make(a, c.expires, c.seen)
				check(t, err)
				if c.closed != "" {
					a.exec("UPDATE "+s.table+" SET ended_at = $2::text::timestamptz, ended_because = 'revoked' WHERE id = $1", id, c.closed)
				}
				n, err := s.expire(a.q, t.Context(), noon)
				want := c.want
				if c.seen != noon && !sessions {
					want = open // only sessions are seen
				}
				got := read[string](a, "SELECT coalesce(ended_because || ' ' || to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), 'open') FROM "+s.table+" WHERE id = $1", id)
				if closes := want != open && c.closed == ""; err != nil || got != want || (n == 1) != closes || n > 1 {
					t.Errorf("%s: %s, want %s; %d rows, %v", c.name, got, want, n, err)
				}
			}
		})
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	before := noon.Add(-90 * 24 * time.Hour)
	for _, s := range sweeps {
		t.Run(s.table, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			for name, c := range map[string]struct {
				ended *time.Time
				stays bool
			}{
				"open, though of old": {nil, true},
				"young":               {&noon, true},
				"just young":          {&before, true},
				"old":                 {ptr(before.Add(-time.Microsecond)), false},
				"very old":            {ptr(before.AddDate(-1, 0, 0)), false},
			} {
				id, err := s.make(a, before.AddDate(-2, 0, 0), before.AddDate(-2, 0, 0))
				check(t, err)
				a.exec("UPDATE "+s.table+" SET ended_at = $2::timestamptz, ended_because = CASE WHEN $2::timestamptz IS NOT NULL THEN 'used'::end_reason END WHERE id = $1", id, c.ended)
				n, err := s.purge(a.q, t.Context(), before)
				stays := read[int](a, "SELECT count(*) FROM "+s.table+" WHERE id = $1", id) == 1
				if err != nil || stays != c.stays || (n == 0) != c.stays {
					t.Errorf("%s: stays %v, want %v; %d rows, %v", name, stays, c.stays, n, err)
				}
			}
		})
	}
}

// What hangs on a row goes with it, and the contact with all that is young stays.
func TestPurgeTakesWhatHangsOnIt(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	old, young := a.ask("ana@example.com", "old", noon), a.ask("ana@example.com", "young", noon)
	for _, r := range []asked{old, young} {
		check(t, queries.RememberFetch(t.Context(), a.q, a.id, a.byToken(r.token).ID, "GET", a.signIn(noon).Visit))
	}
	a.invite(contact, noon)
	a.exec("UPDATE magic_link SET ended_at = $2, ended_because = 'used' WHERE token_hash = $1", queries.TokenHash(old.token), noon)
	_, err := a.q.MagicLinkPurge(t.Context(), queries.MagicLinkPurgeParams{EndedBefore: noon.Add(time.Second), Portion: 9})
	check(t, err)
	for table, want := range map[string]int{"contact": 1, "magic_link": 2, "link_fetch": 1, "sign_in_request": 1, "mail": 2, "invitation": 1} {
		if n := read[int](a, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%d rows of %s, want %d", n, table, want)
		}
	}
}

func TestAllowancePurge(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := queries.Spending{Limit: queries.LimitMailAddress, Subject: "ana@example.com"}
	a.spend(noon, s)
	back := noon.Add(s.Limit.Per / time.Duration(s.Limit.Times))
	for _, c := range []struct {
		now  time.Time
		want int64
	}{{noon, 0}, {back, 0}, {back.Add(time.Microsecond), 1}} {
		if n, err := a.q.AllowancePurge(t.Context(), queries.AllowancePurgeParams{Now: c.now, Portion: 9}); n != c.want || err != nil {
			t.Errorf("at %v: %d rows, %v", c.now, n, err)
		}
	}
}

func ptr[T any](value T) *T { return &value }
