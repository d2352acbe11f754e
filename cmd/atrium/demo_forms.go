package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// demoForm is a public form of the demo and who has filled it in, oldest first.
type demoForm struct {
	queries.FormDraft
	sent []demoSubmission
}

type demoSubmission struct {
	name, email string
	hours       int // ago
	waits       bool
	answers     []string // to the questions after name and address
}

var demoForms = map[string]demoForm{
	"acme": {
		queries.FormDraft{Name: "free-strategy-call", Title: "Book a free strategy call", Button: "Ask for a call", Confirm: true, Tags: []string{"Strategy call"},
			Intro:  "Half an hour with Maya, by video. You leave with one next step, whether or not we go on together.",
			Thanks: "We will write to you within two working days with three times to choose from.",
			Fields: []queries.FormField{
				{Key: "name", Kind: queries.FormName, Label: "Your name", Required: true},
				{Key: "email", Kind: queries.FormEmail, Label: "E-mail address", Required: true},
				{Key: "phone", Kind: queries.FormPhone, Label: "Phone number"},
				{Key: "q-5a1c07e2", Kind: queries.FormChoice, Label: "What would you like to change first?", Required: true,
					Options: []string{"How I lead my team", "How I spend my week", "Where my business is going"}},
				{Key: "q-91b44d0f", Kind: queries.FormText, Label: "What have you tried so far?"},
				{Key: "q-c3e8a6b9", Kind: queries.FormConsent, Label: "I agree that Acme Coaching keeps what I have written here to prepare the call.", Required: true,
					Link: "https://acme.example/privacy"},
			}},
		[]demoSubmission{
			{"Thandiwe Mokoena", "thandiwe@example.org", 24 * 9, false, []string{"", "How I spend my week", "Time blocking. It holds until Tuesday.", "Yes"}},
			{"Noor van den Berg", "noor.vandenberg@example.net", 24 * 6, false, []string{"+31 6 5550 1234", "How I lead my team", "", "Yes"}},
			{"Pavel Horák", "pavel.horak@example.com", 24 * 4, false, []string{"", "Where my business is going", "Two advisers, who said opposite things.\nSo far I have followed neither.", "Yes"}},
			{"Émilie Gauthier", "emilie.gauthier@example.org", 27, false, []string{"+33 1 99 00 12 34", "How I lead my team", "A workshop last spring.", "Yes"}},
			{"Sunita Rao", "sunita.rao@example.com", 3, true, []string{"", "How I spend my week", "", "Yes"}},
		}},
	"lumen": {
		queries.FormDraft{Name: "studio-letter", Title: "Letters from the studio", Button: "Send me the letters", Confirm: true, Tags: []string{"Newsletter"},
			Intro: "Once a month: what we are making, and how.", Thanks: "The next letter is yours.",
			Fields: []queries.FormField{
				{Key: "email", Kind: queries.FormEmail, Label: "E-mail address", Required: true},
				{Key: "name", Kind: queries.FormName, Label: "Name"},
			}},
		[]demoSubmission{
			{"Hugo Alvarez", "hugo.alvarez@example.net", 24 * 15, false, nil},
			{"", "reader@example.org", 24 * 12, true, nil},
			{"Lucía Fernández", "lucia.fernandez@example.com", 24 * 2, false, nil},
		}},
}

func (s seeder) forms(ctx context.Context, slug string) error {
	f, id := demoForms[slug], queries.NewID()
	if err := f.Insert(ctx, s.q, s.account, id, s.now.AddDate(0, 0, -21)); err != nil {
		return err
	}
	row, err := s.q.FormByName(ctx, queries.FormByNameParams{AccountID: s.account, Name: f.Name})
	if err != nil {
		return err
	}
	for i, sent := range f.sent {
		s.submission(ctx, row, sent, i)
	}
	return nil
}

// submission has the demo's lives bring somebody to fill in the form, look into their mail, and mostly confirm.
func (s seeder) submission(ctx context.Context, f queries.FormByNameRow, sent demoSubmission, number int) {
	at := s.now.Add(-time.Duration(sent.hours) * time.Hour)
	written := queries.Submission{AccountID: s.account, Form: f, Email: sent.email, Name: sent.name, Now: at, IP: demoIP(100 + number), UserAgent: demoAgents[number%len(demoAgents)]}
	for _, field := range f.Fields {
		if field.Kind != queries.FormName && field.Kind != queries.FormEmail {
			written.Answers = append(written.Answers, queries.FormAnswer{Key: field.Key, Kind: field.Kind, Label: field.Label, Value: sent.answers[len(written.Answers)]})
		}
	}
	var id uuid.UUID
	s.lives.at(at, func() (err error) {
		if id, err = s.mails.Submit(ctx, s.q, written); err != nil {
			return fmt.Errorf("%s: %w", sent.email, err)
		}
		taken, err := s.mails.TakeSubmission(ctx, s.q, s.account, id, at)
		if err != nil {
			return err
		}
		return s.accepted(ctx, *taken.Mail, at)
	})
	if sent.waits {
		return
	}
	confirmed := at.Add(4 * time.Minute)
	s.lives.at(confirmed, func() error {
		if _, err := s.q.FormSubmissionConfirm(ctx, queries.FormSubmissionConfirmParams{AccountID: s.account, TokenHash: queries.TokenHash(s.mails.Secret.FormToken(id)), Now: confirmed}); err != nil {
			return err
		}
		_, err := s.mails.TakeSubmission(ctx, s.q, s.account, id, confirmed)
		return err
	})
}
