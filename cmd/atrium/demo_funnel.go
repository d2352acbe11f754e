package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// demoEarlier are people of Acme from before the last month: most are in, some have not been back for long.
var demoEarlier = []demoPerson{
	{name: "Marguerite Lefèvre", email: "marguerite@example.com", invited: 86, joined: 85},
	{name: "Babajide Ogunleye", email: "babajide@example.org", invited: 81, joined: 79},
	{name: "Katarzyna Zielińska", email: "katarzyna.z@example.net", invited: 77, joined: 70},
	{name: "Samuel Whitfield", email: "samuel.whitfield@example.com", invited: 72},
	{name: "Nadia Rahman", email: "nadia.rahman@example.org", invited: 68, joined: 68},
	{name: "Anders Nyström", email: "anders.nystrom@example.net", invited: 63, joined: 60},
	{name: "Lucía Fernández", email: "lucia.f@example.com", invited: 57, joined: 56},
	{name: "Tariq Aziz", email: "tariq.aziz@example.org", invited: 52, bounced: "5.1.10 recipient address has null MX"},
	{name: "Emilia Virtanen", email: "emilia.virtanen@example.net", invited: 47, joined: 43},
	{name: "Joaquim Teixeira", email: "joaquim@example.com", invited: 41, joined: 41},
	{name: "Shira Cohen", email: "shira.cohen@example.org", invited: 36, joined: 35},
}

const (
	demoStopped = "elif.yilmaz@example.com" // wanted no more mails after the first reminder
	demoGivenUp = "beatriz@example.net"     // whose mail server was not to be reached
)

// earlier adds those who came before the demo's last month, with the account's reminders switched on since then.
func (s seeder) earlier(ctx context.Context, b demoBusiness, owner uuid.UUID) error {
	if b.slug != demoBusinesses[0].slug {
		return nil
	}
	for i, p := range demoEarlier {
		if err := s.contact(ctx, p, owner, len(b.people)+i); err != nil {
			return err
		}
	}
	return s.q.ReminderSettingsSave(ctx, queries.ReminderSettingsSaveParams{ID: s.account, ReminderDays: queries.ReminderDaysOffered, Now: s.now})
}

// reminded has a contact, known once they are invited, get the reminders of Acme that fell between invitation and join.
func (s seeder) reminded(ctx context.Context, contact *uuid.UUID, p demoPerson, invited time.Time) error {
	settings, err := s.q.ReminderSettings(ctx, s.account)
	if err != nil {
		return err
	}
	for _, day := range settings.ReminderDays {
		at := invited.Add(time.Duration(day)*24*time.Hour + time.Minute)
		if int(day) >= p.invited-p.joined || at.After(s.now) {
			return nil
		}
		s.lives.at(at, func() error { return s.remind(ctx, *contact, settings.ReminderDays, at) })
		if p.email == demoStopped {
			s.lives.at(at.Add(time.Hour), func() error { return s.stopped(ctx, *contact, p, at.Add(time.Hour)) })
			return nil
		}
	}
	return nil
}

// remind sends a contact one reminder.
func (s seeder) remind(ctx context.Context, contact uuid.UUID, on []int16, at time.Time) error {
	invitations, err := s.q.InvitationListOfContact(ctx, queries.InvitationListOfContactParams{AccountID: s.account, ContactID: contact})
	if err != nil {
		return err
	}
	mail, err := s.mails.Remind(ctx, s.q, queries.ReminderOf{AccountID: s.account, InvitationID: invitations[0].ID, ContactID: contact, Days: on, Now: at})
	if errors.Is(err, queries.ErrNotFound) { // who wants none
		return nil
	} else if err != nil {
		return err
	}
	return s.q.MailSetState(ctx, queries.MailSetStateParams{AccountID: s.account, ID: mail, State: queries.MailStateSent, Answer: "2.0.0 OK: queued", Now: at.Add(time.Second)})
}

// stopped has a contact follow the way out of a reminder.
func (s seeder) stopped(ctx context.Context, contact uuid.UUID, p demoPerson, at time.Time) error {
	if _, err := queries.StopMails(ctx, s.q, s.account, contact, at); err != nil {
		return err
	}
	return queries.Audit(ctx, s.q, queries.AuditEntry{AccountID: s.account, At: at, Actor: p.name + " <" + p.email + ">", Action: "contact.stop_mails",
		On: queries.AuditSubject{Kind: "contact", ID: &contact, Name: p.email}})
}

// opened has a contact, or their mail filter, look at an invitation for the first time.
func (s seeder) opened(ctx context.Context, contact, link uuid.UUID, method string, visit queries.Visit) error {
	return queries.RememberFirstLook(ctx, s.q, s.account, contact, link, method, visit)
}

// back has a client use the portal once more, at a time that the number spreads; every third of those who joined long ago never did.
func (s seeder) back(ctx context.Context, token string, joined time.Time, number int) error {
	since := s.now.Sub(joined)
	seen := joined.Add(since * time.Duration(5+number%5) / 10)
	if since > queries.ActiveWithin && number%3 == 0 {
		seen = joined.Add(25 * time.Hour)
	}
	_, err := s.q.SessionByToken(ctx, queries.SessionByTokenParams{AccountID: s.account, TokenHash: queries.TokenHash(token), Now: seen, IdleSince: joined.Add(-time.Hour)})
	return err
}
