package main

import (
	"context"
	"errors"
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
	free      *demoFreeOffer // under which it is given away; nil: it is not
}

type demoModule struct {
	title   string
	after   int32 // days after which it unlocks; 0: at once
	lessons []demoLesson
}

type demoLesson struct {
	title   string
	minutes int32
	video   string   // address; empty: none
	film    demoFile // uploaded; the zero value: none
	files   []demoFile
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
			if err := s.lesson(ctx, p, id, l, owner, at); err != nil {
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
	if k.free == nil {
		return nil
	}
	return s.giveAway(ctx, p.CourseID, k)
}

func (s seeder) lesson(ctx context.Context, p queries.Part, module uuid.UUID, l demoLesson, owner uuid.UUID, at time.Time) (err error) {
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
	if err := s.upload(ctx, p, l, owner, at); err != nil || l.draft {
		return err
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

// learn has somebody open and finish lessons in order, spread over the days between getting the course and being there last, and
// look at the one after them.
func (s seeder) learn(ctx context.Context, course, contact uuid.UUID, e demoEnrolment) error {
	lessons, err := s.q.LessonList(ctx, queries.LessonListParams{AccountID: s.account, CourseID: course})
	if err != nil {
		return err
	}
	l := queries.Learner{AccountID: s.account, ContactID: contact, CourseID: course, Now: s.now.AddDate(0, 0, -e.days).Add(90 * time.Minute)}
	step := s.now.AddDate(0, 0, -e.idle).Add(-time.Duration(7*e.done)*time.Minute).Sub(l.Now) / time.Duration(e.done)
	if _, err := queries.LoadCourse(ctx, s.tx, l); err != nil {
		return err
	}
	for i, lesson := range lessons[:e.done] {
		l.Now = l.Now.Add(step)
		if err := s.finish(ctx, l, lesson, i); err != nil {
			return fmt.Errorf("%s: %w", lesson.Title, err)
		}
	}
	if e.done < len(lessons) {
		l.Now = l.Now.Add(4 * time.Minute)
		_, err = queries.LoadLesson(ctx, s.tx, l, lessons[e.done].ID)
	}
	return err
}

// finish opens a lesson and finishes it, by its quiz where there is one; some need a second try. Whoever finishes the course by it has
// its certificate, and was told at the time.
func (s seeder) finish(ctx context.Context, l queries.Learner, lesson queries.LessonListRow, number int) error {
	seen, err := queries.LoadLesson(ctx, s.tx, l, lesson.ID)
	if err != nil {
		return err
	}
	if len(seen.Questions) == 0 {
		done, err := queries.CompleteLesson(ctx, s.q, l, lesson.ID, queries.CompletedByButton)
		return errors.Join(err, s.certify(ctx, done.Course, l.Now))
	}
	sent := queries.QuizSent{Lesson: lesson.ID, Version: seen.Lesson.Version}
	if l.ContactID[15]%2 == byte(number%2) {
		sent.Given = given(seen.Questions, false)
		if _, err := queries.TryQuiz(ctx, s.q, l, sent); err != nil {
			return err
		}
		sent.Number, l.Now = 1, l.Now.Add(6*time.Minute)
	}
	sent.Given = given(seen.Questions, true)
	tried, err := queries.TryQuiz(ctx, s.q, l, sent)
	return errors.Join(err, s.certify(ctx, tried.Course, l.Now))
}

// certify makes the certificate of a finished course, where it gives any; nil: none was finished.
func (s seeder) certify(ctx context.Context, completion *uuid.UUID, at time.Time) error {
	if completion == nil {
		return nil
	}
	_, _, err := s.addresses.IssueCertificate(ctx, s.q, s.account, *completion, at)
	if errors.Is(err, queries.ErrNotFound) {
		return nil
	}
	return err
}

// given are answers to a quiz: the right ones, or where there are others, some of those.
func given(questions []queries.QuestionListRow, right bool) map[uuid.UUID][]string {
	answers := map[uuid.UUID][]string{}
	for _, q := range questions {
		if q.Kind == queries.QuestionKindText {
			answers[q.ID] = q.Answers[:1]
			continue
		}
		for _, o := range q.Options {
			if o.Right == right {
				answers[q.ID] = append(answers[q.ID], o.Key)
			}
		}
		if q.Kind == queries.QuestionKindSingle {
			answers[q.ID] = answers[q.ID][:1]
		}
	}
	return answers
}
