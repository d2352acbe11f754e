package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"atrium/queries"
)

// copies writes a row of a table n times more, with ids of their own and what else is said as SQL of a JSON object.
func (s *testSite) copies(t testing.TB, table, id string, n int, but string) {
	t.Helper()
	s.exec(t, `INSERT INTO `+table+` SELECT (jsonb_populate_record(x, jsonb_build_object('id', gen_random_uuid()) || `+but+`)).* FROM `+table+` x, generate_series(1, $2::integer) AS n WHERE x.id = $1::uuid`, id, n)
}

// says holds the words of a page to some that it has.
func (p *page) says(t testing.TB, wants ...string) *page {
	t.Helper()
	for _, want := range wants {
		if text := p.words(); !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	return p
}

// However often somebody was given a course and lost it again, what they have now counts and can be ended, and what is left out is told.
func TestOldGrantsHideNoAccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w := s.taught(t, ana)
	open := s.scanText(t, "SELECT id::text FROM access_grant")
	s.copies(t, "access_grant", open, 210, `jsonb_build_object('ended_at', x.starts_at + interval '1 minute', 'ended_because', 'revoked', 'source_id', gen_random_uuid())`)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	end := "/acme/courses/" + w.course.String() + "/people/" + open + "/revoke"
	maya.get("/acme/contacts/"+ana.id.String()).has("a[href='"+end+"']").says(t, "One course", "11 older reasons that are over are not shown")
	ended := s.scanText(t, "SELECT id::text FROM access_grant WHERE ended_at IS NOT NULL LIMIT 1")
	maya.get(strings.Replace(end, open, ended, 1)).is(http.StatusOK).says(t, "Clear goals")
	maya.fill(maya.get(end).has("#grants-losers .item"), "#grants-revoke").leadsTo("/acme/courses/" + w.course.String() + "/people")
	s.rows(t, 0, "access_grant WHERE ended_at IS NULL")
}

// A client finds every plan that goes on, whatever was begun or has ended since, and all who look are told which charges are elsewhere.
func TestOldSalesAreSomewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	id := s.subscription(t, ana, columns{"title": "Inner circle"}).String()
	over := s.subscription(t, ana, columns{"state": "canceled", "ended_at": noon, "title": "Long ago"}).String()
	s.copies(t, "subscription", over, 102, `jsonb_build_object('stripe_id', 'sub_over_' || n)`)
	s.copies(t, "subscription", id, 120, `jsonb_build_object('stripe_id', 'sub_never_' || n, 'state', 'incomplete')`)
	charge := s.invoice(t, ana, columns{"subscription_id": id, "state": "paid", "payment": "succeeded", "paid_minor": 1900, "remaining_minor": 0}).String()
	b, maya := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	all := `/acme/invoices?q=ana%40example.com`
	maya.get("/acme/subscriptions/" + id).lacks("a[href='" + all + "']")
	maya.get("/acme/contacts/" + ana.id.String()).lacks("a[href='" + all + "']")
	s.copies(t, "invoice", charge, 60, `jsonb_build_object('stripe_id', 'in_' || n, 'number', 'N-' || n)`)
	b.get("/subscriptions").has("a[href='/subscriptions/"+id+"']", "a[href='/invoices']").says(t, "Inner circle", "4 older plans that are over are not shown")
	b.get("/subscriptions/"+id).says(t, "Only the newest charges are shown. The others are among your invoices.")
	maya.get("/acme/subscriptions/"+id).has("a[href='"+all+"']").says(t, "Only the newest are shown.")
	maya.get("/acme/contacts/"+ana.id.String()).has("a[href='"+all+"']", "a[href='/acme/subscriptions?q=ana%40example.com']").
		lacks("a[href='/acme/orders?q=ana%40example.com']").says(t, "Only the newest are shown here.")
}

// Whoever looks where they are signed in sees every place, or they could not end it.
func TestEveryDeviceIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, sam := s.client(t, ana), s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleAdmin, s.acme))
	const token = `jsonb_build_object('token_hash', '\x' || encode(sha256(gen_random_uuid()::text::bytea), 'hex'))`
	s.copies(t, "session", s.scanText(t, "SELECT id::text FROM session"), 60, token)
	s.copies(t, "staff_session", s.scanText(t, "SELECT id::text FROM staff_session"), 60, token)
	for name, body := range map[string]string{"profile": b.get("/profile").body, "contact": sam.get("/acme/contacts/" + ana.id.String()).body, "staff": sam.get("/sessions").body} {
		if got := strings.Count(body, "/end\""); got < 60 {
			t.Errorf("%s: %d devices", name, got)
		}
	}
}

// A choice that has not all there is says so, and where the others are found; what can be undone is all there.
func TestChoicesSayThatThereAreMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	s.exec(t, "INSERT INTO tag (account_id, name, created_at) SELECT $1, 'tag ' || n, $2 FROM generate_series(1, 500) n", s.acme.id, noon)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	maya.get("/acme/contacts").lacks("#field-tag-hint")
	s.exec(t, "INSERT INTO tag (account_id, name, created_at) VALUES ($1, 'zz', $2)", s.acme.id, noon)
	maya.get("/acme/contacts").has("#field-tag-hint").lacks("option[value='zz']").says(t, "The first 500 tags. The search finds every tag.")
	merge := "/acme/contacts/" + ana.id.String() + "/merge?q=ben"
	for i := range 9 {
		if i == 8 {
			maya.get(merge).lacks("#contacts-mergefound p.hint")
		}
		s.contact(t, s.acme, "ben"+strconv.Itoa(i)+"@example.com", "")
	}
	maya.get(merge).says(t, "8 contacts found", "Type more of the name or address to find others.")
	for i := range 21 {
		if i == 20 {
			if text := maya.get("/acme/contacts/" + ana.id.String()).words(); strings.Contains(text, "There is more") {
				t.Errorf("with 20 it says %s", text)
			}
		}
		s.subscription(t, ana, columns{"title": "Plan " + strconv.Itoa(i)})
	}
	maya.get("/acme/contacts/"+ana.id.String()).says(t, "There is more. When these are done, the others stand here.")
	s.exec(t, `INSERT INTO magic_link (account_id, id, contact_id, kind, token_hash, created_at, expires_at)
		SELECT $1, gen_random_uuid(), $2, 'staff', sha256(n::text::bytea), $3, $3::timestamptz + interval '1 day' FROM generate_series(1, 21) n`, s.acme.id, ana.id, s.clock.now())
	maya.get("/acme/contacts/"+ana.id.String()).says(t, "Only the newest 20 are shown. Older ones stand here when these are withdrawn, used or over.")
	s.courses(t, 60)
	s.exec(t, "UPDATE course SET deleted_at = $1", s.clock.now())
	if got := strings.Count(maya.get("/acme/courses").body, "/restore\""); got != 60 {
		t.Errorf("%d of 60 courses can be restored", got)
	}
}
