package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"atrium/queries"
)

// The sizes of the two accounts whose pages are compared, and how many others there are beside them.
const (
	benchSmall, benchLarge = 1_000, 1_000_000
	benchOthers            = 10_000
)

// BenchmarkContactPages asks for the pages that show contacts, of an account with a thousand and of one with a million in the
// same database, in turn, and prints a line a page: its median in either, and their ratio. It fails when a page reads the
// table of contacts from end to end. make bench-contacts runs it.
func BenchmarkContactPages(b *testing.B) {
	s := newSite(b)
	began := time.Now()
	s.exec(b, `INSERT INTO account (id, slug, name, support_email, created_at, changed_at)
		SELECT gen_random_uuid(), 'other-' || i, 'Other ' || i, 'help@other.example', $1, $1 FROM generate_series(1, $2::int) i`, noon, benchOthers)
	s.withoutIndexes(b, func() {
		s.crowd(b, s.acme, benchSmall)
		s.crowd(b, s.lumen, benchLarge)
	})
	s.exec(b, "ANALYZE")
	b.Logf("%d and %d contacts, %d other accounts: made in %s", benchSmall, benchLarge, benchOthers, time.Since(began).Round(time.Second))
	small := s.staff(b, s.person(b, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	large := s.staff(b, s.person(b, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen))
	fmt.Printf("%-44s %12s %12s %6s\n", "page", "median 1,000", "1,000,000", "ratio")
	for _, path := range []string{"", "/contacts", "/contacts?sort=name", "/contacts?sort=seen", "/contacts?q=maria", "/contacts?q=ma", "/contacts?q=nobody.at.all",
		"/contacts?q=example.com", "/contacts?state=joined", "/contacts?state=bounced", "/contacts?state=filter_opened", "/contacts?state=waiting", "/contacts?state=active",
		"/contacts?source=form", "/contacts?tag=vip", "/contacts?seen=7", "/contacts?state=bounced&source=form&tag=vip", "/contacts?q=garcia&state=joined&source=import&seen=30"} {
		scans := s.scansOfContacts(b)
		medians := benchInTurn(b, func() { small.get("/acme" + path).is(http.StatusOK) }, func() { large.get("/lumen" + path).is(http.StatusOK) })
		fmt.Printf("%-44s %12s %12s %6.2f\n", "/:account"+path, medians[0].Round(10*time.Microsecond), medians[1].Round(10*time.Microsecond), float64(medians[1])/float64(medians[0]))
		if now := s.scansOfContacts(b); now != scans {
			b.Errorf("%s read the contacts from end to end, %d times", path, now-scans)
		}
	}
	for b.Loop() { // the figures above are what it is for; a benchmark has to have one of its own
		large.get("/lumen/contacts").is(http.StatusOK)
	}
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

// crowd gives an account contacts of many names in every state of the funnel, in lifelike shares.
func (s *testSite) crowd(b *testing.B, a account, n int) {
	b.Helper()
	s.exec(b, `INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at, invited_at, last_invited_at, sent_at, bounced_at,
			filter_opened_at, opened_at, joined_at, accepted_at, last_seen_at)
		SELECT $1, gen_random_uuid(), lower(first) || '.' || lower(last) || i || '@example.com', first || ' ' || last,
			(ARRAY['import', 'import', 'import', 'import', 'manual', 'manual', 'checkout', 'checkout', 'checkout', 'form'])[1 + i % 10]::contact_source,
			CASE WHEN i % 100 = 0 THEN ARRAY['vip'] WHEN i % 7 = 0 THEN ARRAY['newsletter', 'spring'] ELSE '{}' END,
			at, at, invited, invited, CASE WHEN i % 50 <> 0 THEN invited END, CASE WHEN i % 50 = 0 THEN invited END,
			CASE WHEN i % 9 = 0 THEN invited END, CASE WHEN i % 3 = 0 THEN invited END, CASE WHEN i % 5 < 2 AND i % 50 <> 0 THEN invited END,
			CASE WHEN i % 5 < 2 AND i % 50 <> 0 THEN invited END,
			CASE WHEN i % 5 < 2 AND i % 50 <> 0 THEN $2::timestamptz - (i % 90) * interval '1 day' END
		FROM (SELECT i, $2::timestamptz - (i % 400) * interval '1 day' AS at, CASE WHEN i % 4 <> 3 THEN $2::timestamptz - (i % 300) * interval '1 day' END AS invited,
				(ARRAY['Maria', 'Ana', 'Ben', 'Chiara', 'Dmitri', 'Elif', 'Fatima', 'Hana', 'Jonas', 'Kenji', 'Leila', 'Marco', 'Noa', 'Priya', 'Rafael', 'Zanele'])[1 + (i * 7) % 16] AS first,
				(ARRAY['Garcia', 'Souza', 'Okri', 'Rinaldi', 'Volkov', 'Demir', 'Zahra', 'Novak', 'Weber', 'Ito', 'Haddad', 'Rossi', 'Levi', 'Nair', 'Ortega', 'Dube', 'Mokoena', 'Silva'])[1 + (i * 11) % 18] AS last
			FROM generate_series(1, $3::int) i) made`, a.id, noon, n)
	if err := s.q.MetricCompute(b.Context(), queries.MetricComputeParams{AccountID: a.id, Now: noon}); err != nil {
		b.Fatal(err)
	}
}
