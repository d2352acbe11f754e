package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// questionPage words one question of a quiz, a new one or one there is.
type questionPage struct {
	views.Page
	Back        views.Link
	Action      string
	Heading     string
	New         bool
	Kind        queries.QuestionKind
	Says        string // how it is answered
	Text        views.Field
	Options     []questionOption
	Problem     string // about the options; empty: none
	Answers     *views.Field
	Explanation views.Field
	Delete      *views.Confirm // nil: there is nothing to delete yet
	FocusLast   bool           // the last option takes the focus
}

// questionOption is one answer to choose from, as a row of the form.
type questionOption struct {
	Key   string
	Text  views.Field
	Right bool
	Many  bool // several can be right
}

var (
	questionWords = map[queries.QuestionKind]string{queries.QuestionKindSingle: "One right answer", queries.QuestionKindMultiple: "Several right answers", queries.QuestionKindText: "Typed answer"}
	questionSays  = map[queries.QuestionKind]string{queries.QuestionKindSingle: "Clients choose one. Mark the one that is right.",
		queries.QuestionKindMultiple: "Clients choose all that fit. Mark every one that is right: the question counts only when none is missing and none too many.",
		queries.QuestionKindText:     "Clients type a few words. Capitals and spaces make no difference."}
)

// questionsNew asks for a question of the kind in the query.
func (s *Site) questionsNew(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	d := queries.QuestionDraft{Kind: kindOf(c.Query("kind"))}
	return s.newQuestionPage(c, l.Lesson.Title, uuid.Nil, d, nil).render(c)
}

// kindOf is the kind of question that was sent; one right answer unless it says another.
func kindOf(sent string) queries.QuestionKind {
	if kind := queries.QuestionKind(sent); kind.Valid() {
		return kind
	}
	return queries.QuestionKindSingle
}

func (s *Site) questionsCreate(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	return s.saveQuestion(c, l.Lesson.Title, uuid.Nil, kindOf(c.FormValue("kind")))
}

// questionInPath is the question that the path names.
func (s *Site) questionInPath(c *fiber.Ctx) (r queries.QuestionByIDRow, err error) {
	p, err := partOf(c)
	if err != nil {
		return r, err
	}
	id, err := pathID(c, "question")
	if err != nil {
		return r, err
	}
	r, err = s.q.QuestionByID(c.UserContext(), queries.QuestionByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, LessonID: p.LessonID, ID: id})
	return r, queries.Kind(err)
}

func (s *Site) questionsShow(c *fiber.Ctx) error {
	r, err := s.questionInPath(c)
	if err != nil {
		return err
	}
	return s.newQuestionPage(c, r.LessonTitle, r.ID, r.Draft(), nil).render(c)
}

func (s *Site) questionsSave(c *fiber.Ctx) error {
	r, err := s.questionInPath(c)
	if err != nil {
		return err
	}
	return s.saveQuestion(c, r.LessonTitle, r.ID, r.Kind)
}

// saveQuestion stores the question that was sent, a new one without an id; a button beside the answers adds one and stores nothing.
func (s *Site) saveQuestion(c *fiber.Ctx, lesson string, id uuid.UUID, kind queries.QuestionKind) error {
	d := questionOf(c, kind)
	if c.FormValue("do") == "add" {
		d.Options = append(d.Options, queries.QuizOption{Key: optionKey(d.Options)})
		p := s.newQuestionPage(c, lesson, id, d, nil)
		p.FocusLast = true
		return p.render(c)
	}
	d.Options = slices.DeleteFunc(d.Options, func(o queries.QuizOption) bool { return o.Text == "" })
	wrong := d.Check()
	if len(wrong) == 0 {
		err := s.storeQuestion(c, id, d)
		if err == nil {
			s.flash(c, views.FlashSuccess, "The question is saved.")
			return redirect(c, lessonPathOf(c)+"#quiz")
		} else if messageOf(err) == "" {
			return err
		}
		wrong[fieldOf(err)] = messageOf(err)
	}
	invalid(c)
	return s.newQuestionPage(c, lesson, id, d, wrong).render(c)
}

func (s *Site) storeQuestion(c *fiber.Ctx, id uuid.UUID, d queries.QuestionDraft) error {
	v, ctx := at(c), c.UserContext()
	p, err := partOf(c)
	if err != nil {
		return err
	}
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if id == uuid.Nil {
			made, err := queries.AddQuestion(ctx, q, p, d, v.now)
			if err != nil {
				return err
			}
			return v.did(ctx, q, "question.create", questionSubject(made, d.Text))
		}
		before, err := q.QuestionByID(ctx, queries.QuestionByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, LessonID: p.LessonID, ID: id})
		if err != nil {
			return err
		}
		if err := queries.SaveQuestion(ctx, q, p, id, d, v.now); err != nil {
			return err
		}
		return v.changed(ctx, q, "question.change", questionSubject(id, d.Text), before.Draft(), d)
	})
}

// questionSubject is a question in the trail, where a line is short.
func questionSubject(id uuid.UUID, text string) queries.AuditSubject {
	short := []rune(queries.OneLine(text))
	if len(short) > 80 {
		short = append(short[:79], '…')
	}
	return queries.AuditSubject{Kind: "question", ID: &id, Name: string(short)}
}

func lessonPathOf(c *fiber.Ctx) string {
	return at(c).base() + "/courses/" + c.Params("id") + "/lessons/" + c.Params("lesson")
}

