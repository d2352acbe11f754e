package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/csvfile"
	"atrium/queries"
	"atrium/views"
)

// How much of a file is looked at to tell its columns, and how much of that is shown.
const (
	sampleRows = 20
	shownRows  = 3
)

// importColumnsPage asks what the columns of a file are.
type importColumnsPage struct {
	views.Page
	Path      string // of the import
	Name      string
	Size      string
	Encoding  views.Select
	Delimiter views.Select
	Heading   views.Select
	Columns   []importColumn
	Problem   string // what is wrong with the choice as a whole; empty: nothing
	Tags      views.Field
	Update    views.Check
	Invite    views.Check
	Discard   views.Confirm
	Course    views.Select // without options: there is no course
	Ends      views.Field  // the last day of it
	Mail      views.Check  // whether they are told
	courses   []queries.GrantCoursesRow
}

// importColumn is one column with what stands in it first.
type importColumn struct {
	Name   string
	Cells  []string     // of the first rows, empty ones too, so that the lines of all columns are the same rows
	First  string       // the first one that is filled; empty: none in the rows looked at
	Later  bool         // which is further down
	Values views.Select // the field it fills
}

var encodingOptions = []views.Option{{Value: string(csvfile.UTF8), Label: "UTF-8"}, {Value: string(csvfile.Latin1), Label: "Western (Windows-1252)"},
	{Value: string(csvfile.UTF16LE), Label: "UTF-16"}, {Value: string(csvfile.UTF16BE), Label: "UTF-16, big-endian"}}

// delimiters are the words that forms have for characters which would not come through them.
var delimiters = map[string]string{"comma": ",", "semicolon": ";", "tab": "\t"}

var delimiterOptions = []views.Option{{Value: "comma", Label: "Comma"}, {Value: "semicolon", Label: "Semicolon"}, {Value: "tab", Label: "Tab"}}

var headingOptions = []views.Option{{Value: "yes", Label: "Names the columns"}, {Value: "no", Label: "Is a contact already"}}

var fieldOptions = []views.Option{{Value: "", Label: "Leave out"}, {Value: string(queries.ImportEmail), Label: "E-mail address"}, {Value: string(queries.ImportName), Label: "Name"},
	{Value: string(queries.ImportFirstName), Label: "First name"}, {Value: string(queries.ImportLastName), Label: "Last name"}, {Value: string(queries.ImportPhone), Label: "Phone"},
	{Value: string(queries.ImportCompany), Label: "Company"}, {Value: string(queries.ImportTags), Label: "Tags"}, {Value: string(queries.ImportNote), Label: "Note"}}

// reading is how a file is read: as was found out, unless somebody says otherwise.
type reading struct {
	csvfile.Format
	hasHeader bool
	rows      []csvfile.Row
	columns   []string
}

// readAs takes what the query or form says about the format, and what is stored for the rest, and reads the head so.
func readAs(loaded queries.ImportPage, encoding, delimiter, heading string) (r reading) {
	i := loaded.Import
	r.Encoding, r.Delimiter, r.hasHeader = csvfile.Encoding(i.Encoding), []rune(i.Delimiter)[0], i.HasHeader
	if e := csvfile.Encoding(encoding); e.Valid() {
		r.Encoding = e
	}
	if d, known := delimiters[delimiter]; known {
		r.Delimiter = []rune(d)[0]
	}
	if heading != "" {
		r.hasHeader = heading == "yes"
	}
	r.rows = csvfile.Sample(loaded.Head.Content, r.Format, sampleRows)
	if len(r.rows) == 0 {
		r.hasHeader = false
		return r
	}
	r.columns = headings(r.rows, r.hasHeader)
	return r
}

// loadForColumns is an import whose columns can still be chosen; when it is being worked on or was imported, the page of it
// says so instead.
func (s *Site) loadForColumns(c *fiber.Ctx) (queries.ImportPage, error) {
	v := at(c)
	id, err := importOf(c)
	if err != nil {
		return queries.ImportPage{}, err
	}
	loaded, err := queries.LoadImport(c.UserContext(), s.DB, queries.ImportAsked{AccountID: v.account.ID, ID: id, Head: true, Now: v.now})
	if err == nil && len(loaded.Tasks) > 0 && (loaded.Tasks[0].FinishedAt == nil || loaded.Tasks[0].Kind == queries.TaskKindImport) {
		err = goTo{v.base() + "/contacts/import/" + id.String()}
	}
	return loaded, err
}

