package handlers

import (
	"context"
	"html/template"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// lessonPage is the editor of one lesson.
type lessonPage struct {
	views.Page
	ID          uuid.UUID
	Course      views.Link
	Module      string
	Path        string
	Heading     string
	State       contactState
	Published   bool
	Live        bool      // clients with access see it: the course is published as well
	Changed     string    // by whom it was changed meanwhile, in a sentence; empty: by nobody
	Stamp       string    // of the lesson as it was when the form was filled
	Writer      uuid.UUID // for whom the browser keeps what is typed
	LessonTitle views.Field
	Minutes     views.Field
	Text        views.Field
	Video       views.Field
	Uploaded    bool // its video is a file of ours
	Drip        dripFields
	Preview     lessonPreview
	Quiz        lessonQuiz
	Files       filesPanel
	Upload      videoPanel
	Before      views.Link // the lesson before it; the zero value: it is the first
	After       views.Link
}

// lessonPreview is the lesson as clients will read it.
type lessonPreview struct {
	Title  string
	Facts  string
	HTML   template.HTML
	Video  string // what is known of it, in words; empty: none
	Source string // its address
}

// lessonQuiz is what the quiz of a lesson asks, and how it is passed.
type lessonQuiz struct {
	Rows      []quizRow
	Kinds     []questionKind // that can be added
	Path      string         // of the lesson
	Published bool           // clients see the lesson: nothing of it is saved along the way
	Pass      views.Field
	Tries     views.Field
	Shuffled  views.Check
	Token     string
}

// questionKind is a kind of question, by name and in words.
type questionKind struct {
	Kind  queries.QuestionKind
	Label string
}

// quizRow is one question in the list.
type quizRow struct {
	ID          uuid.UUID
	Text        string
	Kind        string
	Href        string
	First, Last bool
}

// lessonsCreate adds a lesson to the outline. The next one is typed into the same place.
func (s *Site) lessonsCreate(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	module, err := uuid.Parse(c.FormValue("module"))
	if err != nil {
		return queries.ErrNotFound
	}
	title, wrong := queries.ParseTitle(c.FormValue("title"))
	if wrong != nil {
		return s.outlineChanged(c, p.CourseID, outlineAsked{field: module.String(), typed: c.FormValue("title"), problem: messageOf(wrong)})
	}
	err = s.changeCourse(c, "lesson.create", func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		id, err := queries.AddLesson(ctx, q, p.AccountID, p.CourseID, module, title, at(c).now)
		return lessonSubject(id, title), true, err
	})
	if err != nil {
		return err
	}
	return s.outlineChanged(c, p.CourseID, outlineAsked{field: module.String()})
}

// lessonsRename gives a lesson another title, where it stands in the outline.
func (s *Site) lessonsRename(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	if _, err := s.q.LessonByID(c.UserContext(), queries.LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID}); err != nil {
		return queries.Kind(err)
	}
	return s.rename(c, p.CourseID, "lesson.rename", func(ctx context.Context, q *queries.Queries, title string) (queries.AuditSubject, string, error) {
		was, err := q.LessonRename(ctx, queries.LessonRenameParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID, Title: title, Now: at(c).now})
		return lessonSubject(p.LessonID, title), was, err
	})
}

func (s *Site) lessonsShow(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	return s.newLessonPage(c, l, lessonForm{LessonDraft: l.Lesson.Draft(), typedVideo: l.Lesson.VideoUrl}, nil).render(c)
}

// lessonInPath is the lesson that the path names, with its quiz.
func (s *Site) lessonInPath(c *fiber.Ctx) (l queries.LessonPage, err error) {
	p, err := partOf(c)
	if err != nil {
		return l, err
	}
	return queries.LoadLessonPage(c.UserContext(), s.DB, p)
}

// lessonForm is the form as it was filled in.
type lessonForm struct {
	queries.LessonDraft
	typedVideo string // the address as typed
}

