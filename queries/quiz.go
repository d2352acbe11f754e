package queries

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// QuizAnswer is a question as it was asked in a try, and what came of it. Its JSON names are stored.
type QuizAnswer struct {
	Question    uuid.UUID    `json:"question"`
	Kind        QuestionKind `json:"kind"`
	Text        string       `json:"text"`
	Given       []string     `json:"given"` // what was answered: the texts of the options, or the text
	Right       bool         `json:"right"`
	Answers     []string     `json:"answers"` // what would have been right: all of them for choices, any of them for texts
	Explanation string       `json:"explanation,omitempty"`
}

// Unanswered says which questions of a quiz were left out. Nothing is kept, and it is no try.
type Unanswered struct{ Questions []uuid.UUID }

func (u Unanswered) Error() string {
	return fmt.Sprintf("%d questions are not answered", len(u.Questions))
}

// Mark compares what was answered with what is right. For choices given are keys of options; of a text there is one.
func (r QuestionListRow) Mark(given []string) QuizAnswer {
	a := QuizAnswer{Question: r.ID, Kind: r.Kind, Text: r.Text, Given: []string{}, Answers: []string{}, Explanation: r.Explanation}
	if r.Kind == QuestionKindText {
		a.Given, a.Answers = append(a.Given, given...), append(a.Answers, r.Answers...)
		a.Right = len(given) == 1 && slices.ContainsFunc(r.Answers, func(right string) bool { return sameWords(given[0], right) })
		return a
	}
	a.Right = true
	for _, o := range r.Options {
		chosen := slices.Contains(given, o.Key)
		if chosen {
			a.Given = append(a.Given, o.Text)
		}
		if o.Right {
			a.Answers = append(a.Answers, o.Text)
		}
		a.Right = a.Right && chosen == o.Right
	}
	return a
}

// sameWords compares texts without regard to case and to blanks around and between words.
func sameWords(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// answered says whether what came for a question is an answer at all.
func (r QuestionListRow) answered(given []string) bool {
	if r.Kind == QuestionKindText {
		return len(given) == 1 && strings.TrimSpace(given[0]) != ""
	}
	return slices.ContainsFunc(r.Options, func(o QuizOption) bool { return slices.Contains(given, o.Key) })
}

// QuizOrder is the questions of a quiz and their options in the order of one try of one client: another in each try, and the same
// whenever the page of that try is looked at.
func QuizOrder(questions []QuestionListRow, contact, lesson uuid.UUID, try int) []QuestionListRow {
	sum := sha256.Sum256(fmt.Append(nil, contact, lesson, try))
	r := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
	ordered := slices.Clone(questions)
	r.Shuffle(len(ordered), func(i, j int) { ordered[i], ordered[j] = ordered[j], ordered[i] })
	for n := range ordered {
		options := slices.Clone(ordered[n].Options)
		r.Shuffle(len(options), func(i, j int) { options[i], options[j] = options[j], options[i] })
		ordered[n].Options = options
	}
	return ordered
}

// QuizState is where a client stands in the quiz of a lesson.
type QuizState struct {
	Passed bool
	Left   int // tries; -1: as many as they like
	Number int // of tries so far
}

// StateOfQuiz is that of a lesson and the tries at it.
func StateOfQuiz(lesson LearningLessonRow, tries []QuizTriesRow) QuizState {
	s := QuizState{Left: -1, Number: len(tries), Passed: slices.ContainsFunc(tries, func(t QuizTriesRow) bool { return t.Passed })}
	if lesson.QuizTries != nil {
		s.Left = max(0, int(*lesson.QuizTries)-len(tries))
	}
	return s
}

// CanTry says whether another try makes sense and is left.
func (s QuizState) CanTry() bool { return !s.Passed && s.Left != 0 }

// QuizSent is what a client answered.
type QuizSent struct {
	Lesson  uuid.UUID
	Number  int   // of tries there were when the questions were shown
	Version int32 // of the lesson then
	Given   map[uuid.UUID][]string
}

// Tried is what came of a try.
type Tried struct {
	Passed bool
	Completed
}

// TryQuiz marks a quiz and keeps the result; one that is passed finishes the lesson. ErrNotFound unless the lesson is open to the
// client and has a quiz. ErrConflict when the try counts already, or none is left. Unanswered when questions were left out.
// Invalid when the quiz was changed while they answered.
func TryQuiz(ctx context.Context, q *Queries, l Learner, sent QuizSent) (t Tried, err error) {
	if err := l.lock(ctx, q); err != nil {
		return t, err
	}
	open, err := q.LessonIsOpen(ctx, LessonIsOpenParams{AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID, LessonID: sent.Lesson, Now: l.Now})
	if err != nil {
		return t, err
	}
	if !open {
		return t, ErrNotFound
	}
	lesson, err := q.LearningLesson(ctx, LearningLessonParams{AccountID: l.AccountID, CourseID: l.CourseID, ID: sent.Lesson})
	if err != nil {
		return t, Kind(err)
	}
	questions, err := q.QuestionList(ctx, QuestionListParams{AccountID: l.AccountID, LessonID: sent.Lesson})
	if err != nil {
		return t, err
	}
	tries, err := q.QuizTries(ctx, QuizTriesParams{AccountID: l.AccountID, ContactID: l.ContactID, LessonID: sent.Lesson})
	if err != nil {
		return t, err
	}
	if err := sent.check(lesson, questions, tries); err != nil {
		return t, err
	}
	try := sent.mark(questions)
	t.Passed = int(try.RightCount)*100 >= int(lesson.QuizPassPercent)*len(questions)
	try.AccountID, try.ID, try.ContactID, try.CourseID, try.LessonID = l.AccountID, NewID(), l.ContactID, l.CourseID, sent.Lesson
	try.LessonVersion, try.Passed, try.Now = lesson.Version, t.Passed, l.Now
	if err := q.QuizTryInsert(ctx, try); err != nil || !t.Passed {
		return t, err
	}
	t.Completed, err = CompleteLesson(ctx, q, l, sent.Lesson, CompletedByQuiz)
	return t, err
}

func (s QuizSent) check(lesson LearningLessonRow, questions []QuestionListRow, tries []QuizTriesRow) error {
	state := StateOfQuiz(lesson, tries)
	switch {
	case len(questions) == 0:
		return ErrNotFound
	case s.Number != state.Number || !state.CanTry():
		return ErrConflict
	case s.Version != lesson.Version:
		return Invalid{"quiz", "The quiz was changed while you answered, so this did not count as a try. Please look through it once more."}
	}
	var missing []uuid.UUID
	for _, question := range questions {
		if !question.answered(s.Given[question.ID]) {
			missing = append(missing, question.ID)
		}
	}
	if missing != nil {
		return Unanswered{missing}
	}
	return nil
}

// mark is the result of what was answered, in the order of the quiz.
func (s QuizSent) mark(questions []QuestionListRow) (try QuizTryInsertParams) {
	try.QuestionCount = int32(len(questions))
	for _, question := range questions {
		answer := question.Mark(s.Given[question.ID])
		if answer.Right {
			try.RightCount++
		}
		try.Answers = append(try.Answers, answer)
	}
	return try
}