func (s *Site) importsColumns(c *fiber.Ctx) error {
	loaded, err := s.loadForColumns(c)
	if err != nil {
		return err
	}
	i := loaded.Import
	r := readAs(loaded, c.Query("encoding"), c.Query("delimiter"), c.Query("heading"))
	mapping := i.Mapping // as it was chosen before, unless the file is read in another way now
	if len(mapping) == 0 || !slices.Equal(r.columns, i.Columns) {
		mapping = guessMapping(r.columns, r.rows, r.hasHeader)
	}
	p := s.newImportColumnsPage(c, loaded, r, mapping)
	p.Tags.Value, p.Update.Checked, p.Invite.Checked = strings.Join(i.Tags, ", "), i.UpdateKnown, i.Invite
	p.Mail.Checked = i.CourseMail
	if i.CourseID != nil {
		p.Course.Value = i.CourseID.String()
	}
	if i.CourseEndsAt != nil {
		p.Ends.Value = at(c).lastDay(*i.CourseEndsAt).Format(time.DateOnly)
	}
	return render(c, views.FrameAdmin, "imports/columns", "imports/_columns", p)
}

func (s *Site) newImportColumnsPage(c *fiber.Ctx, loaded queries.ImportPage, r reading, mapping []string) *importColumnsPage {
	i := loaded.Import
	p := &importColumnsPage{Page: s.page(c, "What the columns are"), Path: at(c).base() + "/contacts/import/" + i.ID.String(), Name: i.FileName, Size: sizeWords(i.SizeBytes),
		Encoding:  views.Select{Name: "encoding", Label: "Characters", Value: string(r.Encoding), Options: encodingOptions},
		Delimiter: views.Select{Name: "delimiter", Label: "Between columns", Options: delimiterOptions},
		Heading:   views.Select{Name: "heading", Label: "First row", Value: "no", Options: headingOptions},
		Tags:      views.Field{Name: "tags", Label: "Tags for everybody in this file", Placeholder: "newsletter, spring 2026", Hint: "With commas between them. Can be left empty.", MaxLength: 400},
		Update: views.Check{Name: "update", Label: "Update contacts you know already", Hint: "What the file says replaces what is there; empty cells change nothing. " +
			"Without this, known contacts are left as they are, tags included."},
		Invite:  views.Check{Name: "invite", Label: "Invite the new ones to the client portal", Hint: "Each gets an invitation by mail once the import runs; the check sends nothing."},
		courses: loaded.Courses,
	}
	if len(loaded.Courses) > 0 {
		p.Course = courseSelect(loaded.Courses, "")
		p.Course.Label, p.Course.Hint = "Course for everybody in this file", "New and known contacts are given it once the import runs."
		form := newEnrolForm(c)
		p.Ends, p.Mail = form.Ends, form.Mail
		p.Ends.Label, p.Ends.Hint = "Last day of the course", "Left empty, it has no end."
		p.Mail.Label, p.Mail.Hint = "Tell them by mail that the course is ready", "With a link to it, as they are imported; whoever has never been here is signed in by it. Not those who have the course already, and nobody while it is a draft."
		p.Course.Options = append([]views.Option{{Label: "None"}}, p.Course.Options...)
	}
	p.Discard = importDiscard(p.Path, p.Name, p.Token, false)
	if r.hasHeader {
		p.Heading.Value = "yes"
	}
	for word, d := range delimiters {
		if d == string(r.Delimiter) {
			p.Delimiter.Value = word
		}
	}
	rows := r.rows
	if r.hasHeader {
		rows = rows[1:]
	}
	for n, name := range r.columns {
		column := importColumn{Name: name, Values: views.Select{Name: "column-" + strconv.Itoa(n), Label: "“" + name + "” is", Options: fieldOptions}}
		if n < len(mapping) {
			column.Values.Value = mapping[n]
		}
		for _, row := range rows {
			if row.Problem != "" {
				continue // it has no cells to show
			}
			cell := ""
			if n < len(row.Cells) {
				cell = shortText(row.Cells[n])
			}
			shown := len(column.Cells) < shownRows
			if shown {
				column.Cells = append(column.Cells, cell)
			}
			if column.First == "" && cell != "" {
				column.First, column.Later = cell, !shown
			}
		}
		p.Columns = append(p.Columns, column)
	}
	if len(r.columns) == 0 {
		p.Problem = "Read like this, there is nothing in the file."
	}
	return p
}

