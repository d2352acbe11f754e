package jobs

import (
	"flag"
	"runtime"
	"testing"
	"time"

	"atrium/queries"
)

var unlockClients = flag.Int("unlock.clients", 2000, "clients in the course of TestUnlockAtSize")

// dripping is a business with so many clients in a course of thirty lessons, one of which unlocks each week: they were enrolled evenly over a
// year, have been told of all that unlocked before today and finished half of it.
func dripping(t *testing.T, clients int) *office {
	t.Helper()
	o := newOffice(t)
	began := time.Now() // a clock that stands: this is about days, and midnight may come meanwhile
	o.config.Now = func() time.Time { return began }
	course := o.course()
	o.exec("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, drip_days, published_at, created_at, changed_at) SELECT $1, gen_random_uuid(), $2, $2, 'Week ' || n, n + 2, n * 7, '2026-01-01', now(), now() FROM generate_series(1, 30) n", o.account, course)
	o.exec("INSERT INTO contact (account_id, id, email, name, source, joined_at, created_at, changed_at) SELECT $1, gen_random_uuid(), 'client' || n || '@example.com', 'Client ' || n, 'manual', now(), now(), now() FROM generate_series(1, $2::int) n", o.account, clients)
	o.exec("INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) SELECT account_id, gen_random_uuid(), id, $2, 'manual', gen_random_uuid(), $3::timestamptz - make_interval(days => (row_number() OVER ())::int % 365), now() FROM contact WHERE account_id = $1", o.account, course, began)
	o.exec(`INSERT INTO unlock_notice SELECT g.account_id, gen_random_uuid(), g.contact_id, g.course_id, ($2::timestamptz - interval '1 day')::date, array_agg(l.id)
		FROM access_grant g JOIN lesson l ON l.account_id = g.account_id AND l.course_id = g.course_id AND g.starts_at::date + l.drip_days < $2::timestamptz::date
		WHERE g.account_id = $1 GROUP BY g.account_id, g.contact_id, g.course_id`, o.account, began)
	o.exec("INSERT INTO lesson_completion SELECT g.account_id, gen_random_uuid(), g.contact_id, g.course_id, l.id, 1, now(), 'button' FROM access_grant g JOIN lesson l ON l.course_id = g.course_id AND l.position < 12 AND l.position % 2 = 0 WHERE g.account_id = $1", o.account)
	o.exec("ANALYZE")
	return o
}

// Only those are looked at one by one whose lessons unlock today, and later that morning nobody. How long it takes is printed:
// go test ./jobs -run TestUnlockAtSize -v -args -unlock.clients 100000
func TestUnlockAtSize(t *testing.T) {
	t.Parallel()
	o := dripping(t, *unlockClients)
	day := o.config.Now().UTC().Truncate(24 * time.Hour)
	due := read[int](o, `SELECT count(*) FROM access_grant g WHERE EXISTS (SELECT FROM lesson l WHERE l.course_id = g.course_id AND g.starts_at::date + l.drip_days = $1::timestamptz::date
		AND NOT EXISTS (SELECT FROM lesson_completion d WHERE d.contact_id = g.contact_id AND d.lesson_id = l.id))`, day)
	for _, c := range []struct{ hour, told int }{{8, due}, {9, 0}} {
		at := day.Add(time.Duration(c.hour) * time.Hour)
		o.config.Now = func() time.Time { return at }
		looked, err := o.q.UnlockReaders(t.Context(), queries.UnlockReadersParams{AccountID: o.account, Now: at, Zones: []string{"UTC"}, Days: []time.Time{at}, WithinDays: queries.UnlockWithin, PageSize: int32(*unlockClients)})
		check(t, err)
		mails, heap, began := read[int](o, "SELECT count(*) FROM mail"), heapInUse(), time.Now()
		check(t, (&unlockWorker{db: o.pool, c: o.config, queue: o.queue}).Work(t.Context(), jobOf(unlockArgs{o.account})))
		took, grown := time.Since(began), heapInUse()-heap
		if told := read[int](o, "SELECT count(*) FROM mail") - mails; told != c.told || len(looked) != c.told {
			t.Errorf("at %d, %d are told and %d looked at, want %d", c.hour, told, len(looked), c.told)
		}
		t.Logf("at %d: %s for %d clients, %d of them told; memory grew by %d KB", c.hour, took.Round(time.Millisecond), *unlockClients, c.told, grown>>10)
	}
}

// heapInUse is what the program holds after it has let go of what it can.
func heapInUse() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapInuse)
}
