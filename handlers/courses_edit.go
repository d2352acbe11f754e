package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// courseNewPage asks for what a course begins with.
type courseNewPage struct {
	views.Page
	CourseTitle views.Field
	Summary     views.Field
}

// courseEditPage is the settings of a course.
type courseEditPage struct {
	views.Page
	Path        string // of the course's page
	Heading     string
	Tabs        courseTabs
	Published   bool
	CourseTitle views.Field
	Summary     views.Field
	Minutes     views.Field
	Clock       views.Choice
	ClockDate   views.Field
	InOrder     views.Check
	Certificate views.Check
	Signer      views.Field
	Picture     coursePicture
}

// coursePicture is the cover with the form that changes it.
type coursePicture struct {
	views.Page
	Path  string
	Cover views.Cover
	Error string
}

func (s *Site) coursesNew(c *fiber.Ctx) error {
	return s.newCourseNewPage(c, queries.CourseDraft{}, nil).render(c)
}

func (s *Site) newCourseNewPage(c *fiber.Ctx, d queries.CourseDraft, wrong map[string]string) *courseNewPage {
	p := &courseNewPage{Page: s.page(c, "New course")}
	p.CourseTitle = views.Field{Name: "title", Label: "Title", Value: d.Title, Required: true, MaxLength: queries.CourseTitleMost, Autofocus: true, Autocomplete: "off"}
	p.Summary = summaryField(d.Summary)
	p.CourseTitle.Refuse(wrong["title"])
	p.Summary.Refuse(wrong["summary"])
	return p
}

func (p *courseNewPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "courses/new", "courses/_new", p)
}

func summaryField(value string) views.Field {
	return views.Field{Name: "summary", Label: "Summary", Value: value, Type: "textarea", Rows: 4, MaxLength: queries.CourseSummaryMost,
		Hint: "What clients can do afterwards, in a paragraph or two. It stands above the lessons."}
}

// coursesCreate makes a draft and goes on to its page, where modules and lessons are added.
func (s *Site) coursesCreate(c *fiber.Ctx) error {
	v, ctx, id := at(c), c.UserContext(), queries.NewID()
	d := queries.CourseDraft{Title: queries.OneLine(c.FormValue("title")), Summary: queries.Paragraphs(c.FormValue("summary")), Clock: queries.DripClockGrant}
	if wrong := d.Check(); len(wrong) > 0 {
		invalid(c)
		return s.newCourseNewPage(c, d, wrong).render(c)
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := d.Insert(ctx, q, v.account.ID, id, v.now); err != nil {
			return err
		}
		return v.did(ctx, q, "course.create", courseSubject(id, d.Title))
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+d.Title+"” is a draft. Nobody sees it until you publish it.")
	return redirect(c, v.coursePath(id))
}

func (s *Site) coursesEdit(c *fiber.Ctx) error {
	k, err := s.courseInPath(c)
	if err != nil {
		return err
	}
	return s.newCourseEditPage(c, k, k.Draft(), nil).render(c)
}

// courseInPath is the course that the path names.
func (s *Site) courseInPath(c *fiber.Ctx) (k queries.CourseByIDRow, err error) {
	id, err := pathID(c, "id")
	if err != nil {
		return k, err
	}
	k, err = s.q.CourseByID(c.UserContext(), queries.CourseByIDParams{AccountID: at(c).account.ID, ID: id})
	return k, queries.Kind(err)
}

// coursesSave stores the settings. What is wrong comes back with what was typed.
func (s *Site) coursesSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	k, err := s.courseInPath(c)
	if err != nil {
		return err
	}
	d, wrong := courseDraftOf(c)
	if len(wrong) > 0 {
		invalid(c)
		return s.newCourseEditPage(c, k, d, wrong).render(c)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if _, err := q.CourseLock(ctx, queries.CourseLockParams{AccountID: v.account.ID, ID: k.ID}); err != nil {
			return err
		}
		before, err := q.CourseByID(ctx, queries.CourseByIDParams{AccountID: v.account.ID, ID: k.ID})
		if err != nil {
			return err
		}
		if err := d.Update(ctx, q, v.account.ID, k.ID, v.now); err != nil {
			return err
		}
		return v.changed(ctx, q, "course.change", courseSubject(k.ID, d.Title), before.Draft(), d)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The settings are saved.")
	return redirect(c, v.coursePath(k.ID))
}

// courseDraftOf reads the settings that were sent, and says what is wrong with them.
func courseDraftOf(c *fiber.Ctx) (queries.CourseDraft, map[string]string) {
	d := queries.CourseDraft{Title: queries.OneLine(c.FormValue("title")), Summary: queries.Paragraphs(c.FormValue("summary")), Clock: queries.DripClock(c.FormValue("clock")),
		InOrder: c.FormValue("in_order") != "", Certificate: c.FormValue("certificate") != "", Signer: queries.OneLine(c.FormValue("signer"))}
	d.Minutes = typedNumber(c.FormValue("minutes"), 0)
	if day, err := time.Parse(time.DateOnly, c.FormValue("clock_date")); err == nil {
		d.ClockDate = &day
	}
	return d, d.Check()
}