// shortText is a cell in one line.
func shortText(cell string) string {
	cell = strings.Join(strings.Fields(cell), " ")
	if letters := []rune(cell); len(letters) > 60 {
		return string(letters[:60]) + "…"
	}
	return cell
}

func sizeWords(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, bytes>>10))
	}
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.2f GB", float64(bytes)/(1<<30))
}

// importsSaveColumns keeps what the columns are and has the file checked, which changes no contact.
func (s *Site) importsSaveColumns(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	loaded, err := s.loadForColumns(c)
	if err != nil {
		return err
	}
	i := loaded.Import
	r := readAs(loaded, c.FormValue("encoding"), c.FormValue("delimiter"), c.FormValue("heading"))
	mapping := make([]string, len(r.columns))
	for n := range mapping {
		mapping[n] = c.FormValue("column-" + strconv.Itoa(n))
	}
	p := s.newImportColumnsPage(c, loaded, r, mapping)
	p.Course.Value = c.FormValue("course")
	course, known := chosenCourse(p.courses, p.Course.Value)
	if p.Course.Value != "" && !known {
		p.Course.Error = "Choose one of these courses, or none."
	}
	var ends *time.Time
	if known {
		form := enrolForm{Ends: p.Ends}
		_, ends, _ = form.span(v)
		p.Ends = form.Ends
	}
	p.Tags.Value, p.Update.Checked, p.Invite.Checked = c.FormValue("tags"), c.FormValue("update") != "", c.FormValue("invite") != ""
	tags := queries.SplitTags(p.Tags.Value)
	p.Problem = orElse(p.Problem, mappingProblem(mapping))
	p.Tags.Refuse(messageOf(queries.CheckTags(tags)))
	if p.Problem != "" || p.Tags.Error != "" || p.Course.Error != "" || p.Ends.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "imports/columns", "imports/_columns", p)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := mayWorkOn(ctx, q, v.account.ID, i.ID, queries.TaskKindImportCheck); err != nil {
			return err
		}
		if err := q.ImportSetColumns(ctx, queries.ImportSetColumnsParams{AccountID: v.account.ID, ID: i.ID, Encoding: string(r.Encoding), Delimiter: string(r.Delimiter),
			HasHeader: r.hasHeader, Columns: r.columns, Mapping: mapping, Tags: noNil(tags), UpdateKnown: p.Update.Checked, Invite: p.Invite.Checked,
			CourseID: idOrNil(course.ID), CourseEndsAt: ends, CourseMail: known && p.Mail.Checked}); err != nil {
			return err
		}
		return s.startImportTask(ctx, v, q, tx, i.ID, i.FileName, queries.TaskKindImportCheck)
	})
	if err != nil && !isConflict(err) {
		return err
	}
	return redirect(c, v.base()+"/contacts/import/"+i.ID.String())
}

// mappingProblem says what is missing in a choice of columns, or chosen twice; empty when it can be used.
func mappingProblem(mapping []string) string {
	if !slices.Contains(mapping, string(queries.ImportEmail)) {
		return "Say which column is the e-mail address: contacts are told apart by it."
	}
	for n, field := range mapping {
		if !slices.Contains(queries.ImportFields, queries.ImportField(field)) {
			return "Choose what each column is."
		}
		if !queries.ImportField(field).Repeatable() && slices.Index(mapping, field) < n {
			for _, o := range fieldOptions {
				if o.Value == field {
					return "Two columns are “" + o.Label + "”. Choose one of them, and leave the other out."
				}
			}
		}
	}
	return ""
}

// idOrNil is the id, or nil for that of nothing.
func idOrNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func noNil(tags []string) []string {
	if tags == nil {
		return []string{}
	}
	return tags
}
