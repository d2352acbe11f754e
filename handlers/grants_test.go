package handlers

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// given gives a contact a course past the pages.
func (s *testSite) given(t testing.TB, c contact, w taught, change func(*queries.Grant)) (g queries.Grant) {
	t.Helper()
	g = queries.Grant{ID: queries.NewID(), AccountID: c.account.id, ContactID: c.id, CourseID: w.course, Source: queries.GrantSourceManual, SourceID: queries.NewID(),
		Starts: s.clock.now(), Now: s.clock.now()}
	change(&g)
	if _, err := queries.Give(t.Context(), s.q, g); err != nil {
		t.Fatal(err)
	}
	return g
}

// school is a course of acme that nobody but Tess has, an admin who gives it, and the path of its people.
func (s *testSite) school(t testing.TB) (w taught, maya *browser, people string) {
	t.Helper()
	w = s.taught(t, s.arrived(t, s.acme, "tess@example.com", "Tess Taught"))
	return w, s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), "/acme/courses/" + w.course.String() + "/people"
}

// Each line has a result of its own: strangers become contacts, what cannot be read stays to be corrected.
func TestEnrolByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, maya, people := s.school(t)
	ben := s.contact(t, s.acme, "ben@example.com", "Ben Okri")
	s.bounced(t, s.contact(t, s.acme, "bounced@example.com", ""))
	s.jobs(t)
	p := maya.fill(maya.get(people+"/new"), "#grants-form", "people", "Nia New <nia@example.com>\nben@example.com\ntess@example.com\nbounced@example.com\nnot an address", "mail", "on").is(http.StatusOK)
	var got []string
	for _, item := range p.all("#grants-new li") {
		got = append(got, words(item))
	}
	want := []string{"Nia New nia@example.com New among your contacts. A mail tells them. Enrolled", "Ben Okri ben@example.com A mail tells them. Enrolled",
		"Tess Taught tess@example.com What they were given before lasts as long, so nothing was changed. Had it already",
		"bounced@example.com No mail is sent: mail to this address was refused for good. Enrolled", "not an address An address has a name, an @ and a domain, like ana@example.com. Not enrolled"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the results are\n%s", strings.Join(got, "\n"))
	}
	if left := text(p.one("#field-people")); left != "not an address" || words(p.one("#done-title")) != "3 people are enrolled" {
		t.Errorf("left to be corrected: %q; %s", left, words(p.one("#done-title")))
	}
	s.inserted(t, "course_ready", "course_ready", "metric_count")
	s.rows(t, 3, "access_grant WHERE source = 'manual' AND given_by IS NOT NULL AND starts_at = $1 AND ends_at IS NULL", s.clock.now())
	s.rows(t, 3, "audit WHERE action = 'contact.enrol' AND note = '“Clear goals”'")
	s.rows(t, 1, "audit WHERE action = 'contact.create' AND subject = 'nia@example.com'")
	timeline := maya.get("/acme/contacts/" + ben.id.String()).words()
	if !strings.Contains(timeline, "Was given “Clear goals”") || strings.Count(timeline, "Given by") < 2 {
		t.Errorf("Ben's page says %s", timeline)
	}
	list := maya.get(people).is(http.StatusOK).words()
	for _, said := range []string{"4 people have access now", "Nia Newnia@example.com", "Given by", "no end", "Has access"} {
		if !strings.Contains(list, said) {
			t.Errorf("the list lacks %q: %s", said, list)
		}
	}
	found := maya.htmx().get(people + "/new?q=okri").is(http.StatusOK).has("#grants-found button[form=grants-form][value='" + ben.id.String() + "']")
	found.lacks("main")
	form := maya.get(people + "/new").form("#grants-form")
	form.values.Set("contact", ben.id.String())
	if done := maya.send(form.method, form.action, form.values).is(http.StatusOK).words(); !strings.Contains(done, "Had it already") {
		t.Errorf("a press on somebody found says %s", done)
	}
}

