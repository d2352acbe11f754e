package jobs

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// How many rows a portion of the real run takes; fewer when contacts are mailed as well.
const importAtOnce = 500

// importRows makes and changes the contacts of the next rows. It goes by what is true now and not when the file was checked: a
// contact that was added since is updated, one that was deleted is made again.
func (w *taskRunWorker) importRows(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork) (p portion, err error) {
	i, err := q.ImportForWork(ctx, queries.ImportForWorkParams{AccountID: t.AccountID, ID: *t.ImportID})
	if err != nil {
		return p, err
	}
	size := int32(importAtOnce)
	if i.Invite || i.CourseMail {
		size = inviteAtOnce
	}
	if t.Total == nil {
		total, err := q.ImportRowLeft(ctx, queries.ImportRowLeftParams{AccountID: t.AccountID, ImportID: i.ID, After: i.AppliedLine, OfAll: i.CourseID != nil})
		if err != nil {
			return p, err
		}
		t.Total = &total
	}
	rows, err := q.ImportRowNext(ctx, queries.ImportRowNextParams{AccountID: t.AccountID, ImportID: i.ID, After: i.AppliedLine, OfAll: i.CourseID != nil, PageSize: size})
	if err != nil {
		return p, err
	}
	if p.last = len(rows) < int(size); len(rows) == 0 {
		return p, nil
	}
	made, changed, counts, err := queries.ApplyRows(ctx, q, t.AccountID, i.ID, rows, w.c.Now())
	if err != nil {
		return p, err
	}
	if err := w.queue.StripeCustomers(ctx, q, tx, t.AccountID, changed...); err != nil {
		return p, err
	}
	if p.counts = counts; i.Invite {
		if err := w.inviteNew(ctx, q, tx, t, made); err != nil {
			return p, err
		}
	}
	if i.CourseID != nil {
		if err := w.enrolRows(ctx, q, tx, t, i, rows); err != nil {
			return p, err
		}
	}
	return p, q.ImportSetApplied(ctx, queries.ImportSetAppliedParams{AccountID: t.AccountID, ID: i.ID, AppliedLine: rows[len(rows)-1].RowNumber})
}

func (w *taskRunWorker) inviteNew(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork, contacts []uuid.UUID) error {
	for _, contact := range contacts {
		mail, err := w.c.Mails.Invite(ctx, q, queries.InvitationOf{AccountID: t.AccountID, ContactID: contact, By: t.StaffID, Bulk: true, Now: w.c.Now()})
		if errors.Is(err, queries.ErrNoMail) {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.queue.BulkMail(ctx, tx, t.AccountID, mail); err != nil {
			return err
		}
	}
	return nil
}
