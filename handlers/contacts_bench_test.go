package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
	"atrium/queries/dbtest"
)

// The sizes of the two accounts whose pages are compared, and how many others there are beside them.
const (
	benchSmall, benchLarge = 1_000, 1_000_000
	benchOthers            = 10_000
)

// benchPages are the pages that are compared; {middle} is a contact in the middle of the account's. Each shows as many rows in
// either account, so that what is compared is how they are found.
var benchPages = []string{"", "/contacts", "/contacts?after={middle}", "/contacts?sort=name", "/contacts?sort=seen",
	"/contacts?q=maria", "/contacts?q=ma", "/contacts?q=ia100@", "/contacts?q=nobody.at.all", "/contacts?q=example.com", "/search?q=garcia",
	"/contacts?state=not_invited", "/contacts?state=invited", "/contacts?state=sent", "/contacts?state=bounced", "/contacts?state=filter_opened",
	"/contacts?state=opened", "/contacts?state=waiting", "/contacts?state=joined", "/contacts?state=active", "/contacts?state=invited_joined", "/contacts?state=uninvited_joined",
	"/contacts?source=form", "/contacts?tag=vip",
	"/contacts?tag=board", "/contacts?seen=7", "/contacts?seen=30", "/contacts?seen=earlier", "/contacts?seen=never", "/contacts?bounced=yes", "/contacts?bounced=no",
	"/contacts?state=joined&source=import", "/contacts?source=import&tag=vip", "/contacts?q=m&state=joined",
	"/contacts?tag=vip&sort=name", "/contacts?tag=vip&sort=seen",
	"/contacts?q=m%C3%BCnchen", "/contacts?q=%40m%C3%BCnchen.example", "/contacts?q=m%C3%BCnchen&sort=name", "/search?q=m%C3%BCnchen", "/contacts?q=z%C3%BCrich", "/contacts?q=%C3%BC"}

// benchHard are pages whose filters no index has in the order of the list. At a million they come with what is near, and what takes long
// follows by itself: how long that takes is printed beside, at a million over a thousand, where everything comes at once.
var benchHard = []string{"/contacts?state=joined&bounced=yes", "/contacts?q=maria&sort=name", "/contacts?q=garcia&sort=name", "/contacts?q=ma&sort=seen", "/contacts?q=rossi&sort=seen&state=bounced",
	"/contacts?state=bounced&source=form&tag=vip", "/contacts?state=opened&source=form&tag=vip&seen=30", "/contacts?state=waiting&source=import&tag=spring&sort=name",
	"/contacts?q=ana&state=active&source=form&seen=7", "/contacts?q=zanele&state=joined&source=manual&tag=vip&seen=30&sort=name"}

// benchMost is how many times its time at a thousand contacts a page may take at a million.
const benchMost = 1.5

