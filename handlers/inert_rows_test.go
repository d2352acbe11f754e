package handlers

import (
	"regexp"
	"strings"
	"testing"

	"atrium/queries"
)

// lookedUp are the columns of text by which rows are found, or that say what something is: nobody words them.
var lookedUp = regexp.MustCompile(`hash$|_id$|^stripe_|_url$|^(slug|host|number|currency|time_zone|locale|media_type|method|landing|checkout_landing|action|subject_kind|kind|path|type|id|encoding|delimiter|typed|accent|accent_2|search|token|body_html|key|version|receipt)$`)

// evilRows writes harmful text into every column of text there is that people or programs word, in all rows, and tells how many took it.
func (s *testSite) evilRows(t *testing.T) (columns []string) {
	t.Helper()
	rows, err := s.DB.Query(t.Context(), `SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.udt_name IN ('text', 'citext') AND c.is_generated = 'NEVER' AND c.table_name NOT LIKE 'goose%' ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	var all [][3]string
	for rows.Next() {
		var one [3]string
		if err := rows.Scan(&one[0], &one[1], &one[2]); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		table, column := c[0], c[1]
		if lookedUp.MatchString(column) || c[2] == "citext" && column == "name" { // by which forms and offers are found
			continue
		}
		text := evil
		if strings.HasSuffix(column, "email") {
			text = `"><b/id=evil>@example.com`
		}
		for _, text := range []string{text, evil[:30], `<b id="evil">`} { // as much as there is room for
			_, err := s.DB.Exec(t.Context(), "UPDATE "+table+" SET "+column+" = CASE WHEN $2 THEN substr(md5(random()::text), 1, 6) ELSE '' END || $1 WHERE "+column+" IS NOT NULL", text, strings.HasSuffix(column, "email"))
			if err == nil {
				columns = append(columns, table+"."+column)
				break
			}
		}
	}
	return columns
}

// Whatever stands in the database in anybody's words is text on every page, and makes none of them a fault.
func TestRowsAreInert(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	hosts := s.hosted(t, &w, maya)
	type asked struct {
		b    *browser
		path string
		was  int
	}
	var all []asked
	for _, host := range hosts {
		for _, b := range []*browser{host.nobody(), host.somebody()} {
			for _, r := range host.routes {
				if r.method == get && !isMailFrame(r.path) {
					path := w.path(r.path)
					all = append(all, asked{b, path, b.get(path).status}, asked{b.htmx(), path, b.htmx().get(path).status})
				}
			}
		}
	}
	columns := s.evilRows(t)
	s.exec(t, "UPDATE account SET changed_at = changed_at + interval '1 second'")
	eventually(t, "the new name is served", func() bool { return strings.Contains(s.accounts.BySlug("acme").Name, "evil") })
	shown := 0
	for _, a := range all {
		p := a.b.get(a.path)
		if p.status != a.was {
			t.Errorf("%s: status %d, and %d before", p.asked, p.status, a.was)
		}
		if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
			continue
		}
		p.harmless()
		if strings.Contains(p.words(), `<b id="evil"`) || strings.Contains(p.words(), "<b/id=evil>") {
			shown++
		}
	}
	if len(columns) < 60 || shown < len(all)/4 {
		t.Errorf("%d of %d answers show such text, from %d columns: %v", shown, len(all), len(columns), columns)
	}
	t.Logf("%d of %d answers show it, from %d columns", shown, len(all), len(columns))
}
