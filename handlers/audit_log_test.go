package handlers

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// lines writes a number of lines into an account's trail, a minute apart, the newest at the site's time.
func (s *testSite) lines(t testing.TB, a account, n int, change func(i int, e *queries.AuditEntry)) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		for i := range n {
			e := queries.AuditEntry{AccountID: a.id, At: s.clock.now().Add(-time.Duration(n-1-i) * time.Minute), Actor: "Maya <maya@acme.example>", Action: "contact.create",
				On: queries.AuditSubject{Kind: "contact", Name: fmt.Sprintf("number-%d@example.com", i)}}
			if change != nil {
				change(i, &e)
			}
			if err := queries.Audit(t.Context(), q, e); err != nil {
				return err
			}
		}
		return nil
	})
}

var subjectForm = regexp.MustCompile(`<bdi>number-([0-9]+)<wbr>@example\.com</bdi>`)

// subjects are whom the lines of a page, or of a part of one, are about, in order.
func subjects(p *page) (found []string) {
	for _, match := range subjectForm.FindAllStringSubmatch(p.body, -1) {
		found = append(found, match[1])
	}
	return found
}

func TestAuditLogPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	b.get("/acme/audit-log").is(http.StatusOK).has(".empty").lacks("table")
	s.lines(t, s.acme, 2*auditPerPage+1, nil)
	s.lines(t, s.lumen, 1, nil)
	p, all := b.get("/acme/audit-log").is(http.StatusOK), []string{}
	for {
		all = append(all, subjects(p)...)
		if len(p.all("a[hx-target='#auditlog-more']")) == 0 {
			break
		}
		next := attr(p.one("a[hx-target='#auditlog-more']"), "href")
		b.get(next).is(http.StatusOK).has("main table") // without scripts
		p = b.htmx().get(next).is(http.StatusOK).lacks("main")
	}
	var want []string
	for i := 2 * auditPerPage; i >= 0; i-- {
		want = append(want, fmt.Sprint(i))
	}
	if !slices.Equal(all, want) {
		t.Errorf("the pages have %v", all)
	}
}

func TestAuditLogFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ben := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "ben@acme.example", queries.StaffRoleAdmin, s.acme)
	subject, former := uuid.New(), uuid.New()
	s.exec(t, "UPDATE account SET time_zone = 'Pacific/Auckland', changed_at = $2 WHERE id = $1", s.acme.id, noon.Add(time.Second))
	eventually(t, "the new zone is known", func() bool { return s.accounts.BySlug("acme").Location.String() == "Pacific/Auckland" })
	s.lines(t, s.acme, 6, func(i int, e *queries.AuditEntry) {
		e.At = noon.AddDate(0, 0, i-5) // 1:00 of the next day in Auckland
		e.StaffID = []*uuid.UUID{&maya.id, &ben.id, &former}[i%3]
		if i >= 4 {
			e.Action, e.On.ID = "staff.role", &subject
			e.Before, e.After = map[string]any{"role": "support", "same": 1}, map[string]any{"role": "admin", "same": 1}
		}
	})
	b := s.staff(t, ben)
	for query, want := range map[string]string{
		"":                                 "5 4 3 2 1 0",
		"?person=" + maya.id.String():      "3 0",
		"?person=" + former.String():       "5 2",
		"?person=" + uuid.NewString():      "",
		"?subject=" + subject.String():     "5 4",
		"?what=Contacts":                   "3 2 1 0",
		"?what=People":                     "5 4",
		"?what=nonsense&person=x&before=x": "5 4 3 2 1 0",
		"?from=2026-03-08&to=2026-03-09":   "3 2",
		"?to=2026-03-06":                   "0",
		"?from=2026-03-12":                 "",
		"?from=yesterday":                  "5 4 3 2 1 0",
		"?person=" + ben.id.String() + "&what=Contacts&subject=":      "1",
		"?person=" + ben.id.String() + "&subject=" + subject.String(): "4",
	} {
		p := b.get("/acme/audit-log" + query).is(http.StatusOK)
		if got := strings.Join(subjects(p), " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		if want == "" {
			p.has(".empty a[href='/acme/audit-log']")
			continue
		}
		records := s.exported(t, b, attr(p.one("a[download]"), "href"))
		if len(records) != 1+len(strings.Fields(want)) {
			t.Errorf("%s: the file has %d lines", query, len(records))
		}
	}
	p := b.get("/acme/audit-log?subject="+subject.String()).has(".chosen", "input[name=subject]")
	if row := words(p.one("tr.top-aligned")); !strings.Contains(row, "Changed the role of number-5@example.com") || !strings.Contains(row, "Role: support admin") ||
		strings.Contains(row, "Same") || !strings.Contains(row, "11 Mar 2026, 01:00") {
		t.Errorf("a line reads %s", row)
	}
	b.htmx().get("/acme/audit-log?what=Contacts").is(http.StatusOK).has("#auditlog-list").lacks("main", "form")
	p.says(t, "From and To are days in the time zone of your business, Pacific/Auckland, whatever zone the times below are shown in.")
	b.get("/acme/audit-log?person=" + former.String()).has("select option[value='" + former.String() + "'][selected]")
}

