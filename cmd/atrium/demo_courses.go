package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// demoCourse is a course of the demo, written as staff would have, and who has it.
type demoCourse struct {
	queries.CourseDraft
	days      int // ago that it was published; 0: it is a draft
	modules   []demoModule
	enrolment []demoEnrolment
}

type demoModule struct {
	title   string
	after   int32 // days after which it unlocks; 0: at once
	lessons []demoLesson
}

type demoLesson struct {
	title   string
	minutes int32
	video   string // address; empty: none
	body    string
	draft   bool
	quiz    []queries.QuestionDraft
	pass    int32 // percent that passes the quiz; 0: 70
	tries   int32 // 0: any number
}

// demoEnrolment is how somebody came to a course and how far they are.
type demoEnrolment struct {
	email string
	days  int // ago that it was given; negative: from then on
	ends  int // days from now; 0: never, negative: it is over
	done  int // lessons finished, in order
	idle  int // days since they were there last
}

// courses writes the account's courses as its owner would have made them, and the way of clients through them.
func (s seeder) courses(ctx context.Context, slug string, owner uuid.UUID) error {
	for _, k := range demoCourses[slug] {
		if err := s.course(ctx, k, owner); err != nil {
			return fmt.Errorf("%s: %w", k.Title, err)
		}
	}
	return nil
}

func (s seeder) course(ctx context.Context, k demoCourse, owner uuid.UUID) error {
	p := queries.Part{AccountID: s.account, CourseID: queries.NewID()}
	at := s.now.AddDate(0, 0, -k.days-3)
	if k.Clock == "" {
		k.Clock = queries.DripClockGrant
	}
	if err := k.Insert(ctx, s.q, s.account, p.CourseID, at); err != nil {
		return err
	}
	for _, m := range k.modules {
		draft := queries.ModuleDraft{Title: m.title}
		if m.after > 0 {
			draft.Drip.Days = &m.after
		}
		id, err := queries.AddModule(ctx, s.q, s.account, p.CourseID, draft, at)
		if err != nil {
			return err
		}
		for _, l := range m.lessons {
			if err := s.lesson(ctx, p, id, l, at); err != nil {
				return fmt.Errorf("%s: %w", l.title, err)
			}
		}
	}
	if k.days == 0 {
		return nil
	}
	if _, err := p.Publish(ctx, s.q, "", s.now.AddDate(0, 0, -k.days)); err != nil {
		return err
	}
	for _, e := range k.enrolment {
		if err := s.enrol(ctx, p.CourseID, e, owner); err != nil {
			return fmt.Errorf("%s: %w", e.email, err)
		}
	}
	return nil
}

func (s seeder) lesson(ctx context.Context, p queries.Part, module uuid.UUID, l demoLesson, at time.Time) (err error) {
	if p.LessonID, err = queries.AddLesson(ctx, s.q, s.account, p.CourseID, module, l.title, at); err != nil {
		return err
	}
	d := queries.LessonDraft{Title: l.title, Body: l.body, Minutes: l.minutes, PassPercent: 70}
	if l.pass > 0 {
		d.PassPercent = l.pass
	}
	if l.tries > 0 {
		d.Tries = &l.tries
	}
	if d.Video, d.VideoURL, err = queries.ParseVideo(l.video); err != nil {
		return err
	}
	if err := d.Update(ctx, s.q, p, at); err != nil {
		return err
	}
	for _, of := range l.quiz {
		if _, err := queries.AddQuestion(ctx, s.q, p, of, at); err != nil {
			return err
		}
	}
	if l.draft {
		return nil
	}
	_, err = p.Publish(ctx, s.q, "", at)
	return err
}

// enrol gives somebody a course and has them go through the lessons, some a day, until they were last there.
func (s seeder) enrol(ctx context.Context, course uuid.UUID, e demoEnrolment, owner uuid.UUID) error {
	contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: e.email})
	if err != nil {
		return err
	}
	g := queries.Grant{AccountID: s.account, ContactID: contact.ID, CourseID: course, Source: queries.GrantSourceManual, SourceID: queries.NewID(), By: &owner,
		Starts: s.now.AddDate(0, 0, -e.days), Now: s.now.AddDate(0, 0, -max(e.days, 1))}
	if e.ends != 0 {
		ends := s.now.AddDate(0, 0, e.ends)
		g.Ends = &ends
	}
	if _, err := queries.Give(ctx, s.q, g); err != nil || e.done == 0 {
		return err
	}
	return s.learn(ctx, course, contact.ID, e)
}

// learn has somebody finish lessons in order, spread over the days between getting the course and being there last, and look at
// the one after them.
func (s seeder) learn(ctx context.Context, course, contact uuid.UUID, e demoEnrolment) error {
	lessons, err := s.q.LessonList(ctx, queries.LessonListParams{AccountID: s.account, CourseID: course})
	if err != nil {
		return err
	}
	first := s.now.AddDate(0, 0, -e.days).Add(90 * time.Minute)
	last := s.now.AddDate(0, 0, -e.idle).Add(-time.Duration(7*e.done) * time.Minute)
	spread := last.Sub(first)
	for i, l := range lessons[:e.done] {
		at := first.Add(spread * time.Duration(i+1) / time.Duration(e.done))
		by := "button"
		if l.Questions > 0 {
			by = "quiz"
		}
		if err := s.studied(ctx, "INSERT INTO lesson_visit (account_id, id, contact_id, course_id, lesson_id, first_opened_at, last_opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			contact, course, l.ID, at.Add(-11*time.Minute), at); err != nil {
			return err
		}
		if err := s.studied(ctx, "INSERT INTO lesson_completion (account_id, id, contact_id, course_id, lesson_id, lesson_version, completed_at, completed_by) SELECT account_id, $2, $3, $4, id, version, $6, $7 FROM lesson WHERE account_id = $1 AND id = $5",
			contact, course, l.ID, at, by); err != nil {
			return err
		}
	}
	resume := lessons[min(e.done, len(lessons)-1)].ID
	if err := s.studied(ctx, "INSERT INTO course_visit (account_id, id, contact_id, course_id, last_lesson_id, first_opened_at, last_opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		contact, course, resume, first, last.Add(4*time.Minute)); err != nil || e.done < len(lessons) {
		return err
	}
	return s.studied(ctx, "INSERT INTO course_completion (account_id, id, contact_id, course_id, course_version, completed_at) SELECT account_id, $2, $3, id, version, $5 FROM course WHERE account_id = $1 AND id = $4",
		contact, course, last)
}

// studied writes one row of what clients do; account and id are its first arguments.
func (s seeder) studied(ctx context.Context, statement string, arguments ...any) error {
	_, err := s.tx.Exec(ctx, statement, append([]any{s.account, queries.NewID()}, arguments...)...)
	return err
}