// Days are the account's; what cannot be meant is refused beside its field, with all that was typed.
func TestEnrolDays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, "UPDATE account SET time_zone = 'Europe/Berlin', changed_at = $1 WHERE slug = 'acme'", noon.Add(time.Second))
	eventually(t, "the zone is known", func() bool { return s.accounts.BySlug("acme").Location.String() == "Europe/Berlin" })
	_, maya, people := s.school(t)
	berlin := s.accounts.BySlug("acme").Location
	day := func(days int) string { return s.clock.now().In(berlin).AddDate(0, 0, days).Format(time.DateOnly) }
	midnight := func(days int) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, day(days), berlin)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	at := func(t time.Time) *time.Time { return &t }
	for i, c := range []struct {
		starts, ends string
		refused      string // the field
		from         time.Time
		until        *time.Time
	}{
		{"", "", "", s.clock.now(), nil},
		{day(0), "", "", s.clock.now(), nil},
		{day(-30), "", "", midnight(-30), nil},
		{day(5), "", "", midnight(5), nil},
		{"", day(0), "", s.clock.now(), at(midnight(1))},
		{day(5), day(5), "", midnight(5), at(midnight(6))},
		{"", day(-1), "ends", time.Time{}, nil},
		{day(5), day(4), "ends", time.Time{}, nil},
		{"soon", "", "starts", time.Time{}, nil},
		{"", "31.12.2027", "ends", time.Time{}, nil},
		{"0001-01-01", "", "starts", time.Time{}, nil},
		{"", day(4000), "ends", time.Time{}, nil},
	} {
		email := fmt.Sprintf("c%d@example.com", i)
		p := maya.fill(maya.get(people+"/new"), "#grants-form", "people", email, "starts", c.starts, "ends", c.ends)
		if c.refused != "" {
			p.is(http.StatusUnprocessableEntity).has("#field-"+c.refused+"[aria-invalid=true]", "#field-"+c.refused+"-error")
			if text(p.one("#field-people")) != email || attr(p.one("#field-starts"), "value") != c.starts {
				t.Errorf("%+v: what was typed is gone", c)
			}
			s.rows(t, 0, "contact WHERE email = $1", email)
			continue
		}
		p.is(http.StatusOK)
		s.rows(t, 1, "access_grant g JOIN contact c ON c.id = g.contact_id WHERE c.email = $1 AND g.starts_at = $2 AND g.ends_at IS NOT DISTINCT FROM $3", email, c.from, c.until)
	}
	maya.fill(maya.get(people+"/new"), "#grants-form", "people", "").is(http.StatusUnprocessableEntity).has("#field-people-error")
	maya.fill(maya.get(people+"/new"), "#grants-form", "people", "nobody at all").is(http.StatusUnprocessableEntity).has("#field-people-error")
	maya.fill(maya.get(people+"/new"), "#grants-form", "people", manyPeople(enrolMost+1)).is(http.StatusUnprocessableEntity).has("#field-people-error")
}

func manyPeople(n int) string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("many%d@example.com", i))
	}
	return strings.Join(lines, "\n")
}

// Of a course that nobody sees nobody is told; what was given is there once it is seen.
func TestEnrolInADraft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, maya, people := s.school(t)
	for hide, show := range map[string]string{"UPDATE course SET published_at = NULL": "UPDATE course SET published_at = '2026-01-01'",
		"INSERT INTO account_app SELECT id, 'courses', 1, false FROM account WHERE slug = 'acme'": "DELETE FROM account_app"} {
		s.exec(t, hide)
		p := maya.get(people + "/new").is(http.StatusOK).has("#grants-form .notice-box").lacks("[name=mail]")
		email := queries.NewID().String() + "@example.com"
		form := p.form("#grants-form", "people", email)
		form.values.Set("mail", "on") // as a page that was open before
		s.jobs(t)
		maya.send(form.method, form.action, form.values).is(http.StatusOK)
		s.inserted(t, "metric_count")
		s.rows(t, 1, "access_grant g JOIN contact c ON c.id = g.contact_id WHERE c.email = $1", email)
		maya.get(people).has(".notice-box-warning")
		s.exec(t, show)
	}
	s.exec(t, "UPDATE course SET deleted_at = now()")
	maya.get(people).is(http.StatusNotFound)
	maya.get(people + "/new").is(http.StatusNotFound)
}

