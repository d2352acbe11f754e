package jobs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"atrium/queries"
)

// ended tells for each table that has an end how its rows ended.
func (o *office) ended() string {
	o.t.Helper()
	var parts []string
	for _, table := range strings.Fields("invitation magic_link sign_in_request session staff_link staff_session") {
		parts = append(parts, table+": "+read[string](o, "SELECT coalesce(string_agg(coalesce(ended_because::text, 'open'), ' ' ORDER BY ended_because), '') FROM "+table))
	}
	return strings.Join(parts, ", ")
}

// lived fills every table that is swept: a client and a staff person who are in, and each of them with more under way.
func (o *office) lived() {
	o.t.Helper()
	ctx := o.t.Context()
	o.invite(o.contact("ben@example.com", ""))
	ana := o.signIn()
	ana.ContactID, ana.Method = o.contact("ana@example.com", ""), queries.SignInMethodPassword
	_, err := queries.SignInClient(ctx, o.q, ana)
	check(o.t, err)
	o.ask("nobody@example.com", "browser")
	_, token, err := mails.AddStaff(ctx, o.q, o.account, "maya@acme.test", queries.StaffRoleOwner, o.now())
	check(o.t, err)
	_, err = queries.SetPasswordByLink(ctx, o.q, token, "Maya", "hash", queries.StaffSignIn{Token: queries.NewToken(), Visit: ana.Visit})
	check(o.t, err)
	_, _, err = mails.AddStaff(ctx, o.q, o.account, "ben@acme.test", queries.StaffRoleAdmin, o.now())
	check(o.t, err)
	_, err = queries.Spend(ctx, o.q, o.account, o.now(), queries.Spending{Limit: queries.LimitMailIP, Subject: "192.0.2.7"})
	check(o.t, err)
	check(o.t, o.q.StaffResetInsert(ctx, queries.StaffResetInsertParams{ID: queries.NewID(), Email: "lost@acme.test", Now: o.now()})) // whose job was lost
}

func (o *office) expireAll() {
	o.t.Helper()
	check(o.t, (&expireWorker{db: o.pool, c: o.config}).Work(o.t.Context(), &river.Job[expireArgs]{}))
}

func TestExpireAndPurge(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lived()
	const young = "invitation: open, magic_link: open, sign_in_request: open, session: open, staff_link: used open, staff_session: open"
	o.expireAll()
	if got := o.ended(); got != young {
		t.Errorf("at once: %s", got)
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{queries.SignInLife, "invitation: open, magic_link: open, sign_in_request: expired, session: open, staff_link: used open, staff_session: open"},
		{queries.StaffSetupLife, "invitation: open, magic_link: open, sign_in_request: expired, session: open, staff_link: used expired, staff_session: open"},
		{queries.SessionIdle, "invitation: open, magic_link: open, sign_in_request: expired, session: expired, staff_link: used expired, staff_session: expired"},
		{queries.InvitationLife, "invitation: expired, magic_link: expired, sign_in_request: expired, session: expired, staff_link: used expired, staff_session: expired"},
	} {
		o.ahead.Store(int64(c.after))
		o.expireAll()
		if got := o.ended(); got != c.want {
			t.Errorf("after %v: %s", c.after, got)
		}
	}
	purge := func() {
		check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), &river.Job[purgeArgs]{}))
	}
	// The link that was used has been over longest; the sessions and the rest follow as each has been over for 90 days.
	o.ahead.Store(int64(purgeAfter - time.Hour))
	purge()
	const allOver = "invitation: expired, magic_link: expired, sign_in_request: expired, session: expired, staff_link: used expired, staff_session: expired"
	if got, resets := o.ended(), read[int](o, "SELECT count(*) FROM staff_reset"); got != allOver || resets != 1 {
		t.Errorf("before 90 days: %s, password resets %d", got, resets)
	}
	if n := read[int](o, "SELECT count(*) FROM allowance"); n != 0 {
		t.Errorf("%d limits that have come back whole", n)
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "invitation: expired, magic_link: expired, sign_in_request: expired, session: expired, staff_link: expired, staff_session: expired"},
		{queries.SignInLife, "invitation: expired, magic_link: expired, sign_in_request: , session: expired, staff_link: expired, staff_session: expired"},
		{queries.SessionIdle, "invitation: expired, magic_link: expired, sign_in_request: , session: , staff_link: , staff_session: "},
		{queries.InvitationLife, "invitation: , magic_link: , sign_in_request: , session: , staff_link: , staff_session: "},
	} {
		o.ahead.Store(int64(purgeAfter + c.after + time.Minute))
		purge()
		if got := o.ended(); got != c.want {
			t.Errorf("90 days and %v later: %s", c.after, got)
		}
	}
	if got := read[string](o, "SELECT (SELECT count(*) FROM contact) || ' ' || (SELECT count(*) FROM staff) || ' ' || (SELECT count(*) FROM staff_reset)"); got != "2 2 0" {
		t.Errorf("contacts, staff, password resets: %s", got)
	}
}

// A program that starts does at once what the schedule has for it, and a second one beside it not again.
func TestScheduleAtStart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.newAccount("lumen", "Lumen")
	o.lived()
	o.exec("DELETE FROM river.river_job") // so that all there is comes from the schedule
	o.later(queries.InvitationLife)
	began := time.Now().UTC()
	kinds := []string{"expire", "task_resume", "remind_all", "purge", "metric_count_all", "metric_recount", "file_clean", "file_sweep"}
	for range 2 {
		o.work()
		eventually(t, func() (bool, string) {
			n := read[int](o, "SELECT count(DISTINCT kind) FROM river.river_job WHERE state = 'completed' AND kind = ANY ($1)", kinds)
			return n == len(kinds), fmt.Sprintf("%v; %d of them are done", kinds, n)
		})
	}
	o.idle()
	if strings.Contains(o.ended(), "open") {
		t.Errorf("after expire: %s", o.ended())
	}
	if n := read[int](o, "SELECT count(*) FROM metric WHERE contacts = CASE WHEN account_id = $1 THEN 2 ELSE 0 END", o.account); n != 2 {
		t.Errorf("%d accounts counted", n)
	}
	for kind, period := range map[string]time.Duration{"expire": time.Minute, "task_resume": 10 * time.Second, "remind_all": time.Hour, "purge": 24 * time.Hour, "metric_count_all": 24 * time.Hour,
		"file_clean": 10 * time.Minute, "file_sweep": 24 * time.Hour} {
		most := 1 + int(time.Now().UTC().Truncate(period).Sub(began.Truncate(period))/period) // the test may run over midnight
		if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = $1", kind); n < 1 || n > most {
			t.Errorf("%s was done %d times", kind, n)
		}
	}
}

func TestNightly(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{
		"2026-11-22T00:00:00Z":      "2026-11-22T02:00:00Z",
		"2026-11-22T01:59:59Z":      "2026-11-22T02:00:00Z",
		"2026-11-22T02:00:00Z":      "2026-11-23T02:00:00Z",
		"2026-11-22T23:00:00Z":      "2026-11-23T02:00:00Z",
		"2026-11-22T23:00:00-05:00": "2026-11-24T02:00:00Z",
		"2026-12-31T02:00:01Z":      "2027-01-01T02:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		check(t, err)
		if got := (nightly{2}).Next(at).Format(time.RFC3339); got != want {
			t.Errorf("after %s: %s, want %s", now, got, want)
		}
	}
}
