package queries_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"atrium/queries"

	"github.com/google/uuid"
)

func TestParseTag(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"VIP": "VIP", "  spring   cohort ": "spring cohort", "": "", "  ": "", "a,b": "", "a\x00b": "", "a\u202eb": "",
		strings.Repeat("ä", 40): strings.Repeat("ä", 40), strings.Repeat("a", 41): ""} {
		if tag, err := queries.ParseTag(typed); tag != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", typed, tag, err)
		}
	}
}

// A tag is spelled as it first was, in every account by itself; nobody has it twice, and nobody of another account has it.
func TestTagContacts(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	ana, ben, foreign := a.contact("ana@example.com"), a.contact("ben@example.com"), lumen.contact("ana@example.com")
	tag := func(of *tenant, name string, ids ...uuid.UUID) int64 {
		n, err := queries.TagContacts(t.Context(), of.q, of.id, ids, name, noon)
		check(t, err)
		return int64(len(n))
	}
	untag := func(name string, ids ...uuid.UUID) int64 {
		n, err := queries.UntagContacts(t.Context(), a.q, a.id, ids, name, noon)
		check(t, err)
		return int64(len(n))
	}
	tags := func(id uuid.UUID) string {
		return read[string](a, "SELECT array_to_string(tags, ',') FROM contact WHERE id = $1", id)
	}
	for _, c := range []struct{ got, want int64 }{
		{tag(a, "VIP", ana), 1}, {tag(a, "vip", ana, ben, foreign), 1}, {tag(lumen, "vip", foreign), 1}, {tag(a, "early", ana), 1},
		{untag("EARLY", ben), 0}, {untag("never", ana), 0}, {tag(a, "none"), 0},
	} {
		if c.got != c.want {
			t.Errorf("%d changed, want %d", c.got, c.want)
		}
	}
	if tags(ana) != "early,VIP" || tags(ben) != "VIP" || tags(foreign) != "vip" {
		t.Errorf("tags %s / %s / %s", tags(ana), tags(ben), tags(foreign))
	}
	if n := untag("Early", ana, ben); n != 1 || tags(ana) != "VIP" {
		t.Errorf("%d changed, %s left", n, tags(ana))
	}
	for i := range queries.TagsMax {
		tag(a, fmt.Sprintf("tag %d", i), ana)
	}
	if n := read[int](a, "SELECT cardinality(tags) FROM contact WHERE id = $1", ana); n != queries.TagsMax {
		t.Errorf("a contact has %d tags", n)
	}
}

// Tags given to the same contacts from both ends at once all arrive.
func TestTagContactsAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ids := []uuid.UUID{a.contact("a@example.com"), a.contact("b@example.com"), a.contact("c@example.com")}
	for _, err := range together(10, func(i int) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := queries.TagContacts(ctx, q, a.id, []uuid.UUID{ids[i%3], ids[(i+1)%3], ids[(i+2)%3]}, fmt.Sprintf("tag %d", i), noon)
			return err
		})
	}) {
		check(t, err)
	}
	if n := read[int](a, "SELECT count(*) FROM contact WHERE cardinality(tags) = 10"); n != 3 {
		t.Errorf("%d of 3 contacts have all tags", n)
	}
}