// On the contact's own page a course is given as well.
func TestEnrolFromTheContact(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	ben := s.contact(t, s.acme, "ben@example.com", "Ben Okri")
	path := "/acme/contacts/" + ben.id.String()
	maya.get(path).has("a[href='" + path + "/enrol']")
	s.jobs(t)
	maya.fill(maya.get(path+"/enrol"), "#grants-enrol", "ends", "yesterday").is(http.StatusUnprocessableEntity).has("#field-ends-error")
	form := maya.get(path+"/enrol").form("#grants-enrol", "course", w.course.String(), "mail", "on")
	maya.follow(maya.send(form.method, form.action, form.values).leadsTo(path)).has(".flash-success")
	s.inserted(t, "course_ready")
	maya.follow(maya.send(form.method, form.action, form.values).leadsTo(path)).has(".flash-info") // a second press
	form.values.Set("course", queries.NewID().String())
	maya.send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity).has("#field-course[aria-invalid=true]")
	s.rows(t, 1, "access_grant WHERE contact_id = $1", ben.id)
	s.exec(t, "UPDATE course SET deleted_at = now()")
	maya.get(path + "/enrol").is(http.StatusOK).has(".notice-box-warning").lacks("[name=course]")
	support := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	support.get(path).is(http.StatusOK).lacks("a[href='" + path + "/enrol']")
}

// Ending one reason says who loses the course or what keeps them in it, takes effect in an open session at once, and stays in the ledger.
func TestRevoke(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, people := s.school(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	first := s.given(t, ana, w, func(*queries.Grant) {})
	second := s.given(t, ana, w, func(g *queries.Grant) { g.Source, g.OriginID = queries.GrantSourceFreeOffer, &w.offer })
	upcoming := s.given(t, ana, w, func(g *queries.Grant) { g.Starts = s.clock.now().AddDate(0, 1, 0) })
	client, access := s.client(t, ana), "/courses/"+w.course.String()+"/access"
	client.get(access).is(http.StatusOK)
	path := func(g queries.Grant) string { return people + "/" + g.ID.String() + "/revoke" }
	if said := maya.get(path(first)).is(http.StatusOK).lacks("#grants-losers").words(); !strings.Contains(said, "Ana Souza keeps the course for another reason: Free offer “A taster”") {
		t.Errorf("it says %s", said)
	}
	maya.fill(maya.get(path(first)), "#grants-revoke", "reason", strings.Repeat("x", grantNoteMost+1)).is(http.StatusUnprocessableEntity).has("#field-reason-error")
	said := maya.follow(maya.fill(maya.get(path(first)), "#grants-revoke", "reason", "  asked  to ").leadsTo(people)).one(".flash")
	if !strings.Contains(words(said), "keeps “Clear goals”: Free offer “A taster”.") {
		t.Errorf("it says %s", words(said))
	}
	client.get(access).is(http.StatusOK)
	last := maya.get(path(second)).has("#grants-losers")
	if !strings.Contains(last.words(), "This person loses “Clear goals”. A Ana Souza") && !strings.Contains(last.words(), "This person loses “Clear goals”.") {
		t.Errorf("it says %s", last.words())
	}
	maya.fill(last, "#grants-revoke").leadsTo(people)
	client.get(access).is(http.StatusNotFound)
	if said := maya.get(path(upcoming)).words(); !strings.Contains(said, "loses nothing now") {
		t.Errorf("of one that has not begun it says %s", said)
	}
	maya.fill(maya.get(path(upcoming)), "#grants-revoke").leadsTo(people)
	maya.get(path(first)).is(http.StatusOK).has("#grants-revoke .notice-box").lacks("#grants-revoke button")
	maya.send(post, path(first), maya.get(people+"/new").form("#grants-form").values).leadsTo(people) // from a page that was open
	s.rows(t, 1, "access_grant WHERE id = $1 AND ended_because = 'revoked' AND ended_note = 'asked to' AND ended_by IS NOT NULL AND ended_at = $2", first.ID, s.clock.now())
	s.rows(t, 3, "audit WHERE action = 'contact.unenrol'")
	s.rows(t, 1, "audit WHERE action = 'contact.unenrol' AND note = '“Clear goals”: asked to'")
	if list := maya.get(people + "?state=ended").words(); !strings.Contains(list, "Ended by Maya Lindqvist: “asked to”") {
		t.Errorf("the list says %s", list)
	}
}

// The people of a course are found by name, address and state, page by page.
func TestCoursePeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, people := s.school(t)
	for i := range grantsPerPage + 3 {
		c := s.contact(t, s.acme, fmt.Sprintf("c%02d@example.com", i), "")
		s.given(t, c, w, func(g *queries.Grant) {
			if i%2 == 0 {
				g.Starts = s.clock.now().AddDate(0, 0, 9)
			}
		})
	}
	first := maya.get(people).is(http.StatusOK)
	more := attr(first.one("#grants-more a"), "href")
	if n := len(first.all("#grants-list tbody tr.row")); n != grantsPerPage {
		t.Errorf("%d on the first page", n)
	}
	if n := strings.Count(maya.htmx().get(more).is(http.StatusOK).lacks("main", "#grants-more").body, `<tr class="row"`); n != 4 {
		t.Errorf("%d on the second", n)
	}
	maya.get(more).is(http.StatusOK).has("main #grants-list")
	for query, want := range map[string]int{"q=c07": 1, "q=TESS": 1, "q=nobody-at-all": 0, "state=upcoming&q=c0": 5, "state=open&q=c0": 5, "state=ended": 0, "state=x&q=c0": 10, "q=%25": 0} {
		if n := len(maya.htmx().get(people + "?" + query).is(http.StatusOK).has("#grants-list").lacks("main").all("tr.row")); n != want {
			t.Errorf("%s finds %d, want %d", query, n, want)
		}
	}
	empty := s.taught(t, s.contact(t, s.acme, "other@example.com", ""))
	s.exec(t, "DELETE FROM access_grant WHERE course_id = $1", empty.course)
	maya.get("/acme/courses/" + empty.course.String() + "/people").has(".empty a[href='/acme/courses/" + empty.course.String() + "/people/new']").lacks("form.find")
}

