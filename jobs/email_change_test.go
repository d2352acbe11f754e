package jobs

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

// askEmail has a contact ask for another address, as the profile does, and returns the change and its mail.
func (o *office) askEmail(contact uuid.UUID, email string) (change, mail uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		if mail, err = mails.AskEmailChange(ctx, q, o.account, contact, email, o.now()); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, mail)
	})
	return read[uuid.UUID](o, "SELECT email_change_id FROM mail WHERE id = $1", mail), mail
}

// confirmEmail has the reader of the new address confirm it, and returns the mail that tells the old one.
func (o *office) confirmEmail(change uuid.UUID) (mail uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		row, err := q.EmailChangeByToken(ctx, queries.EmailChangeByTokenParams{AccountID: o.account, TokenHash: queries.TokenHash(mails.Secret.EmailChangeToken(change))})
		if err != nil {
			return err
		}
		if mail, err = mails.ConfirmEmailChange(ctx, q, o.account, row, uuid.Nil, o.now()); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, mail)
	})
	return mail
}

// Each side of a change gets its own link and the other side's address only masked; times are those of the reader's zone.
func TestEmailChangeMails(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana := o.contact("ana@example.com", "Ana Souza")
	o.exec("UPDATE contact SET time_zone = 'Asia/Tokyo'")
	o.work()
	change, asked := o.askEmail(ana, "new@example.org")
	first := o.received("new@example.org")
	o.mailIs(queries.MailStateSent, asked)
	told := o.confirmEmail(change)
	second := o.received("ana@example.com")
	o.mailIs(queries.MailStateSent, told)
	for _, c := range []struct {
		text, html, link, other, address string
		links                            []string
	}{
		{first.Text, first.HTML, "https://acme.portal.test/email/" + mails.Secret.EmailChangeToken(change), "a•••@e•••.com", "ana@example.com", first.Links},
		{second.Text, second.HTML, "https://acme.portal.test/email/undo/" + mails.Secret.EmailUndoToken(change), "n•••@e•••.org", "new@example.org", second.Links},
	} {
		if !slices.Contains(c.links, c.link) || !strings.Contains(c.text, c.other) || !strings.Contains(c.html, c.other) || strings.Contains(c.text+c.html, c.address) {
			t.Errorf("links %v in\n%s", c.links, c.text)
		}
		if !strings.Contains(c.text, " JST") {
			t.Errorf("not in the reader's zone:\n%s", c.text)
		}
	}
}

// What is not wanted any more is not sent: to an address that another contact has, of a change that was cancelled or confirmed. What was
// confirmed had arrived before.
func TestEmailChangeMailsWithdrawn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(o *office, contact, change uuid.UUID)
		want   queries.MailState
	}{
		"taken":     {func(o *office, _, _ uuid.UUID) { o.contact("new@example.org", "Ben") }, queries.MailStateWithdrawn},
		"confirmed": {func(o *office, _, change uuid.UUID) { o.confirmEmail(change) }, queries.MailStateSent},
		"cancelled": {func(o *office, contact, _ uuid.UUID) {
			check(o.t, o.q.EmailChangeEndOfContact(o.t.Context(), queries.EmailChangeEndOfContactParams{AccountID: o.account, ContactID: contact, Now: o.now()}))
		}, queries.MailStateWithdrawn},
		"late": {func(o *office, _, _ uuid.UUID) { o.later(queries.EmailChangeLife) }, queries.MailStateWithdrawn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			ana := o.contact("ana@example.com", "Ana Souza")
			change, mail := o.askEmail(ana, "new@example.org")
			c.before(o, ana, change)
			o.work()
			o.mailIs(c.want, mail)
			o.idle()
			for _, m := range o.box.Messages() {
				if m.To == "new@example.org" {
					t.Error("a mail went out all the same")
				}
			}
		})
	}
}

// A change lapses after a day, and its undoing a week after it was confirmed; both are kept for staff to see, and then removed.
func TestEmailChangesExpire(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, ben := o.contact("ana@example.com", "Ana"), o.contact("ben@example.com", "Ben")
	o.askEmail(ana, "new.ana@example.org")
	change, _ := o.askEmail(ben, "new.ben@example.org")
	o.confirmEmail(change)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{queries.EmailChangeLife - time.Minute, "open open"}, {queries.EmailChangeLife, "expired open"}, {queries.EmailUndoLife - time.Minute, "expired open"},
		{queries.EmailUndoLife, "expired expired"}} {
		o.ahead.Store(int64(c.after))
		o.expireAll()
		if got := read[string](o, "SELECT string_agg(coalesce(ended_because::text, 'open'), ' ' ORDER BY new_email) FROM email_change"); got != c.want {
			t.Errorf("after %v: %s, want %s", c.after, got, c.want)
		}
	}
	o.later(purgeAfter + time.Minute)
	check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), &river.Job[purgeArgs]{}))
	if left := read[int](o, "SELECT count(*) FROM email_change"); left != 0 {
		t.Errorf("%d changes are left", left)
	}
}

// A picture that nobody shows goes in the night, unless two contacts could still be parted again.
func TestAvatarsOfNobodyAreRemoved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, ben := o.contact("ana@example.com", "Ana"), o.contact("ben@example.com", "Ben")
	for i, contact := range []uuid.UUID{ana, ben} {
		o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
			return queries.ChangeAvatar(ctx, q, o.account, contact, &queries.Avatar{MediaType: "image/png", Content: []byte{byte(i)}}, o.now())
		})
	}
	o.exec("INSERT INTO picture VALUES ($1, 'logo', 'image/png', 'x', $2)", o.account, o.now()) // not an avatar
	purged := func() int {
		check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), &river.Job[purgeArgs]{}))
		return read[int](o, "SELECT count(*) FROM picture")
	}
	o.later(25 * time.Hour)
	if left := purged(); left != 3 {
		t.Errorf("%d pictures are left of three that are shown", left)
	}
	o.exec("DELETE FROM contact WHERE id = $1", ben)
	o.exec("INSERT INTO contact_merge (account_id, id, kept_id, gone_id, gone_email, gone_name, record, merged_at, undo_until) VALUES ($1, $2, $2, $3, 'ben@example.com', '', '{}', $4, $5)",
		o.account, ana, ben, o.now(), o.now().Add(time.Hour))
	if left := purged(); left != 3 {
		t.Errorf("%d pictures are left while a merge can be undone", left)
	}
	o.later(26 * time.Hour)
	if left := purged(); left != 2 {
		t.Errorf("%d pictures are left, want the one that is shown and the logo", left)
	}
}
