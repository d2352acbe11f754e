package handlers

import (
	"html/template"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// learningLessonPage is one lesson as a client sees it.
type learningLessonPage struct {
	views.Page
	CourseTitle string
	CoursePath  string
	Path        string // of this page
	Title       string
	Place       int64 // in the course, from 1
	Minutes     string
	Locked      string        // why it is not open; then the page holds nothing of it
	Instead     *learningStep // what is open and not done, where it is locked; nil: nothing
	Video       *learningVideo
	Text        template.HTML
	Files       []learningFile
	Quiz        *learningQuiz
	Finish      learningFinish
	Notes       learningNotes
	Modules     []learningModule
	Progress    learningProgress
}

// learningFile is a file to download.
type learningFile struct {
	Name, Size, Href, Icon string
}

// learningFinish is the end of a lesson: what finishes it, and the ways on.
type learningFinish struct {
	Path       string // of the lesson
	Token      string
	Looking    bool      // a staff person looks, who finishes nothing
	FinishedAt time.Time // zero: not yet
	ByQuiz     bool      // its quiz finishes it
	Course     bool      // the course is finished
	CoursePath string
	Before     *learningStep // nil: it is the first
	After      *learningStep // nil: it is the last
}

// Done says whether the lesson is.
func (f learningFinish) Done() bool { return !f.FinishedAt.IsZero() }

// learningStep is the lesson before or after.
type learningStep struct {
	Title string
	Href  string // empty: it is locked
	Note  string // why
}

func (s *Site) learningLesson(c *fiber.Ctx) error {
	p, err := s.newLearningLessonPage(c, c.Query("try") != "")
	if err != nil {
		return err
	}
	return render(c, views.FramePortal, "learning/lesson", "", p)
}

// newLearningLessonPage reads the lesson that the path names. With again, its quiz asks also who has tried already.
func (s *Site) newLearningLessonPage(c *fiber.Ctx, again bool) (*learningLessonPage, error) {
	l, lesson, err := atLesson(c)
	if err != nil {
		return nil, err
	}
	seen, err := queries.LoadLesson(c.UserContext(), s.DB, l, lesson)
	if err != nil {
		return nil, err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, views.LessonPolicy(string(seen.Lesson.Video)))
	v, row := at(c), seen.Way[seen.Here]
	p := &learningLessonPage{Page: s.page(c, row.Title), CourseTitle: seen.Course.Title, CoursePath: coursePath(l.CourseID), Path: lessonPath(l.CourseID, lesson),
		Title: row.Title, Place: row.Place, Minutes: timeLeft(int64(row.Minutes)), Modules: v.modules(seen.Way, lesson, true),
		Progress: learningProgress{Done: seen.Course.Done, Lessons: seen.Course.Lessons, FinishedAt: seen.Course.FinishedAt}}
	p.Finish = v.learningFinish(p, seen)
	if !seen.Open() {
		p.Locked, p.Instead = v.lockedWords(row), v.learningInstead(seen.Way)
		return p, nil
	}
	p.Text = views.Markdown(seen.Lesson.Body)
	p.Video = newLearningVideo(p, seen)
	for _, file := range seen.Files {
		p.Files = append(p.Files, learningFile{file.Name, sizeWords(file.SizeBytes), p.Path + "/files/" + file.ID.String(), fileIcon(file.MediaType)})
	}
	p.Quiz = newLearningQuiz(p, l, seen, again)
	p.Notes = v.learningNotes(p, seen.Notes)
	return p, nil
}

func (v *visit) learningFinish(p *learningLessonPage, seen queries.LessonSeen) learningFinish {
	row := seen.Way[seen.Here]
	f := learningFinish{Path: p.Path, Token: p.Token, Looking: v.visiting(), FinishedAt: row.CompletedAt, ByQuiz: row.HasQuiz, CoursePath: p.CoursePath,
		Course: !seen.Course.FinishedAt.IsZero()}
	if seen.Here > 0 {
		f.Before = v.learningStep(seen.Way[seen.Here-1])
	}
	if seen.Here+1 < len(seen.Way) {
		f.After = v.learningStep(seen.Way[seen.Here+1])
	}
	return f
}

func (v *visit) learningStep(row queries.LessonWayRow) *learningStep {
	if !row.IsOpen {
		return &learningStep{Title: row.Title, Note: v.lockedWords(row)}
	}
	return &learningStep{Title: row.Title, Href: lessonPath(row.CourseID, row.ID)}
}

// learningInstead is the first lesson that can be done now; nil when all that are open are done.
func (v *visit) learningInstead(way []queries.LessonWayRow) *learningStep {
	for _, row := range way {
		if row.IsOpen && row.CompletedAt.IsZero() {
			return v.learningStep(row)
		}
	}
	return nil
}

// fileIcon is the picture for a kind of file.
func fileIcon(mediaType string) string {
	if strings.HasPrefix(mediaType, "image/") {
		return "image"
	}
	return "file-text"
}
