package handlers

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// auditPerPage is how many lines of the trail are shown at a time.
const auditPerPage = 50

// auditLogPage is the trail of the account: who did what, on whom, when, from where.
type auditLogPage struct {
	views.Page
	Person  views.Select
	Group   views.Select
	From    views.Field
	To      views.Field
	Zone    string // whose days From and To are
	Subject string // id of the one thing the trail is narrowed to; empty: all
	About   string // its name
	Rows    []auditRow
	More    string // address of the next page; empty: there is none
	Export  string // address of the file with all that fits the filters
	None    views.Empty
}

// auditRow is one line.
type auditRow struct {
	ID        uuid.UUID
	At        time.Time
	Who       string
	Address   string // of who; empty when it stands as the name
	Word      auditWord
	Subject   string
	Href      string // the trail of the same subject; empty when it has no id
	Note      string
	IP        string // empty: the program did it
	Changes   []auditChange
	PersonRef string // what the same person did; empty: not staff
}

// auditAsked is what the address asks for.
func auditAsked(c *fiber.Ctx) queries.AuditAsked {
	v := at(c)
	a := queries.AuditAsked{AccountID: v.account.ID, Size: auditPerPage}
	if id, err := uuid.Parse(c.Query("person")); err == nil {
		a.StaffID = &id
	}
	if id, err := uuid.Parse(c.Query("subject")); err == nil {
		a.SubjectID = &id
	}
	if id, err := uuid.Parse(c.Query("before")); err == nil {
		a.Before = id
	}
	a.Actions = actionsOf(c.Query("what"))
	a.Since = dayOf(c.Query("from"), v.now.Location())
	if last := dayOf(c.Query("to"), v.now.Location()); !last.IsZero() {
		a.Until = last.AddDate(0, 0, 1)
	}
	return a
}

// dayOf is the beginning of a day as date fields send it; zero for anything else.
func dayOf(text string, zone *time.Location) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}
	}
	return day
}

// auditLogIndex shows the trail, narrowed and page by page.
func (s *Site) auditLogIndex(c *fiber.Ctx) error {
	v, asked := at(c), auditAsked(c)
	loaded, err := queries.LoadAuditPage(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	filters := url.Values{}
	for _, name := range []string{"person", "what", "from", "to", "subject"} {
		if value := c.Query(name); value != "" {
			filters.Set(name, value)
		}
	}
	p := &auditLogPage{Page: s.page(c, "Audit log"), Export: v.base() + "/audit-log/export?" + filters.Encode(),
		Person: views.Select{Name: "person", Label: "Who", Value: c.Query("person"), Options: []views.Option{{Label: "Everybody"}}},
		Group:  views.Select{Name: "what", Label: "What", Value: c.Query("what"), Options: []views.Option{{Label: "Everything"}}},
		From:   views.Field{Name: "from", Label: "From", Type: "date", Value: c.Query("from")}, To: views.Field{Name: "to", Label: "To", Type: "date", Value: c.Query("to")}, Zone: v.now.Location().String(),
		None: views.Empty{Icon: "book-open", Title: "Nothing yet", Text: "Whatever staff change is written here: who, what, on whom, when and from where."}}
	for _, line := range loaded.Lines {
		p.Rows = append(p.Rows, v.auditRow(line))
	}
	if loaded.More {
		filters.Set("before", loaded.Lines[len(loaded.Lines)-1].ID.String())
		p.More = v.base() + "/audit-log?" + filters.Encode()
		filters.Del("before")
	}
	p.offer(loaded, asked)
	if len(filters) > 0 {
		p.None = views.Empty{Icon: "search", Title: "Nothing fits", Text: "No line of the log fits these filters.", Action: "Show everything", Href: v.base() + "/audit-log"}
	}
	if asked.Before != uuid.Nil && isFragment(c) {
		return render(c, views.FrameAdmin, "auditlog/index", "auditlog/_more", p)
	}
	return render(c, views.FrameAdmin, "auditlog/index", "auditlog/_list", p)
}

// offer fills what the trail can be narrowed to, and says what it is narrowed to.
func (p *auditLogPage) offer(loaded queries.AuditPage, asked queries.AuditAsked) {
	known := asked.StaffID == nil
	for _, row := range loaded.Staff {
		p.Person.Options = append(p.Person.Options, views.Option{Value: row.StaffID.String(), Label: orElse(row.Name, row.Email)})
		known = known || row.StaffID == *asked.StaffID
	}
	if !known {
		former := views.Option{Value: asked.StaffID.String(), Label: "Somebody who left"}
		if len(p.Rows) > 0 {
			former.Label = p.Rows[0].Who
		}
		p.Person.Options = append(p.Person.Options, former)
	}
	for _, group := range auditGroups {
		p.Group.Options = append(p.Group.Options, views.Option{Value: group, Label: group})
	}
	if asked.SubjectID != nil {
		p.Subject, p.About = asked.SubjectID.String(), "one thing"
		own := slices.IndexFunc(loaded.Lines, func(line queries.AuditLine) bool { return *line.SubjectID == *asked.SubjectID })
		if len(loaded.Lines) > 0 { // -1: this page has only lines about those who were merged into it
			p.About = loaded.Lines[max(own, 0)].Subject
		}
	}
}

func (v *visit) auditRow(line queries.AuditLine) auditRow {
	r := auditRow{ID: line.ID, At: line.At.In(v.now.Location()), Who: line.Actor, Word: auditWordOf(line.Action), Subject: line.Subject, Note: line.Note,
		Changes: auditChanges(line.Was, line.Became)}
	if len(r.Changes) > 0 {
		r.Note = "" // it sums them up, for a contact's timeline
	}
	if name, address, found := strings.Cut(line.Actor, " <"); found {
		r.Who, r.Address = name, strings.TrimSuffix(address, ">")
	}
	if line.IP != nil {
		r.IP = line.IP.String()
	}
	if line.SubjectID != nil {
		r.Href = v.base() + "/audit-log?subject=" + line.SubjectID.String()
	}
	if line.StaffID != nil {
		r.PersonRef = v.base() + "/audit-log?person=" + line.StaffID.String()
	}
	return r
}
