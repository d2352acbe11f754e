package jobs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"atrium/jobs/mailbox"
	"atrium/queries"
)

func (o *office) bounced(contact uuid.UUID) (reason string, marked bool) {
	o.t.Helper()
	row, err := o.q.ContactByID(o.t.Context(), queries.ContactByIDParams{AccountID: o.account, ID: contact})
	check(o.t, err)
	return row.BounceReason, row.BouncedAt != nil
}

func (o *office) figures() queries.MetricByAccountRow {
	o.t.Helper()
	row, err := o.q.MetricByAccount(o.t.Context(), o.account)
	check(o.t, err)
	return row
}

func TestBounce(t *testing.T) {
	t.Parallel()
	refusal := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	for _, stage := range []mailbox.Stage{mailbox.Rcpt, mailbox.Data} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			script, tries := at(stage, refusal)
			o.box.Answer(script)
			o.work()
			contact := o.contact("ana@example.com", "Ana")
			row := o.mailIs(queries.MailStateBounced, o.invite(contact))
			if !strings.Contains(row.Answer, "No such user here") || row.Attempts != 1 || row.SentAt != nil {
				t.Errorf("the row is %+v", row)
			}
			if reason, marked := o.bounced(contact); !marked || reason != row.Answer {
				t.Errorf("the contact is marked %v: %q", marked, reason)
			}
			if !read[bool](o, "SELECT bounced_at IS NOT NULL AND sent_at IS NULL FROM invitation WHERE contact_id = $1", contact) {
				t.Error("the invitation does not know that it bounced")
			}
			o.idle() // so the job is not tried again, and the count is through
			if tries() != 1 {
				t.Errorf("%d tries", tries())
			}
			if f := o.figures(); f.Bounced != 1 || f.Invited != 1 {
				t.Errorf("the figures are %+v", f)
			}

			// A mail that is accepted later takes the mark away: that of a link, since nobody is invited at a bad address.
			o.box.Answer(nil)
			o.mailIs(queries.MailStateSent, o.sendLink(contact, "ana@example.com", queries.AppHome))
			if reason, marked := o.bounced(contact); marked || reason != "" {
				t.Errorf("the contact is still marked: %q", reason)
			}
			o.idle()
			if f := o.figures(); f.Bounced != 0 {
				t.Errorf("the figures are %+v", f)
			}
			o.mailIs(queries.MailStateSent, o.invite(contact))
			if !read[bool](o, "SELECT bounced_at IS NULL AND sent_at IS NOT NULL FROM invitation WHERE contact_id = $1", contact) {
				t.Error("the invitation does not know that a mail of it was accepted")
			}
		})
	}
}

// The address was corrected while the mail to the old one was on its way: the new one is not to blame.
func TestBounceOfACorrectedAddress(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	contact := o.contact("anna@example.com", "Ana")
	id := o.sendLink(contact, "anna@example.com", queries.AppHome)
	o.box.Answer(func(stage mailbox.Stage, _ string) *smtp.SMTPError {
		if stage != mailbox.Rcpt {
			return nil
		}
		if _, err := o.pool.Exec(t.Context(), "UPDATE contact SET email = 'ana@example.com' WHERE id = $1", contact); err != nil {
			t.Error(err)
		}
		return &smtp.SMTPError{Code: 550, Message: "No such user here"}
	})
	o.work()
	o.mailIs(queries.MailStateBounced, id)
	o.idle()
	if reason, marked := o.bounced(contact); marked {
		t.Errorf("the contact is marked: %s", reason)
	}
}