func (s *testSite) exported(t testing.TB, b *browser, path string) [][]string {
	t.Helper()
	p := b.get(path).is(http.StatusOK)
	if !strings.HasPrefix(p.header.Get("Content-Type"), "text/csv") || !strings.Contains(p.header.Get("Content-Disposition"), `filename="audit-log-acme-`) {
		t.Errorf("the file is %v", p.header)
	}
	records, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// The file has every line once, in order, over many of the pages in which it is read, and nothing a spreadsheet would run.
func TestAuditLogExport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	formulas := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "x;=1", "x\n @A", "＝1", "fine", `quoted "text", with commas`, ""}
	s.lines(t, s.acme, 1203, func(i int, e *queries.AuditEntry) {
		e.Note = formulas[i%len(formulas)]
		if i%len(formulas) == 0 {
			e.Actor, e.On.Name = "=cmd", "=cmd"
		}
	})
	records := s.exported(t, b, "/acme/audit-log/export")
	if len(records) != 1204 {
		t.Fatalf("%d lines", len(records))
	}
	for n, record := range records[1:] {
		i := 1202 - n
		note := queries.PlainCells(formulas[i%len(formulas)])[0]
		if strings.ReplaceAll(record[6], "\n", "") != strings.ReplaceAll(note, "\n", "") || record[3] != "contact.create" || (i%len(formulas) == 0) != (record[1] == "'=cmd" && record[4] == "'=cmd") {
			t.Fatalf("line %d is %q", i, record)
		}
		if at, err := time.Parse(time.RFC3339, record[0]); err != nil || !at.Equal(noon.Add(-time.Duration(n)*time.Minute)) {
			t.Fatalf("line %d is of %s", i, record[0])
		}
	}
	b.send(http.MethodHead, "/acme/audit-log/export", nil).is(http.StatusOK)
}

// What an admin reads about a contact is one step from its page; support has neither.
func TestAuditLogOfAContact(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	path := "/acme/contacts/" + ana.id.String()
	admin, support := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	support.fill(support.get(path).lacks("main a[href='/acme/audit-log?subject="+ana.id.String()+"']"), "form[action='"+path+"/invite']")
	p := admin.get(attr(admin.get(path).one("main a[href='/acme/audit-log?subject="+ana.id.String()+"']"), "href")).is(http.StatusOK)
	if row := words(p.one("tr.top-aligned")); !strings.Contains(row, "Invited ana@example.com to the portal") {
		t.Errorf("the line reads %s", row)
	}
	support.get("/acme").lacks("a[href='/acme/audit-log']", "a[href='/acme/people']")
	admin.get("/acme").has("a[href='/acme/audit-log']", "a[href='/acme/people']")
}

// The trail of a contact has what was done to those who were merged into it, as long as the merges stand, and so has its file.
func TestAuditLogOfMergedContacts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	people := map[string]contact{}
	for _, name := range []string{"ana", "ben", "cleo", "dan"} {
		people[name] = s.contact(t, s.acme, name+"@example.com", "")
		path := "/acme/contacts/" + people[name].id.String()
		b.fill(b.get(path), "form[action='"+path+"/invite']")
	}
	merge := func(kept, gone string) {
		t.Helper()
		page := "/acme/contacts/" + people[kept].id.String()
		b.fill(b.get(page+"/merge?other="+people[gone].id.String()), "form[action='"+page+"/merge']").leadsTo(page)
	}
	trail := func(name string) (invited string) {
		t.Helper()
		p := b.get("/acme/audit-log?what=Contacts&subject=" + people[name].id.String()).is(http.StatusOK)
		for _, record := range s.exported(t, b, attr(p.one("a[download]"), "href"))[1:] {
			if record[3] == "contact.invite" {
				invited += record[4] + " "
			}
		}
		if shown := strings.Count(words(p.one("table")), "to the portal"); shown != len(strings.Fields(invited)) {
			t.Errorf("%s: the page has %d lines, the file %s", name, shown, invited)
		}
		if about := words(p.one(".chosen b")); about != people[name].email {
			t.Errorf("%s: the page says it is about %s", name, about)
		}
		return strings.TrimSpace(invited)
	}
	merge("ben", "cleo")
	merge("ana", "ben")
	for name, want := range map[string]string{"ana": "cleo@example.com ben@example.com ana@example.com", "ben": "ben@example.com", "dan": "dan@example.com"} {
		if got := trail(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	page := "/acme/contacts/" + people["ana"].id.String()
	b.fill(b.get(page), "#unmerge form").leadsTo(page)
	for name, want := range map[string]string{"ana": "ana@example.com", "ben": "cleo@example.com ben@example.com"} {
		if got := trail(name); got != want {
			t.Errorf("parted, %s: %s, want %s", name, got, want)
		}
	}
}
