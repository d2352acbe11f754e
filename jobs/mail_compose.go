package jobs

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"atrium/jobs/internal/mail"
	"atrium/queries"
	"atrium/views"
)

// composed is a mail ready to be handed over, and the copy of it that is kept.
type composed struct {
	message mail.Message
	copied  queries.MailCopyInsertParams
}

// compose makes the mail of a row: the same one at every try, since its link is derived and its date and Message-ID stored, as
// long as the account does not word it anew meanwhile.
func (w *mailSendWorker) compose(ctx context.Context, q *queries.Queries, account uuid.UUID, row queries.MailForSendingRow) (composed, error) {
	facts, err := q.AccountMailFacts(ctx, account)
	if err != nil {
		return composed{}, err
	}
	rendered, words, err := w.render(ctx, q, facts, row)
	if err != nil {
		return composed{}, err
	}
	m := mail.Message{From: mail.Address{Name: SenderName(facts), Email: w.c.From}, ReplyTo: mail.Address{Name: SenderName(facts), Email: facts.SupportEmail},
		To: mail.Address{Name: row.ToName, Email: row.ToEmail}, Subject: rendered.Subject, Text: rendered.Text, HTML: rendered.HTML,
		MessageID: row.MessageID, Date: row.CreatedAt, Unsubscribe: words.StopURL}
	if row.StaffID != nil && !isTest(row) { // from the software, not from the business
		m.From.Name, m.ReplyTo = "Atrium", mail.Address{}
	}
	return composed{m, copyOf(account, row.ID, rendered, words)}, nil
}

// render writes the mail. A test mail was written when it was asked for.
func (w *mailSendWorker) render(ctx context.Context, q *queries.Queries, facts queries.AccountMailFactsRow, row queries.MailForSendingRow) (
	rendered views.RenderedMail, words views.Mail, err error) {
	if isTest(row) {
		written, err := q.MailCopyOfMail(ctx, queries.MailCopyOfMailParams{AccountID: facts.ID, MailID: row.ID})
		return views.RenderedMail{Subject: written.Subject, Text: written.BodyText, HTML: written.BodyHtml}, words, err
	}
	words = w.words(facts, row)
	if words.Text, err = ownText(ctx, q, facts.ID, row.Kind); err != nil {
		return rendered, words, err
	}
	rendered, err = views.RenderMail(words)
	return rendered, words, err
}

// isTest says whether the mail is a client's that staff had sent to themselves.
func isTest(row queries.MailForSendingRow) bool {
	return row.StaffID != nil && slices.Contains(views.MailTextKinds, views.MailKind(row.Kind))
}

// ownText is how the account words a kind of mail; zero when ours is sent.
func ownText(ctx context.Context, q *queries.Queries, account uuid.UUID, kind queries.MailKind) (views.MailText, error) {
	if !slices.Contains(views.MailTextKinds, views.MailKind(kind)) {
		return views.MailText{}, nil
	}
	own, err := q.MailTextOfKind(ctx, queries.MailTextOfKindParams{AccountID: account, Kind: kind})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		err = nil
	}
	return views.MailText(own), err
}

