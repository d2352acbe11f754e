package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// errStale says that somebody else has changed a lesson since its form was filled.
var errStale = errors.New("the lesson was changed meanwhile")

// lessonsSave stores a lesson, publishes it where that button was pressed, and leads on to a new question where one was asked for: of a
// draft what is typed is saved on the way there, of a published lesson nothing is, since clients would see it. What cannot be stored comes back with what was
// typed; and where a colleague has saved meanwhile, that is said before anything of theirs is replaced.
func (s *Site) lessonsSave(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	form, wrong := lessonFormOf(c, l.Lesson)
	kind, toQuestion := strings.CutPrefix(c.FormValue("do"), "question:")
	typed := !sameLesson(form.LessonDraft, l.Lesson.Draft())
	if toQuestion && typed && l.Lesson.PublishedAt != nil && wrong["body"] == "" {
		wrong["body"] = "Save the lesson first, then add the question. It is published, so clients see at once what you save."
	}
	if len(wrong) > 0 {
		invalid(c)
		page := s.newLessonPage(c, l, form, wrong)
		page.Stamp = c.FormValue("stamp")
		return page.render(c)
	}
	next := c.Path()
	if toQuestion {
		next += "/questions/new?kind=" + string(kindOf(kind))
		if !typed {
			return redirect(c, next)
		}
	}
	publish := c.FormValue("do") == "publish"
	switch err := s.storeLesson(c, form, publish); {
	case errors.Is(err, errStale):
		return s.lessonStale(c, form)
	case errors.Is(err, queries.ErrFinished):
		s.flash(c, views.FlashInfo, "What you wrote is saved. Publishing needs one more answer.")
		if err := s.storeLesson(c, form, false); err != nil {
			return err
		}
		return redirect(c, c.Path()+"/publish")
	case err != nil:
		return err
	}
	done := "Saved."
	switch {
	case publish:
		done = "Saved and published."
	case l.Lesson.PublishedAt == nil:
		done = "Saved as a draft. Clients do not see it yet."
	}
	if isFragment(c) && !publish && !toQuestion {
		if l, err = s.lessonInPath(c); err != nil {
			return err
		}
		page := s.newLessonPage(c, l, lessonForm{LessonDraft: l.Lesson.Draft(), typedVideo: l.Lesson.VideoUrl}, nil)
		page.Flash = views.Flash{Kind: views.FlashSuccess, Text: done}
		return write(c, "lessons/_saved", page)
	}
	s.flash(c, views.FlashSuccess, done)
	return redirect(c, next)
}

// sameLesson tells whether two drafts say the same.
func sameLesson(a, b queries.LessonDraft) bool {
	one, _ := json.Marshal(a) // nothing in it can fail
	other, _ := json.Marshal(b)
	return bytes.Equal(one, other)
}

// storeLesson writes the lesson and, in the same transaction, publishes it.
func (s *Site) storeLesson(c *fiber.Ctx, form lessonForm, publish bool) error {
	v, ctx := at(c), c.UserContext()
	p, err := partOf(c)
	if err != nil {
		return err
	}
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if _, err := q.CourseLock(ctx, queries.CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
			return err
		}
		before, err := q.LessonByID(ctx, queries.LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
		if err != nil {
			return err
		}
		if stamp := c.FormValue("stamp"); stamp != "" && stamp != stampOf(before.ChangedAt) {
			return errStale
		}
		if err := form.Update(ctx, q, p, v.now); err != nil {
			return err
		}
		if err := lessonTrail(ctx, v, q, p, before.Draft(), form.LessonDraft); err != nil || !publish {
			return err
		}
		return s.publishLesson(ctx, v, q, p, form.Title)
	})
}

func (s *Site) publishLesson(ctx context.Context, v *visit, q *queries.Queries, p queries.Part, title string) error {
	isNew, err := p.Publish(ctx, q, "", v.now)
	if err != nil || !isNew {
		return err
	}
	return v.did(ctx, q, "lesson.publish", lessonSubject(p.LessonID, title))
}

// lessonIs is a lesson as the trail keeps it: of the text only its length, since every save would keep all of it twice.
type lessonIs struct {
	queries.LessonDraft
	Body       *string `json:"body,omitempty"` // hides the one above
	Characters int     `json:"characters_of_text"`
}

func lessonTold(d queries.LessonDraft) lessonIs {
	length := len([]rune(d.Body))
	d.Body = ""
	return lessonIs{LessonDraft: d, Characters: length}
}

// lessonTrail writes what was changed into the trail, also where that is words for others of the same length.
func lessonTrail(ctx context.Context, v *visit, q *queries.Queries, p queries.Part, before, after queries.LessonDraft) error {
	was, is, about := lessonTold(before), lessonTold(after), lessonSubject(p.LessonID, after.Title)
	if before.Body != after.Body && sameLesson(was.LessonDraft, is.LessonDraft) && was.Characters == is.Characters {
		return v.did(ctx, q, "lesson.change", about)
	}
	return v.changed(ctx, q, "lesson.change", about, was, is)
}

// lessonStale shows what was typed with a word about what happened meanwhile; saved again, it takes the place of the other.
func (s *Site) lessonStale(c *fiber.Ctx, form lessonForm) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	invalid(c)
	page := s.newLessonPage(c, l, form, nil)
	page.Changed = "Somebody has changed this lesson since you opened it. What you typed is below and not saved yet. Saving it now takes the place of what they wrote."
	return page.render(c)
}

// lessonFormOf reads the form that was sent, and says what is wrong with it.
func lessonFormOf(c *fiber.Ctx, was queries.LessonByIDRow) (lessonForm, map[string]string) {
	form := lessonForm{typedVideo: c.FormValue("video_url"), LessonDraft: queries.LessonDraft{Title: queries.OneLine(c.FormValue("title")), Body: queries.Paragraphs(c.FormValue("body")),
		Minutes: typedNumber(c.FormValue("minutes"), 0), Drip: dripOf(c), PassPercent: typedNumber(c.FormValue("pass_percent"), 80), Shuffled: c.FormValue("shuffled") != ""}}
	if tries := typedNumber(c.FormValue("tries"), 0); tries != 0 {
		form.Tries = &tries
	}
	if !c.Request().PostArgs().Has("pass_percent") { // without questions the form does not ask for it
		form.PassPercent, form.Tries, form.Shuffled = was.QuizPassPercent, was.QuizTries, was.QuizShuffled
	}
	var err error
	form.Video, form.VideoURL, err = queries.ParseVideo(form.typedVideo)
	if form.Video == queries.VideoKindNone && was.Video == queries.VideoKindUpload {
		form.Video = queries.VideoKindUpload
	}
	wrong := form.Check()
	if err != nil {
		wrong["video_url"] = messageOf(err)
	}
	return form, wrong
}

// lessonsPreview shows what is typed as clients would read it; nothing is saved.
func (s *Site) lessonsPreview(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	form, wrong := lessonFormOf(c, l.Lesson)
	page := s.newLessonPage(c, l, form, wrong)
	page.Stamp = c.FormValue("stamp")
	return render(c, views.FrameAdmin, "lessons/edit", "lessons/_preview", page)
}
