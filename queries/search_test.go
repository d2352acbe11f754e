package queries_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/queries"
)

// Clients find what is open to them, and of what is not yet, titles alone; never what others have.
func TestLearningSearch(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(3), a.contact("ana@example.com")
	others := a.school(1)
	lumen := a.another("lumen")
	foreign, zoe := lumen.school(1), lumen.contact("zoe@example.com")
	s.give(ana, noon, nil)
	foreign.give(zoe, noon, nil)
	write := func(lesson uuid.UUID, title, body string) {
		t.Helper()
		a.exec("UPDATE lesson SET title = $2, body = $3 WHERE id = $1", lesson, title, body)
	}
	write(s.lessons[0], "Goals that last", "## Write **three** [goals](https://example.com/secretlink) down, über alles. <script>evil()</script>")
	write(s.lessons[1], "Harbours", "A quiet harbour for goals")
	write(s.lessons[2], "Next year", "The hidden treasure")
	write(others.lessons[0], "Goals of others", "goals")
	write(foreign.lessons[0], "Goals elsewhere", "goals")
	a.exec("UPDATE lesson SET drip_days = 9 WHERE id = $1", s.lessons[2])
	for _, c := range []struct {
		words string
		want  []uuid.UUID
	}{
		{"goals", s.lessons[:2]},
		{"goal", s.lessons[:2]}, // the last word may go on
		{"GOALS three", s.lessons[:1]},
		{"three goals", s.lessons[:1]},
		{`"three goals"`, s.lessons[:1]},
		{`"goals three"`, nil},
		{"goals -three", s.lessons[1:2]},
		{"über", s.lessons[:1]},
		{"treasure", nil}, // in what is locked
		{"hidden or quiet", s.lessons[1:2]},
		{"next year", s.lessons[2:]}, // by its title
		{"next -treasure", s.lessons[2:]},
		{"secretlink", nil}, // the words of a link count, not where it leads
		{"", nil},
		{"-", nil},
		{`-"three goals"`, nil},
		{`'":*&|!<->\`, nil},
	} {
		rows, err := a.q.LearningSearch(t.Context(), queries.LearningSearchParams{AccountID: a.id, ContactID: ana, Now: noon, Words: c.words, PageSize: 20})
		check(t, err)
		found := map[uuid.UUID]bool{}
		for _, row := range rows {
			found[row.ID] = true
			if row.ID == s.lessons[2] && (row.IsOpen || row.Excerpt != "" || row.OpensOn.IsZero()) {
				t.Errorf("of a locked lesson it tells %+v", row)
			}
			if strings.Contains(row.Excerpt, "secretlink") || strings.Contains(row.Excerpt, "**") {
				t.Errorf("the excerpt has marks in it: %s", row.Excerpt)
			}
		}
		for _, id := range c.want {
			if !found[id] {
				t.Errorf("%q does not find %s", c.words, id)
			}
		}
		if len(rows) != len(c.want) && c.words != `-"three goals"` || found[others.lessons[0]] || found[foreign.lessons[0]] {
			t.Errorf("%q finds %d, want %d", c.words, len(rows), len(c.want))
		}
	}
	rows, err := a.q.LearningSearch(t.Context(), queries.LearningSearchParams{AccountID: a.id, ContactID: ana, Now: noon, Words: "three", PageSize: 20})
	check(t, err)
	if !strings.Contains(rows[0].Excerpt, "\uE000three\uE001") {
		t.Errorf("what was found is not marked: %q", rows[0].Excerpt)
	}
	a.exec("UPDATE access_grant SET ended_at = $1, ended_because = 'revoked'", noon)
	rows, err = a.q.LearningSearch(t.Context(), queries.LearningSearchParams{AccountID: a.id, ContactID: ana, Now: noon, Words: "goals", PageSize: 20})
	check(t, err)
	if len(rows) > 0 {
		t.Error("it finds what was taken away")
	}
}
