package queries

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// What a question can hold, in characters but for the counts.
const (
	QuestionTextMost        = 1000
	QuestionOptionsMost     = 12
	QuestionOptionMost      = 300
	QuestionAnswersMost     = 50
	QuestionExplanationMost = 2000
	QuizQuestionsMost       = 100
)

// QuizOption is one answer to choose from.
type QuizOption struct {
	Key   string `json:"key"` // names it for good, however it is worded
	Text  string `json:"text"`
	Right bool   `json:"right,omitempty"`
}

// QuestionDraft is a question as staff word it.
type QuestionDraft struct {
	Kind        QuestionKind `json:"kind"`
	Text        string       `json:"text"`
	Options     []QuizOption `json:"options,omitempty"` // of choices
	Answers     []string     `json:"answers,omitempty"` // of texts
	Explanation string       `json:"explanation,omitempty"`
}

// Draft is the question as it is stored.
func (r QuestionByIDRow) Draft() QuestionDraft {
	return QuestionDraft{r.Kind, r.Text, r.Options, r.Answers, r.Explanation}
}

// Check is as that of a course, by "text", "options", "answers" and "explanation".
func (d QuestionDraft) Check() map[string]string {
	wrong := map[string]string{}
	tooLong := func(field, text string, most int) {
		if n := utf8.RuneCountInString(text); n > most {
			wrong[field] = fmt.Sprintf("This can be up to %d characters long; it is %d.", most, n)
		}
	}
	if d.Text == "" {
		wrong["text"] = "Write the question."
	}
	tooLong("text", d.Text, QuestionTextMost)
	tooLong("explanation", d.Explanation, QuestionExplanationMost)
	switch d.Kind {
	case QuestionKindText:
		if len(d.Answers) == 0 {
			wrong["answers"] = "Write at least one answer that is right."
		} else if len(d.Answers) > QuestionAnswersMost {
			wrong["answers"] = fmt.Sprintf("Up to %d answers can be right.", QuestionAnswersMost)
		}
		for _, answer := range d.Answers {
			tooLong("answers", answer, QuestionOptionMost)
		}
	case QuestionKindSingle, QuestionKindMultiple:
		d.checkOptions(wrong)
	}
	return wrong
}

func (d QuestionDraft) checkOptions(wrong map[string]string) {
	right, seen := 0, map[string]bool{}
	for _, o := range d.Options {
		if o.Right {
			right++
		}
		if seen[o.Text] {
			wrong["options"] = "Two of the answers are the same."
		}
		if utf8.RuneCountInString(o.Text) > QuestionOptionMost {
			wrong["options"] = fmt.Sprintf("An answer can be up to %d characters long.", QuestionOptionMost)
		}
		seen[o.Text] = true
	}
	switch {
	case len(d.Options) < 2 || len(d.Options) > QuestionOptionsMost:
		wrong["options"] = fmt.Sprintf("Give between 2 and %d answers to choose from.", QuestionOptionsMost)
	case right == 0:
		wrong["options"] = "Mark which answer is right."
	case d.Kind == QuestionKindSingle && right > 1:
		wrong["options"] = "Only one answer can be right here."
	}
}

// stored are the draft's options and answers as the table wants them: never null.
func (d QuestionDraft) stored() ([]QuizOption, []string) {
	options, answers := []QuizOption{}, []string{}
	if d.Kind == QuestionKindText {
		return options, append(answers, d.Answers...)
	}
	return append(options, d.Options...), answers
}

// AddQuestion writes a question at the end of a lesson's quiz. ErrNotFound without such a lesson; Invalid when the quiz is full.
func AddQuestion(ctx context.Context, q *Queries, p Part, d QuestionDraft, now time.Time) (id uuid.UUID, err error) {
	questions, err := lockQuiz(ctx, q, p)
	if err != nil {
		return id, err
	}
	if len(questions) >= QuizQuestionsMost {
		return id, Invalid{"text", fmt.Sprintf("A quiz has up to %d questions. This one is full.", QuizQuestionsMost)}
	}
	id = NewID()
	options, answers := d.stored()
	if err := q.QuestionInsert(ctx, QuestionInsertParams{AccountID: p.AccountID, ID: id, LessonID: p.LessonID, Kind: d.Kind, Text: d.Text, Options: options,
		Answers: answers, Explanation: d.Explanation}); err != nil {
		return id, err
	}
	return id, q.LessonTouch(ctx, LessonTouchParams{AccountID: p.AccountID, ID: p.LessonID, Now: now})
}

// SaveQuestion stores a question in place of what it was. ErrNotFound without it. Tries at the quiz keep what they were asked.
func SaveQuestion(ctx context.Context, q *Queries, p Part, id uuid.UUID, d QuestionDraft, now time.Time) error {
	if _, err := lockQuiz(ctx, q, p); err != nil {
		return err
	}
	options, answers := d.stored()
	n, err := q.QuestionUpdate(ctx, QuestionUpdateParams{AccountID: p.AccountID, LessonID: p.LessonID, ID: id, Kind: d.Kind, Text: d.Text, Options: options, Answers: answers,
		Explanation: d.Explanation})
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	return q.LessonTouch(ctx, LessonTouchParams{AccountID: p.AccountID, ID: p.LessonID, Now: now})
}

// DeleteQuestion removes a question and answers its text. ErrNotFound without it.
func DeleteQuestion(ctx context.Context, q *Queries, p Part, id uuid.UUID, now time.Time) (text string, err error) {
	if _, err := lockQuiz(ctx, q, p); err != nil {
		return "", err
	}
	if text, err = q.QuestionDelete(ctx, QuestionDeleteParams{AccountID: p.AccountID, LessonID: p.LessonID, ID: id}); err != nil {
		return "", Kind(err)
	}
	return text, q.LessonTouch(ctx, LessonTouchParams{AccountID: p.AccountID, ID: p.LessonID, Now: now})
}

// MoveQuestion moves a question up (-1) or down (1) by one place, if there is one. ErrNotFound without it.
func MoveQuestion(ctx context.Context, q *Queries, p Part, id uuid.UUID, by int) (moved bool, err error) {
	questions, err := lockQuiz(ctx, q, p)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(questions, func(r QuestionListRow) bool { return r.ID == id })
	if i < 0 {
		return false, ErrNotFound
	}
	to := i + by
	if to < 0 || to >= len(questions) {
		return false, nil
	}
	questions[i], questions[to] = questions[to], questions[i]
	ids := make([]uuid.UUID, len(questions))
	for i, r := range questions {
		ids[i] = r.ID
	}
	return true, q.QuestionPlace(ctx, QuestionPlaceParams{AccountID: p.AccountID, LessonID: p.LessonID, Ids: ids})
}

// lockQuiz is the quiz of a lesson, which nobody else changes until the transaction ends.
func lockQuiz(ctx context.Context, q *Queries, p Part) ([]QuestionListRow, error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return nil, Kind(err)
	}
	if _, err := q.LessonByID(ctx, LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID}); err != nil {
		return nil, Kind(err)
	}
	return q.QuestionList(ctx, QuestionListParams{AccountID: p.AccountID, LessonID: p.LessonID})
}
