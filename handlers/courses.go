package handlers

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

const (
	// coursesPerPage is how many courses the list shows at a time.
	coursesPerPage = 50
	// coursesMost is how many it shows at once after one of many that were loaded is moved.
	coursesMost = 2000
)

// coursesPage is the list of the account's courses.
type coursesPage struct {
	views.Page
	Rows      []courseRow
	More      string // the next page; empty: there is none
	From      string // the place that the list begins after; empty: with the first
	Shown     int    // how many of the list are shown with these
	Deleted   deletedParts
	CanChange bool
	None      views.Empty
}

// courseRow is one line of the list.
type courseRow struct {
	ID          uuid.UUID
	Title       string
	Href        string
	Cover       views.Cover
	State       contactState
	Parts       string // what is in it, in a few words
	Enrolled    int64
	Finished    int64
	First, Last bool
	CanChange   bool
	Token       string
}

// deletedParts are what can still be restored, newest first.
type deletedParts []deletedPart

// deletedPart is one of them.
type deletedPart struct {
	Title  string
	What   string // what it is, in a word; empty in a list of one kind
	At     views.Moment
	Action string // what restores it
	Token  string
}

// coursesAsked is a part of the list.
type coursesAsked struct {
	from, after string // where the list begins, and this part of it; empty: with the first
	before      int    // how many of the list are shown before this part
	size        int
}

func (s *Site) coursesIndex(c *fiber.Ctx) error {
	after := c.Query("after")
	asked := coursesAsked{from: after, after: after, size: coursesPerPage}
	isNext := after != "" && isFragment(c)
	if isNext {
		asked.from, asked.before = c.Query("from"), shownBefore(c.Query("shown"))
	}
	p, err := s.newCoursesPage(c, asked)
	if err != nil {
		return err
	}
	if isNext {
		return render(c, views.FrameAdmin, "courses/index", "courses/_more", p)
	}
	return render(c, views.FrameAdmin, "courses/index", "", p)
}

// shownBefore is how many courses a page says it shows.
func shownBefore(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return min(n, coursesMost)
}

// coursePlace reads where a course stands, as the link to a next page carries it; before the first for what is none.
func coursePlace(text string) (p queries.CoursePlaceOf) {
	position, id, _ := strings.Cut(text, "_")
	n, err := strconv.ParseInt(position, 10, 32)
	if err != nil {
		return p
	}
	return queries.CoursePlaceOf{Position: int32(n), ID: uuidOr(id, uuid.Nil)}
}

func (s *Site) newCoursesPage(c *fiber.Ctx, asked coursesAsked) (*coursesPage, error) {
	v := at(c)
	rows, more, deleted, err := queries.LoadCourseList(c.UserContext(), s.DB, v.account.ID, coursePlace(asked.after), int32(asked.size), v.now)
	if err != nil {
		return nil, err
	}
	p := &coursesPage{Page: s.page(c, "Courses"), CanChange: v.role.Includes(queries.StaffRoleAdmin), From: asked.from, Shown: asked.before + len(rows)}
	if more {
		last := rows[len(rows)-1]
		p.More = v.base() + "/courses?" + url.Values{"after": {fmt.Sprintf("%d_%s", last.Position, last.ID)}, "from": {p.From}, "shown": {strconv.Itoa(p.Shown)}}.Encode()
	}
	for i, row := range rows {
		p.Rows = append(p.Rows, courseRow{ID: row.ID, Title: row.Title, Href: v.coursePath(row.ID), Cover: v.cover(row.ID, row.Title, row.CoverHash),
			State: publishState(row.PublishedAt != nil), Parts: courseParts(row), Enrolled: row.Enrolled, Finished: row.Finished,
			First: i == 0 && asked.after == "", Last: i == len(rows)-1 && !more, CanChange: p.CanChange, Token: p.Token})
	}
	for _, row := range deleted {
		if p.CanChange {
			p.Deleted = append(p.Deleted, deletedPart{Title: row.Title, At: v.moment(&row.DeletedAt), Action: v.coursePath(row.ID) + "/restore", Token: p.Token})
		}
	}
	p.None = views.Empty{Icon: "graduation-cap", Title: "No courses yet", Text: "A course has modules, and modules have lessons: text, video, files, a quiz. Clients see it once it is published and they have access."}
	if p.CanChange {
		p.None.Action, p.None.Href = "New course", v.base()+"/courses/new"
	}
	return p, nil
}

// courseParts says what is in a course: 12 lessons, 2 drafts, about 3 h.
func courseParts(row queries.CourseListRow) string {
	words := counted(row.Lessons, "lesson", "lessons")
	if row.Drafts > 0 {
		words += ", " + counted(row.Drafts, "draft", "drafts")
	}
	minutes := int64(row.Minutes)
	if minutes == 0 {
		minutes = row.LessonMinutes
	}
	if minutes > 0 {
		words += ", " + minutesWords(minutes)
	}
	return words
}

// counted is how many there are of something: 1 event, 2 events.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// minutesWords is a length of time as a person would say it: 45 min, 2 h, 1 h 20 min.
func minutesWords(minutes int64) string {
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

func publishState(published bool) contactState {
	if published {
		return contactState{"Published", "success", "circle-check"}
	}
	return contactState{"Draft", "", "pencil"}
}

// coursePath is where a course is on the admin host.
func (v *visit) coursePath(id uuid.UUID) string { return v.base() + "/courses/" + id.String() }

// cover is the picture of a course as staff see it.
func (v *visit) cover(id uuid.UUID, title, hash string) views.Cover {
	cover := views.Cover{Title: title, Accent: v.account.Accent, Accent2: v.account.Accent2}
	if hash != "" {
		cover.URL = v.coursePath(id) + "/cover?" + hash
	}
	return cover
}

// pathID is an id in the path; ErrNotFound for what is none.
func pathID(c *fiber.Ctx, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params(name))
	if err != nil {
		return id, queries.ErrNotFound
	}
	return id, nil
}

// partOf is the course in the path, and the lesson where there is one.
func partOf(c *fiber.Ctx) (p queries.Part, err error) {
	p.AccountID = at(c).account.ID
	if p.CourseID, err = pathID(c, "id"); err == nil && c.Params("lesson") != "" {
		p.LessonID, err = pathID(c, "lesson")
	}
	return p, err
}

// changeCourse does something in one transaction, and then writes a line of the trail unless that says that nothing changed.
func (s *Site) changeCourse(c *fiber.Ctx, action string, change func(context.Context, *queries.Queries) (on queries.AuditSubject, changed bool, err error)) error {
	ctx := c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		on, changed, err := change(ctx, q)
		if err != nil || !changed {
			return err
		}
		return at(c).did(ctx, q, action, on)
	})
}

func courseSubject(id uuid.UUID, title string) queries.AuditSubject {
	return queries.AuditSubject{Kind: "course", ID: &id, Name: title}
}

func moduleSubject(id uuid.UUID, title string) queries.AuditSubject {
	return queries.AuditSubject{Kind: "module", ID: &id, Name: title}
}

func lessonSubject(id uuid.UUID, title string) queries.AuditSubject {
	return queries.AuditSubject{Kind: "lesson", ID: &id, Name: title}
}
