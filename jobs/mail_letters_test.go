package jobs

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

func TestInvitationMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.work()
	contact := o.contact("ana@xn--bcher-kva.example", "Ana Ñandú")
	id := o.invite(contact)
	got := o.received("ana@xn--bcher-kva.example")
	row := o.mailIs(queries.MailStateSent, id)
	if got.From != "Acme Coaching <portal@atrium.test>" || got.ReplyTo != "Acme Coaching <help@acme.test>" || !strings.Contains(got.Subject, "Acme Coaching") {
		t.Errorf("from %s, reply to %s, subject %s", got.From, got.ReplyTo, got.Subject)
	}
	if to, err := mail.ParseAddress(got.Header.Get("To")); err != nil || to.Name != "Ana Ñandú" || to.Address != "ana@xn--bcher-kva.example" {
		t.Errorf("to %v, %v", to, err)
	}
	if sender, _, _ := strings.Cut(string(got.Raw), "\r\n"); sender != "Return-Path: <portal@atrium.test>" {
		t.Errorf("the envelope begins %s", sender)
	}
	if ids := got.Header["Message-Id"]; got.MessageID != row.MessageID || len(ids) != 1 || !strings.HasSuffix(got.MessageID, "@atrium.test") {
		t.Errorf("Message-IDs %v, in the row %s", ids, row.MessageID)
	}
	if date, err := got.Header.Date(); err != nil || !date.Equal(row.CreatedAt.Truncate(time.Second)) {
		t.Errorf("date %v, %v; the row was made at %v", date, err, row.CreatedAt)
	}
	link := "https://acme.portal.test/l/" + mails.Secret.LinkToken(row.Link)
	if !strings.Contains(got.Text, link) || !strings.Contains(got.HTML, `href="`+link+`"`) || !slices.Contains(got.Links, link) {
		t.Errorf("the link %s is not in both parts:\n%s", link, got.Text)
	}
	for part, text := range map[string]string{"text": got.Text, "HTML": got.HTML} {
		if !strings.Contains(text, "Ana Ñandú") || !strings.Contains(text, "Acme Coaching") {
			t.Errorf("the %s part names neither reader nor account:\n%s", part, text)
		}
	}
	if row.Answer == "" || row.Attempts != 1 || row.SentAt == nil || row.SentAt.Before(row.CreatedAt) {
		t.Errorf("the row is %+v", row)
	}
	if sent := read[bool](o, "SELECT sent_at = $2 FROM invitation WHERE contact_id = $1", contact, row.SentAt); !sent {
		t.Error("the invitation does not know that it was sent")
	}
	o.idle()
	if n := len(o.box.Messages()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// The token in the mail is the one that signs in.
func TestInvitationMailLeadsIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.work()
	contact := o.contact("ana@example.com", "")
	o.invite(contact)
	token := tokenOf(t, o.received("ana@example.com").Links, "https://acme.portal.test")
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		link, first, err := queries.Confirm(ctx, q, token, o.signIn())
		if err == nil && (link.ContactID != contact || !first) {
			t.Errorf("the link is %+v, first %v", link, first)
		}
		return err
	})
}

func TestEveryOtherMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec("INSERT INTO picture VALUES ($1, 'abc', 'image/png', 'png', now())", o.account)
	o.exec("UPDATE account SET logo_hash = 'abc', time_zone = 'Europe/Berlin' WHERE id = $1", o.account)
	o.exec("INSERT INTO domain (account_id, host, created_at, verified_at) VALUES ($1, 'Clients.Acme.test', now(), now())", o.account)
	o.work()
	contact := o.contact("ana@example.com", "Ana")
	var setup *uuid.UUID
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		if setup, _, err = mails.AddStaff(ctx, q, o.account, "maya@acme.test", queries.StaffRoleOwner, o.now()); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, *setup)
	})
	added := o.sendStaffAdded("tomas@lumen.test")
	made, bills := o.sendLink(contact, "ana@example.com", queries.AppProfile), o.sendLink(o.contact("ben@example.com", "Ben"), "ben@example.com", queries.AppInvoices)
	for name, c := range map[string]struct {
		id                uuid.UUID
		to, from, replyTo string
		link              string
		words             []string
	}{
		"staff set-up": {*setup, "maya@acme.test", "Atrium <portal@atrium.test>", "",
			"https://app.atrium.test/l/" + mails.Secret.StaffLinkToken(o.mail(*setup).Link), []string{"Acme Coaching"}},
		"staff added": {added, "tomas@lumen.test", "Atrium <portal@atrium.test>", "", "https://app.atrium.test/acme", []string{"Maya has added you", "Acme Coaching"}},
		"magic link": {made, "ana@example.com", "Acme Coaching <portal@atrium.test>", "Acme Coaching <help@acme.test>",
			"https://clients.acme.test/l/" + mails.Secret.LinkToken(o.mail(made).Link), []string{"Ana", "your profile", " CE"}}, // CET or CEST
		"magic link to invoices": {bills, "ben@example.com", "Acme Coaching <portal@atrium.test>", "Acme Coaching <help@acme.test>",
			"https://clients.acme.test/l/" + mails.Secret.LinkToken(o.mail(bills).Link), []string{"Ben", "your invoices"}},
	} {
		got, row := o.received(c.to), o.mailIs(queries.MailStateSent, c.id)
		if got.From != c.from || got.ReplyTo != c.replyTo || got.MessageID != row.MessageID || !slices.Contains(got.Links, c.link) {
			t.Errorf("%s: from %s, reply to %s, Message-ID %s, links %v", name, got.From, got.ReplyTo, got.MessageID, got.Links)
		}
		for _, word := range c.words {
			if !strings.Contains(got.Text, word) {
				t.Errorf("%s does not say %q:\n%s", name, word, got.Text)
			}
		}
		if logo := strings.Contains(got.HTML, `"https://clients.acme.test/brand/logo-abc"`); logo != (c.replyTo != "") {
			t.Errorf("%s: shows the account's logo: %v", name, logo)
		}
	}
}

// sendStaffAdded has Maya, an owner, add somebody who can sign in already, and returns the mail.
func (o *office) sendStaffAdded(email string) (mail uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		var ids []uuid.UUID
		for _, person := range []struct{ email, name string }{{email, "Tomás"}, {"maya.owner@acme.test", "Maya"}} {
			row, err := q.StaffUpsert(ctx, queries.StaffUpsertParams{ID: queries.NewID(), Email: person.email, Now: o.now()})
			if err != nil {
				return err
			}
			if err := q.StaffSetUp(ctx, queries.StaffSetUpParams{ID: row.ID, Name: person.name, PasswordHash: "hash"}); err != nil {
				return err
			}
			ids = append(ids, row.ID)
		}
		if err := q.StaffMembershipInsert(ctx, queries.StaffMembershipInsertParams{AccountID: o.account, StaffID: ids[1], Role: queries.StaffRoleOwner, Now: o.now()}); err != nil {
			return err
		}
		var err error
		if _, mail, err = mails.InviteStaff(ctx, q, queries.StaffChange{AccountID: o.account, By: ids[1], Now: o.now()}, email, queries.StaffRoleAdmin); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, mail)
	})
	return mail
}

// tokenOf is the token of the one link to that root.
func tokenOf(t *testing.T, links []string, root string) (token string) {
	t.Helper()
	for _, link := range links {
		if rest, found := strings.CutPrefix(link, root+"/l/"); found {
			token = rest
		}
	}
	if token == "" {
		t.Fatalf("there is no link of %s in %v", root, links)
	}
	return token
}

func (o *office) signIn() queries.SignIn {
	return queries.SignIn{AccountID: o.account, Token: queries.NewToken(), Visit: queries.Visit{At: o.now(), IP: loopback, UserAgent: "Firefox"}}
}
