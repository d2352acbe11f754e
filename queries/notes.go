package queries

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// NoteMost is how long a note beside a lesson can be, in characters.
const NoteMost = 10000

// NoteDraft is a note as it is written: a new one, or with an ID one that is changed.
type NoteDraft struct {
	Lesson uuid.UUID
	ID     uuid.UUID // the nil one: new
	Text   string
}

// WriteNote keeps a note. ErrNotFound unless the lesson is open to the client, or when the note is not theirs. Invalid when there
// is nothing in it or too much.
func WriteNote(ctx context.Context, q *Queries, l Learner, n NoteDraft) error {
	if err := l.mayNote(ctx, q, n.Lesson); err != nil {
		return err
	}
	text := strings.TrimSpace(strings.ReplaceAll(n.Text, "\r\n", "\n"))
	switch {
	case text == "":
		return Invalid{"text", "Write something first."}
	case utf8.RuneCountInString(text) > NoteMost:
		return Invalid{"text", "This is more than 10,000 characters. Split it into two notes."}
	case !utf8.ValidString(text) || strings.Contains(text, "\x00"):
		return Invalid{"text", "This has characters in it that cannot be kept."}
	}
	if n.ID == uuid.Nil {
		return q.NoteInsert(ctx, NoteInsertParams{AccountID: l.AccountID, ID: NewID(), ContactID: l.ContactID, CourseID: l.CourseID, LessonID: n.Lesson, Text: text, Now: l.Now})
	}
	changed, err := q.NoteSave(ctx, NoteSaveParams{AccountID: l.AccountID, ContactID: l.ContactID, LessonID: n.Lesson, ID: n.ID, Text: text, Now: l.Now})
	if err == nil && changed == 0 {
		err = ErrNotFound
	}
	return err
}

// DropNote removes one; ErrNotFound as WriteNote.
func DropNote(ctx context.Context, q *Queries, l Learner, lesson, id uuid.UUID) error {
	if err := l.mayNote(ctx, q, lesson); err != nil {
		return err
	}
	gone, err := q.NoteDelete(ctx, NoteDeleteParams{AccountID: l.AccountID, ContactID: l.ContactID, LessonID: lesson, ID: id})
	if err == nil && gone == 0 {
		err = ErrNotFound
	}
	return err
}

func (l Learner) mayNote(ctx context.Context, q *Queries, lesson uuid.UUID) error {
	open, err := q.LessonIsOpen(ctx, LessonIsOpenParams{AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID, LessonID: lesson, Now: l.Now})
	if err == nil && !open {
		err = ErrNotFound
	}
	return Kind(err)
}
