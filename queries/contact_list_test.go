package queries_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

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
		{990, queries.ContactFilter{}, "990 false"},
		{10, queries.ContactFilter{}, "1000 false"},
		{0, queries.ContactFilter{Tag: "even"}, "500 false"},
		{990, queries.ContactFilter{}, "1000 true"},
		{0, queries.ContactFilter{Tag: "even"}, "501 true"},
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
	for filter, want := range map[queries.ContactFilter]string{{}: "1990 false true", {State: queries.ContactsInvited}: "299 false true", {State: queries.ContactsJoined}: "0 false false",
		{State: queries.ContactsInvited, Tag: "even"}: "0 true false"} { // none of the newest, and to find the others takes long
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

// What takes long to find in a large account is not looked for until that is asked; what is rare, or in a small account, is there at once.
func TestContactsComeAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	people := func(from, to int) {
		a.exec(`INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at, joined_at)
			SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'c' || i || '@example.com', CASE WHEN i % 10 = 0 THEN 'Zoe' ELSE 'Ana' END, CASE WHEN i <= 500 THEN 'import' ELSE 'form' END::contact_source,
				CASE WHEN i <= 600 THEN ARRAY['spring'] ELSE '{}' END || CASE WHEN i = 5 THEN ARRAY['board'] ELSE '{}' END, $2, $2, CASE WHEN i <= 500 THEN $2::timestamptz END
			FROM generate_series($3::int, $4::int) i`, a.id, noon, from, to)
	}
	cases := []struct {
		filter queries.ContactFilter
		sort   queries.ContactSort
		near   bool // of 2,500 contacts
		first  int  // how many are there at once
		all    int
	}{
		{queries.ContactFilter{}, queries.SortName, false, 50, 50},
		{queries.ContactFilter{Search: "zoe"}, queries.SortNewest, false, 50, 50},
		{queries.ContactFilter{Search: "zoe"}, queries.SortName, true, 0, 50},
		{queries.ContactFilter{Search: "c234@"}, queries.SortName, false, 1, 1},
		{queries.ContactFilter{Search: "nobody"}, queries.SortSeen, false, 0, 0},
		{queries.ContactFilter{Tag: "board"}, queries.SortNewest, false, 1, 1},
		{queries.ContactFilter{Tag: "spring"}, queries.SortNewest, true, 0, 50},                  // none of the newest, but more than a few
		{queries.ContactFilter{Tag: "spring", Search: "zoe"}, queries.SortNewest, false, 50, 50}, // who has both is rare
		{queries.ContactFilter{State: queries.ContactsJoined}, queries.SortNewest, false, 50, 50},
		{queries.ContactFilter{State: queries.ContactsBounced}, queries.SortNewest, false, 0, 0},
		{queries.ContactFilter{Source: queries.ContactSourceImport}, queries.SortNewest, false, 50, 50},
		{queries.ContactFilter{State: queries.ContactsJoined, Source: queries.ContactSourceForm}, queries.SortNewest, true, 0, 0},
		{queries.ContactFilter{State: queries.ContactsJoined, Seen: "never"}, queries.SortNewest, true, 0, 50},
		{queries.ContactFilter{Bounced: "yes"}, queries.SortNewest, false, 0, 0}, // as the state, which has an index
		{queries.ContactFilter{Bounced: "no"}, queries.SortNewest, false, 50, 50},
		{queries.ContactFilter{State: queries.ContactsJoined, Bounced: "no"}, queries.SortNewest, true, 0, 50},
	}
	load := func(asked queries.ContactsAsked) queries.ContactsFound {
		asked.AccountID, asked.Size, asked.Now = a.id, 50, noon
		found, err := queries.LoadContacts(t.Context(), a.pool, asked)
		check(t, err)
		return found
	}
	people(1, 1000)
	for _, c := range cases {
		if found := load(queries.ContactsAsked{Filter: c.filter, Sort: c.sort}); found.Near || len(found.Rows) != c.all {
			t.Errorf("%v by %q of 1,000: near %t, %d contacts", c.filter, c.sort, found.Near, len(found.Rows))
		}
	}
	people(1001, 2500)
	for _, c := range cases {
		asked := queries.ContactsAsked{Filter: c.filter, Sort: c.sort}
		if found := load(asked); found.Near != c.near || len(found.Rows) != c.first || found.More && found.Near {
			t.Errorf("%v by %q: near %t, %d contacts, more %t", c.filter, c.sort, found.Near, len(found.Rows), found.More)
		}
		asked.Through = true
		if found := load(asked); found.Near || len(found.Rows) != c.all {
			t.Errorf("%v by %q, looked through: near %t, %d contacts", c.filter, c.sort, found.Near, len(found.Rows))
		}
	}
}

