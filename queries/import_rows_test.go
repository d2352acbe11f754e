package queries_test

import (
	"slices"
	"strings"
	"testing"

	"atrium/queries"
)

// A row that is refused keeps what else stands in it, whichever of its cells cannot be taken.
func TestUnderstandRowKeepsWhatIsRefused(t *testing.T) {
	t.Parallel()
	mapping := []string{"email", "first_name", "last_name", "phone", "company", "tags", "note", "note"}
	long := strings.Repeat("x", 4001)
	for _, c := range []struct {
		cells  []string
		reason string
	}{
		{[]string{"", "Ana", "Souza", "+55 11 1", "Acme", "vip, spring", "Likes mornings", "Owes a call"}, "no e-mail address"},
		{[]string{"nonsense", "Ana", "Souza", "+55 11 1", "Acme", "vip, spring", "Likes mornings", "Owes a call"}, "name, an @ and a domain"},
		{[]string{"ana@example.com", "Ana\x01", "Souza", "+55 11 1", "Acme", "vip, spring", "Likes mornings", "Owes a call"}, "name contains"},
		{[]string{"ana@example.com", "Ana", "Souza", strings.Repeat("1", 41), "Acme", "vip, spring", "Likes mornings", "Owes a call"}, "phone number is longer"},
		{[]string{"ana@example.com", "Ana", "Souza", "+55 11 1", "Acme", "vip, " + strings.Repeat("t", 61), "Likes mornings", "Owes a call"}, "tag"},
	} {
		r := queries.UnderstandRow(7, mapping, c.cells)
		got := []string{r.Typed, r.Name, r.Phone, r.Company, strings.Join(r.Tags, ", "), r.Note}
		want := []string{c.cells[0], strings.Join(c.cells[1:3], " "), c.cells[3], c.cells[4], c.cells[5], c.cells[6] + "\n" + c.cells[7]}
		if !slices.Equal(got, want) || r.Email != "" || !strings.Contains(r.Reason, c.reason) {
			t.Errorf("%q is understood as %q, to %q, because %q", c.cells, got, r.Email, r.Reason)
		}
	}
	r := queries.UnderstandRow(7, mapping, []string{"", "a\x00b\xff", "", "", "", "", long})
	if r.Name != "a\ufffdb\ufffd" || r.Note != long[:4000]+"…" {
		t.Errorf("what Postgres does not take became %q and %d bytes", r.Name, len(r.Note))
	}
	if r := queries.UnderstandRow(7, mapping, []string{"ana@example.com", "Ana", "Souza"}); r.Reason != "" || r.Email != "ana@example.com" || r.Name != "Ana Souza" {
		t.Errorf("a good row is %+v", r)
	}
}