// BenchmarkContactPages asks for the pages that show contacts, of an account with a thousand and of one with a million in the
// same database, in turn, and prints a line a page: its median in either, and their ratio. It fails when a ratio is more than
// benchMost, when the pages show different numbers of contacts, and when one reads the table of contacts from end to end.
// make bench-contacts runs it.
func BenchmarkContactPages(b *testing.B) {
	s := newSite(b)
	began := time.Now()
	s.exec(b, `INSERT INTO account (id, slug, name, support_email, created_at, changed_at)
		SELECT gen_random_uuid(), 'other-' || i, 'Other ' || i, 'help@other.example', $1, $1 FROM generate_series(1, $2::int) i`, noon, benchOthers)
	dbtest.WithoutIndexes(b, s.DB, func() {
		dbtest.Crowd(b, s.DB, s.acme.id, benchSmall, noon)
		dbtest.Crowd(b, s.DB, s.lumen.id, benchLarge, noon)
	})
	s.exec(b, "UPDATE contact SET email = replace(email::text, '@example.com', '@xn--mnchen-3ya.example')::citext WHERE tags @> ARRAY['board']") // which is found as people write it
	s.exec(b, "VACUUM ANALYZE")                                                                                                                  // as autovacuum does
	b.Logf("%d and %d contacts, %d other accounts: made in %s", benchSmall, benchLarge, benchOthers, time.Since(began).Round(time.Second))
	small := benchReader{s.staff(b, s.person(b, "maya@acme.example", queries.StaffRoleOwner, s.acme)), s.middle(b, s.acme), "/acme"}
	large := benchReader{s.staff(b, s.person(b, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen)), s.middle(b, s.lumen), "/lumen"}
	fmt.Printf("%-76s %12s %12s %6s\n", "page", "median 1,000", "1,000,000", "ratio")
	for _, path := range slices.Concat(benchPages, benchHard) {
		scans := s.scansOfContacts(b)
		rows, others := small.read(path), large.read(path)
		hard := slices.Contains(benchHard, path)
		if rows != others && !hard {
			b.Errorf("%s shows %d contacts of a thousand and %d of a million", path, rows, others)
		}
		medians := benchInTurn(b, func() { small.read(path) }, func() { large.read(path) })
		line, ratio := benchLine(path, medians)
		if ratio > benchMost {
			b.Errorf("%s takes %.2f times as long", path, ratio)
		}
		fmt.Println(line)
		if hard {
			through := path + "&through=on"
			if all := large.read(through); all < rows {
				b.Errorf("%s shows %d contacts of a thousand and, looked through, %d of a million", path, rows, all)
			}
			line, _ = benchLine("… and what follows", benchInTurn(b, func() { small.read(through) }, func() { large.read(through) }))
			fmt.Println(line)
		}
		if now := s.scansOfContacts(b); now != scans {
			b.Errorf("%s read the contacts from end to end, %d times", path, now-scans)
		}
	}
	for b.Loop() { // the figures above are what it is for; a benchmark has to have one of its own
		large.read("/contacts")
	}
}

// benchLine says what a page took in either account.
func benchLine(page string, medians []time.Duration) (line string, ratio float64) {
	ratio = float64(medians[1]) / float64(medians[0])
	return fmt.Sprintf("%-76s %12s %12s %6.2f", page, medians[0].Round(10*time.Microsecond), medians[1].Round(10*time.Microsecond), ratio), ratio
}

// benchReader is somebody who reads the pages of an account.
type benchReader struct {
	browser *browser
	middle  string
	base    string
}

// read returns how many contacts the page shows.
func (r benchReader) read(path string) int {
	r.browser.t.Helper()
	p := r.browser.get(r.base + strings.Replace(path, "{middle}", r.middle, 1)).is(http.StatusOK)
	return strings.Count(p.body, `id="contacts-row-`)
}

// middle is the id of the contact in the middle of an account's list.
func (s *testSite) middle(b *testing.B, a account) (id string) {
	b.Helper()
	s.scan(b, `SELECT id::text FROM contact WHERE account_id = $1
		AND id > (lpad(to_hex((extract(epoch FROM $2::timestamptz - interval '200 days') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid ORDER BY id LIMIT 1`, []any{a.id, noon}, &id)
	return id
}

// benchInTurn does each thing once in turn, again and again, and answers the median of each.
func benchInTurn(b *testing.B, things ...func()) []time.Duration {
	b.Helper()
	const times = 41
	took, medians := make([][]time.Duration, len(things)), make([]time.Duration, len(things))
	for round := range times + 3 { // the first rounds warm up
		for i, do := range things {
			began := time.Now()
			do()
			if round >= 3 {
				took[i] = append(took[i], time.Since(began))
			}
		}
	}
	for i := range things {
		slices.Sort(took[i])
		medians[i] = took[i][times/2]
	}
	return medians
}

// scansOfContacts is how often the table of contacts was read from end to end.
func (s *testSite) scansOfContacts(b *testing.B) (n int) {
	b.Helper()
	s.exec(b, "SELECT pg_stat_clear_snapshot()")
	s.scan(b, "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'contact'", nil, &n)
	return n
}