func (s *Site) newLessonPage(c *fiber.Ctx, l queries.LessonPage, d lessonForm, wrong map[string]string) *lessonPage {
	v, k := at(c), l.Lesson
	back := v.base() + "/courses/" + c.Params("id")
	p := &lessonPage{Page: s.page(c, k.Title), ID: k.ID, Course: views.Link{Label: k.CourseTitle, URL: back}, Module: k.ModuleTitle, Path: back + "/lessons/" + k.ID.String(), Heading: k.Title,
		State: publishState(k.PublishedAt != nil), Published: k.PublishedAt != nil, Live: k.PublishedAt != nil && k.CoursePublishedAt != nil, Stamp: stampOf(k.ChangedAt), Writer: v.staff.StaffID, Uploaded: k.Video == queries.VideoKindUpload}
	p.LessonTitle = views.Field{Name: "title", Label: "Title", Value: d.Title, Required: true, MaxLength: queries.CourseTitleMost, Autocomplete: "off"}
	p.Minutes = views.Field{Name: "minutes", Label: "Minutes", Value: numberTyped(c, "minutes", d.Minutes), InputMode: "numeric", Autocomplete: "off"}
	p.Text = views.Field{Name: "body", Label: "Text", Value: d.Body, Type: "textarea", Rows: 18,
		Hint: "Markdown: # heading, **bold**, - list, > quotation, [link](https://…), ![picture](https://…)."}
	p.Video = views.Field{Name: "video_url", Label: "Video", Value: d.typedVideo, InputMode: "url", Autocomplete: "off", Placeholder: "https://",
		Hint: "The address of a video on YouTube or Vimeo, or of a file that ends with .mp4 or .m3u8."}
	if p.Uploaded {
		p.Video.Hint = "It has an uploaded video. An address here takes its place."
	}
	p.Video.Hint += " YouTube and Vimeo do not tell how far somebody watched: with a video of theirs, clients finish the lesson by its button, and it begins at the start again whenever they come back."
	p.Drip = newDripFields(c, d.Drip, k.Clock, wrong)
	for name, field := range map[string]*views.Field{"title": &p.LessonTitle, "minutes": &p.Minutes, "body": &p.Text, "video_url": &p.Video} {
		field.Refuse(wrong[name])
	}
	p.Preview = newLessonPreview(d)
	p.Quiz = newLessonQuiz(c, l.Questions, d, wrong)
	p.Quiz.Path, p.Quiz.Token, p.Quiz.Published = p.Path, p.Token, p.Published
	p.Files, p.Upload = newFilesPanel(v, p.Page, p.Path, l.Media.Files), newVideoPanel(v, p.Page, p.Path, l.Media.Video)
	p.Before, p.After = neighbours(l, func(id uuid.UUID) string { return back + "/lessons/" + id.String() })
	for i := range p.Quiz.Rows {
		p.Quiz.Rows[i].Href = p.Path + "/questions/" + p.Quiz.Rows[i].ID.String()
	}
	return p
}

// neighbours are the lessons before and after one; the zero value where there is none.
func neighbours(l queries.LessonPage, path func(uuid.UUID) string) (before, after views.Link) {
	i := slices.IndexFunc(l.Lessons, func(r queries.LessonListRow) bool { return r.ID == l.Lesson.ID })
	if i > 0 {
		before = views.Link{Label: l.Lessons[i-1].Title, URL: path(l.Lessons[i-1].ID)}
	}
	if i >= 0 && i+1 < len(l.Lessons) {
		after = views.Link{Label: l.Lessons[i+1].Title, URL: path(l.Lessons[i+1].ID)}
	}
	return before, after
}

func (p *lessonPage) render(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, views.LessonPolicy("upload")) // for its video and the pictures in its text
	return render(c, views.FrameAdmin, "lessons/edit", "lessons/_form", p)
}

// stampOf tells one state of a lesson from another.
func stampOf(changed time.Time) string { return changed.UTC().Format(time.RFC3339Nano) }

func newLessonQuiz(c *fiber.Ctx, questions []queries.QuestionListRow, d lessonForm, wrong map[string]string) lessonQuiz {
	quiz := lessonQuiz{
		Pass: views.Field{Name: "pass_percent", Label: "Passed with, in percent", Value: numberTyped(c, "pass_percent", d.PassPercent), InputMode: "numeric", Autocomplete: "off",
			Hint: "The share of answers that have to be right."},
		Tries:    views.Field{Name: "tries", Label: "Tries", InputMode: "numeric", Autocomplete: "off", Placeholder: "Any number", Hint: "Left empty, as many as one likes."},
		Shuffled: views.Check{Name: "shuffled", Label: "Shuffle questions and answers", Checked: d.Shuffled}}
	if d.Tries != nil {
		quiz.Tries.Value = numberTyped(c, "tries", *d.Tries)
	}
	for _, kind := range []queries.QuestionKind{queries.QuestionKindSingle, queries.QuestionKindMultiple, queries.QuestionKindText} {
		quiz.Kinds = append(quiz.Kinds, questionKind{kind, questionWords[kind]})
	}
	quiz.Pass.Refuse(wrong["pass_percent"])
	quiz.Tries.Refuse(wrong["tries"])
	for i, q := range questions {
		quiz.Rows = append(quiz.Rows, quizRow{ID: q.ID, Text: q.Text, Kind: questionWords[q.Kind], First: i == 0, Last: i == len(questions)-1})
	}
	return quiz
}

var videoWords = map[queries.VideoKind]string{queries.VideoKindUpload: "An uploaded video", queries.VideoKindYoutube: "A video on YouTube, loaded when it is clicked",
	queries.VideoKindVimeo: "A video on Vimeo, loaded when it is clicked", queries.VideoKindHls: "A video stream", queries.VideoKindMp4: "A video file"}

func newLessonPreview(d lessonForm) lessonPreview {
	p := lessonPreview{Title: d.Title, HTML: views.Markdown(d.Body), Video: videoWords[d.Video], Source: d.VideoURL}
	if d.Minutes > 0 {
		p.Facts = minutesWords(int64(d.Minutes))
	}
	return p
}