// typedNumber is a whole number as typed; instead for nothing, and -1 for what is none, which no check lets pass.
func typedNumber(typed string, instead int32) int32 {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return instead
	}
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil {
		return -1
	}
	return int32(n)
}

// numberTyped is a number as it is typed; nothing for 0, and what was sent when it was none.
func numberTyped(c *fiber.Ctx, field string, n int32) string {
	switch {
	case n < 0:
		return c.FormValue(field)
	case n == 0:
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

func dateTyped(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

func (s *Site) newCourseEditPage(c *fiber.Ctx, k queries.CourseByIDRow, d queries.CourseDraft, wrong map[string]string) *courseEditPage {
	v := at(c)
	p := &courseEditPage{Page: s.page(c, "Settings of "+k.Title), Path: v.coursePath(k.ID), Heading: k.Title, Tabs: v.courseTabs(k.ID, "/edit"), Published: k.PublishedAt != nil}
	p.CourseTitle = views.Field{Name: "title", Label: "Title", Value: d.Title, Required: true, MaxLength: queries.CourseTitleMost, Autocomplete: "off"}
	p.Summary = summaryField(d.Summary)
	p.Minutes = views.Field{Name: "minutes", Label: "Estimated time, in minutes", Value: numberTyped(c, "minutes", d.Minutes), InputMode: "numeric", Autocomplete: "off",
		Hint: "Left empty, it is the sum of the lessons."}
	p.Clock = views.Choice{Name: "clock", Label: "Days count from", Value: string(d.Clock), Options: []views.Option{
		{Value: "grant", Label: "When somebody gets access", Hint: "Everybody goes at their own pace."},
		{Value: "first_open", Label: "When they first open the course", Hint: "Nothing unlocks before they begin."},
		{Value: "date", Label: "One day for everybody", Hint: "A cohort goes through it together."}}}
	p.ClockDate = views.Field{Name: "clock_date", Label: "That day", Type: "date", Value: dateTyped(d.ClockDate), Hint: "Only for one day for everybody."}
	p.InOrder = views.Check{Name: "in_order", Label: "Lessons open one after the other", Checked: d.InOrder, Hint: "Each opens once the one before it is finished."}
	p.Certificate = views.Check{Name: "certificate", Label: "Give a certificate to whoever finishes", Checked: d.Certificate, Hint: "A PDF in your brand, with a number that anybody can verify."}
	p.Signer = views.Field{Name: "signer", Label: "Signed by", Value: d.Signer, MaxLength: queries.CourseTitleMost, Placeholder: v.account.Name, Hint: "Name and title below the signature. Left empty, it is your business's name."}
	for name, field := range map[string]*views.Field{"title": &p.CourseTitle, "summary": &p.Summary, "minutes": &p.Minutes, "clock_date": &p.ClockDate, "signer": &p.Signer} {
		field.Refuse(wrong[name])
	}
	p.Clock.Error = wrong["clock"]
	p.Picture = coursePicture{Page: p.Page, Path: p.Path, Cover: v.cover(k.ID, k.Title, k.CoverHash)}
	return p
}

func (p *courseEditPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "courses/edit", "courses/_settings", p)
}

// coursesMove moves a course up or down in the list, which is the order clients see.
func (s *Site) coursesMove(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	by, err := movedBy(c.FormValue("to"))
	if err != nil {
		return err
	}
	err = s.changeCourse(c, "course.move", func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		k, err := q.CourseByID(ctx, queries.CourseByIDParams{AccountID: p.AccountID, ID: p.CourseID})
		if err != nil {
			return queries.AuditSubject{}, false, err
		}
		return courseSubject(p.CourseID, k.Title), true, queries.ArrangeList(ctx, q, p.AccountID, p.CourseID, by)
	})
	if err != nil {
		return err
	}
	if isFragment(c) {
		list, err := s.movedCourses(c, p.CourseID)
		if err != nil {
			return err
		}
		return write(c, "courses/_list", list)
	}
	return redirect(c, at(c).base()+"/courses")
}

// movedCourses is the list as far as it was shown, and one more where the course that was moved went on below.
func (s *Site) movedCourses(c *fiber.Ctx, course uuid.UUID) (*coursesPage, error) {
	asked := coursesAsked{from: c.FormValue("from"), after: c.FormValue("from"), size: max(shownBefore(c.FormValue("shown")), coursesPerPage)}
	list, err := s.newCoursesPage(c, asked)
	if err != nil || list.More == "" || slices.ContainsFunc(list.Rows, func(row courseRow) bool { return row.ID == course }) {
		return list, err
	}
	asked.size++
	return s.newCoursesPage(c, asked)
}

// movedBy is how many places "up" and "down" are.
func movedBy(to string) (int, error) {
	switch to {
	case "up":
		return -1, nil
	case "down":
		return 1, nil
	}
	return 0, fiber.ErrBadRequest
}

// nilPart says whether a part is a course and no lesson of it.
func nilPart(p queries.Part) bool { return p.LessonID == uuid.Nil }
