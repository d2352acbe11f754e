package queries_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
)

func (a *tenant) audit(e queries.AuditEntry) {
	a.t.Helper()
	e.AccountID, e.Actor = a.id, "Maya <maya@acme.test>"
	check(a.t, queries.Audit(a.t.Context(), a.q, e))
}

// What was done stays done, whoever asks: neither the program nor its role in the database can change or remove a line.
func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.audit(queries.AuditEntry{At: noon, Action: "contact.create", On: queries.AuditSubject{Kind: "contact", Name: "ana@example.com"}})
	before := read[string](a, "SELECT string_agg(audit::text, '') FROM audit")
	for _, statement := range []string{"UPDATE audit SET actor = 'nobody'", "UPDATE audit SET note = note WHERE false", "DELETE FROM audit", "DELETE FROM audit WHERE false",
		"TRUNCATE audit", "INSERT INTO audit SELECT * FROM audit ON CONFLICT (account_id, id) DO UPDATE SET actor = 'nobody'",
		"MERGE INTO audit USING (SELECT 1) x ON true WHEN MATCHED THEN DELETE"} {
		if _, err := a.pool.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if after := read[string](a, "SELECT string_agg(audit::text, '') FROM audit"); after != before {
		t.Errorf("it was %s and is %s", before, after)
	}
	a.exec("DELETE FROM account WHERE id = $1", a.id)
	if n := read[int](a, "SELECT count(*) FROM audit"); n != 1 {
		t.Error("the trail went with the account")
	}
}

// names are the subjects of all pages of what is asked for, in order.
func (a *tenant) trail(asked queries.AuditAsked) (names []string) {
	a.t.Helper()
	asked.AccountID = a.id
	for more := true; more; {
		var lines []queries.AuditLine
		var err error
		lines, more, err = queries.ListAudit(a.t.Context(), a.q, asked)
		check(a.t, err)
		if len(lines) > asked.Size || more && len(lines) != asked.Size {
			a.t.Fatalf("a page of %d lines", len(lines))
		}
		for _, line := range lines {
			names, asked.Before = append(names, line.Subject), line.ID
		}
	}
	return names
}

func TestListAudit(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	maya, ben, subject := uuid.New(), uuid.New(), uuid.New()
	for i := range 12 { // an hour apart, every third by Ben, every fourth on the subject, out of order
		i = i * 5 % 12
		e := queries.AuditEntry{At: noon.Add(time.Duration(i) * time.Hour), StaffID: &maya, Action: "contact.create", On: queries.AuditSubject{Kind: "contact", Name: fmt.Sprint(i)}}
		if i%3 == 0 {
			e.StaffID, e.Action = &ben, "staff.role"
		}
		if i%4 == 0 {
			e.On.ID = &subject
		}
		a.audit(e)
	}
	lumen.audit(queries.AuditEntry{At: noon, StaffID: &maya, Action: "contact.create", On: queries.AuditSubject{Kind: "contact", ID: &subject, Name: "of Lumen"}})
	for want, asked := range map[string]queries.AuditAsked{
		"11 10 9 8 7 6 5 4 3 2 1 0": {},
		"9 6 3 0":                   {StaffID: &ben},
		"8 4 0":                     {SubjectID: &subject},
		"0":                         {SubjectID: &subject, StaffID: &ben},
		"11 10 8 7 5 4 2 1":         {Actions: []string{"contact.create", "contact.invite"}},
		"":                          {Actions: []string{"contact.delete"}},
		"6 5 4":                     {Since: noon.Add(4 * time.Hour), Until: noon.Add(7 * time.Hour)},
		"10 8 7 5 4":                {StaffID: &maya, Since: noon.Add(3 * time.Hour), Actions: []string{"contact.create"}, Until: noon.Add(11 * time.Hour)},
	} {
		for _, size := range []int{1, 3, 4, 50} {
			asked.Size = size
			if got := strings.Join(a.trail(asked), " "); got != want {
				t.Errorf("%+v: %s, want %s", asked, got, want)
			}
		}
	}
}

// Lines of one moment keep the order in which they were written.
func TestAuditKeepsTheOrderOfOneMoment(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for i := range 5 {
		a.audit(queries.AuditEntry{At: noon, Action: "contact.create", On: queries.AuditSubject{Kind: "contact", Name: fmt.Sprint(i)}})
	}
	if got := strings.Join(a.trail(queries.AuditAsked{Size: 2}), " "); got != "4 3 2 1 0" {
		t.Errorf("the order is %s", got)
	}
}
