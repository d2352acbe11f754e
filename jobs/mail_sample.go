package jobs

import (
	"time"

	"atrium/queries"
	"atrium/views"
)

// SampleToken stands where a mail's token would: a link with it is recognisable and signs nobody in.
const SampleToken = "sample"

const sampleCourse = "First steps"

// MailSample asks for a mail as a reader would get it, for those who word it.
type MailSample struct {
	Kind    queries.MailKind
	Text    views.MailText
	Account queries.AccountMailFactsRow
	To      views.MailPerson
	By      string // name of the staff person
	Now     time.Time
}

// Sample is the mail, with a link that leads nowhere.
func (a Addresses) Sample(s MailSample) views.Mail {
	portal := a.Portal(s.Account.Slug, s.Account.Domain)
	life := queries.InvitationLife
	if s.Kind == queries.MailKindMagicLink {
		life = queries.MagicLinkDefault
	}
	m := views.Mail{Kind: views.MailKind(s.Kind), Account: a.mailAccount(s.Account), To: s.To, Link: portal + LinkPath(SampleToken),
		ExpiresAt: s.Now.Add(life), Location: s.Now.Location(), InvitedBy: s.By, Text: s.Text}
	switch s.Kind {
	case queries.MailKindWelcome:
		m.Link = portal
	case queries.MailKindCourseReady:
		m.Course, m.SignsIn = sampleCourse, true
	case queries.MailKindCertificateReady:
		m.Course, m.CheckURL = sampleCourse, portal+CertificatePath(SampleToken)
	case queries.MailKindInvoiceReminder:
		m.Invoice = views.MailInvoice{Number: "0042-0007", For: "Three sessions", Left: views.MoneyIn("", 24000, "eur"), Due: s.Now.AddDate(0, 0, -3), Overdue: true}
	}
	return m
}
