package queries_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"atrium/queries"
)

// What few contacts have, and stands together at the end of a long list, is found in each order, page by page and once; so is what
// many have, of which the first contacts of the list are enough.
func TestFindContactsFarDownTheList(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.exec(`INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at, last_seen_at)
		SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'c' || i || '@example.com', 'Person ' || to_char(9999 - i, 'FM0000'), 'manual',
			CASE WHEN i <= 130 THEN ARRAY['first ones'] ELSE '{}' END || CASE WHEN i % 2 = 0 THEN ARRAY['even'] ELSE '{}' END, $2, $2, $2::timestamptz + i * interval '1 minute'
		FROM generate_series(1, 2500) i`, a.id, noon)
	for _, filter := range []queries.ContactFilter{{Tag: "first ones"}, {Tag: "even"}, {Search: "first ones"}, {Search: "person 9", Tag: "first ones"}, {Search: "c130@"}, {Search: "nobody"}} {
		for sort, order := range map[queries.ContactSort]string{queries.SortNewest: "id DESC", queries.SortName: "name, id", queries.SortSeen: "last_seen_at DESC, id DESC"} {
			asked, pages, found := queries.ContactsAsked{Filter: filter, Sort: sort, Size: 50, Now: noon}, 0, []string{}
			for more := true; more; pages++ {
				var names []string
				names, asked.After, more = a.list(asked)
				found = append(found, names...)
			}
			want := read[[]string](a, `SELECT coalesce(array_agg(name ORDER BY `+order+`), '{}') FROM contact WHERE ($1 = '' OR tags @> ARRAY[$1]) AND search LIKE '%' || $2 || '%'`, filter.Tag, filter.Search)
			if !slices.Equal(found, want) {
				t.Errorf("%v by %q: %d in %d pages, want %d: %v", filter, sort, len(found), pages, len(want), found)
			}
		}
	}
}

// How many a filter fits is counted among the newest contacts only, and known where that is all of them or the page is.
func TestContactsAreCountedAsFarAsItIsCheap(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for _, c := range []struct {
		more   int // contacts that are added
		filter queries.ContactFilter
		want   string
	}{
		{1990, queries.ContactFilter{}, "1990 false"},
		{10, queries.ContactFilter{}, "2000 false"},
		{0, queries.ContactFilter{Tag: "even"}, "1000 false"},
		{990, queries.ContactFilter{}, "2000 true"},
		{0, queries.ContactFilter{Tag: "even"}, "1001 true"},
		{0, queries.ContactFilter{Search: "c7@"}, "1 false"},
		{0, queries.ContactFilter{Search: "nobody"}, "0 false"},
		{0, queries.ContactFilter{Search: "c1@"}, "1 false"},
		{0, queries.ContactFilter{Search: "c12"}, "100 true"},
		{0, queries.ContactFilter{Search: "c5"}, "50 true"}, // a full page, and none of the newest
	} {
		a.exec(`INSERT INTO contact (account_id, id, email, source, tags, created_at, changed_at)
			SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'c' || i || '@example.com', 'manual', CASE WHEN i % 2 = 0 THEN ARRAY['even'] ELSE '{}' END, $2, $2
			FROM (SELECT count(*) AS n FROM contact) there, generate_series(n + 1, n + $3::int) i`, a.id, noon, c.more)
		found, err := queries.LoadContacts(t.Context(), a.pool, queries.ContactsAsked{AccountID: a.id, Filter: c.filter, Size: 50, Now: noon})
		check(t, err)
		if got := fmt.Sprint(found.Fit, " ", found.Over); got != c.want {
			t.Errorf("%v: %s, want %s", c.filter, got, c.want)
		}
	}
	// What the dashboard counts is known exactly, with the time it is of; what is more narrow is not.
	a.exec("UPDATE contact SET invited_at = $1 WHERE id < lpad(to_hex(300), 32, '0')::uuid", noon.Add(-time.Hour))
	check(t, a.q.MetricCompute(t.Context(), queries.MetricComputeParams{AccountID: a.id, Now: noon}))
	for filter, want := range map[queries.ContactFilter]string{{}: "2990 false true", {State: queries.ContactsInvited}: "299 false true", {State: queries.ContactsJoined}: "0 false false",
		{State: queries.ContactsInvited, Tag: "even"}: "50 true false"} {
		found, err := queries.LoadContacts(t.Context(), a.pool, queries.ContactsAsked{AccountID: a.id, Filter: filter, Size: 50, Now: noon})
		check(t, err)
		if got := fmt.Sprint(found.Fit, found.Over, found.AsOf.Equal(noon)); got != want {
			t.Errorf("%v, counted by the dashboard: %s, want %s", filter, got, want)
		}
	}
	chosen, err := queries.LoadChosen(t.Context(), a.pool, a.id, queries.ContactFilter{}, noon)
	if check(t, err); chosen.Fit != queries.ContactCountBound+1 {
		t.Errorf("%d are chosen", chosen.Fit)
	}
}