// Whoever was given a course several times is in its list once, where what they were given last begins, with what it comes to and every
// reason; also across pages.
func TestCoursePeopleStandOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, people := s.school(t)
	s.exec(t, "DELETE FROM access_grant")
	var who []contact
	for i := range grantsPerPage + 5 {
		c := s.contact(t, s.acme, fmt.Sprintf("c%02d@example.com", i), "")
		who = append(who, c)
		for n := range 1 + i%3 { // what was written later begins earlier
			s.given(t, c, w, func(g *queries.Grant) { g.Starts = s.clock.now().AddDate(0, 0, -1-i-100*n) })
		}
	}
	var got []string
	for path := people; path != ""; {
		p := maya.get(path).is(http.StatusOK)
		for _, row := range p.all("#grants-list tr.row") {
			got = append(got, words(find(t, row, "a")[0]))
		}
		path = ""
		if next := p.all("#grants-more a"); len(next) > 0 {
			path = attr(next[0], "href")
		}
	}
	var want []string
	for _, c := range who {
		want = append(want, c.email)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the list has %v", got)
	}

	last := who[2]
	row := "#grants-row-" + last.id.String()
	reasons := func(p *page) int { return len(find(t, find(t, p.one(row), "td")[2], "li")) }
	s.exec(t, "UPDATE access_grant SET ended_at = $2, ended_because = 'cancelled' WHERE contact_id = $1 AND starts_at > $3", last.id, noon.Add(-time.Hour), noon.AddDate(0, 0, -50))
	if p := maya.get(people); reasons(p) != 3 || !strings.Contains(words(p.one(row)), "Has access") || strings.Contains(words(p.one(row)), "No access") {
		t.Errorf("with one reason gone it says %s", words(p.one(row)))
	}
	maya.get(people + "?state=ended").lacks(row)
	s.exec(t, "UPDATE access_grant SET ended_at = $2, ended_because = 'revoked' WHERE contact_id = $1 AND ended_at IS NULL", last.id, noon.Add(-2*time.Hour))
	if p := maya.get(people + "?state=ended").is(http.StatusOK); reasons(p) != 3 || len(p.all("tr.row")) != 1 || !strings.Contains(words(p.one(row)), "No access since "+noon.Format("2 Jan 2006")) {
		t.Errorf("with all gone it says %s", words(p.one(row)))
	}
	maya.get(people + "?state=open").lacks(row)
	for range queries.ReasonsMost {
		s.given(t, last, w, func(g *queries.Grant) {})
	}
	if p := maya.get(people); reasons(p) != queries.ReasonsMost+1 || !strings.Contains(words(p.one(row)), "3 older reasons") {
		t.Errorf("with many it says %s", words(p.one(row)))
	}
}