// Domains are stored in ASCII, and found as people write them, wherever contacts are looked for.
func TestFindContactsByDomainAsWritten(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ids := map[string]uuid.UUID{}
	for _, typed := range []string{"ana@münchen.example", "bo@mail.münchen.example", "cid@muenchen.example", "dee@пример.example", "eve@例え.example"} {
		email, err := queries.ParseEmail(typed)
		check(t, err)
		ids[typed[:strings.IndexByte(typed, '@')]] = a.contact(email)
	}
	ids["hans"] = a.contact("hans@example.com")
	a.exec("UPDATE contact SET name = 'Hans Münchener' WHERE id = $1", ids["hans"])
	for search, want := range map[string]string{"münchen": "ana bo hans", " MÜNCHEN ": "ana bo hans", "@münchen": "ana", "ana@münchen.ex": "ana", "münchen.example": "ana bo", "mail.münchen": "bo", ".münchen.": "bo",
		"xn--mnchen-3ya": "ana bo", "münche": "hans", "muenchen": "cid", "ünchen": "hans", "hans münchen": "hans", "ana münchen": "", "_@münchen": "", "пример": "dee", "ПРИМЕР.example": "dee", "例え": "eve", "@例え.e": "eve",
		"ａｎａ": "", "①": "", "münchen@example": "", strings.Repeat("ü", 2000): ""} {
		for _, sort := range []queries.ContactSort{queries.SortNewest, queries.SortName, queries.SortSeen} {
			found, err := queries.LoadContacts(t.Context(), a.pool, queries.ContactsAsked{AccountID: a.id, Filter: queries.ContactFilter{Search: search}, Sort: sort, Size: 50, Now: noon})
			check(t, err)
			if got := localParts(found.Rows); got != want || int(found.Fit) != len(found.Rows) {
				t.Errorf("%q by %q: %s, %d fit, want %s", search, sort, got, found.Fit, want)
			}
		}
		rows, err := queries.FindContacts(t.Context(), a.pool, a.id, search, 50, noon)
		check(t, err)
		chosen, err := queries.LoadChosen(t.Context(), a.pool, a.id, queries.ContactFilter{Search: search}, noon)
		check(t, err)
		merge, err := queries.LoadMergePage(t.Context(), a.pool, a.id, ids["cid"], uuid.Nil, search)
		check(t, err)
		reader, err := queries.LoadMailTexts(t.Context(), a.pool, a.id, search)
		check(t, err)
		if n := len(strings.Fields(want)); localParts(rows) != want || int(chosen.Fit) != n || len(merge.Found) != n && want != "cid" || (reader.Reader.ID != uuid.Nil) != (n > 0) {
			t.Errorf("%q: %s, %d chosen, %d to merge, a text is read by %q, want %s", search, localParts(rows), chosen.Fit, len(merge.Found), reader.Reader.Email, want)
		}
	}
}

// localParts are the names of the addresses of contacts, in order of the alphabet.
func localParts(rows []queries.ContactListRow) string {
	var names []string
	for _, row := range rows {
		names = append(names, row.Email[:strings.IndexByte(row.Email, '@')])
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// Before a mail goes to many it is said whom it reaches, and that is whom it reaches.
func TestReachIsWhoIsMailed(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	var ids []uuid.UUID
	for i := range 16 { // everybody who joined or not, wants mails or not, bounced or not, and is tagged or not
		id := a.contact(fmt.Sprintf("c%d@example.com", i))
		a.exec(`UPDATE contact SET joined_at = CASE WHEN $2 & 1 > 0 THEN $3::timestamptz END, no_mail_at = CASE WHEN $2 & 2 > 0 THEN $3::timestamptz END,
			bounced_at = CASE WHEN $2 & 4 > 0 THEN $3::timestamptz END, tags = CASE WHEN $2 & 8 > 0 THEN '{vip}'::text[] ELSE '{}' END WHERE id = $1`, id, i, noon)
		ids = append(ids, id)
	}
	a.another("lumen").contact("c@example.com")
	tagged := queries.ContactFilter{Tag: "vip"}
	for name, c := range map[string]struct {
		ids     []uuid.UUID
		filter  *queries.ContactFilter
		invites bool
		size    int32
		want    queries.ContactReachRow
	}{
		"all, invited":        {nil, &queries.ContactFilter{}, true, 100, queries.ContactReachRow{Fit: 16, Joined: 8, NoMail: 4, Bounced: 2}},
		"all, a link":         {nil, &queries.ContactFilter{}, false, 100, queries.ContactReachRow{Fit: 16, NoMail: 8, Bounced: 4}},
		"tagged, invited":     {nil, &tagged, true, 100, queries.ContactReachRow{Fit: 8, Joined: 4, NoMail: 2, Bounced: 1}},
		"three of them":       {ids[:3], nil, true, 100, queries.ContactReachRow{Fit: 3, Joined: 1, NoMail: 1}},
		"nobody":              {nil, nil, true, 100, queries.ContactReachRow{}},
		"not beyond the size": {nil, &queries.ContactFilter{}, true, 5, queries.ContactReachRow{Fit: 5}},
	} {
		got, err := queries.LoadReach(t.Context(), a.pool, a.id, c.ids, c.filter, c.invites, noon, c.size)
		check(t, err)
		if c.size == 5 { // whichever five they are
			got = queries.ContactReachRow{Fit: got.Fit}
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	invited, linked := 0, 0
	for _, id := range ids {
		err := a.tx(func(ctx context.Context, q *queries.Queries) error {
			locked, err := q.ContactLock(ctx, queries.ContactLockParams{AccountID: a.id, ID: id})
			check(t, err)
			if locked.MayMailInBulk() == nil {
				linked++
			}
			_, err = mails.Invite(ctx, q, queries.InvitationOf{AccountID: a.id, ContactID: id, Bulk: true, Now: noon})
			return err
		})
		if err == nil {
			invited++
		}
	}
	if invited != 16-8-4-2 || linked != 16-8-4 {
		t.Errorf("%d were invited, and %d may be mailed a link", invited, linked)
	}
}
