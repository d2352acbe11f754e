package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// learningNotes are what a client wrote down beside a lesson.
type learningNotes struct {
	Looking bool // a staff person looks: notes are the client's alone
	Path    string
	Token   string
	List    []learningNote
	New     views.Field
}

type learningNote struct {
	ID      string
	Text    string
	Written views.Moment
	Changed bool // since it was written
	Path    string
	Token   string
	Edit    views.Field
	Editing bool // what was typed was refused
	Delete  views.Confirm
}

func (v *visit) learningNotes(p *learningLessonPage, rows []queries.NoteListRow) learningNotes {
	n := learningNotes{Looking: v.visiting(), Path: p.Path + "/notes", Token: p.Token,
		New: views.Field{Name: "text", ID: "note-new", Label: "A new note", Type: "textarea", Rows: 3, MaxLength: queries.NoteMost, Placeholder: "What do you want to remember?"}}
	for _, row := range rows {
		id, path := row.ID.String(), n.Path+"/"+row.ID.String()
		n.List = append(n.List, learningNote{ID: id, Text: row.Text, Written: v.moment(&row.ChangedAt), Changed: row.ChangedAt.Sub(row.CreatedAt) > time.Minute,
			Path: path, Token: p.Token,
			Edit:   views.Field{Name: "text", ID: "note-" + id, Label: "Change the note", LabelHidden: true, Type: "textarea", Rows: 5, Value: row.Text, Required: true, MaxLength: queries.NoteMost},
			Delete: views.Confirm{ID: "delete-" + id, Title: "Delete this note?", Text: "It is gone for good.", Verb: "Delete note", Action: path + "/delete", Token: p.Token}})
	}
	return n
}

// learningAddNote and learningSaveNote keep what was written.
func (s *Site) learningAddNote(c *fiber.Ctx) error { return s.writeNote(c, uuid.Nil) }

func (s *Site) learningSaveNote(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("note"))
	if err != nil {
		return queries.ErrNotFound
	}
	return s.writeNote(c, id)
}

func (s *Site) writeNote(c *fiber.Ctx, id uuid.UUID) error {
	l, lesson, err := atLesson(c)
	if err != nil {
		return err
	}
	draft := queries.NoteDraft{Lesson: lesson, ID: id, Text: c.FormValue("text")}
	err = s.noting(c, func(q *queries.Queries) error { return queries.WriteNote(c.UserContext(), q, l, draft) })
	if messageOf(err) == "" {
		return s.toNotes(c, l, lesson, err)
	}
	p, fault := s.newLearningLessonPage(c, false)
	if fault != nil {
		return fault
	}
	p.Notes.refuse(draft, messageOf(err))
	invalid(c)
	return render(c, views.FramePortal, "learning/lesson", "learning/_notes", p)
}

// refuse says what is wrong with a note beside it, and keeps what was typed.
func (n *learningNotes) refuse(draft queries.NoteDraft, problem string) {
	if draft.ID == uuid.Nil {
		n.New.Value = draft.Text
		n.New.Refuse(problem)
	}
	for i := range n.List {
		if note := &n.List[i]; note.ID == draft.ID.String() {
			note.Editing, note.Edit.Value = true, draft.Text
			note.Edit.Refuse(problem)
		}
	}
}

func (s *Site) learningDeleteNote(c *fiber.Ctx) error {
	l, lesson, err := atLesson(c)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(c.Params("note"))
	if err != nil {
		return queries.ErrNotFound
	}
	return s.toNotes(c, l, lesson, s.noting(c, func(q *queries.Queries) error { return queries.DropNote(c.UserContext(), q, l, lesson, id) }))
}

func (s *Site) noting(c *fiber.Ctx, do func(q *queries.Queries) error) error {
	return queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) error { return do(q) })
}

// toNotes shows the notes as they are now.
func (s *Site) toNotes(c *fiber.Ctx, l queries.Learner, lesson uuid.UUID, err error) error {
	if err != nil {
		return err
	}
	if !isFragment(c) {
		return redirect(c, lessonPath(l.CourseID, lesson)+"#notes")
	}
	p, err := s.newLearningLessonPage(c, false)
	if err != nil {
		return err
	}
	return render(c, views.FramePortal, "learning/lesson", "learning/_notes", p)
}
