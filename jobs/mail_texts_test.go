package jobs

import (
	"context"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/mailbox"
	"atrium/queries"
	"atrium/views"
)

// worded lets the account word a kind of mail itself.
func (o *office) worded(kind queries.MailKind, subject, body string) {
	o.t.Helper()
	check(o.t, o.q.MailTextSave(o.t.Context(), queries.MailTextSaveParams{AccountID: o.account, Kind: kind, Subject: subject, Body: body, Now: o.now()}))
}

// queueReminder queues a reminder with a link of the contact's invitation.
func (o *office) queueReminder(contact uuid.UUID, email string) (mail uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		invitation := read[uuid.UUID](o, "SELECT id FROM invitation WHERE contact_id = $1", contact)
		link, err := mails.Link(ctx, q, queries.MagicLinkInsertParams{AccountID: o.account, ContactID: contact, Kind: queries.LinkKindInvitation, InvitationID: &invitation,
			Target: queries.AppHome, Now: o.now(), ExpiresAt: o.now().Add(queries.InvitationLife)})
		check(o.t, err)
		if mail, err = mails.Mail(ctx, q, queries.MailInsertParams{AccountID: o.account, Kind: queries.MailKindReminder, ContactID: &contact, LinkID: &link,
			ToEmail: email, Now: o.now()}); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, mail)
	})
	return mail
}

// A mail in the account's own words carries its link, comes from the account's sender, and is the same at every try.
func TestOwnWordsAreSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.worded(queries.MailKindInvitation, "{first_name}, komm herein", "# Hallo {name}\n\n{button: Hinein}\n\nBis {expires}, **{business}**")
	o.exec("UPDATE account SET sender_name = 'Maya von Acme' WHERE id = $1", o.account)
	script, _ := at(mailbox.Data, &smtp.SMTPError{Code: 451, Message: "Later"})
	o.box.Answer(script)
	o.work()
	id := o.invite(o.contact("ana@example.com", "Ana <b>Souza</b>"))
	first := o.composed(id)
	o.mailIs(queries.MailStateDeferred, id)
	o.jobsAre("mail_send", "scheduled")
	o.box.Answer(nil)
	o.hurry()
	row := o.mailIs(queries.MailStateSent, id)
	got := o.received("ana@example.com")
	if got.Subject != "Ana, komm herein" || got.From != "Maya von Acme <portal@atrium.test>" || got.ReplyTo != "Maya von Acme <help@acme.test>" {
		t.Errorf("subject %q from %s, reply to %s", got.Subject, got.From, got.ReplyTo)
	}
	link := "https://acme.portal.test/l/" + mails.Secret.LinkToken(row.Link)
	if strings.Count(got.HTML, `href="`+link+`"`) != 2 || !strings.Contains(got.Text, "Hinein:\n\n"+link+"\n") || strings.Contains(got.HTML, "<b>Souza") {
		t.Errorf("the link is not in it, or the name is markup:\n%s\n%s", got.Text, got.HTML)
	}
	if first.Subject != got.Subject || first.Text != got.Text || first.HTML != got.HTML {
		t.Errorf("the first try had another mail:\n%s", first.Text)
	}
}

// composed is the message of a mail as a try would make it.
func (o *office) composed(id uuid.UUID) views.RenderedMail {
	o.t.Helper()
	row, err := o.q.MailForSending(o.t.Context(), queries.MailForSendingParams{AccountID: o.account, ID: id})
	check(o.t, err)
	made, err := (&mailSendWorker{db: o.pool, c: o.config}).compose(o.t.Context(), o.q, o.account, row)
	check(o.t, err)
	return views.RenderedMail{Subject: made.message.Subject, Text: made.message.Text, HTML: made.message.HTML}
}

