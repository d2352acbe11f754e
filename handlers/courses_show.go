package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// coursePage is one course as its outline, where it is built.
type coursePage struct {
	views.Page
	ID          uuid.UUID
	Path        string // of this page
	CourseTitle string
	Cover       views.Cover
	State       contactState
	Published   bool
	CanChange   bool
	Facts       []string
	Tabs        courseTabs
	Outline     courseOutline
	Deleted     deletedParts
}

// courseOutline is the modules and lessons, with the ways to add, move and rename them. Sent alone after each change.
type courseOutline struct {
	views.Page
	Path      string // of the course's page
	Modules   []outlineModule
	CanChange bool
	AddModule views.Field
	Problem   string // about the last thing done; empty: none
	Moved     string // where what was moved by a button is now, for those who do not see it; empty: nothing was
}

// outlineModule is one module.
type outlineModule struct {
	ID          uuid.UUID
	Path        string
	Title       string
	Unlocks     string // when, in words; empty: at once
	Number      int
	Lessons     []outlineLesson
	First, Last bool
	CanChange   bool
	AddLesson   views.Field
	Action      string // what a new lesson is posted to
	Token       string
}

// outlineLesson is one lesson.
type outlineLesson struct {
	Path      string
	Title     string
	Icon      string // of what it mostly is
	Facts     string // what is in it, in a few words
	Published bool
}

func (s *Site) coursesShow(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p, err := s.newCoursePage(c, id, outlineAsked{})
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "courses/show", "", p)
}

// outlineAsked is what a form on the outline was about: a title that was refused, or where the next one is typed.
type outlineAsked struct {
	field   string // "module", or the id of the module a lesson is added to; empty: neither
	typed   string
	problem string
	moved   uuid.UUID // what a button has moved; the nil UUID: nothing
}

func (s *Site) newCoursePage(c *fiber.Ctx, id uuid.UUID, asked outlineAsked) (*coursePage, error) {
	v := at(c)
	o, err := queries.LoadOutline(c.UserContext(), s.DB, v.account.ID, id, v.now)
	if err != nil {
		return nil, err
	}
	k := o.Course
	p := &coursePage{Page: s.page(c, k.Title), ID: id, Path: v.coursePath(id), CourseTitle: k.Title, Cover: v.cover(id, k.Title, k.CoverHash),
		State: publishState(k.PublishedAt != nil), Published: k.PublishedAt != nil, CanChange: v.role.Includes(queries.StaffRoleAdmin), Tabs: v.courseTabs(id, "")}
	p.Outline = courseOutline{Page: p.Page, Path: p.Path, CanChange: p.CanChange,
		AddModule: views.Field{Name: "title", ID: "add-module", Label: "New module", LabelHidden: true, Placeholder: "Name of a new module", MaxLength: queries.CourseTitleMost, Autocomplete: "off"}}
	if asked.field == "" {
		p.Outline.Problem = asked.problem
	}
	p.fillModules(o, asked)
	p.fillFacts(o)
	if p.CanChange {
		for _, row := range o.Deleted {
			gone := deletedPart{Title: row.Title, What: "Lesson", At: v.moment(&row.DeletedAt), Action: p.Path + "/lessons/" + row.ID.String() + "/restore", Token: p.Token}
			if row.IsModule {
				gone.What, gone.Action = "Module", p.Path+"/modules/"+row.ID.String()+"/restore"
			}
			p.Deleted = append(p.Deleted, gone)
		}
	}
	return p, nil
}

// coursePlaces are the pages of one course, in order, with the role each takes.
var coursePlaces = []struct {
	label, path string
	role        queries.StaffRole
}{
	{"Lessons", "", queries.StaffRoleSupport},
	{"People", "/people", queries.StaffRoleSupport},
	{"Progress", "/progress", queries.StaffRoleSupport},
	{"Certificates", "/certificates", queries.StaffRoleSupport},
	{"Settings", "/edit", queries.StaffRoleAdmin},
}

// courseTabs leads from one page of a course to the others.
type courseTabs []views.NavItem

// courseTabs are those the role sees, for courses/_tabs; current is the path of the one that is shown.
func (v *visit) courseTabs(id uuid.UUID, current string) (tabs courseTabs) {
	for _, place := range coursePlaces {
		if v.role.Includes(place.role) {
			tabs = append(tabs, views.NavItem{Label: place.label, Href: v.coursePath(id) + place.path, Current: place.path == current})
		}
	}
	return tabs
}

