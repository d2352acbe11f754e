package queries

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/google/uuid"
)

// TaskChoice says what a task is about: which contacts by the filters of their list, and the tag or course of kinds that have one.
type TaskChoice struct {
	Filter ContactFilter `json:"filter"`
	Tag    string        `json:"tag,omitempty"`
	Course *TaskCourse   `json:"course,omitempty"`
}

// TaskCourse is what contacts are enrolled in.
type TaskCourse struct {
	ID    uuid.UUID  `json:"id"`
	Title string     `json:"title"` // as it was when the task was started
	Ends  *time.Time `json:"ends,omitempty"`
	Mail  bool       `json:"mail,omitempty"` // whether each is told
}

// NewTask is long work to be started.
type NewTask struct {
	AccountID uuid.UUID
	Kind      TaskKind
	StaffID   uuid.UUID
	ImportID  *uuid.UUID  // of kinds that are about an import
	Choice    TaskChoice  // of kinds that are about contacts
	Chosen    []uuid.UUID // the contacts chosen one by one; nil: all that the filter fits
	Now       time.Time
}

// StartTask writes a task; the caller inserts its job in the same transaction. Contacts that come later are not part of it.
func StartTask(ctx context.Context, q *Queries, t NewTask) (uuid.UUID, error) {
	choice, err := json.Marshal(t.Choice)
	if err != nil {
		return uuid.Nil, err
	}
	id := NewID()
	return id, q.TaskInsert(ctx, TaskInsertParams{AccountID: t.AccountID, ID: id, Kind: t.Kind, StaffID: &t.StaffID, ImportID: t.ImportID,
		Choice: choice, Chosen: t.Chosen, UpTo: id, After: uuid.Nil, Now: t.Now}) // ids are made in order of time, so the task's own bounds the contacts'
}

// TaskCounts is how many contacts or rows of a task came to each outcome.
type TaskCounts map[TaskOutcome]int64

// ParseTaskCounts reads the counts of a task's row.
func ParseTaskCounts(stored []byte) (TaskCounts, error) {
	counts := TaskCounts{}
	return counts, json.Unmarshal(stored, &counts)
}

// TaskResult is what a task did to one contact.
type TaskResult struct {
	ContactID uuid.UUID
	Subject   string // the address
	Outcome   TaskOutcome
	Note      string // a sentence; empty when there is nothing to say
}

// AddTaskResults writes the results of a portion, numbered on from those there are.
func AddTaskResults(ctx context.Context, q *Queries, account, task uuid.UUID, first int64, results []TaskResult) error {
	if len(results) == 0 {
		return nil
	}
	p := TaskResultInsertParams{AccountID: account, TaskID: task, First: first, Last: first + int64(len(results)) - 1}
	for _, r := range results {
		p.ContactIds, p.Subjects = append(p.ContactIds, r.ContactID), append(p.Subjects, r.Subject)
		p.Outcomes, p.Notes = append(p.Outcomes, string(r.Outcome)), append(p.Notes, r.Note)
	}
	return q.TaskResultInsert(ctx, p)
}

// TaskContact is a contact as a task takes it up.
type TaskContact = ContactPortionRow

// NextContacts are the next contacts of a task after the one it did last, in order of id: those chosen one by one, or those
// the filter fits that were there when it began. The filter's times count from then.
func NextContacts(ctx context.Context, q *Queries, t TaskForWorkRow, f ContactFilter, size int32) (rows []TaskContact, err error) {
	if t.Chosen == nil {
		p := f.params(t.CreatedAt)
		return q.ContactPortion(ctx, ContactPortionParams{t.AccountID, t.After, t.UpTo, p.pattern, p.ascii, p.state, p.active, p.waiting, p.source, p.tag, p.seen, p.since, p.bounced, size})
	}
	chosen, err := q.ContactPortionOf(ctx, ContactPortionOfParams{AccountID: t.AccountID, After: t.After, Chosen: t.Chosen, PageSize: size})
	for _, row := range chosen {
		rows = append(rows, TaskContact(row))
	}
	return rows, err
}

// CountTask is how many contacts a task is about.
func CountTask(ctx context.Context, q *Queries, t TaskForWorkRow, f ContactFilter) (int64, error) {
	if t.Chosen != nil {
		return int64(len(t.Chosen)), nil
	}
	return q.ContactCount(ctx, f.count(t.AccountID, t.UpTo, math.MaxInt32, t.CreatedAt))
}

// LoadTask reads a task and a page of its results in one round trip; ErrNotFound without such a task in the account.
func LoadTask(ctx context.Context, db DB, results TaskResultListParams) (task TaskByIDRow, rows []TaskResultListRow, err error) {
	var b batch
	one(&b, &task, func(q *Queries) (TaskByIDRow, error) {
		return q.TaskByID(ctx, TaskByIDParams{AccountID: results.AccountID, ID: results.TaskID})
	})
	many(&b, &rows, func(q *Queries) ([]TaskResultListRow, error) { return q.TaskResultList(ctx, results) })
	return task, rows, b.send(ctx, db)
}
