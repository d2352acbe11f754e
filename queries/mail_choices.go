package queries

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MailChoices are the kinds of automatic mails a client wants. Whoever asked for no more mails at all gets none of them, whatever they
// chose; what somebody just did is answered whatever anybody chose, and so is what a staff person sends to them alone.
type MailChoices struct {
	Courses  bool `json:"course_news"`       // a course that many are given, lessons that unlock, a certificate
	Invoices bool `json:"invoice_reminders"` // of what is to be paid
}

// What a contact who waits for a try can do without: the kinds each choice is about, and all of them. That a course is ready is not among
// them, since its mail does not say whether it answers a purchase.
var (
	courseKinds    = []string{string(MailKindLessonsUnlocked), string(MailKindCertificateReady)}
	invoiceKinds   = []string{string(MailKindInvoiceReminder)}
	automaticKinds = slices.Concat([]string{string(MailKindReminder)}, courseKinds, invoiceKinds)
)

// wantsCourseNews says whether a contact may be told of their courses by itself, who asked for no more mails, or of no more of these.
func wantsCourseNews(noMail, noCourseMail *time.Time) bool {
	return noMail == nil && noCourseMail == nil
}

// ChooseMails sets which kinds of automatic mails a contact wants, and withdraws those that wait for a try and are not wanted. Chosen
// before, it changes nothing and is no news.
func ChooseMails(ctx context.Context, q *Queries, account, contact uuid.UUID, c MailChoices, now time.Time) (news bool, err error) {
	changed, err := q.ContactSetMailChoices(ctx, ContactSetMailChoicesParams{AccountID: account, ID: contact, Courses: c.Courses, Invoices: c.Invoices, Now: now})
	if err != nil || changed == 0 {
		return false, err
	}
	var unwanted []string
	if !c.Courses {
		unwanted = append(unwanted, courseKinds...)
	}
	if !c.Invoices {
		unwanted = append(unwanted, invoiceKinds...)
	}
	return true, q.withdrawAutomatic(ctx, account, contact, now, "The client asked for no more mails of this kind before it could be sent.", unwanted)
}

// WithdrawBounced withdraws the automatic mails of a contact whose address refused another one.
func WithdrawBounced(ctx context.Context, q *Queries, account, contact uuid.UUID, now time.Time) error {
	return q.withdrawAutomatic(ctx, account, contact, now, "The address refused another mail for good.", automaticKinds)
}

func (q *Queries) withdrawAutomatic(ctx context.Context, account, contact uuid.UUID, now time.Time, why string, kinds []string) error {
	return q.MailWithdrawAutomatic(ctx, MailWithdrawAutomaticParams{AccountID: account, ContactID: &contact, Now: now, Answer: why, Kinds: kinds})
}