// questionOf reads the question that was sent. Rows of answers keep their keys; what no page of ours could have sent is left out.
func questionOf(c *fiber.Ctx, kind queries.QuestionKind) queries.QuestionDraft {
	d := queries.QuestionDraft{Kind: kind, Text: queries.Lines(c.FormValue("text")), Explanation: queries.Lines(c.FormValue("explanation"))}
	if kind == queries.QuestionKindText {
		d.Answers = optionLines(c.FormValue("answers"))
		return d
	}
	right := map[string]bool{}
	for _, key := range c.Request().PostArgs().PeekMulti("right") {
		right[string(key)] = true
	}
	for _, sent := range c.Request().PostArgs().PeekMulti("option") {
		key := string(sent)
		if len(key) != 1 || key < "a" || key > "z" || len(d.Options) >= queries.QuestionOptionsMost || slices.ContainsFunc(d.Options, func(o queries.QuizOption) bool { return o.Key == key }) {
			continue
		}
		d.Options = append(d.Options, queries.QuizOption{Key: key, Text: queries.OneLine(c.FormValue("option-" + key)), Right: right[key]})
	}
	return d
}

// optionKey is a key that no option has.
func optionKey(options []queries.QuizOption) string {
	for key := 'a'; key <= 'z'; key++ {
		if !slices.ContainsFunc(options, func(o queries.QuizOption) bool { return o.Key == string(key) }) {
			return string(key)
		}
	}
	return "z"
}

func (s *Site) newQuestionPage(c *fiber.Ctx, lesson string, id uuid.UUID, d queries.QuestionDraft, wrong map[string]string) *questionPage {
	back := lessonPathOf(c)
	p := &questionPage{Page: s.page(c, "Edit question"), Back: views.Link{Label: lesson, URL: back + "#quiz"}, Action: back + "/questions/" + id.String(), Heading: "Edit question", Kind: d.Kind,
		Says: questionSays[d.Kind], Problem: wrong["options"]}
	if id == uuid.Nil {
		p.Title, p.Heading, p.Action, p.New = "New question", "New question", back+"/questions", true
	} else {
		p.Delete = &views.Confirm{ID: "delete", Title: "Delete this question?", Text: "It is gone from the quiz for good. Tries that were made keep it in their results.", Verb: "Delete question", Action: p.Action + "/delete", Token: p.Token}
	}
	p.Text = views.Field{Name: "text", Label: "Question", Value: d.Text, Type: "textarea", Rows: 2, Required: true, MaxLength: queries.QuestionTextMost, Autofocus: p.New}
	p.Explanation = views.Field{Name: "explanation", Label: "Explanation", Value: d.Explanation, Type: "textarea", Rows: 3, MaxLength: queries.QuestionExplanationMost,
		Hint: "Shown with the result, whether the answer was right or not. Can be left empty."}
	p.Text.Refuse(wrong["text"])
	p.Explanation.Refuse(wrong["explanation"])
	if d.Kind == queries.QuestionKindText {
		p.Answers = &views.Field{Name: "answers", Label: "Answers that are right", Value: strings.Join(d.Answers, "\n"), Type: "textarea", Rows: 4, Hint: "One a line, such as “goal” and “a goal”."}
		p.Answers.Refuse(wrong["answers"])
		return p
	}
	for least := 2; len(d.Options) < least || p.New && len(d.Options) < 3 && wrong == nil && !p.FocusLast; {
		d.Options = append(d.Options, queries.QuizOption{Key: optionKey(d.Options)})
	}
	for i, o := range d.Options {
		p.Options = append(p.Options, questionOption{Key: o.Key, Right: o.Right, Many: d.Kind == queries.QuestionKindMultiple,
			Text: views.Field{Name: "option-" + o.Key, Label: fmt.Sprintf("Answer %d", i+1), LabelHidden: true, Value: o.Text, MaxLength: queries.QuestionOptionMost, Autocomplete: "off"}})
	}
	return p
}

func (p *questionPage) render(c *fiber.Ctx) error {
	if p.FocusLast && len(p.Options) > 0 {
		p.Options[len(p.Options)-1].Text.Autofocus, p.Text.Autofocus = true, false
	}
	return render(c, views.FrameAdmin, "questions/edit", "questions/_form", p)
}

// questionsMove moves a question up or down in its quiz.
func (s *Site) questionsMove(c *fiber.Ctx) error {
	r, err := s.questionInPath(c)
	if err != nil {
		return err
	}
	p, err := partOf(c)
	if err != nil {
		return err
	}
	by, err := movedBy(c.FormValue("to"))
	if err != nil {
		return err
	}
	err = s.changeCourse(c, "question.move", func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		moved, err := queries.MoveQuestion(ctx, q, p, r.ID, by)
		return questionSubject(r.ID, r.Text), moved, err
	})
	if err != nil {
		return err
	}
	if !isFragment(c) {
		return redirect(c, lessonPathOf(c)+"#quiz")
	}
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	return write(c, "lessons/_questions", s.newLessonPage(c, l, lessonForm{LessonDraft: l.Lesson.Draft()}, nil).Quiz)
}

func (s *Site) questionsDelete(c *fiber.Ctx) error {
	r, err := s.questionInPath(c)
	if err != nil {
		return err
	}
	p, err := partOf(c)
	if err != nil {
		return err
	}
	err = s.changeCourse(c, "question.delete", func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		text, err := queries.DeleteQuestion(ctx, q, p, r.ID, at(c).now)
		if errors.Is(err, queries.ErrNotFound) { // a colleague was quicker
			return queries.AuditSubject{}, false, nil
		}
		return questionSubject(r.ID, text), true, err
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The question is deleted.")
	return redirect(c, lessonPathOf(c)+"#quiz")
}