func (p *coursePage) fillModules(o queries.Outline, asked outlineAsked) {
	last := len(o.Modules) - 1
	p.Outline.AddModule.Autofocus = asked.field == "module" || last < 0
	if asked.field == "module" {
		p.Outline.AddModule.Value = asked.typed
		p.Outline.AddModule.Refuse(asked.problem)
	}
	for i, m := range o.Modules {
		key := m.ID.String()
		row := outlineModule{ID: m.ID, Path: p.Path + "/modules/" + key, Title: m.Title, Number: i + 1, Unlocks: unlockWords(m.DripDays, m.DripDate), First: i == 0, Last: i == last,
			CanChange: p.CanChange, Action: p.Path + "/lessons", Token: p.Token, AddLesson: views.Field{Name: "title", ID: "add-lesson-" + key, Label: "New lesson in " + m.Title, LabelHidden: true,
				Placeholder: "Name of a new lesson", MaxLength: queries.CourseTitleMost, Autocomplete: "off"}}
		if asked.field == key {
			row.AddLesson.Value, row.AddLesson.Autofocus = asked.typed, true
			row.AddLesson.Refuse(asked.problem)
		}
		for _, l := range m.Lessons {
			path := p.Path + "/lessons/" + l.ID.String()
			if !p.CanChange {
				path = p.Path + "/preview/lessons/" + l.ID.String()
			}
			row.Lessons = append(row.Lessons, outlineLesson{Path: path, Title: l.Title, Icon: lessonIcon(l.Video != queries.VideoKindNone, l.Questions > 0),
				Facts: lessonFacts(l), Published: l.PublishedAt != nil})
		}
		p.Outline.Modules = append(p.Outline.Modules, row)
	}
	p.Outline.Moved = movedWords(o.Modules, asked.moved)
}

// movedWords says where a module or a lesson is; empty when it is none of these.
func movedWords(modules []queries.OutlineModule, id uuid.UUID) string {
	for i, m := range modules {
		if m.ID == id {
			return fmt.Sprintf("“%s” is module %d of %d.", m.Title, i+1, len(modules))
		}
		for j, l := range m.Lessons {
			if l.ID == id {
				return fmt.Sprintf("“%s” is lesson %d of %d in “%s”.", l.Title, j+1, len(m.Lessons), m.Title)
			}
		}
	}
	return ""
}

// fillFacts says what is in the course and who has it.
func (p *coursePage) fillFacts(o queries.Outline) {
	var row queries.CourseListRow
	row.Minutes = o.Course.Minutes
	for _, m := range o.Modules {
		for _, l := range m.Lessons {
			row.LessonMinutes += int64(l.Minutes)
			if l.PublishedAt != nil {
				row.Lessons++
			} else {
				row.Drafts++
			}
		}
	}
	p.Facts = []string{courseParts(row), strconv.FormatInt(o.People.Enrolled, 10) + " enrolled", strconv.FormatInt(o.People.Finished, 10) + " finished"}
	if o.Course.Certificate {
		p.Facts = append(p.Facts, "with certificate")
	}
}

// lessonIcon is what a lesson mostly is.
func lessonIcon(video, quiz bool) string {
	switch {
	case video:
		return "circle-play"
	case quiz:
		return "list-checks"
	}
	return "file-text"
}

// lessonFacts says what is in a lesson.
func lessonFacts(l queries.LessonListRow) string {
	var facts []string
	if l.Video != queries.VideoKindNone {
		facts = append(facts, "video")
	}
	if l.Files > 0 {
		facts = append(facts, counted(l.Files, "file", "files"))
	}
	if l.Questions > 0 {
		facts = append(facts, counted(l.Questions, "question", "questions"))
	}
	if l.Minutes > 0 {
		facts = append(facts, minutesWords(int64(l.Minutes)))
	}
	if when := unlockWords(l.DripDays, l.DripDate); when != "" {
		facts = append(facts, when)
	}
	if len(facts) == 0 && !l.HasText {
		facts = append(facts, "empty")
	}
	return strings.Join(facts, " · ")
}

// unlockWords says when a module or lesson unlocks; empty for at once.
func unlockWords(days *int32, date *time.Time) string {
	switch {
	case date != nil:
		return "unlocks " + date.Format("2 Jan 2006")
	case days != nil && *days > 0:
		return "unlocks after " + counted(int64(*days), "day", "days")
	}
	return ""
}
