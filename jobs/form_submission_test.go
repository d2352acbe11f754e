package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/mailbox"
	"atrium/queries"
)

// form makes a public form of the office's account.
func (o *office) form(change func(*queries.FormDraft)) (form queries.FormByNameRow) {
	o.t.Helper()
	d := queries.FormDraft{Name: "call", Title: "Book a call", Button: "Ask", Thanks: "Thanks", Tags: []string{"vip", "Call"},
		Fields: []queries.FormField{{Key: "email", Kind: queries.FormEmail, Label: "E-mail address", Required: true}}}
	change(&d)
	check(o.t, d.Insert(o.t.Context(), o.q, o.account, queries.NewID(), o.now()))
	form, err := o.q.FormByName(o.t.Context(), queries.FormByNameParams{AccountID: o.account, Name: d.Name})
	check(o.t, err)
	return form
}

// fillIn sends a form, as the portal does for anybody.
func (o *office) fillIn(f queries.FormByNameRow, email, name string) (submission uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		submission, err = mails.Submit(ctx, q, queries.Submission{AccountID: o.account, Form: f, Email: email, Name: name, Now: o.now(), IP: loopback, UserAgent: "Firefox",
			Answers: []queries.FormAnswer{{Key: "phone", Kind: queries.FormPhone, Label: "Phone", Value: "+55 11"}, {Key: "company", Kind: queries.FormCompany, Label: "Company", Value: "Souza Ltda"}}})
		if err != nil {
			return err
		}
		return o.queue.FormSubmission(ctx, tx, o.account, submission)
	})
	return submission
}

// confirm follows the link in the mail of a submission and presses its button.
func (o *office) confirm(submission uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		id, err := q.FormSubmissionConfirm(ctx, queries.FormSubmissionConfirmParams{AccountID: o.account, TokenHash: queries.TokenHash(mails.Secret.FormToken(submission)), Now: o.now()})
		if err != nil {
			return err
		}
		return o.queue.FormSubmission(ctx, tx, o.account, id)
	})
}

func (o *office) mailsTo(email, kind string) int {
	o.t.Helper()
	return read[int](o, "SELECT count(*) FROM mail WHERE to_email = $1 AND kind = $2::mail_kind", email, kind)
}

// Whoever was not known becomes a contact, once, however often the job runs.
func TestFormSubmissionMakesAContact(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.fillIn(o.form(func(*queries.FormDraft) {}), "ana@example.com", "Ana Souza")
	o.work()
	o.idle()
	for range 2 {
		o.again("form_submission")
		o.idle()
	}
	const made = `SELECT count(*) FROM contact c JOIN form_submission s ON s.contact_id = c.id WHERE s.id = $1 AND c.account_id = $2 AND c.email = 'ana@example.com' AND c.name = 'Ana Souza'
		AND c.source = 'form' AND c.phone = '+55 11' AND c.company = 'Souza Ltda' AND c.tags = '{Call,vip}' AND c.invited_at IS NULL AND c.search LIKE '%vip%'`
	if n := read[int](o, made, id, o.account); n != 1 {
		t.Errorf("%d contacts like that", n)
	}
	if n := read[int](o, "SELECT count(*) FROM contact"); n != 1 || read[int](o, "SELECT count(*) FROM tag") != 2 || read[int](o, "SELECT count(*) FROM mail") != 0 {
		t.Errorf("%d contacts, or more tags than the form's, or mails", n)
	}
	if n := read[int](o, "SELECT contacts FROM metric WHERE account_id = $1", o.account); n != 1 {
		t.Errorf("the figures tell of %d contacts", n)
	}
}

