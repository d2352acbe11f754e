package handlers

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// importRowsPerPage is how many rows of a file a page shows at a time.
const importRowsPerPage = 100

// importPage is one import: how far it is, what it will do or did, and each row with what was understood.
type importPage struct {
	views.Page
	Name     string
	By       string
	Created  views.Moment
	State    contactState
	Progress *taskProgress // of what is being done right now; nil: nothing is
	Problem  string        // why it stopped; empty: it did not
	Ready    int64         // rows that the import would still do
	Stopped  bool          // some were done before it stopped
	Invites  bool          // new contacts are invited by it
	Course   importCourse
	Start    string // where the button posts to; empty: there is nothing to start
	Columns  string // the page of the columns; empty: they can no longer be chosen
	CSV      string // the rows as a file; empty: there are none yet
	Outcomes []outcomeCount
	Rows     importRows
	None     views.Empty    // what to say when there are no rows
	Discard  *views.Confirm // the question before it is removed; nil: something is being done
}

// importCourse is what everybody in the file is given.
type importCourse struct {
	Title string    // empty: nothing
	Ends  time.Time // the last day of it; zero: no end
	Told  string    // whether they are told, a sentence; empty: they are not
	Lost  string    // why it is given to nobody; empty: it is
}

func (v *visit) importCourse(i queries.ImportByIDRow) importCourse {
	k := importCourse{Title: i.CourseTitle}
	if i.CourseEndsAt != nil {
		k.Ends = v.lastDay(*i.CourseEndsAt)
	}
	switch {
	case i.CourseDeleted:
		k.Lost = "The course was deleted."
	case i.CourseEndsAt != nil && !i.CourseEndsAt.After(v.now):
		k.Lost = "Its last day is over."
	case i.CourseMail && i.CourseDraft && !i.CoursesOn:
		k.Told = "No mail tells them, because the course is a draft, and courses are switched off."
	case i.CourseMail && i.CourseDraft:
		k.Told = "No mail tells them, because the course is a draft."
	case i.CourseMail && !i.CoursesOn:
		k.Told = "No mail tells them, because courses are switched off."
	case i.CourseMail:
		k.Told = "A mail tells all who do not have it already."
	}
	return k
}

// importRows is a page of rows and the way to the next one.
type importRows struct {
	Rows []importRowLine
	More string // empty: there is no more
}

// importRowsPage is the next page of rows, sent alone.
type importRowsPage struct {
	views.Page
	Rows importRows
}

// importRowLine is one row of the file.
type importRowLine struct {
	Line  int64
	Name  string // or the address, or what stands in its place
	Email string // empty when it stands as the name
	Rest  string // phone, company, tags and note
	Href  string // the contact; empty: there is none
	State contactState
	Note  string
}

func (s *Site) importsShow(c *fiber.Ctx) error {
	v := at(c)
	id, err := importOf(c)
	if err != nil {
		return err
	}
	only := queries.TaskOutcome(oneOf(c.Query("outcome"), importOutcomes...))
	loaded, err := queries.LoadImport(c.UserContext(), s.DB, queries.ImportAsked{AccountID: v.account.ID, ID: id, Outcome: only,
		After: afterNumber(c.Query("after")), Size: importRowsPerPage + 1})
	if err != nil {
		return err
	}
	if len(loaded.Tasks) == 0 {
		return goTo{v.base() + "/contacts/import/" + id.String() + "/columns"}
	}
	p, err := s.newImportPage(c, loaded, only)
	if err != nil {
		return err
	}
	if c.Query("after") != "" && isFragment(c) {
		return render(c, views.FrameAdmin, "imports/show", "imports/_more", &importRowsPage{p.Page, p.Rows})
	}
	return render(c, views.FrameAdmin, "imports/show", "", p)
}

// importOutcomes are what a row can come to, in the order they are told.
var importOutcomes = []string{string(queries.TaskOutcomeNew), string(queries.TaskOutcomeUpdated), string(queries.TaskOutcomeSame), string(queries.TaskOutcomeDuplicate), string(queries.TaskOutcomeInvalid)}