// What is kept of a mail is all of it but what lets its reader in.
func TestCopyOpensNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.work()
	contact := o.contact("ana@example.com", "Ana")
	o.invite(contact)
	o.sendLink(contact, "ana@example.com", queries.AppHome)
	o.queueReminder(contact, "ana@example.com")
	request := o.ask("ana@example.com", "browser")
	o.idle()
	secrets := []string{mails.Secret.Code(request), mails.Secret.StopToken(contact)}
	for _, link := range read[[]uuid.UUID](o, "SELECT array_agg(id) FROM magic_link") {
		secrets = append(secrets, mails.Secret.LinkToken(link))
	}
	if sent, copies := len(o.box.Messages()), read[int](o, "SELECT count(*) FROM mail_copy"); sent != 4 || copies != 4 || len(secrets) != 6 {
		t.Fatalf("%d mails, %d copies, %d secrets", sent, copies, len(secrets))
	}
	for _, m := range o.box.Messages() {
		var subject, text, html string
		check(t, o.pool.QueryRow(t.Context(), "SELECT subject, body_text, body_html FROM mail_copy JOIN mail ON id = mail_id WHERE message_id = $1", m.MessageID).Scan(&subject, &text, &html))
		found := 0
		for _, secret := range secrets {
			if strings.Contains(subject+text+html, secret) {
				t.Errorf("the copy of %q lets in", m.Subject)
			}
			if strings.Contains(m.Text, secret) {
				found++
				m.Text = strings.ReplaceAll(strings.ReplaceAll(m.Text, mails.Secret.Code(request), removedCode), secret, removedToken)
			}
		}
		if found == 0 || subject != m.Subject || text != m.Text || !strings.Contains(html, removedToken) {
			t.Errorf("the copy of %q, which had %d secrets, is\n%s", m.Subject, found, text)
		}
	}
	if n := read[int](o, "SELECT count(*) FROM mail_copy WHERE body_text LIKE '%' || $1 || '%'", removedCode); n != 1 {
		t.Errorf("%d copies had a code", n)
	}
}

func TestNoCopyOfWhatWasRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	script, _ := at(mailbox.Rcpt, &smtp.SMTPError{Code: 550, Message: "No such user here"})
	o.box.Answer(script)
	o.work()
	o.mailIs(queries.MailStateBounced, o.invite(o.contact("ana@example.com", "")))
	if n := read[int](o, "SELECT count(*) FROM mail_copy"); n != 0 {
		t.Errorf("%d copies", n)
	}
}

// Whoever has joined is welcomed once, where the account wants it and the client takes mail.
func TestWelcomeMail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before string
		mails  int
	}{
		"switched off": {"SELECT 1", 0},
		"switched on":  {"UPDATE account SET welcome_mail = true", 1},
		"no more mail": {"UPDATE account SET welcome_mail = true; UPDATE contact SET no_mail_at = now()", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			contact := o.contact("ana@example.com", "Ana")
			o.exec(c.before)
			o.work()
			for range 2 {
				o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
					mail, err := mails.Welcome(ctx, q, o.account, contact, o.now())
					if err != nil || mail == nil {
						return err
					}
					return o.queue.Mail(ctx, tx, o.account, *mail)
				})
				o.idle()
			}
			got := o.box.Messages()
			if len(got) != c.mails {
				t.Fatalf("%d mails, want %d", len(got), c.mails)
			}
			if c.mails > 0 && (got[0].Subject != "Welcome to Acme Coaching" || !strings.Contains(got[0].HTML, `href="https://acme.portal.test"`)) {
				t.Errorf("subject %q\n%s", got[0].Subject, got[0].Text)
			}
		})
	}
}

// A test mail is sent as it was seen, from the account's sender, and its link signs nobody in.
func TestTestMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	facts, err := o.q.AccountMailFacts(t.Context(), o.account)
	check(t, err)
	sample := o.config.Addresses.Sample(MailSample{Kind: queries.MailKindReminder, Account: facts, To: views.MailPerson{Name: "Maya", Email: "maya@acme.test"},
		By: "Maya", Now: o.now(), Text: views.MailText{Subject: "Not saved", Body: "Hi {name}\n\n{button}"}})
	rendered, err := views.RenderMail(sample)
	check(t, err)
	staff, err := o.q.StaffUpsert(t.Context(), queries.StaffUpsertParams{ID: queries.NewID(), Email: "maya@acme.test", Now: o.now()})
	check(t, err)
	var id uuid.UUID
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		id, err = mails.MailTest(ctx, q, queries.MailInsertParams{AccountID: o.account, Kind: queries.MailKindReminder, StaffID: &staff.ID, ToEmail: "maya@acme.test", Now: o.now()},
			queries.MailCopyInsertParams{Subject: rendered.Subject, BodyText: rendered.Text, BodyHtml: rendered.HTML})
		check(t, err)
		return o.queue.Mail(ctx, tx, o.account, id)
	})
	o.work()
	got, row := o.received("maya@acme.test"), o.mailIs(queries.MailStateSent, id)
	if got.Subject != "Not saved" || got.From != "Acme Coaching <portal@atrium.test>" || got.Text != rendered.Text || got.HTML != rendered.HTML || got.MessageID != row.MessageID {
		t.Errorf("subject %q from %s:\n%s", got.Subject, got.From, got.Text)
	}
	if !strings.Contains(got.Text, "\nhttps://acme.portal.test/l/sample\n") || read[int](o, "SELECT count(*) FROM magic_link") != 0 {
		t.Errorf("the link is no sample:\n%s", got.Text)
	}
	o.idle()
}