// Whatever gives a course and ends it, the contact's page, the course's page and the client are told the same of it: from random
// sequences over all sources, each reason stands there with its state, and what hides the course is named.
func TestAccessIsExplained(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 4))
	s := newSite(t)
	w, maya, people := s.school(t)
	by := s.person(t, "giver@acme.example", queries.StaffRoleAdmin, s.acme)
	s.exec(t, "UPDATE staff SET name = 'Giver Gill' WHERE id = $1", by.id)
	imported := s.checkedImport(t, s.acme, by)
	form := s.form(t, s.acme, func(d *queries.FormDraft) { d.Name = "webinar" })
	s.exec(t, "UPDATE contact_import SET file_name = 'kunden.csv' WHERE id = $1", imported)
	why := map[queries.GrantSource]string{queries.GrantSourceManual: "Given by Giver Gill", queries.GrantSourceImport: "Import “kunden.csv”", queries.GrantSourceForm: "Form “Book a call”",
		queries.GrantSourceFreeOffer: "Free offer “A taster”", queries.GrantSourceOrder: "Bought", queries.GrantSourceSubscription: "Subscription"}
	told := map[queries.GrantSource]string{queries.GrantSourceManual: "Giver Gill gave it to you on", queries.GrantSourceImport: "Acme Coaching gave it to you on",
		queries.GrantSourceForm: "you filled in “Book a call” on", queries.GrantSourceFreeOffer: "you took the free offer “A taster” on", queries.GrantSourceOrder: "you bought it on",
		queries.GrantSourceSubscription: "it belongs to your subscription since"}
	s.exec(t, "UPDATE account SET name = 'Acme Coaching', changed_at = $1 WHERE slug = 'acme'", noon.Add(time.Second))
	eventually(t, "the name is known", func() bool { return s.accounts.BySlug("acme").Name == "Acme Coaching" })
	for round := range 12 {
		ana := s.arrived(t, s.acme, fmt.Sprintf("ana%d@example.com", round), "")
		client, want, open := s.client(t, ana), map[string]int{}, []queries.GrantSource{}
		for range 1 + r.IntN(6) {
			source := queries.AllGrantSourceValues()[r.IntN(6)]
			state := []contactState{grantOpen, grantUpcoming, grantEnded}[r.IntN(3)]
			g := s.given(t, ana, w, func(g *queries.Grant) {
				g.Source = source
				switch source {
				case queries.GrantSourceManual:
					g.By = &by.id
				case queries.GrantSourceImport:
					g.OriginID = &imported
				case queries.GrantSourceForm:
					g.OriginID = &form.id
				case queries.GrantSourceFreeOffer:
					g.OriginID = &w.offer
				case queries.GrantSourceOrder, queries.GrantSourceSubscription:
				}
				if g.Starts = s.clock.now().AddDate(0, 0, -2); state == grantUpcoming {
					g.Starts = s.clock.now().AddDate(0, 0, 2)
				}
				if r.IntN(2) == 0 {
					ends := g.Starts.AddDate(0, 0, 9)
					g.Ends = &ends
				}
				if state == grantEnded && r.IntN(2) == 0 { // by itself, and the schedule has not come yet
					ends := s.clock.now().Add(-time.Hour)
					g.Ends = &ends
				}
			})
			if state == grantEnded && (g.Ends == nil || g.Ends.After(s.clock.now())) {
				if err := queries.Close(t.Context(), s.q, s.acme.id, g.ID, queries.Ending{Because: queries.GrantEndRevoked, By: &by.id, Note: "as asked", Now: s.clock.now()}); err != nil {
					t.Fatal(err)
				}
			}
			if want[why[source]+" "+state.Word]++; state == grantOpen {
				open = append(open, source)
			}
		}
		list := maya.get(people + "?q=" + ana.email)
		got := map[string]int{}
		row := list.one("#grants-list tr.row")
		cells := find(t, row, "td")
		for _, reason := range find(t, cells[2], "li") {
			said, state := words(find(t, find(t, reason, "span")[0], "span")[0]), grantOpen.Word
			switch span := words(find(t, reason, ".row-sub")[0]); {
			case strings.Contains(span, " to "):
				state = grantEnded.Word
			case strings.HasPrefix(span, "Starts "):
				state = grantUpcoming.Word
			}
			got[said+" "+state]++
		}
		result := grantLost.Word + " since"
		for _, state := range []contactState{grantUpcoming, grantOpen} {
			for said := range want {
				if strings.HasSuffix(said, state.Word) {
					result = state.Word
				}
			}
		}
		if !strings.HasPrefix(words(cells[1]), result) || len(find(t, cells[2], "a")) != len(open)+upcoming(want) {
			t.Errorf("of %v the result is %q, with %d that can be ended", want, words(cells[1]), len(find(t, cells[2], "a")))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the course's page says %v, want %v", got, want)
		}
		shown := maya.get("/acme/contacts/" + ana.id.String())
		n := 0
		for _, row := range shown.all(".course-access li") {
			n++
			if !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(said string) bool { return strings.HasPrefix(said, reasonIn(words(row), why)) }) {
				t.Errorf("the contact's page says %q", words(row))
			}
		}
		total := 0
		for _, times := range want {
			total += times
		}
		if n != total {
			t.Errorf("the contact's page has %d reasons of %d", n, total)
		}
		p := client.get("/courses/" + w.course.String() + "/access")
		if len(open) == 0 {
			p.is(http.StatusNotFound)
			continue
		}
		for _, source := range open {
			if p.is(http.StatusOK); !strings.Contains(p.words(), told[source]) {
				t.Errorf("the client is not told %q: %s", told[source], p.words())
			}
		}
	}
}

