package handlers

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// peoplePerPage is how many people of a course are shown at a time.
const peoplePerPage = 50

// progressPage is how the people of a course get on.
type progressPage struct {
	views.Page
	CourseTitle string
	CoursePath  string
	Tabs        courseTabs
	Figures     queries.ProgressFiguresRow
	Lessons     []progressLesson
	Most        int64 // people at the lesson that most of them opened; at least 1
	Rows        []progressRow
	More        string // where the next page of people is; empty: there is none
	None        views.Empty
}

// progressLesson is one lesson and how many came so far.
type progressLesson struct {
	Module string // at the first lesson of each; empty for the others
	Title  string
	queries.ProgressLessonsRow
	Width int // of the bar: finished, in percent of Most
}

// progressRow is one person.
type progressRow struct {
	views.Person
	ID       uuid.UUID
	Done     int64
	Lessons  int64
	State    contactState
	OpenedAt views.Moment // zero: never
}

// Ratio is the part of the lessons that is done.
func (r progressRow) Ratio() float64 {
	return learningProgress{Done: r.Done, Lessons: r.Lessons}.Ratio()
}

func (s *Site) progressIndex(c *fiber.Ctx) error {
	v := at(c)
	course, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	found, err := queries.LoadProgress(c.UserContext(), s.DB, v.account.ID, course, progressCursor(c), peoplePerPage, v.now)
	if err != nil {
		return err
	}
	p := &progressPage{Page: s.page(c, "Progress in "+found.Course.Title), CourseTitle: found.Course.Title, CoursePath: v.base() + coursePath(course),
		Tabs: v.courseTabs(course, "/progress"), Figures: found.Figures, Most: 1,
		None: views.Empty{Icon: "users", Title: "Nobody is enrolled yet", Text: "Once people can use the course, you see here how far each of them is, and where they stop."}}
	for _, row := range found.Lessons {
		p.Most = max(p.Most, row.Opened, row.Finished)
	}
	module := ""
	for _, row := range found.Lessons {
		lesson := progressLesson{Title: row.Title, ProgressLessonsRow: row, Width: int(row.Finished * 100 / p.Most)}
		if row.ModuleTitle != module {
			module, lesson.Module = row.ModuleTitle, row.ModuleTitle
		}
		p.Lessons = append(p.Lessons, lesson)
	}
	for _, row := range found.People {
		p.Rows = append(p.Rows, v.progressRow(row, found.Course.Lessons, p.CoursePath))
	}
	if found.More {
		last := found.People[len(found.People)-1]
		p.More = p.CoursePath + "/progress?" + url.Values{"before": {last.ID.String()}, "at": {cursorText(last.OpenedAt)}}.Encode()
	}
	fragment := ""
	if c.Query("before") != "" {
		fragment = "progress/_more"
	}
	return render(c, views.FrameAdmin, "progress/index", fragment, p)
}

// progressCursor is where the page of people before ended.
func progressCursor(c *fiber.Ctx) queries.ProgressCursor {
	id, err := uuid.Parse(c.Query("before"))
	opened, found := cursorTime(c.Query("at"))
	if err != nil || !found {
		return queries.ProgressCursor{}
	}
	return queries.ProgressCursor{Opened: opened, ID: id}
}

func (v *visit) progressRow(row queries.ProgressPeopleRow, lessons int64, path string) progressRow {
	r := progressRow{ID: row.ID, Done: row.Done, Lessons: lessons, State: v.progressState(row.Enrolled, row.OpenedAt, row.FinishedAt),
		Person: views.Person{Name: row.Name, Email: row.Email, Photo: avatarPath(v.base(), row.AvatarHash), Href: path + "/progress/" + row.ID.String()}}
	if !row.OpenedAt.IsZero() {
		r.OpenedAt = v.moment(&row.OpenedAt)
	}
	return r
}

// progressState is where somebody stands in a course, in a word.
func (v *visit) progressState(enrolled bool, opened, finished time.Time) contactState {
	switch {
	case !finished.IsZero():
		return contactState{"Finished", "success", "circle-check"}
	case !enrolled:
		return contactState{"Access ended", "", "lock"}
	case opened.IsZero():
		return contactState{"Not started", "", "clock"}
	case opened.Before(v.now.Add(-queries.StoppedAfter)):
		return contactState{"Stopped", "warning", "circle-alert"}
	}
	return contactState{"Learning", "info", "book-open"}
}