// words is what the mail shows.
func (w *mailSendWorker) words(facts queries.AccountMailFactsRow, row queries.MailForSendingRow) views.Mail {
	portal := w.c.Addresses.Portal(facts.Slug, facts.Domain)
	m := views.Mail{Kind: views.MailKind(row.Kind), To: views.MailPerson{Name: row.ToName, Email: row.ToEmail}, ExpiresAt: row.LinkExpiresAt,
		Location: views.Zone(row.ToTimeZone, facts.TimeZone), InvitedBy: row.MadeByName, Target: targetWords(row.Target), Account: w.c.Addresses.mailAccount(facts)}
	switch {
	case row.Kind == queries.MailKindWelcome:
		m.Link = portal
	case row.StaffLinkID != nil:
		m.Link = w.c.Addresses.Admin() + LinkPath(w.c.Mails.Secret.StaffLinkToken(*row.StaffLinkID))
	case row.FormSubmissionID != nil:
		m.Form, m.Link = row.FormTitle, portal+FormConfirmPath(row.FormName, w.c.Mails.Secret.FormToken(*row.FormSubmissionID))
	case row.CheckoutID != nil:
		m.Offer, m.Link = row.OfferTitle, portal+OfferPath(row.OfferName)
	case row.OfferClaimID != nil:
		m.Offer, m.Link = row.OfferTitle, portal+OfferConfirmPath(row.OfferName, w.c.Mails.Secret.OfferToken(*row.OfferClaimID))
	case row.LinkID != nil:
		m.Link = portal + LinkPath(w.c.Mails.Secret.LinkToken(*row.LinkID))
	case row.Kind == queries.MailKindEmailChange:
		m.Link, m.OtherEmail = portal+EmailChangePath(w.c.Mails.Secret.EmailChangeToken(*row.EmailChangeID)), queries.MaskEmail(row.OldEmail)
	case row.Kind == queries.MailKindEmailChanged:
		m.Link, m.OtherEmail = portal+EmailUndoPath(w.c.Mails.Secret.EmailUndoToken(*row.EmailChangeID)), queries.MaskEmail(row.NewEmail)
	}
	w.courseWords(&m, portal, row)
	w.invoiceWords(&m, portal, row)
	if row.Kind == queries.MailKindStaffAdded {
		m.Link = w.c.Addresses.Admin() + "/" + facts.Slug
	}
	if row.Kind == queries.MailKindReminder {
		m.StopURL = portal + StopPath(w.c.Mails.Secret.StopToken(*row.ContactID))
	}
	if row.SignInRequestID != nil {
		m.Code = w.c.Mails.Secret.Code(*row.SignInRequestID)
	}
	return m
}

// courseWords is what mails about a course say of it, and where they lead.
func (w *mailSendWorker) courseWords(m *views.Mail, portal string, row queries.MailForSendingRow) {
	if row.CourseID == nil {
		return
	}
	course := portal + queries.CoursePath(*row.CourseID)
	switch row.Kind {
	case queries.MailKindMagicLink:
		m.Target = row.CourseTitle
		return
	case queries.MailKindCourseReady:
		if m.SignsIn = row.LinkID != nil; !m.SignsIn {
			m.Link = course
		}
	case queries.MailKindLessonsUnlocked:
		m.Link, m.Lessons = course, row.LessonTitles
	case queries.MailKindCertificateReady:
		m.Link, m.CheckURL = course+"/certificate", portal+CertificatePath(row.CertificateNumber)
	default:
		return
	}
	m.Course, m.StopURL = row.CourseTitle, portal+StopPath(w.c.Mails.Secret.StopToken(*row.ContactID))
}

// invoiceWords is what a mail about an invoice says of it. Its link shows that invoice alone and lets nobody in.
func (w *mailSendWorker) invoiceWords(m *views.Mail, portal string, row queries.MailForSendingRow) {
	if row.InvoiceID == nil {
		return
	}
	m.Link = portal + PayPath(w.c.Mails.Secret.PayToken(*row.InvoiceID))
	if row.Kind == queries.MailKindInvoiceReminder {
		m.StopURL = portal + StopPath(w.c.Mails.Secret.StopToken(*row.ContactID))
	}
	m.Invoice = views.MailInvoice{Number: row.InvoiceNumber, For: row.InvoiceFor, Left: views.MoneyIn(row.ToLocale, row.InvoiceMinor, row.InvoiceCurrency)}
	if row.InvoiceDueAt != nil {
		m.Invoice.Due, m.Invoice.Overdue = *row.InvoiceDueAt, row.InvoiceDueAt.Before(row.CreatedAt)
	}
}

// SenderName is the name that mails to an account's clients come from.
func SenderName(facts queries.AccountMailFactsRow) string {
	if facts.SenderName != "" {
		return facts.SenderName
	}
	return facts.Name
}

// mailAccount is the business as its mails show it.
func (a Addresses) mailAccount(facts queries.AccountMailFactsRow) views.MailAccount {
	portal := a.Portal(facts.Slug, facts.Domain)
	account := views.MailAccount{Name: facts.Name, Accent: facts.Accent, AccentText: views.TextOn(facts.Accent), SupportEmail: facts.SupportEmail, PortalURL: portal}
	if facts.LogoType == "image/png" || facts.LogoType == "image/jpeg" { // mail programs show no SVG
		account.LogoURL = portal + "/brand/logo-" + facts.LogoHash
	}
	return account
}

// targetWords names where a link leads; empty for the home page.
func targetWords(app queries.App) string {
	return map[queries.App]string{queries.AppProfile: "your profile", queries.AppCourses: "your courses", queries.AppInvoices: "your invoices",
		queries.AppSubscriptions: "your subscriptions"}[app]
}