func TestDeferral(t *testing.T) {
	t.Parallel()
	for _, stage := range []mailbox.Stage{mailbox.Mail, mailbox.Rcpt, mailbox.Data} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			script, tries := at(stage, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, try again later"})
			o.box.Answer(script)
			o.work()
			contact := o.contact("ana@example.com", "Ana")
			id := o.invite(contact)
			for n := range 2 {
				if n > 0 {
					o.hurry()
				}
				eventually(t, func() (bool, string) { return o.mail(id).Attempts == n+1, "the next try" })
				row := o.mailIs(queries.MailStateDeferred, id)
				if !strings.Contains(row.Answer, "Greylisted, try again later") || row.SentAt != nil {
					t.Errorf("try %d: the row is %+v", n+1, row)
				}
				o.jobsAre("mail_send", "scheduled")
				wait := read[float64](o, "SELECT extract(epoch FROM scheduled_at - attempted_at)::float8 FROM river.river_job WHERE kind = 'mail_send'")
				if want := mailWaits[n].Seconds(); wait < want || wait > want+5 {
					t.Errorf("try %d is followed by a wait of %v s, want %v", n+1, wait, want)
				}
			}
			if reason, marked := o.bounced(contact); marked {
				t.Errorf("the contact is marked: %s", reason)
			}
			if told := o.log.of("level=WARN"); (len(told) > 0) != (stage == mailbox.Mail) {
				t.Errorf("the log says %q", told) // of one mail alone it says nothing
			}
			o.box.Answer(nil)
			o.hurry()
			row := o.mailIs(queries.MailStateSent, id)
			if row.Attempts != 3 || tries() != 2 || strings.Contains(row.Answer, "Greylisted") {
				t.Errorf("after %d refusals the row is %+v", tries(), row)
			}
			o.idle()
			if got := o.box.Messages(); len(got) != 1 || got[0].MessageID != row.MessageID {
				t.Errorf("%d mails", len(got))
			}
		})
	}
}

func TestWaitsGrow(t *testing.T) {
	t.Parallel()
	for i, wait := range mailWaits {
		if wait < 5*time.Second || wait > time.Hour || i > 0 && wait <= mailWaits[i-1] {
			t.Errorf("wait %d is %v", i+1, wait) // below 5 s River would keep the job from others instead of scheduling it
		}
	}
}

func TestGivenUpAfterADay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	script, _ := at(mailbox.Rcpt, &smtp.SMTPError{Code: 452, Message: "Mailbox full"})
	o.box.Answer(script)
	o.later(-3 * 24 * time.Hour)
	contact := o.contact("ana@example.com", "Ana")
	id := o.invite(contact)
	o.later(3 * 24 * time.Hour) // it has waited for a program to start; its day begins with the first try
	o.work()
	o.mailIs(queries.MailStateDeferred, id)
	for n, c := range []struct {
		after time.Duration
		want  queries.MailState
	}{{mailGiveUp - time.Hour, queries.MailStateDeferred}, {time.Hour, queries.MailStateFailed}} {
		o.jobsAre("mail_send", "scheduled")
		o.later(c.after)
		o.hurry()
		eventually(t, func() (bool, string) { return o.mail(id).Attempts == n+2, "the next try" })
		if row := o.mail(id); row.State != string(c.want) || !strings.Contains(row.Answer, "Mailbox full") {
			t.Errorf("%v later the row is %+v", c.after, row)
		}
	}
	o.idle()
	if reason, marked := o.bounced(contact); marked {
		t.Errorf("the contact is marked: %s", reason)
	}
	o.box.Answer(nil)
	o.again("mail_send")
	o.idle()
	if row := o.mail(id); row.State != string(queries.MailStateFailed) || len(o.box.Messages()) != 0 {
		t.Errorf("sent after all: %+v", row)
	}
}

func TestServerAwayForAWhile(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	check(t, o.box.Stop())
	o.work()
	ids := map[string]uuid.UUID{}
	for _, email := range []string{"ana@example.com", "ben@example.com", "cleo@example.com"} {
		ids[email] = o.invite(o.contact(email, ""))
	}
	for _, id := range ids {
		if row := o.mailIs(queries.MailStateDeferred, id); !strings.Contains(row.Answer, "cannot be reached") {
			t.Errorf("the answer is %q", row.Answer)
		}
	}
	o.jobsAre("mail_send", "scheduled")
	told := o.log.of("level=WARN")
	if len(told) != 1 || !strings.Contains(told[0], o.box.Addr()) || !strings.Contains(told[0], "cannot be reached") || strings.Contains(told[0], "example.com") {
		t.Errorf("of three mails that wait for one server the log says %q", told)
	}
	o.later(outageAgain)
	o.hurry()
	eventually(t, func() (bool, string) { return len(o.log.of("level=WARN")) == 2, "the log to say it again" })
	o.jobsAre("mail_send", "scheduled")
	check(t, o.box.Restart())
	o.hurry()
	for email, id := range ids {
		if got := o.received(email); got.MessageID != o.mailIs(queries.MailStateSent, id).MessageID {
			t.Errorf("%s got another mail", email)
		}
	}
	if again := o.log.of("takes mails again"); len(again) != 1 || !strings.Contains(again[0], "level=INFO") || !strings.Contains(again[0], o.box.Addr()) {
		t.Errorf("of the server that is back the log says %q", again)
	}

	// And once more, now with connections that were kept and that nobody told.
	check(t, o.box.Stop())
	check(t, o.box.Restart())
	id := o.invite(o.contact("dora@example.com", ""))
	if row := o.mailIs(queries.MailStateSent, id); row.Attempts != 1 {
		t.Errorf("a connection that had broken cost a try: %+v", row)
	}
	o.idle()
	if n := len(o.box.Messages()); n != 4 {
		t.Errorf("%d mails", n)
	}
}

