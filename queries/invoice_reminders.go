package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// InvoiceReminderDaysOffered are the days an account begins with when it switches reminders of invoices on.
var InvoiceReminderDaysOffered = []int16{3, 10}

// remindInvoicesWithin is how many days back a day may have been reached to be reminded on: as long as nothing could be sent, and no
// longer, so that switching reminders on wakes nobody up about what is long past.
const remindInvoicesWithin = 7

// ErrReminded says that the client was reminded today, or that there is nothing to remind of any more.
var ErrReminded = errors.New("reminded today, or nothing to remind of")

// DueInvoiceReminders finds at most so many invoices after the given one whose clients are to be reminded today, with the account's
// days or, when it has none, those offered.
func DueInvoiceReminders(ctx context.Context, q *Queries, account, after uuid.UUID, now time.Time, offered []int16, most int32) ([]InvoiceReminderDueRow, error) {
	return q.InvoiceReminderDue(ctx, InvoiceReminderDueParams{AccountID: account, After: after, Now: now, Offered: offered, WithinDays: remindInvoicesWithin, PageSize: most})
}

// RemindOfInvoice writes the mail that reminds of an open invoice, once a day at most, with the link that shows that invoice alone. It
// returns the mail's id, for whose sending the caller inserts the job in the same transaction. ErrReminded when there is none to be
// sent. A mail that a staff person sends goes also to who wants no automatic ones; Invalid when the address refuses mail.
func (m MailMaker) RemindOfInvoice(ctx context.Context, q *Queries, account, invoice uuid.UUID, byStaff bool, now time.Time) (mail uuid.UUID, err error) {
	id, err := q.InvoiceContact(ctx, InvoiceContactParams{AccountID: account, ID: invoice})
	if err != nil {
		return mail, Kind(err)
	}
	contact, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: id})
	if err != nil {
		return mail, Kind(err)
	}
	if err := contact.mayMail(); err != nil && byStaff {
		return mail, err
	}
	if (contact.MayMailInBulk() != nil || contact.NoInvoiceMailAt != nil) && !byStaff {
		return mail, ErrReminded
	}
	_, err = q.InvoiceReminderTake(ctx, InvoiceReminderTakeParams{AccountID: account, ID: invoice, ByStaff: byStaff, Now: now})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return mail, ErrReminded
	} else if err != nil {
		return mail, err
	}
	return m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindInvoiceReminder, ContactID: &id, InvoiceID: &invoice, ToEmail: contact.Email, Now: now})
}

// InvoiceReminderPage is what the page about reminders of invoices shows.
type InvoiceReminderPage struct {
	Settings InvoiceReminderSettingsRow
	Due      []InvoiceReminderDueRow // with the account's days, or with those offered when it has none
}

// LoadInvoiceReminderPage reads it in one round trip, with at most so many of those that are due.
func LoadInvoiceReminderPage(ctx context.Context, db DB, account uuid.UUID, now time.Time, most int32) (p InvoiceReminderPage, err error) {
	var b batch
	one(&b, &p.Settings, func(q *Queries) (InvoiceReminderSettingsRow, error) { return q.InvoiceReminderSettings(ctx, account) })
	many(&b, &p.Due, func(q *Queries) ([]InvoiceReminderDueRow, error) {
		return DueInvoiceReminders(ctx, q, account, uuid.Nil, now, InvoiceReminderDaysOffered, most)
	})
	return p, b.send(ctx, db)
}
