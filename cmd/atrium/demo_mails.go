package main

import (
	"context"
	"slices"
	"strings"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// demoReminder is how Acme words its reminders.
var demoReminder = views.MailText{Subject: "{first_name}, your place at {business} is waiting", Body: `# Still time to come in

Hello {name},

a while ago we invited you to your own place at {business}. It has everything we work on together:

- your sessions and what we agreed in them
- the worksheets, ready to download
- a quick way to reach us between sessions

{button: Open my place}

The invitation is open until {expires}. Questions? Just reply to this mail.

*Maya and Samir*`}

// mailed words the account's mails, and keeps the copies of those that were sent, as the worker does.
func (s seeder) mailed(ctx context.Context, addresses jobs.Addresses, b demoBusiness) error {
	if err := s.q.AccountSetMails(ctx, queries.AccountSetMailsParams{ID: s.account, SenderName: b.sender, WelcomeMail: b.sender != "", Now: s.now}); err != nil {
		return err
	}
	if b.sender != "" {
		if err := s.q.MailTextSave(ctx, queries.MailTextSaveParams{AccountID: s.account, Kind: queries.MailKindReminder, Subject: demoReminder.Subject,
			Body: demoReminder.Body, Now: s.now.AddDate(0, 0, -12)}); err != nil {
			return err
		}
	}
	facts, err := s.q.AccountMailFacts(ctx, s.account)
	if err != nil {
		return err
	}
	sent := queries.MailStateSent
	rows, err := s.q.MailLogList(ctx, queries.MailLogListParams{AccountID: s.account, Before: queries.LastID, State: &sent, PageSize: 1000})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.ContactID == nil || !slices.Contains(views.MailTextKinds, views.MailKind(row.Kind)) { // nobody's yet, staff's, or not worded by the account
			continue
		}
		if err := s.copied(ctx, addresses, facts, row, b.inviter(row.ToEmail)); err != nil {
			return err
		}
	}
	return nil
}

// inviter is the name of who invited somebody.
func (b demoBusiness) inviter(email string) string {
	for _, p := range b.people {
		if p.email == email && p.by != "" {
			name, _, _ := strings.Cut(demoStaffWords[p.by], " <")
			return name
		}
	}
	return b.owner.name
}

func (s seeder) copied(ctx context.Context, addresses jobs.Addresses, facts queries.AccountMailFactsRow, row queries.MailLogListRow, by string) error {
	contact, err := s.q.ContactByID(ctx, queries.ContactByIDParams{AccountID: s.account, ID: *row.ContactID})
	if err != nil {
		return err
	}
	mail, err := views.RenderMail(addresses.Sample(jobs.MailSample{Kind: row.Kind, Account: facts, By: by, Now: row.CreatedAt,
		To: views.MailPerson{Name: contact.Name, Email: row.ToEmail}}))
	if err != nil {
		return err
	}
	blacken := strings.NewReplacer(jobs.LinkPath(jobs.SampleToken), jobs.LinkPath("removed-from-this-copy"))
	return s.q.MailCopyInsert(ctx, queries.MailCopyInsertParams{AccountID: s.account, MailID: row.ID, Subject: mail.Subject,
		BodyText: blacken.Replace(mail.Text), BodyHtml: blacken.Replace(mail.HTML)})
}