func (s *Site) newImportPage(c *fiber.Ctx, loaded queries.ImportPage, only queries.TaskOutcome) (*importPage, error) {
	v, i := at(c), loaded.Import
	stage, err := stageOf(loaded.Tasks, loaded.Import.CourseID != nil)
	if err != nil {
		return nil, err
	}
	path := v.base() + "/contacts/import/" + i.ID.String()
	p := &importPage{Page: s.page(c, i.FileName), Name: i.FileName, By: i.StaffName, Created: v.moment(&i.CreatedAt), State: stage.state(), Problem: stage.problem,
		Ready: stage.left, Stopped: stage.runs > 0 && stage.open == nil && stage.left > 0, Invites: i.Invite, Course: v.importCourse(i)}
	if stage.open != nil {
		p.Progress = s.importProgress(v, *stage.open, p.Token)
	} else {
		discard := importDiscard(path, i.FileName, p.Token, stage.runs > 0)
		p.Discard = &discard
	}
	if stage.open == nil && stage.check != nil && stage.left > 0 {
		p.Start = path + "/start"
	}
	if stage.open == nil && stage.runs == 0 {
		p.Columns = path + "/columns"
	}
	p.None = views.Empty{Icon: "file-text", Title: "No row is like that", Text: "Another part of the file has some."}
	total := outcomeCount{Label: "All", Href: path, Current: only == ""}
	for _, outcome := range importOutcomes {
		o := queries.TaskOutcome(outcome)
		total.N += stage.counts[o]
		p.Outcomes = append(p.Outcomes, outcomeCount{Outcome: o, Label: outcomeWords(o), N: stage.counts[o], Href: path + "?outcome=" + outcome, Current: only == o})
	}
	p.Outcomes = append([]outcomeCount{total}, p.Outcomes...)
	if total.N == 0 {
		p.None.Title, p.None.Text = "There are no rows", "Nothing of this file has been checked."
	}
	if stage.open == nil && stage.check != nil {
		p.CSV = path + "/outcome.csv"
	}
	rows := loaded.Rows
	if len(rows) > importRowsPerPage {
		rows = rows[:importRowsPerPage]
		p.Rows.More = path + "?" + url.Values{"outcome": {string(only)}, "after": {strconv.FormatInt(rows[importRowsPerPage-1].RowNumber, 10)}}.Encode()
	}
	for _, row := range rows {
		p.Rows.Rows = append(p.Rows.Rows, v.importRowLine(row, stage.runs > 0))
	}
	return p, nil
}

// importProgress is how far the work on an import is, as the page of its task tells it.
func (s *Site) importProgress(v *visit, t queries.ImportTasksRow, token string) *taskProgress {
	row := taskRow{ID: t.ID, Name: taskWords(t.Kind, queries.TaskChoice{}), Href: v.base() + "/tasks/" + t.ID.String(), State: taskState(t.State), Open: true,
		Waiting: t.State == queries.TaskStateQueued, Done: t.Done}
	if t.Total != nil {
		row.Total = *t.Total
	}
	p := s.newTaskProgress(v, row, queries.TaskByIDRow{ID: t.ID, Kind: t.Kind, State: t.State, Done: t.Done, Problem: t.Problem, CancelAskedAt: t.CancelAskedAt})
	p.Token = token
	p.CancelBox = views.Confirm{ID: "cancel-task", Title: "Stop this?", Text: "What is done stays done; the rest is left as it is. You can go on with it later.", Verb: "Stop it",
		Action: p.Cancel, Token: token}
	return &p
}

func (v *visit) importRowLine(row queries.ImportRowListRow, ran bool) importRowLine {
	if row.Email == nil { // refused: whatever stands in the file
		row.Name, row.Typed, row.Phone, row.Company = shortText(row.Name), shortText(row.Typed), shortText(row.Phone), shortText(row.Company)
		row.Tags = []string{shortText(strings.Join(row.Tags, ", "))}
	}
	r := importRowLine{Line: row.RowNumber, Name: orElse(row.Name, row.Typed), State: importRowState(row, ran), Note: row.Reason}
	if row.Name != "" {
		r.Email = row.Typed
	}
	if row.Email != nil {
		if r.Name = orElse(row.Name, *row.Email); row.Name != "" {
			r.Email = *row.Email
		}
	}
	r.Name = orElse(r.Name, "No address")
	r.Rest = strings.Join(filled(row.Phone, row.Company, strings.Join(row.Tags, ", "), shortText(row.Note)), " · ")
	if row.ContactID != nil {
		r.Href = v.base() + "/contacts/" + row.ContactID.String()
	}
	return r
}

func filled(texts ...string) (some []string) {
	for _, text := range texts {
		if text != "" {
			some = append(some, text)
		}
	}
	return some
}

// importRowState is what a row will do, or did; ran says whether a real run has begun.
func importRowState(row queries.ImportRowListRow, ran bool) contactState {
	switch row.Outcome {
	case queries.TaskOutcomeNew, queries.TaskOutcomeUpdated:
		if ran && row.ContactID == nil {
			return contactState{"Not imported", "warning", "clock"}
		}
		return contactState{outcomeWords(row.Outcome), map[queries.TaskOutcome]string{queries.TaskOutcomeNew: "success", queries.TaskOutcomeUpdated: "info"}[row.Outcome], "circle-check"}
	case queries.TaskOutcomeInvalid:
		return contactState{outcomeWords(row.Outcome), "error", "circle-alert"}
	}
	return contactState{outcomeWords(row.Outcome), "", "copy"}
}
