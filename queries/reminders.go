package queries

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Limits of the days on which whoever has not joined is reminded.
const (
	RemindersMost   = 5
	ReminderDayMost = 60
)

// ReminderDaysOffered are the days an account begins with when it switches reminders on.
var ReminderDaysOffered = []int16{3, 7}

// Hours of the account's day in which reminders are sent, from the first until before the second.
const (
	remindFrom  = 9
	remindUntil = 18
)

// RemindersHour says whether reminders may go out at that time, whose zone is the account's.
func RemindersHour(now time.Time) bool { return now.Hour() >= remindFrom && now.Hour() < remindUntil }

// RemindersEnd is until when the reminders go out that are next to do: today's, or in the evening those of tomorrow. The zone of
// the time is the account's.
func RemindersEnd(now time.Time) (end time.Time, today bool) {
	end = time.Date(now.Year(), now.Month(), now.Day(), remindUntil, 0, 0, 0, now.Location())
	if now.Before(end) {
		return end, true
	}
	return time.Date(now.Year(), now.Month(), now.Day()+1, remindUntil, 0, 0, 0, now.Location()), false
}

// ErrNoMail says that a contact asked for no more mails of the portal. Mails they ask for themselves go to them all the same, and
// those a staff person sends to them alone.
var ErrNoMail = errors.New("asked for no more mails")

// NoMailWords is what staff are told of a contact that is left out because of ErrNoMail.
const NoMailWords = "Asked for no more mails of this portal."

// MayMailInBulk says whether the locked contact may be one of many that are sent a mail: ErrNoMail when they want none, Invalid when
// their address refuses mail.
func (c ContactLockRow) MayMailInBulk() error {
	if c.NoMailAt != nil {
		return ErrNoMail
	}
	return c.mayMail()
}

// mayMail says whether the locked contact may be sent a mail that is for them alone: Invalid when their address refuses mail.
func (c ContactLockRow) mayMail() error {
	if c.BouncedAt != nil {
		return Invalid{"email", "Mail to " + c.Email + " was refused for good. Correct the address first."}
	}
	return nil
}

// ParseReminderDays takes the days as somebody typed them, such as "3, 7", in order and each once.
func ParseReminderDays(typed string) (days []int16, err error) {
	for _, word := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' }) {
		day, err := strconv.ParseInt(strings.TrimSuffix(word, "."), 10, 16)
		if err != nil || day < 1 || day > ReminderDayMost {
			return nil, Invalid{"days", "Days are whole numbers from 1 to 60 with commas between, such as 3, 7."}
		}
		days = append(days, int16(day))
	}
	slices.Sort(days)
	days = slices.Compact(days)
	switch {
	case len(days) == 0:
		return nil, Invalid{"days", "Enter at least one day, such as 3."}
	case len(days) > RemindersMost:
		return nil, Invalid{"days", "Choose at most five days: whoever has not come by then will not come for one more mail."}
	}
	return days, nil
}

// ReminderOf asks for a contact to be reminded of a living invitation.
type ReminderOf struct {
	AccountID, InvitationID, ContactID uuid.UUID
	Days                               []int16 // of the account, in order
	Now                                time.Time
}

// Remind writes the mail that reminds of an invitation, with a link of its own that lives as long as the invitation; the
// invitation is not prolonged. Days that were missed count as done with it, so nobody gets two in a row. It returns the mail's id,
// for whose sending the caller inserts the job in the same transaction. ErrNotFound when there is nothing to remind of: joined,
// bounced, withdrawn, no more mails wanted, not due, or done by somebody else in the meantime.
func (m MailMaker) Remind(ctx context.Context, q *Queries, r ReminderOf) (mail uuid.UUID, err error) {
	contact, err := q.ContactLock(ctx, ContactLockParams{AccountID: r.AccountID, ID: r.ContactID})
	switch {
	case err != nil:
		return mail, Kind(err)
	case contact.JoinedAt != nil || contact.MayMailInBulk() != nil:
		return mail, ErrNotFound
	}
	invitation, err := q.ReminderTake(ctx, ReminderTakeParams{AccountID: r.AccountID, ID: r.InvitationID, Days: r.Days, Now: r.Now})
	if err != nil {
		return mail, Kind(err)
	}
	link, err := m.Link(ctx, q, MagicLinkInsertParams{AccountID: r.AccountID, ContactID: invitation.ContactID, Kind: LinkKindInvitation,
		InvitationID: &r.InvitationID, Target: AppHome, Now: r.Now, ExpiresAt: invitation.ExpiresAt})
	if err != nil {
		return mail, err
	}
	return m.Mail(ctx, q, MailInsertParams{AccountID: r.AccountID, Kind: MailKindReminder, ContactID: &invitation.ContactID, LinkID: &link,
		ToEmail: contact.Email, Now: r.Now})
}

// StopMails ends the mails a contact did not ask for, also those that wait for a try. Done before, it changes nothing and is no
// news.
func StopMails(ctx context.Context, q *Queries, account, contact uuid.UUID, now time.Time) (news bool, err error) {
	changed, err := q.ContactSetNoMail(ctx, ContactSetNoMailParams{AccountID: account, ID: contact, NoMailAt: &now, Now: now})
	if err != nil || changed == 0 {
		return false, err
	}
	return true, q.withdrawAutomatic(ctx, account, contact, now, "The client asked for no more mails before it could be sent.", automaticKinds)
}

// WantMails lets mails come again that StopMails ended.
func WantMails(ctx context.Context, q *Queries, account, contact uuid.UUID, now time.Time) (news bool, err error) {
	changed, err := q.ContactSetNoMail(ctx, ContactSetNoMailParams{AccountID: account, ID: contact, Now: now})
	return changed > 0, err
}

// ReminderPage is what the page about reminders shows.
type ReminderPage struct {
	Settings ReminderSettingsRow
	Due      []ReminderDueRow // with the account's days, or with those offered when it has none
}

// remindApart is how long after an invitation was sent again nobody is reminded of it.
const remindApart = 24 * time.Hour

// DueReminders finds at most so many invitations whose next reminder is due, with the account's days or, when it has none, those
// offered.
func DueReminders(ctx context.Context, q *Queries, account uuid.UUID, now time.Time, offered []int16, most int32) ([]ReminderDueRow, error) {
	return q.ReminderDue(ctx, ReminderDueParams{AccountID: account, Now: now, Offered: offered, PageSize: most, ExpiresBy: now.Add(InvitationLife - remindApart)})
}

// LoadReminderPage reads it in one round trip, with at most so many of those that are due by then.
func LoadReminderPage(ctx context.Context, db DB, account uuid.UUID, by time.Time, most int32) (p ReminderPage, err error) {
	var b batch
	one(&b, &p.Settings, func(q *Queries) (ReminderSettingsRow, error) { return q.ReminderSettings(ctx, account) })
	many(&b, &p.Due, func(q *Queries) ([]ReminderDueRow, error) {
		return DueReminders(ctx, q, account, by, ReminderDaysOffered, most)
	})
	return p, b.send(ctx, db)
}