func TestLinkEndedBeforeSending(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(o *office, contact uuid.UUID){
		"revoked": func(o *office, contact uuid.UUID) {
			_, err := o.q.MagicLinkRevokeOfContact(o.t.Context(), queries.MagicLinkRevokeOfContactParams{AccountID: o.account, ContactID: contact, Now: o.now()})
			check(o.t, err)
		},
		"expired": func(o *office, _ uuid.UUID) { o.later(queries.InvitationLife) },
		"address corrected": func(o *office, contact uuid.UUID) {
			check(o.t, queries.ChangeEmail(o.t.Context(), o.q, o.account, contact, "ana@example.com", o.now()))
		},
		"joined meanwhile": func(o *office, contact uuid.UUID) {
			s := o.signIn()
			s.ContactID, s.Method = contact, queries.SignInMethodPassword
			_, err := queries.SignInClient(o.t.Context(), o.q, s)
			check(o.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			contact := o.contact("anna@example.com", "Ana")
			id := o.invite(contact)
			end(o, contact)
			o.work()
			if row := o.mailIs(queries.MailStateWithdrawn, id); row.Answer == "" || row.Attempts != 0 || row.SentAt != nil {
				t.Errorf("the row is %+v", row)
			}
			o.idle()
			if n := len(o.box.Messages()); n != 0 || o.box.Connections() != 0 {
				t.Errorf("%d mails, %d connections", n, o.box.Connections())
			}
		})
	}
}

func TestNoMailServer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	server := o.config.Server
	o.config.Server = MailServer{}
	stop := o.work()
	id := o.invite(o.contact("ana@example.com", ""))
	for n := range 3 {
		if n > 0 {
			o.later(2 * mailGiveUp) // however long
			o.hurry()
		}
		eventually(t, func() (bool, string) {
			return read[string](o, "SELECT state || ' ' || coalesce(metadata->>'snoozes', '0') FROM river.river_job WHERE kind = 'mail_send'") == fmt.Sprint("scheduled ", n+1),
				"the job to wait again"
		})
		if row := o.mail(id); row.State != string(queries.MailStateQueued) || row.Attempts != 0 {
			t.Errorf("the row is %+v", row)
		}
	}
	stop()
	o.config.Server = server // somebody has set SMTP_HOST
	o.work()
	o.hurry()
	if row := o.mailIs(queries.MailStateSent, id); row.Attempts != 1 {
		t.Errorf("the row is %+v", row)
	}
}

// A server that refuses this installation says nothing about the address, so no contact may be marked for it.
func TestMisconfigured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *MailServer)
		code   string
	}{
		"no sign-in":     {func(*MailServer) {}, "code=530"},
		"wrong password": {func(s *MailServer) { s.Username, s.Password = "atrium", "wrong" }, "code=535"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOfficeWith(t, mailbox.Options{Username: "atrium", Password: "right"})
			c.change(&o.config.Server)
			stop := o.work()
			contact := o.contact("ana@example.com", "Ana")
			id := o.invite(contact)
			if row := o.mailIs(queries.MailStateDeferred, id); row.Answer == "" || row.Attempts != 1 {
				t.Errorf("the row is %+v", row)
			}
			o.jobsAre("mail_send", "scheduled")
			if reason, marked := o.bounced(contact); marked {
				t.Errorf("the contact is marked: %s", reason)
			}
			if log := o.log.of("the mail server refuses this installation"); len(log) != 1 || !strings.Contains(log[0], c.code) || !strings.Contains(log[0], "level=ERROR") {
				t.Errorf("the log says %q, want %s", log, c.code)
			}
			stop()
			o.config.Server.Username, o.config.Server.Password = "atrium", "right"
			o.work()
			o.hurry()
			o.mailIs(queries.MailStateSent, id)
		})
	}
}
