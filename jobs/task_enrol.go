package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// enrolContact gives a contact the task's course, and has them told where that was asked for.
func (w *taskRunWorker) enrolContact(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork, contact queries.TaskContact) (queries.TaskOutcome, string, error) {
	now, course := w.c.Now(), t.Choice.Course
	k, err := q.GrantCourse(ctx, queries.GrantCourseParams{AccountID: t.AccountID, ID: course.ID, Now: now})
	switch err = queries.Kind(err); {
	case errors.Is(err, queries.ErrNotFound):
		return queries.TaskOutcomeFailed, "The course was deleted.", nil
	case err != nil:
		return "", "", err
	case course.Ends != nil && !course.Ends.After(now):
		return queries.TaskOutcomeFailed, "The last day was over before it came to this contact.", nil
	}
	grant, err := queries.Enrol(ctx, q, queries.Enrolment{AccountID: t.AccountID, ContactID: contact.ID, CourseID: course.ID, By: t.StaffID, Task: &t.ID,
		Starts: now, Ends: course.Ends, Now: now})
	switch {
	case errors.Is(err, queries.ErrNotFound):
		return queries.TaskOutcomeSkipped, "Was gone already.", nil
	case err != nil:
		return "", "", err
	case grant == uuid.Nil:
		return queries.TaskOutcomeSame, "Had it already, for as long.", nil
	case !course.Mail:
		return queries.TaskOutcomeDone, "Enrolled.", nil
	}
	if note := noReadyMail(k, contact.BouncedAt, contact.NoMailAt, contact.NoCourseMailAt); note != "" {
		return queries.TaskOutcomeDone, "Enrolled, without a mail: " + note, nil
	}
	return queries.TaskOutcomeDone, "Enrolled, and told by mail.", w.queue.CourseReady(ctx, tx, t.AccountID, grant, time.Time{}, true)
}

// noReadyMail is why a contact is not told that a course is ready, who may have bounced or want no mails, or none of these; empty: they are.
func noReadyMail(k queries.GrantCourseRow, bounced, noMail, noCourseMail *time.Time) string {
	switch {
	case !k.Published:
		return "the course is a draft."
	case !k.AppOn:
		return "courses are switched off."
	case bounced != nil:
		return "mail to the address was refused for good."
	case noMail != nil:
		return "they asked for no more mails."
	case noCourseMail != nil:
		return "they asked for no news of their courses."
	}
	return ""
}
