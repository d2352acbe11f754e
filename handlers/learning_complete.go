package handlers

import (
	"context"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// learningComplete finishes a lesson by its button, and goes on.
func (s *Site) learningComplete(c *fiber.Ctx) error {
	l, lesson, err := atLesson(c)
	if err != nil {
		return err
	}
	done, err := s.completeLesson(c, l, lesson, queries.CompletedByButton)
	if problem := messageOf(err); problem != "" {
		s.flash(c, views.FlashInfo, problem)
		return redirect(c, lessonPath(l.CourseID, lesson)+"#quiz")
	} else if err != nil {
		return err
	}
	return s.goOn(c, l, done)
}

// completeLesson finishes a lesson in a transaction of its own.
func (s *Site) completeLesson(c *fiber.Ctx, l queries.Learner, lesson uuid.UUID, by queries.CompletedBy) (done queries.Completed, err error) {
	ctx := c.UserContext()
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if done, err = queries.CompleteLesson(ctx, q, l, lesson, by); err != nil {
			return err
		}
		return s.certify(ctx, q, tx, l, done.Course)
	})
	return done, err
}

// certify has a certificate issued to whoever has just finished a course, if that gives any; nil is nobody.
func (s *Site) certify(ctx context.Context, q *queries.Queries, tx pgx.Tx, l queries.Learner, completion *uuid.UUID) error {
	if completion == nil {
		return nil
	}
	due, err := q.CertificateDue(ctx, queries.CertificateDueParams{AccountID: l.AccountID, CourseID: l.CourseID})
	if err != nil || !due {
		return err
	}
	return s.Queue.Certificate(ctx, tx, l.AccountID, *completion)
}

// goOn leads to where a client goes who has finished a lesson: to the next one, or to the course when that is finished or the
// next one is still shut.
func (s *Site) goOn(c *fiber.Ctx, l queries.Learner, done queries.Completed) error {
	v, course := at(c), coursePath(l.CourseID)
	switch {
	case done.Course != nil:
		return redirect(c, course+"?done=1")
	case done.Next.IsOpen:
		return redirect(c, lessonPath(l.CourseID, done.Next.ID))
	case done.Next.ID != uuid.Nil:
		s.flash(c, views.FlashSuccess, "Done. “"+done.Next.Title+"” is next: "+lowerFirst(v.lockedWords(done.Next))+".")
	}
	return redirect(c, course)
}

// positionMost is a day in seconds: no video is longer.
const positionMost = 24 * 60 * 60

// learningPosition keeps where a video was left, as the page's script tells, and finishes the lesson at its end.
func (s *Site) learningPosition(c *fiber.Ctx) error {
	l, lesson, err := atLesson(c)
	if err != nil {
		return err
	}
	seconds, err := strconv.Atoi(c.FormValue("seconds"))
	if err != nil {
		seconds = 0
	}
	ended := c.FormValue("ended") != ""
	if ended {
		seconds = 0 // the next time from the beginning
	}
	if err := queries.KeepPosition(c.UserContext(), s.q, l, lesson, int32(min(max(seconds, 0), positionMost))); err != nil {
		return err
	}
	if !ended {
		return c.SendStatus(fiber.StatusNoContent)
	}
	if _, err := s.completeLesson(c, l, lesson, queries.CompletedByVideo); err != nil && messageOf(err) == "" { // with a quiz, the end of the video is not the end of the lesson
		return err
	}
	if !isFragment(c) {
		return redirect(c, lessonPath(l.CourseID, lesson))
	}
	p, err := s.newLearningLessonPage(c, false)
	if err != nil {
		return err
	}
	return render(c, views.FramePortal, "learning/lesson", "learning/_ended", p)
}

// lowerFirst is a sentence as it goes on after a colon.
func lowerFirst(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToLower(first)) + sentence[size:]
}
