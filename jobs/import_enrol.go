package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// enrolRows gives the import's course to the contacts that rows led to, has them told where that was asked for, and writes into the rows
// what became of each. ApplyRows was there before. There is at least one row.
func (w *taskRunWorker) enrolRows(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork, i queries.ImportForWorkRow, rows []queries.ImportRowNextRow) error {
	lines, now := make([]int64, len(rows)), w.c.Now()
	for n, row := range rows {
		lines[n] = row.RowNumber
	}
	first, last := slices.Min(lines), slices.Max(lines)
	contacts, err := q.ImportRowContacts(ctx, queries.ImportRowContactsParams{AccountID: t.AccountID, ImportID: i.ID, Lines: lines, First: first, Last: last, Now: now})
	if err != nil {
		return err
	}
	course, err := q.GrantCourse(ctx, queries.GrantCourseParams{AccountID: t.AccountID, ID: *i.CourseID, Now: now})
	refused, grants := "", map[uuid.UUID]uuid.UUID{}
	switch err = queries.Kind(err); {
	case errors.Is(err, queries.ErrNotFound):
		refused = "The course was deleted, so it is not given."
	case err != nil:
		return err
	case i.CourseEndsAt != nil && !i.CourseEndsAt.After(now):
		refused = "The last day was over, so the course is not given."
	default:
		if grants, err = queries.EnrolRows(ctx, q, queries.RowsEnrolment{AccountID: t.AccountID, ImportID: i.ID, CourseID: course.ID, By: t.StaffID, Contacts: contacts,
			Ends: i.CourseEndsAt, Now: now}); err != nil {
			return err
		}
	}
	notes := queries.ImportRowEnrolledParams{AccountID: t.AccountID, ImportID: i.ID, Lines: lines, First: first, Last: last}
	for _, contact := range contacts {
		grant, isNew := grants[contact.ID]
		note, told := refused, false
		if refused == "" {
			note, told = courseNote(course, contact, isNew, i.CourseMail)
		}
		if told {
			if err := w.queue.CourseReady(ctx, tx, t.AccountID, grant, time.Time{}, true); err != nil {
				return err
			}
		}
		notes.ContactIds, notes.Notes = append(notes.ContactIds, contact.ID), append(notes.Notes, note)
	}
	return q.ImportRowEnrolled(ctx, notes)
}

// courseNote is what became of the course for one contact, and whether a mail tells them, which mail asks for. Who could use it before is
// told nothing: it has been ready for them all along.
func courseNote(course queries.GrantCourseRow, contact queries.ImportRowContactsRow, isNew, mail bool) (note string, told bool) {
	silent := noReadyMail(course, contact.BouncedAt, contact.NoMailAt, contact.NoCourseMailAt)
	if silent == "" && contact.Had {
		silent = "they had it already."
	}
	switch {
	case !isNew:
		return "Had the course from this file already.", false
	case !mail:
		return "Is given the course.", false
	case silent != "":
		return "Is given the course, without a mail: " + silent, false
	}
	return "Is given the course, and told by mail.", true
}
