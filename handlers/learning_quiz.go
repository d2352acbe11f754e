package handlers

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// learningQuiz is the quiz of a lesson: its questions, or what came of the last try, or both.
type learningQuiz struct {
	Path      string // where answers go
	Again     string // where another try begins
	Token     string
	Looking   bool // a staff person looks, who answers nothing
	Pass      int32
	State     queries.QuizState
	Version   int32
	Problem   string // with all of it; empty: none
	Questions []learningQuestion
	Result    *learningResult // of the last try; nil: there is none
	Asking    bool            // the questions are shown to be answered
}

// learningQuestion is one question to be answered.
type learningQuestion struct {
	Name    string // of its field
	Number  int
	Text    string
	Kind    queries.QuestionKind
	Options []learningOption
	Field   views.Field // of a text
	Error   string
}

// Control is the id of the question's first control, for its error.
func (q learningQuestion) Control() string { return "field-" + q.Name }

type learningOption struct {
	Key, Text string
	Chosen    bool
}

// learningResult is what came of a try.
type learningResult struct {
	Number       int // of the try, from 1
	Right, Of    int32
	Passed       bool
	Tried        views.Moment
	Answers      []queries.QuizAnswer
	ShowsAnswers bool // says what would have been right: once there is nothing left to try
}

// Ratio is the part that was right.
func (r learningResult) Ratio() float64 { return float64(r.Right) / float64(max(r.Of, 1)) }

// newLearningQuiz is the quiz of a lesson; nil without one. Somebody who has tried sees what came of it, until they ask for another try.
func newLearningQuiz(p *learningLessonPage, l queries.Learner, seen queries.LessonSeen, again bool) *learningQuiz {
	if len(seen.Questions) == 0 {
		return nil
	}
	q := &learningQuiz{Path: p.Path + "/quiz", Again: p.Path + "?try=1#quiz", Token: p.Token, Looking: l.Looking, Pass: seen.Lesson.QuizPassPercent,
		State: queries.StateOfQuiz(seen.Lesson, seen.Tries), Version: seen.Lesson.Version}
	if len(seen.Tries) > 0 {
		last := seen.Tries[0]
		if passed := slices.IndexFunc(seen.Tries, func(t queries.QuizTriesRow) bool { return t.Passed }); passed >= 0 {
			last = seen.Tries[passed]
		}
		q.Result = &learningResult{Number: len(seen.Tries), Right: last.RightCount, Of: last.QuestionCount, Passed: last.Passed,
			Tried: views.Moment{At: last.TriedAt, Now: p.Now}, Answers: last.Answers, ShowsAnswers: !q.State.CanTry()}
	}
	if q.Asking = q.State.CanTry() && (q.Result == nil || again); !q.Asking {
		return q
	}
	questions := seen.Questions
	if seen.Lesson.QuizShuffled {
		questions = queries.QuizOrder(questions, l.ContactID, seen.Lesson.ID, q.State.Number)
	}
	for i, row := range questions {
		q.Questions = append(q.Questions, newLearningQuestion(row, i+1))
	}
	return q
}

func newLearningQuestion(row queries.QuestionListRow, number int) learningQuestion {
	q := learningQuestion{Name: questionName(row.ID), Number: number, Text: row.Text, Kind: row.Kind,
		Field: views.Field{Name: questionName(row.ID), Label: fmt.Sprintf("Your answer to question %d", number), LabelHidden: true, Autocomplete: "off", MaxLength: answerMost}}
	for _, o := range row.Options {
		q.Options = append(q.Options, learningOption{Key: o.Key, Text: o.Text})
	}
	return q
}

// answerMost is how long an answer in words can be, in characters.
const answerMost = 300

func questionName(id uuid.UUID) string { return "q-" + id.String() }

// learningTryQuiz marks what was answered.
func (s *Site) learningTryQuiz(c *fiber.Ctx) error {
	l, lesson, err := atLesson(c)
	if err != nil {
		return err
	}
	sent, ctx := quizSent(c, lesson), c.UserContext()
	var tried queries.Tried
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if tried, err = queries.TryQuiz(ctx, q, l, sent); err != nil {
			return err
		}
		return s.certify(ctx, q, tx, l, tried.Course)
	})
	var missing queries.Unanswered
	switch {
	case errors.As(err, &missing) || messageOf(err) != "":
		return s.refuseQuiz(c, sent, missing.Questions, messageOf(err))
	case err != nil && !errors.Is(err, queries.ErrConflict): // what counts already is shown
		return err
	case tried.Course != nil:
		s.flash(c, views.FlashSuccess, "Passed, and with it you have finished the course.")
	}
	return redirect(c, lessonPath(l.CourseID, lesson)+"#quiz")
}

// quizSent is what a form of questions brings.
func quizSent(c *fiber.Ctx, lesson uuid.UUID) queries.QuizSent {
	number, _ := strconv.Atoi(c.FormValue("number")) // what is no number is not the number of tries either
	version, _ := strconv.Atoi(c.FormValue("version"))
	sent := queries.QuizSent{Lesson: lesson, Number: number, Version: int32(version), Given: map[uuid.UUID][]string{}}
	c.Request().PostArgs().VisitAll(func(name, value []byte) {
		if id, err := uuid.Parse(string(name[min(2, len(name)):])); err == nil && string(name) == questionName(id) {
			sent.Given[id] = append(sent.Given[id], clipped(string(value)))
		}
	})
	return sent
}

// clipped is an answer as far as one can be.
func clipped(answer string) string {
	runes := []rune(searchText(answer))
	return string(runes[:min(len(runes), answerMost)])
}

// refuseQuiz shows the questions again as they were answered, and what is missing.
func (s *Site) refuseQuiz(c *fiber.Ctx, sent queries.QuizSent, missing []uuid.UUID, problem string) error {
	p, err := s.newLearningLessonPage(c, true)
	if err != nil {
		return err
	}
	if p.Quiz == nil {
		return queries.ErrNotFound
	}
	p.Quiz.Problem = problem
	if p.Quiz.Asking {
		p.Quiz.keep(sent, missing)
	}
	invalid(c)
	return render(c, views.FramePortal, "learning/lesson", "", p)
}

// keep fills in what was answered.
func (q *learningQuiz) keep(sent queries.QuizSent, missing []uuid.UUID) {
	for i := range q.Questions {
		question := &q.Questions[i]
		id := uuid.MustParse(question.Name[2:])
		given := sent.Given[id]
		for n := range question.Options {
			question.Options[n].Chosen = slices.Contains(given, question.Options[n].Key)
		}
		if len(given) > 0 {
			question.Field.Value = given[0]
		}
		if slices.Contains(missing, id) {
			question.Error = map[queries.QuestionKind]string{queries.QuestionKindSingle: "Choose an answer.",
				queries.QuestionKindMultiple: "Choose at least one.", queries.QuestionKindText: "Write an answer."}[question.Kind]
			question.Field.Refuse(question.Error)
		}
	}
}
