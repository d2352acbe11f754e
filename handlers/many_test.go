package handlers

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// courses adds drafts at the end of acme's list.
func (s *testSite) courses(t testing.TB, n int) {
	t.Helper()
	s.exec(t, `INSERT INTO course (account_id, id, title, position, created_at, changed_at)
		SELECT $1, gen_random_uuid(), 'One of many ' || n, 1000 + n, $2, $2 FROM generate_series(1, $3::integer) n`, s.acme.id, s.clock.now(), n)
}

// inTable reads rows that came without the table they are for.
func (p *page) inTable() *page {
	p.body, p.parsed = "<table>"+p.body+"</table>", nil
	return p
}

// An account may have more courses than anybody thought of: forms that choose among them show all, the last as well, so that saving one takes
// nothing away that was chosen before.
func TestFormsChooseAmongAllCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	s.courses(t, 520)
	s.exec(t, "DELETE FROM offer_course")
	s.exec(t, "INSERT INTO offer_course SELECT account_id, $1, id FROM course WHERE account_id = $2", w.offer, s.acme.id)
	offer := "/acme/offers/" + w.offer.String()
	maya.fill(maya.get(offer+"/edit").is(http.StatusOK), "#offers-edit", "title", "Everything").leadsTo(offer)
	s.rows(t, 521, "offer_course WHERE offer_id = $1", w.offer)
	maya.fill(maya.get(offer+"/edit").is(http.StatusOK), "#offers-edit").leadsTo(offer)
	s.rows(t, 1, "audit WHERE action = 'offer.change'") // the second time nothing was changed

	var last, form uuid.UUID
	s.scan(t, "SELECT id FROM course WHERE title = 'One of many 520'", nil, &last)
	made := maya.fill(maya.get("/acme/forms/new"), "#forms-edit", "title", "Free call", "course", last.String()).is(http.StatusSeeOther).header.Get("Location")
	s.scan(t, "SELECT id FROM form WHERE course_id = $1", []any{last}, &form)
	maya.fill(maya.get(made+"/edit"), "#forms-edit", "title", "Free talk").leadsTo(made)
	s.rows(t, 1, "form WHERE id = $1 AND course_id = $2 AND title = 'Free talk'", form, last)

	tess := "/acme/contacts/" + s.contactID(t, "tess@example.com").String()
	maya.fill(maya.get(tess+"/enrol"), "#grants-enrol", "course", last.String()).leadsTo(tess)
	s.rows(t, 1, "access_grant WHERE course_id = $1 AND source = $2", last, queries.GrantSourceManual)
}

// Offers and forms come by pages, newest first, each once; a plain link leads to the next page, htmx adds its rows.
func TestListsComeByPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, maya, _ := s.school(t)
	s.exec(t, "DELETE FROM offer")
	s.exec(t, "INSERT INTO offer (account_id, id, name, title, created_at, changed_at) SELECT $1, gen_random_uuid(), 'many-' || n, 'Many ' || n, $2, $2 FROM generate_series(1, $3::integer) n",
		s.acme.id, s.clock.now(), offersPerPage+3)
	s.exec(t, `INSERT INTO form (account_id, id, name, title, fields, button, thanks, confirm, invite, created_at, changed_at)
		SELECT $1, gen_random_uuid(), 'many-' || n, 'Many ' || n, '[]', 'Send', 'Thanks', true, true, $2, $2 FROM generate_series(1, $3::integer) n`, s.acme.id, s.clock.now(), formsPerPage+3)
	for _, list := range []struct {
		noun string
		page int
	}{{"offers", offersPerPage}, {"forms", formsPerPage}} {
		first := maya.get("/acme/" + list.noun).is(http.StatusOK)
		next := attr(first.one("#"+list.noun+"-older a"), "href")
		seen := map[string]bool{}
		for at, p := range map[string]*page{"first": first, "more": maya.htmx().get(next).is(http.StatusOK).inTable().lacks("main", "#"+list.noun+"-older").has("[autofocus]"), "plain": maya.get(next).is(http.StatusOK).has("main")} {
			rows := p.listed()
			if want := map[string]int{"first": list.page, "more": 3, "plain": 3}[at]; len(rows) != want {
				t.Errorf("%s, %s: %d rows, want %d", list.noun, at, len(rows), want)
			}
			for _, row := range rows {
				seen[row] = true
			}
		}
		if len(seen) != list.page+3 {
			t.Errorf("%s: %d of %d are in the list", list.noun, len(seen), list.page+3)
		}
	}
}

// Courses come by pages in their order. Once one is moved as much of the list is shown as before, also where it went over the end of a page.
func TestCoursesComeByPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, maya, _ := s.school(t)
	s.exec(t, "UPDATE course SET position = 1")
	s.courses(t, coursesPerPage+2) // with the school's one more than on a page and two
	id := func(title string) (id string) {
		s.scan(t, "SELECT id::text FROM course WHERE title = $1", []any{title}, &id)
		return id
	}
	last, over := fmt.Sprintf("One of many %d", coursesPerPage-1), fmt.Sprintf("One of many %d", coursesPerPage)
	first := maya.get("/acme/courses").is(http.StatusOK)
	if got := first.listed(); len(got) != coursesPerPage || got[0] != "Clear goals" || got[coursesPerPage-1] != last {
		t.Fatalf("the first page has %q", got)
	}
	first.has("#courses-up-" + id("Clear goals") + "[aria-disabled]").lacks("#courses-down-" + id(last) + "[aria-disabled]")
	more := maya.htmx().get(attr(first.one("#courses-more a"), "href")).is(http.StatusOK).inTable().lacks("main", "#courses-more a").has("#courses-more[hidden]").lacks("#courses-up-" + id(over) + "[aria-disabled]")
	if got := more.listed(); len(got) != 3 || got[0] != over {
		t.Fatalf("the next page has %q", got)
	}
	if got := maya.get(attr(first.one("#courses-more a"), "href")).is(http.StatusOK).has("main").listed(); len(got) != 3 {
		t.Errorf("the plain next page has %q", got)
	}
	move := func(title, to string, of *page) []string {
		t.Helper()
		form := of.form("#courses-row-" + id(title) + " form")
		form.values.Set("to", to)
		for _, name := range []string{"from", "shown"} { // by hx-include
			form.values.Set(name, attr(of.one("#courses-more [name="+name+"]"), "value"))
		}
		return maya.htmx().send(form.method, form.action, form.values).is(http.StatusOK).lacks("main").listed()
	}
	if got := move(last, "down", first); len(got) != coursesPerPage+1 || got[coursesPerPage] != last {
		t.Errorf("moved over the end of the page: %q", got)
	}
	if got := move(over, "down", more); len(got) != coursesPerPage+3 || got[coursesPerPage-1] != last || got[coursesPerPage] != over {
		t.Errorf("moved with all pages shown: %q", got)
	}
}

// A client's invoices come by pages too; what is said of all of them counts those that stand on another page.
func TestInvoicesToPayOfAllPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.invoice(t, ana, nil)
	for range invoicesPerPage {
		s.clock.move(time.Second)
		s.invoice(t, ana, columns{"state": "paid", "payment": "succeeded", "paid_minor": 12000, "remaining_minor": 0, "paid_at": noon})
	}
	first := s.client(t, ana).get("/invoices").is(http.StatusOK).lacks("#invoices-open")
	if said := words(first.one("header.page-head p")); said != "1 invoice is to be paid." {
		t.Errorf("it says %q", said)
	}
}
