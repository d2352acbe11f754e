package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// demoFreeOffer is a link under which a course is given away.
type demoFreeOffer struct {
	name, title, text string
	takers            []demoEnrolment
}

// giveAway puts up the free offer of a course, and has people take it and go through the course.
func (s seeder) giveAway(ctx context.Context, course uuid.UUID, k demoCourse) error {
	o, id, at := k.free, queries.NewID(), s.now.AddDate(0, 0, -k.days)
	if err := s.q.OfferInsert(ctx, queries.OfferInsertParams{AccountID: s.account, ID: id, Name: o.name, Title: o.title, Text: o.text, Now: at}); err != nil {
		return err
	}
	if err := s.q.OfferSetCourses(ctx, queries.OfferSetCoursesParams{AccountID: s.account, OfferID: id, Courses: []uuid.UUID{course}}); err != nil {
		return err
	}
	for _, e := range o.takers {
		contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: e.email})
		if err != nil {
			return err
		}
		taken := queries.Taking{AccountID: s.account, OfferID: id, ContactID: contact.ID, Now: s.now.AddDate(0, 0, -e.days), Zone: time.UTC}
		if _, err = queries.TakeOffer(ctx, s.q, taken); err == nil && e.done > 0 {
			err = s.learn(ctx, course, contact.ID, e)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", e.email, err)
		}
	}
	return nil
}

var inboxThatEnds = demoCourse{
	CourseDraft: queries.CourseDraft{Title: "An inbox that ends", Certificate: true, Signer: "Maya Lindqvist, Acme Coaching",
		Summary: "A free course of four short lessons: read your mail three times a day, answer each one once, and close it at five with nothing left in it."},
	days: 16,
	modules: []demoModule{
		{"Four short lessons", 0, []demoLesson{
			{title: "Why it never ends", minutes: 4, body: "Every mail you answer brings, on average, another half. Answer faster, and more will come.\n\nThe way out is not speed. It is **deciding once**: each mail is opened one time, and after that it is no longer in your inbox.\n\n**Today:** count how often you open your mail. Only count."},
			{title: "Three times a day", minutes: 5, body: "Put three blocks of twenty-five minutes into your calendar: before ten, after lunch, and at half past four. Between them, the window is closed.\n\nWhoever really needs you at once will call. In four years nobody has complained to us about it; two people asked how it works."},
			{title: "Four answers", minutes: 6, body: "There are only four things to do with a mail:\n\n1. **Answer it now**, if two minutes are enough.\n2. **Give it to somebody**, with a date.\n3. **Put it into your week**, as a task with a name.\n4. **Delete it.** More often than you think."},
			{title: "Check: your inbox", minutes: 3, body: "Two questions, and you are done.",
				quiz: []queries.QuestionDraft{
					single("How often is a mail opened?", "Once. After that it is answered, given away, planned or gone.", "Once", "As often as it takes", "Whenever there is time"),
					multiple("Which of these are among the four answers?", "Leaving it there, marked as unread, is the fifth answer that fills an inbox.", 2, "Give it to somebody, with a date", "Put it into your week", "Mark it as unread", "Move it to a folder for later"),
				}},
		}},
	},
	free: &demoFreeOffer{name: "inbox", title: "An inbox that ends",
		text: "Four short lessons, about twenty minutes in all. Free, and yours to keep. Leave your address, and the first one is a click away.",
		takers: []demoEnrolment{
			{"ana@example.com", 12, 0, 4, 8}, {"siobhan@example.org", 11, 0, 4, 10}, {"tom.okafor@example.net", 8, 0, 2, 6}, {"ingrid@example.org", 5, 0, 1, 4},
			{"youssef@example.net", 4, 0, 3, 2}, {"sofia.p@example.org", 3, 0, 0, 0},
		}},
}