// upcoming is how many of these are still to begin.
func upcoming(reasons map[string]int) (n int) {
	for said, times := range reasons {
		if strings.HasSuffix(said, grantUpcoming.Word) {
			n += times
		}
	}
	return n
}

// reasonIn is the reason that a line begins with; what no line says when it begins with none.
func reasonIn(line string, why map[queries.GrantSource]string) string {
	for _, words := range why {
		if strings.HasPrefix(line, words) {
			return words
		}
	}
	return "no reason"
}

// The client reads it as a sentence with its days.
func TestClientAccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, _, _ := s.school(t)
	maya := s.person(t, "giver@acme.example", queries.StaffRoleAdmin, s.acme)
	s.exec(t, "UPDATE staff SET name = 'Maya' WHERE id = $1", maya.id)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	client, path := s.client(t, ana), "/courses/"+w.course.String()+"/access"
	client.get(path).is(http.StatusNotFound)
	ends := time.Date(2026, 8, 4, 0, 0, 0, 0, time.UTC)
	starts := time.Date(2026, 1, 3, 9, 0, 0, 0, time.UTC)
	s.given(t, ana, w, func(g *queries.Grant) { g.By, g.Starts, g.Ends = &maya.id, starts, &ends })
	const sentence = "You have this course because Maya gave it to you on 3 Jan 2026. It stays until 3 Aug 2026."
	if said := client.get(path).is(http.StatusOK).words(); !strings.Contains(said, sentence) {
		t.Errorf("it says %s", said)
	}
	s.given(t, ana, w, func(g *queries.Grant) { g.Source = queries.GrantSourceSubscription; g.Starts = starts })
	if said := client.get(path).words(); !strings.Contains(said, "for more than one reason") || !strings.Contains(said, "It stays as long as the subscription is paid.") || !strings.Contains(said, "All in all, it has no end.") {
		t.Errorf("it says %s", said)
	}
	s.exec(t, "INSERT INTO account_app SELECT id, 'courses', 1, false FROM account WHERE slug = 'acme'")
	client.get(path).is(http.StatusNotFound)
	s.exec(t, "DELETE FROM account_app")
	s.exec(t, "UPDATE course SET published_at = NULL")
	client.get(path).is(http.StatusNotFound)
	s.exec(t, "UPDATE course SET published_at = '2026-01-01'")
	s.client(t, s.arrived(t, s.lumen, "zoe@example.com", "Zoe")).get(path).is(http.StatusNotFound)
}

// What hides a course from somebody stands on their page, whatever they were given.
func TestContactSaysWhatHidesACourse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, maya, _ := s.school(t)
	var tess string
	s.scan(t, "SELECT id::text FROM contact WHERE email = 'tess@example.com'", nil, &tess)
	for change, want := range map[string]string{
		"UPDATE course SET title = title":                                                         "",
		"UPDATE course SET published_at = NULL":                                                   "Does not see it: The course is a draft",
		"UPDATE course SET deleted_at = now()":                                                    "Does not see it: The course is deleted",
		"UPDATE course SET deleted_at = now(), published_at = NULL":                               "Does not see it: The course is deleted. The course is a draft",
		"INSERT INTO account_app SELECT id, 'courses', 1, false FROM account WHERE slug = 'acme'": "Does not see it: Courses are switched off for everybody",
	} {
		s.exec(t, change)
		p := maya.get("/acme/contacts/" + tess).is(http.StatusOK).has(".course-access")
		if said := p.words(); want == "" && strings.Contains(said, "Does not see it:") || !strings.Contains(said, want) {
			t.Errorf("after %s it says %s", change, said)
		}
		s.exec(t, "UPDATE course SET published_at = '2026-01-01', deleted_at = NULL")
		s.exec(t, "DELETE FROM account_app")
	}
}

