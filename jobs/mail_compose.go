package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium/jobs/internal/mail"
	"atrium/queries"
	"atrium/views"
)

// compose makes the mail of a row: the same one at every try, since its link is derived and its date and Message-ID stored.
func (w *mailSendWorker) compose(ctx context.Context, q *queries.Queries, account uuid.UUID, row queries.MailForSendingRow) (mail.Message, error) {
	facts, err := q.AccountMailFacts(ctx, account)
	if err != nil {
		return mail.Message{}, err
	}
	rendered, err := views.RenderMail(w.words(facts, row))
	if err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{From: mail.Address{Name: facts.Name, Email: w.c.From}, ReplyTo: mail.Address{Name: facts.Name, Email: facts.SupportEmail},
		To: mail.Address{Name: row.ToName, Email: row.ToEmail}, Subject: rendered.Subject, Text: rendered.Text, HTML: rendered.HTML,
		MessageID: row.MessageID, Date: row.CreatedAt}
	if row.StaffID != nil { // from the software, not from the business
		m.From.Name, m.ReplyTo = "Atrium", mail.Address{}
	}
	return m, nil
}

// words is what the mail's template shows.
func (w *mailSendWorker) words(facts queries.AccountMailFactsRow, row queries.MailForSendingRow) views.Mail {
	portal := w.c.Addresses.Portal(facts.Slug, facts.Domain)
	location, err := time.LoadLocation(facts.TimeZone)
	if err != nil {
		location = time.UTC
	}
	m := views.Mail{Kind: views.MailKind(row.Kind), To: views.MailPerson{Name: row.ToName, Email: row.ToEmail}, ExpiresAt: row.LinkExpiresAt,
		Location: location, InvitedBy: row.MadeByName, Target: targetWords(row.Target),
		Account: views.MailAccount{Name: facts.Name, Accent: facts.Accent, AccentText: views.TextOn(facts.Accent), SupportEmail: facts.SupportEmail, PortalURL: portal}}
	switch {
	case row.StaffLinkID != nil:
		m.Link = w.c.Addresses.Admin() + LinkPath(w.c.Mails.Secret.StaffLinkToken(*row.StaffLinkID))
	case row.LinkID != nil:
		m.Link = portal + LinkPath(w.c.Mails.Secret.LinkToken(*row.LinkID))
	}
	if row.SignInRequestID != nil {
		m.Code = w.c.Mails.Secret.Code(*row.SignInRequestID)
	}
	if facts.LogoType == "image/png" || facts.LogoType == "image/jpeg" { // mail programs show no SVG
		m.Account.LogoURL = portal + "/brand/logo-" + facts.LogoHash
	}
	return m
}

// targetWords names where a link leads; empty for the home page.
func targetWords(app queries.App) string {
	if app == queries.AppProfile {
		return "your profile"
	}
	return ""
}
