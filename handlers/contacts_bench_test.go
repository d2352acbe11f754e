package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
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
	"/contacts?state=opened", "/contacts?state=waiting", "/contacts?state=joined", "/contacts?state=active", "/contacts?source=form", "/contacts?tag=vip",
	"/contacts?tag=board", "/contacts?seen=7", "/contacts?seen=30", "/contacts?seen=earlier", "/contacts?seen=never",
	"/contacts?state=joined&source=import", "/contacts?source=import&tag=vip", "/contacts?q=m&state=joined",
	"/contacts?tag=vip&sort=name", "/contacts?tag=vip&sort=seen"}

// benchHard are pages whose filters no index has in the order of the list. At a million they come with what is near, and what takes long
// follows by itself: how long that takes is printed beside, at a million over a thousand, where everything comes at once.
var benchHard = []string{"/contacts?q=maria&sort=name", "/contacts?q=garcia&sort=name", "/contacts?q=ma&sort=seen", "/contacts?q=rossi&sort=seen&state=bounced",
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
	s.exec(b, "CREATE FUNCTION chance(i int, kind int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT abs(hashint4(i * 16 + kind)::bigint)::int % 1000'")
	s.withoutIndexes(b, func() {
		s.crowd(b, s.acme, benchSmall)
		s.crowd(b, s.lumen, benchLarge)
	})
	s.exec(b, "VACUUM ANALYZE") // as autovacuum does
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

// withoutIndexes makes rows of contacts in bulk: its indexes are built at the end, in a tenth of the time.
func (s *testSite) withoutIndexes(b *testing.B, fill func()) {
	b.Helper()
	var names, definitions []string
	s.scan(b, `SELECT array_agg(indexname::text), array_agg(indexdef) FROM pg_indexes
		WHERE tablename = 'contact' AND indexname NOT IN ('contact_pkey', 'contact_email_key')`, nil, &names, &definitions)
	for _, name := range names {
		s.exec(b, "DROP INDEX "+name)
	}
	fill()
	for _, definition := range definitions {
		s.exec(b, definition)
	}
}

// crowd gives an account contacts of many names in every state of the funnel, of 400 days, each part of them large enough to fill
// a page also where there are a thousand. What one is says nothing about what else they are; it is the same in each run. Their ids are
// in the order in which they came, as everywhere.
func (s *testSite) crowd(b *testing.B, a account, n int) {
	b.Helper()
	s.exec(b, `INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at, invited_at, last_invited_at, sent_at, bounced_at,
			filter_opened_at, opened_at, joined_at, accepted_at, last_seen_at)
		SELECT $1, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid,
			lower(first) || '.' || lower(last) || i || '@example.com', first || ' ' || last,
			(CASE WHEN by_source < 400 THEN 'import' WHEN by_source < 600 THEN 'manual' WHEN by_source < 880 THEN 'checkout' ELSE 'form' END)::contact_source,
			CASE WHEN by_tag < 150 THEN ARRAY['vip'] WHEN by_tag < 300 THEN ARRAY['newsletter', 'spring'] ELSE '{}' END || CASE WHEN i IN (3, 5, 8) THEN ARRAY['board'] ELSE '{}' END,
			at, at, invited, invited, CASE WHEN NOT bounced THEN invited END, CASE WHEN bounced THEN at END, CASE WHEN by_filter < 250 THEN invited END,
			CASE WHEN by_look < 330 OR joined THEN at END, CASE WHEN joined THEN at END, CASE WHEN joined THEN at END,
			CASE WHEN joined THEN $2::timestamptz - by_day % 40 * interval '1 day' END
		FROM (SELECT *, by_join < 400 AND by_bounce >= 80 AS joined, by_bounce < 80 AS bounced, $2::timestamptz - ($3::int - i) * (interval '400 days' / $3::int) AS at,
				CASE WHEN by_invite < 750 THEN $2::timestamptz - by_day % 300 * interval '1 day' END AS invited,
				(ARRAY['Maria', 'Ana', 'Ben', 'Chiara', 'Dmitri', 'Elif', 'Fatima', 'Hana', 'Jonas', 'Kenji', 'Leila', 'Marco', 'Noa', 'Priya', 'Rafael', 'Zanele'])[1 + by_first % 16] AS first,
				(ARRAY['Garcia', 'Souza', 'Okri', 'Rinaldi', 'Volkov', 'Demir', 'Zahra', 'Novak', 'Weber', 'Ito', 'Haddad', 'Rossi', 'Levi', 'Nair', 'Ortega', 'Dube', 'Mokoena', 'Silva'])[1 + by_last % 18] AS last
			FROM (SELECT i, chance(i, 1) AS by_source, chance(i, 2) AS by_tag, chance(i, 3) AS by_join, chance(i, 4) AS by_bounce, chance(i, 5) AS by_filter, chance(i, 6) AS by_look,
					chance(i, 7) AS by_invite, chance(i, 8) AS by_day, chance(i, 9) AS by_first, chance(i, 10) AS by_last FROM generate_series(1, $3::int) i) rolled) made`, a.id, noon, n)
	s.exec(b, "INSERT INTO tag (account_id, name, created_at) SELECT $1, unnest(ARRAY['board', 'newsletter', 'spring', 'vip']), $2", a.id, noon)
	if err := s.q.MetricCompute(b.Context(), queries.MetricComputeParams{AccountID: a.id, Now: noon}); err != nil {
		b.Fatal(err)
	}
}