// A draft in an app that is switched off is hidden twice, and wherever that is told, it is told twice.
func TestAllThatHidesACourseIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, people := s.school(t)
	var tess string
	s.scan(t, "SELECT id::text FROM contact WHERE email = 'tess@example.com'", nil, &tess)
	s.exec(t, "UPDATE course SET published_at = NULL WHERE id = $1", w.course)
	s.exec(t, "INSERT INTO account_app SELECT id, 'courses', 1, false FROM account WHERE slug = 'acme'")
	for path, want := range map[string]string{
		"/acme/contacts/" + tess: "Does not see it: The course is a draft. Courses are switched off for everybody",
		people:                   "This course is a draft, and courses are switched off, so nobody sees it",
		people + "/new":          "This course is a draft, and courses are switched off: they see it once",
	} {
		if said := maya.get(path).is(http.StatusOK).words(); !strings.Contains(said, want) {
			t.Errorf("%s says %s", path, said)
		}
	}
}

// Switching courses off names those who lose them first; nothing changes until that is answered.
func TestAppsAskWhoLosesCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, maya, _ := s.school(t)
	form := maya.get("/acme/apps").form("#apps-form", "label_home", "Start")
	form.values.Del("on_courses")
	before := s.everything(t, "account_app", "account", "audit")
	asked := maya.send(form.method, form.action, form.values).is(http.StatusOK).has("main #grants-losers", "input[type=hidden][name=label_home][value=Start]")
	if !strings.Contains(asked.words(), "This person loses all their courses.") || !strings.Contains(asked.words(), "Tess Taught") {
		t.Errorf("it says %s", asked.words())
	}
	maya.htmx().send(form.method, form.action, form.values).is(http.StatusOK).has("#apps-form #grants-losers").lacks("main")
	if s.everything(t, "account_app", "account", "audit") != before {
		t.Error("asking changed something")
	}
	maya.fill(asked, "button[name=sure]").leadsTo("/acme/apps")
	s.rows(t, 1, "account_app WHERE app = 'courses' AND NOT switched_on")
	s.rows(t, 1, "account_app WHERE app = 'home' AND label = 'Start'")
	maya.fill(maya.get("/acme/apps"), "#apps-form", "label_home", "Home again").leadsTo("/acme/apps") // they are off: nobody loses anything
	s.exec(t, "UPDATE account_app SET switched_on = true")
	s.exec(t, "UPDATE access_grant SET ended_at = $1, ended_because = 'revoked'", s.clock.now())
	maya.send(form.method, form.action, form.values).leadsTo("/acme/apps") // nobody has one
}

// Many contacts are enrolled by a task, which knows course, last day and whether they are told.
func TestEnrolMany(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	list := maya.get("/acme/contacts").form("form.choosing", "kind", "enrol")
	list.values.Set("all", "on")
	p := maya.send(list.method, list.action, list.values).is(http.StatusOK).has("[name=course]", "[name=ends]", "[name=mail]").lacks("[name=starts]")
	s.jobs(t)
	maya.fill(p, "#contacts-chosen", "ends", "never").is(http.StatusUnprocessableEntity).has("#field-ends-error")
	maya.fill(p, "#contacts-chosen", "course", queries.NewID().String()).is(http.StatusUnprocessableEntity).has("#field-course-error")
	to := maya.fill(p, "#contacts-chosen", "course", w.course.String(), "ends", "2027-01-31", "mail", "on").is(http.StatusSeeOther)
	s.inserted(t, "task_run")
	if name := words(maya.follow(to).one("h1")); name != "Enrol in “Clear goals”" {
		t.Errorf("the task is called %s", name)
	}
	s.rows(t, 1, `task WHERE kind = 'enrol' AND choice->'course'->>'id' = $1 AND choice->'course'->>'mail' = 'true' AND (choice->'course'->>'ends')::timestamptz = '2027-02-01'`, w.course.String())
	s.rows(t, 1, "audit WHERE action = 'contacts.enrol'")
	s.exec(t, "UPDATE course SET deleted_at = now()")
	maya.send(list.method, list.action, list.values).is(http.StatusOK).has(".notice-box-warning").lacks("[name=course]")
}