// A stranger may have sent it: what is known of a contact stays, and what is not is filled in.
func TestFormSubmissionReplacesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana := o.contact("Ana@example.com", "Ana Souza")
	o.exec("UPDATE contact SET company = 'Her own', tags = '{VIP}', note = 'Calls on Mondays' WHERE id = $1", ana)
	o.exec("INSERT INTO tag (account_id, name, created_at) VALUES ($1, 'VIP', now())", o.account)
	form := o.form(func(*queries.FormDraft) {})
	o.fillIn(form, "ana@EXAMPLE.com", "Somebody Else")
	o.fillIn(form, "ana@example.com", "Somebody Else")
	o.work()
	o.idle()
	if kept := read[bool](o, `SELECT name = 'Ana Souza' AND email::text = 'Ana@example.com' AND company = 'Her own' AND phone = '+55 11' AND source = 'manual' AND tags = '{Call,VIP}'
		AND note = 'Calls on Mondays' FROM contact WHERE id = $1`, ana); !kept {
		t.Errorf("the contact is %s", read[string](o, "SELECT c::text FROM contact c WHERE id = $1", ana))
	}
	if n := read[int](o, "SELECT count(*) FROM form_submission WHERE contact_id = $1", ana); n != 2 || read[int](o, "SELECT count(*) FROM contact") != 1 {
		t.Errorf("%d submissions are hers", n)
	}
}

// Stripe is told of whom a form gave a name, where they pay there.
func TestFormSubmissionTellsStripe(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec("INSERT INTO stripe_customer VALUES ($1, 'cus_ana', $2, now())", o.account, o.contact("ana@example.com", ""))
	submission := o.fillIn(o.form(func(*queries.FormDraft) {}), "ana@example.com", "Ana Souza")
	work := &formSubmissionWorker{db: o.pool, c: o.config, queue: o.queue}
	for range 2 { // the second time it is done
		check(t, work.Work(t.Context(), &river.Job[formSubmissionArgs]{Args: formSubmissionArgs{o.account, submission}}))
	}
	if told := read[string](o, "SELECT coalesce(string_agg(args->>'customer', ' '), '') FROM river.river_job WHERE kind = 'stripe_customer'"); told != "cus_ana" {
		t.Errorf("Stripe is told of %q", told)
	}
}

// A known address and an unknown one get the same mail; nothing counts before its link is followed.
func TestFormSubmissionIsConfirmed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contact("ana@example.com", "Ana Souza")
	form := o.form(func(d *queries.FormDraft) { d.Confirm = true })
	o.work()
	var texts []string
	for _, email := range []string{"ana@example.com", "new@example.com"} {
		id := o.fillIn(form, email, "Buy now at https://evil.example")
		got, link := o.received(email), "https://acme.portal.test/f/call/confirm/"+mails.Secret.FormToken(id)
		if got.From != "Acme Coaching <portal@atrium.test>" || got.ReplyTo != "Acme Coaching <help@acme.test>" || !strings.Contains(got.Text, link) || !strings.Contains(got.HTML, link) {
			t.Errorf("from %s, reply to %s:\n%s", got.From, got.ReplyTo, got.Text)
		}
		if strings.Contains(got.Text+got.HTML+got.Header.Get("To"), "evil.example") {
			t.Error("the mail carries words of whoever typed the address")
		}
		texts = append(texts, strings.NewReplacer(link, "LINK", email, "ADDRESS").Replace(got.Text))
		o.idle()
		o.again("form_submission")
		o.idle()
		if n := o.mailsTo(email, "form_confirm"); n != 1 {
			t.Errorf("%d mails to %s", n, email)
		}
		o.exec("DELETE FROM river.river_job")
	}
	if texts[0] != texts[1] {
		t.Errorf("known and unknown are told apart:\n%s\n%s", texts[0], texts[1])
	}
	if n := read[int](o, "SELECT count(*) FROM form_submission WHERE contact_id IS NULL"); n != 2 || read[int](o, "SELECT count(*) FROM contact") != 1 || read[int](o, "SELECT count(*) FROM tag") != 0 {
		t.Errorf("only %d of 2 wait, or something counts already", n)
	}
	o.confirm(read[uuid.UUID](o, "SELECT id FROM form_submission WHERE email = 'new@example.com'"))
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM contact c JOIN form_submission s ON s.contact_id = c.id WHERE c.email = 'new@example.com' AND c.source = 'form'"); n != 1 {
		t.Errorf("%d contacts once it is confirmed", n)
	}
}

