package queries_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// quiz gives a lesson three questions, one of each kind, and returns their ids.
func (s school) quiz(lesson uuid.UUID) (ids [3]uuid.UUID) {
	s.t.Helper()
	for i, q := range []struct{ kind, text, options, answers string }{
		{"single", "How many?", `[{"key": "a", "text": "Three", "right": true}, {"key": "b", "text": "Thirty"}]`, "{}"},
		{"multiple", "Which of them?", `[{"key": "a", "text": "Clear", "right": true}, {"key": "b", "text": "Vague"}, {"key": "c", "text": "Written", "right": true}]`, "{}"},
		{"text", "What comes first?", "[]", `{"The goal",goal}`},
	} {
		ids[i] = queries.NewID()
		s.exec("INSERT INTO quiz_question VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'Because.')", s.id, ids[i], lesson, i+1, q.kind, q.text, q.options, q.answers)
	}
	return ids
}

func (s school) try(contact uuid.UUID, sent queries.QuizSent, at time.Time) (t queries.Tried, err error) {
	err = s.tx(func(ctx context.Context, q *queries.Queries) error {
		t, err = queries.TryQuiz(ctx, q, s.learner(contact, at), sent)
		return err
	})
	return t, err
}

func TestQuizMark(t *testing.T) {
	t.Parallel()
	options := []queries.QuizOption{{Key: "a", Text: "A", Right: true}, {Key: "b", Text: "B"}, {Key: "c", Text: "C", Right: true}}
	for _, c := range []struct {
		kind  queries.QuestionKind
		given []string
		right bool
	}{
		{queries.QuestionKindMultiple, []string{"a", "c"}, true},
		{queries.QuestionKindMultiple, []string{"c", "a"}, true},
		{queries.QuestionKindMultiple, []string{"a"}, false},
		{queries.QuestionKindMultiple, []string{"a", "b", "c"}, false},
		{queries.QuestionKindMultiple, nil, false},
		{queries.QuestionKindText, []string{"  the   GOAL "}, true},
		{queries.QuestionKindText, []string{"Straße"}, true},
		{queries.QuestionKindText, []string{"the goals"}, false},
		{queries.QuestionKindText, []string{""}, false},
		{queries.QuestionKindText, nil, false},
	} {
		q := queries.QuizQuestionsRow{Kind: c.kind, Options: options, Answers: []string{"The goal", "straße"}}
		if got := q.Mark(c.given); got.Right != c.right {
			t.Errorf("%s %q is right: %v", c.kind, c.given, got.Right)
		}
	}
	single := queries.QuizQuestionsRow{Kind: queries.QuestionKindSingle, Options: options[:2]}
	if !single.Mark([]string{"a"}).Right || single.Mark([]string{"b"}).Right || single.Mark([]string{"x"}).Right {
		t.Error("one of two is marked wrongly")
	}
}

// The order is the same whenever a try is looked at, another in the next one and for somebody else, and never loses a question.
func TestQuizOrder(t *testing.T) {
	t.Parallel()
	var questions []queries.QuizQuestionsRow
	for i := range 8 {
		questions = append(questions, queries.QuizQuestionsRow{ID: queries.NewID(), Text: fmt.Sprint(i), Options: []queries.QuizOption{{Key: "a"}, {Key: "b"}, {Key: "c"}, {Key: "d"}}})
	}
	line := func(contact uuid.UUID, try int) (line string) {
		all := map[uuid.UUID]bool{}
		for _, q := range queries.QuizOrder(questions, contact, queries.LastID, try) {
			all[q.ID] = true
			line += q.Text
			for _, o := range q.Options {
				line += o.Key
			}
		}
		if len(all) != len(questions) || len(line) != 8*5 {
			t.Errorf("%s is not the whole quiz", line)
		}
		return line
	}
	ana, ben := queries.NewID(), queries.NewID()
	first := line(ana, 0)
	if again := line(ana, 0); again != first || first == line(ana, 1) || first == line(ben, 0) {
		t.Error("the order does not depend on the try")
	}
	if questions[0].Text != "0" || questions[0].Options[0].Key != "a" {
		t.Error("the questions themselves were shuffled")
	}
}