// Forms and imports can give a course; one of another account they cannot.
func TestFormsAndImportsGiveCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	foreign := s.taught(t, s.contact(t, s.lumen, "zoe@example.com", ""))
	f := s.form(t, s.acme, func(*queries.FormDraft) {})
	path := "/acme/forms/" + f.id.String()
	maya.fill(maya.get(path+"/edit"), "#forms-edit", "course", foreign.course.String()).is(http.StatusUnprocessableEntity).has("#field-course-error")
	maya.fill(maya.get(path+"/edit"), "#forms-edit", "course", w.course.String()).leadsTo(path)
	s.rows(t, 1, "form WHERE course_id = $1", w.course)
	maya.get(path + "/edit").has("#field-course option[value='" + w.course.String() + "'][selected]")
	if said := maya.get(path).words(); !strings.Contains(said, "is given a course") {
		t.Errorf("it says %s", said)
	}
	maya.fill(maya.get(path+"/edit"), "#forms-edit", "course", "").leadsTo(path)
	s.rows(t, 0, "form WHERE course_id IS NOT NULL")
	columns := maya.follow(maya.uploads("E-Mail\nana@example.com"))
	maya.fill(columns, "#imports-columns", "course", foreign.course.String()).is(http.StatusUnprocessableEntity).has("#field-course-error")
	maya.fill(columns, "#imports-columns", "course", w.course.String(), "ends", "yesterday").is(http.StatusUnprocessableEntity).has("#field-ends-error", "#field-course option[value='"+w.course.String()+"'][selected]")
	maya.fill(columns, "#imports-columns", "course", w.course.String(), "ends", "2020-01-31").is(http.StatusUnprocessableEntity).has("#field-ends-error")
	maya.fill(columns, "#imports-columns", "course", w.course.String(), "ends", "2027-01-31", "mail", "on").is(http.StatusSeeOther)
	s.rows(t, 1, "contact_import WHERE course_id = $1 AND course_ends_at = '2027-02-01' AND course_mail", w.course)
	var id string
	s.scan(t, "SELECT id::text FROM contact_import", nil, &id)
	s.exec(t, "UPDATE task SET state = 'done', finished_at = now(), counts = '{\"same\": 3}' WHERE import_id = $1", id)
	maya.get("/acme/contacts/import/"+id+"/columns").has("#field-ends[value='2027-01-31']", "#field-mail[checked]")
	p := maya.get("/acme/contacts/import/" + id).is(http.StatusOK).has("form[action='/acme/contacts/import/" + id + "/start'] button")
	if said := p.words(); !strings.Contains(said, "Everybody in this file is given “Clear goals” until 31 Jan 2027, also") || !strings.Contains(said, "A mail tells all") || !strings.Contains(said, "Import 3 contacts") {
		t.Errorf("it says %s", said)
	}
	for change, want := range map[string]string{
		"UPDATE course SET published_at = NULL":                                                                                     "because the course is a draft",
		"INSERT INTO account_app SELECT id, 'courses', 1, false FROM account":                                                       "because courses are switched off",
		"WITH draft AS (UPDATE course SET published_at = NULL) INSERT INTO account_app SELECT id, 'courses', 1, false FROM account": "because the course is a draft, and courses are switched off",
		"UPDATE contact_import SET course_ends_at = '2026-01-01'":                                                                   "Its last day is over.",
		"UPDATE course SET deleted_at = now() WHERE id = (SELECT course_id FROM contact_import)":                                    "The course was deleted.",
	} {
		s.exec(t, change)
		if said := words(maya.get("/acme/contacts/import/" + id).one("#imports-course")); !strings.Contains(said, want) {
			t.Errorf("after %s it says %s", change, said)
		}
		s.exec(t, "UPDATE course SET published_at = '2026-01-01', deleted_at = NULL")
		s.exec(t, "DELETE FROM account_app")
		s.exec(t, "UPDATE contact_import SET course_ends_at = NULL")
	}
	columns = maya.get("/acme/contacts/import/" + id + "/columns")
	maya.fill(columns, "#imports-columns", "course", "", "ends", "2027-01-31", "mail", "on").is(http.StatusSeeOther)
	s.rows(t, 1, "contact_import WHERE course_id IS NULL AND course_ends_at IS NULL AND NOT course_mail")
}