// No address is mailed more often than its limit by forms, one that refuses mail not at all, and nothing after the end.
func TestFormSubmissionMailsWithMeasure(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	bounced := o.contact("bounced@example.com", "")
	o.exec("UPDATE contact SET bounced_at = now(), bounce_reason = 'no' WHERE id = $1", bounced)
	form := o.form(func(d *queries.FormDraft) { d.Confirm = true })
	for range queries.LimitFormMail.Times + 2 {
		o.fillIn(form, "ana@example.com", "")
	}
	o.fillIn(form, "bounced@example.com", "")
	gone := o.fillIn(form, "gone@example.com", "")
	late := o.fillIn(form, "late@example.com", "")
	o.exec("DELETE FROM form_submission WHERE id = $1", gone)
	o.exec("UPDATE form_submission SET expires_at = now() WHERE id = $1", late)
	o.work()
	o.idle()
	for email, want := range map[string]int{"ana@example.com": queries.LimitFormMail.Times, "bounced@example.com": 0, "gone@example.com": 0, "late@example.com": 0} {
		if n := o.mailsTo(email, "form_confirm"); n != want {
			t.Errorf("%d mails to %s, want %d", n, email, want)
		}
	}
}

// A form that invites does so where it helps: not those who are in, cannot be reached, or want no mail.
func TestFormSubmissionInvites(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for email, column := range map[string]string{"joined@example.com": "joined_at", "bounced@example.com": "bounced_at", "quiet@example.com": "no_mail_at"} {
		o.exec("UPDATE contact SET "+column+" = now() WHERE id = $1", o.contact(email, ""))
	}
	o.contact("known@example.com", "")
	form := o.form(func(d *queries.FormDraft) { d.Invite = true })
	for _, email := range []string{"new@example.com", "known@example.com", "joined@example.com", "bounced@example.com", "quiet@example.com"} {
		o.fillIn(form, email, "")
	}
	for range queries.LimitFormMail.Times + 1 {
		o.fillIn(form, "often@example.com", "")
	}
	o.work()
	o.idle()
	for email, want := range map[string]int{"new@example.com": 1, "known@example.com": 1, "joined@example.com": 0, "bounced@example.com": 0, "quiet@example.com": 0,
		"often@example.com": queries.LimitFormMail.Times} {
		if n := o.mailsTo(email, "invitation"); n != want {
			t.Errorf("%d invitations to %s, want %d", n, email, want)
		}
	}
	if n := read[int](o, "SELECT count(*) FROM form_submission WHERE contact_id IS NULL"); n != 0 {
		t.Errorf("%d submissions have no contact", n)
	}
	if n := read[int](o, "SELECT invited FROM metric WHERE account_id = $1", o.account); n != 3 {
		t.Errorf("the figures tell of %d invited", n)
	}
}

// What was never confirmed is forgotten after a while; what counts stays.
func TestFormSubmissionsAreForgotten(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	form := o.form(func(d *queries.FormDraft) { d.Confirm = true })
	o.fillIn(form, "waits@example.com", "")
	o.confirm(o.fillIn(form, "counts@example.com", ""))
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{queries.FormConfirmLife + queries.FormForget - time.Hour, "counts@example.com, waits@example.com"}, {queries.FormConfirmLife + queries.FormForget + time.Hour, "counts@example.com"}} {
		o.ahead.Store(int64(c.after))
		check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), &river.Job[purgeArgs]{}))
		if got := read[string](o, "SELECT string_agg(email::text, ', ' ORDER BY email) FROM form_submission"); got != c.want {
			t.Errorf("after %v: %s", c.after, got)
		}
	}
}

// An address that refuses the confirmation makes nobody bounce: there is no contact yet.
func TestFormSubmissionBounces(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	script, _ := at(mailbox.Rcpt, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"})
	o.box.Answer(script)
	id := o.fillIn(o.form(func(d *queries.FormDraft) { d.Confirm = true }), "ana@example.com", "")
	o.work()
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM mail WHERE form_submission_id = $1 AND state = 'bounced' AND answer LIKE '%No such user here%'", id); n != 1 || read[int](o, "SELECT count(*) FROM contact") != 0 {
		t.Errorf("%d mails bounced, or there is a contact", n)
	}
}