func TestTryQuiz(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(2), a.contact("ana@example.com")
	lesson := s.lessons[0]
	ids := s.quiz(lesson)
	s.exec("UPDATE lesson SET quiz_pass_percent = 67, quiz_tries = 3")
	answers := func(single, text string, multiple ...string) map[uuid.UUID][]string {
		return map[uuid.UUID][]string{ids[0]: {single}, ids[1]: multiple, ids[2]: {text}}
	}
	right := answers("a", "goal", "a", "c")
	_, err := s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Given: right}, noon)
	wantErr(t, err, queries.ErrNotFound)
	s.give(ana, noon, nil)
	_, err = s.finish(ana, lesson, noon)
	if invalid := (queries.Invalid{}); !errors.As(err, &invalid) {
		t.Errorf("a lesson with a quiz is finished by its button: %v", err)
	}
	_, err = s.try(ana, queries.QuizSent{Lesson: s.lessons[1], Version: 1, Given: right}, noon)
	wantErr(t, err, queries.ErrNotFound) // it has none
	_, err = s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Given: answers("", " ", "x")}, noon)
	if missing := (queries.Unanswered{}); !errors.As(err, &missing) || len(missing.Questions) != 3 {
		t.Errorf("nothing answered: %v", err)
	}
	_, err = s.try(ana, queries.QuizSent{Lesson: lesson, Version: 2, Given: right}, noon)
	if invalid := (queries.Invalid{}); !errors.As(err, &invalid) {
		t.Errorf("another version: %v", err)
	}
	if n := read[int](a, "SELECT count(*) FROM quiz_try"); n != 0 {
		t.Fatalf("%d tries count", n)
	}
	tried, err := s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Given: answers("a", "no idea", "a")}, noon)
	check(t, err)
	if tried.Passed || tried.News || read[int](a, "SELECT count(*) FROM lesson_completion") != 0 {
		t.Errorf("one of three: %+v", tried)
	}
	_, err = s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Given: right}, noon)
	wantErr(t, err, queries.ErrConflict) // sent twice
	tried, err = s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Number: 1, Given: answers("a", "The GOAL", "a")}, noon)
	check(t, err)
	if tried.Passed { // two of three are 66 %, and 67 pass
		t.Error("66 % are enough for 67")
	}
	tried, err = s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Number: 2, Given: right}, noon.Add(time.Hour))
	check(t, err)
	if !tried.Passed || !tried.News || tried.Next.ID != s.lessons[1] {
		t.Errorf("all right: %+v", tried)
	}
	if n := read[int](a, "SELECT count(*) FROM lesson_completion WHERE completed_by = 'quiz' AND completed_at = $1", noon.Add(time.Hour)); n != 1 {
		t.Error("the lesson is not finished by its quiz")
	}
	_, err = s.try(ana, queries.QuizSent{Lesson: lesson, Version: 1, Number: 3, Given: right}, noon)
	wantErr(t, err, queries.ErrConflict) // it is passed
	seen, err := queries.LoadLesson(t.Context(), a.pool, s.learner(ana, noon), lesson)
	check(t, err)
	if len(seen.Tries) != 3 || !seen.Tries[0].Passed || seen.Tries[2].RightCount != 1 || seen.Tries[2].Answers[2].Given[0] != "no idea" || seen.Tries[2].Answers[1].Explanation != "Because." {
		t.Errorf("the tries are kept as %+v", seen.Tries)
	}
	s.exec("UPDATE quiz_question SET text = 'Something else'")
	s.exec("DELETE FROM quiz_question WHERE position = 3")
	seen, err = queries.LoadLesson(t.Context(), a.pool, s.learner(ana, noon), lesson)
	check(t, err)
	if len(seen.Tries[0].Answers) != 3 || seen.Tries[0].Answers[0].Text != "How many?" {
		t.Error("a result changed with its quiz")
	}
}

// Without tries left there is none, however many windows send one at once.
func TestQuizTriesAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(1), a.contact("ana@example.com")
	ids := s.quiz(s.lessons[0])
	s.exec("UPDATE lesson SET quiz_tries = 1")
	s.give(ana, noon, nil)
	taken := 0
	for _, err := range together(6, func(int) error {
		_, err := s.try(ana, queries.QuizSent{Lesson: s.lessons[0], Version: 1, Given: map[uuid.UUID][]string{ids[0]: {"b"}, ids[1]: {"b"}, ids[2]: {"x"}}}, noon)
		return err
	}) {
		if err == nil {
			taken++
		} else {
			wantErr(t, err, queries.ErrConflict)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM quiz_try"); taken != 1 || n != 1 {
		t.Errorf("%d tries were taken, %d count", taken, n)
	}
}
