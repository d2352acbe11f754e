package jobs

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"atrium/jobs/internal/mail"
	"atrium/jobs/mailbox"
	"atrium/queries"
	"atrium/queries/dbtest"
)

// sameMail wants that many copies of one mail, which a reader's program shows as one.
func (o *office) sameMail(row mailRow, copies int) {
	o.t.Helper()
	got := o.box.Messages()
	if len(got) != copies {
		o.t.Errorf("%d mails, want %d", len(got), copies)
	}
	for _, m := range got {
		if m.MessageID != row.MessageID || m.Subject != got[0].Subject || m.Text != got[0].Text || m.HTML != got[0].HTML || m.Header.Get("Date") != got[0].Header.Get("Date") {
			o.t.Errorf("Message-ID %s, in the row %s; the text is\n%s", m.MessageID, row.MessageID, m.Text)
		}
	}
}

// The server took the mail and its answer was lost on the way.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	script, lost := at(mailbox.Stored, mailbox.HangUp)
	o.box.Answer(script)
	o.work()
	id := o.invite(o.contact("ana@example.com", "Ana"))
	if row := o.mailIs(queries.MailStateDeferred, id); !strings.Contains(row.Answer, "may have arrived") || lost() != 1 {
		t.Errorf("%d answers lost, the row is %+v", lost(), row)
	}
	o.jobsAre("mail_send", "scheduled")
	o.box.Answer(nil)
	o.hurry()
	row := o.mailIs(queries.MailStateSent, id)
	o.idle()
	o.sameMail(row, 2)
}

// The program dies, or the database goes away, between the server's yes and the commit that would remember it.
func TestCommitLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	broken := &commitsLost{DB: o.pool}
	broken.left.Store(1)
	sender := mail.New(o.config.Server)
	all := river.NewWorkers()
	river.AddWorker(all, &mailSendWorker{db: broken, c: o.config, queue: o.queue, send: sender.Send})
	river.AddWorker(all, &metricCountWorker{db: o.pool, c: o.config}) // of the mail that was sent in the end
	client, err := river.NewClient(riverpgxv5.New(o.pool), &river.Config{Schema: queries.RiverSchema, Workers: all, TestOnly: true, Logger: o.config.Log,
		Queues: map[string]river.QueueConfig{queueMail: {MaxWorkers: 1}, river.QueueDefault: {MaxWorkers: 1}}})
	check(t, err)
	o.started(&Workers{client: client, sender: sender})
	var tries atomic.Int64
	var between atomic.Value // how it stands when the server hears of the mail the second time
	o.box.Answer(func(stage mailbox.Stage, _ string) *smtp.SMTPError {
		if stage == mailbox.Rcpt && tries.Add(1) == 2 {
			var stands string
			if err := o.pool.QueryRow(t.Context(), "SELECT m.state || ' ' || m.attempts || ' ' || (i.sent_at IS NULL) FROM mail m, invitation i").Scan(&stands); err != nil {
				stands = err.Error()
			}
			between.Store(stands)
		}
		return nil
	})
	id := o.invite(o.contact("ana@example.com", "Ana"))
	row := o.mailIs(queries.MailStateSent, id)
	o.idle()
	o.sameMail(row, 2)
	if stood := between.Load(); stood != "queued 0 true" || row.Attempts != 1 {
		t.Errorf("nothing was committed the first time, and it stood %v; the row is %+v", stood, row)
	}
}

// And its link was used before the repeat: then it has arrived, and is neither sent once more nor told to have been withdrawn. That holds
// for links that stand in the mail alone, and not for the one that the command line prints as well.
func TestCommitLostAndLinkUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mail func(h *hands) uuid.UUID
		use  func(h *hands, link uuid.UUID) error
		want queries.MailState
		sent int64 // in the account's figures
	}{
		"invitation": {func(h *hands) uuid.UUID { return h.invite(h.contact("ana@example.com", "Ana")) }, (*hands).confirmed, queries.MailStateSent, 1},
		"magic link": {func(h *hands) uuid.UUID {
			return h.sendLink(h.contact("ana@example.com", "Ana"), "ana@example.com", queries.AppHome)
		}, (*hands).confirmed, queries.MailStateSent, 0},
		"staff invited":   {(*hands).invitedStaff, (*hands).setUp, queries.MailStateSent, 0},
		"account created": {(*hands).createdStaff, (*hands).setUp, queries.MailStateWithdrawn, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHands(t)
			args := mailSendArgs{h.account, c.mail(h)}
			broken := &commitsLost{DB: h.pool}
			broken.left.Store(1)
			sent := 0
			worker := &mailSendWorker{db: broken, c: h.config, queue: h.queue, send: func(context.Context, mail.Message) (string, error) {
				sent++
				return "queued", nil
			}}
			job := read[int64](h.office, "SELECT id FROM river.river_job WHERE args->>'mail_id' = $1", args.MailID.String())
			if err := worker.Work(h.ctx, take(h, h.pool, job, args)); err == nil {
				t.Fatal("the commit was not lost")
			}
			row := h.mail(args.MailID)
			h.later(time.Minute)
			used := h.now().Truncate(time.Microsecond)
			check(t, c.use(h, row.Link))
			h.later(time.Hour)
			for range 2 { // however often
				check(t, worker.Work(h.ctx, take(h, h.pool, job, args)))
			}
			if row = h.mail(args.MailID); row.State != string(c.want) || sent != 1 {
				t.Fatalf("%d were sent, and the row is %+v", sent, row)
			}
			if c.want == queries.MailStateSent && (row.Attempts != 1 || row.Answer != "" || row.SentAt.Before(used) || row.SentAt.After(used.Add(time.Minute))) {
				t.Errorf("used at %v, the row is %+v", used, row)
			}
			h.countAll()
			if got := read[int64](h.office, "SELECT coalesce(sum(sent), 0)::bigint FROM metric"); got != c.sent {
				t.Errorf("%d were sent by the figures", got)
			}
			if c.sent > 0 && !read[bool](h.office, "SELECT c.sent_at = m.sent_at AND i.sent_at = m.sent_at AND c.sent_at <= c.joined_at FROM contact c, invitation i, mail m") {
				t.Error("contact and invitation do not know when it was sent")
			}
		})
	}
}

// confirmed has a client press the button behind their link.
func (h *hands) confirmed(link uuid.UUID) error {
	return h.inTx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		if _, _, err := queries.Confirm(ctx, q, mails.Secret.LinkToken(link), h.signIn()); err != nil {
			return err
		}
		return h.queue.Metrics(ctx, tx, h.account)
	})
}

// setUp has a staff person choose their password behind a link.
func (h *hands) setUp(link uuid.UUID) error {
	return h.inTx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		_, err := queries.SetPasswordByLink(ctx, q, mails.Secret.StaffLinkToken(link), "Jo", "hash", queries.StaffSignIn{Token: queries.NewToken(), Visit: h.signIn().Visit})
		return err
	})
}

// createdStaff is the owner of an account that the command line makes.
func (h *hands) createdStaff() (id uuid.UUID) {
	h.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		mail, _, err := mails.AddStaff(ctx, q, h.account, "maya@acme.test", queries.StaffRoleOwner, h.now())
		if err != nil {
			return err
		}
		id = *mail
		return h.queue.Mail(ctx, tx, h.account, id)
	})
	return id
}

// invitedStaff is somebody whom an owner invites.
func (h *hands) invitedStaff() (id uuid.UUID) {
	h.createdStaff()
	h.exec("UPDATE staff SET password_hash = 'hash'") // who has none cannot sign in, and so is no owner yet
	owner := read[uuid.UUID](h.office, "SELECT staff_id FROM staff_membership")
	h.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		if _, id, err = mails.InviteStaff(ctx, q, queries.StaffChange{AccountID: h.account, By: owner, Now: h.now()}, "jo@acme.test", queries.StaffRoleAdmin); err != nil {
			return err
		}
		return h.queue.Mail(ctx, tx, h.account, id)
	})
	return id
}

// commitsLost rolls back the next transactions instead of committing them.
type commitsLost struct {
	queries.DB
	left atomic.Int64
}

func (d *commitsLost) Begin(ctx context.Context) (pgx.Tx, error) {
	tx, err := d.DB.Begin(ctx)
	return &commitLost{tx, d}, err
}

type commitLost struct {
	pgx.Tx
	db *commitsLost
}

func (tx *commitLost) Commit(ctx context.Context) error {
	if tx.db.left.Add(-1) < 0 {
		return tx.Tx.Commit(ctx)
	}
	return errors.Join(errors.New("the connection was lost"), tx.Rollback(ctx))
}

// A program that is told to stop while the server is slow gives up the conversation; the next program sends the mail.
func TestStoppedWhileSending(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.box.Delay(patience) // after it has the mail
	w, err := NewWorkers(o.config)
	check(t, err)
	check(t, w.Start(context.WithoutCancel(t.Context())))
	id := o.invite(o.contact("ana@example.com", "Ana"))
	o.received("ana@example.com")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := w.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if row := o.mail(id); row.State != string(queries.MailStateQueued) || row.Attempts != 0 {
		t.Errorf("stopping was taken for an answer of the server: %+v", row)
	}
	o.box.Delay(0)
	o.work()
	o.hurry()
	row := o.mailIs(queries.MailStateSent, id)
	o.idle()
	o.sameMail(row, 2)
}

// A program that was killed leaves its jobs running for ever; another takes them over.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.invite(o.contact("ana@example.com", "Ana"))
	o.exec(`UPDATE river.river_job SET state = 'running', attempt = 1, attempted_by = '{killed}', attempted_at = now() - interval '6 minutes' WHERE kind = 'mail_send'`)
	o.work()
	eventually(t, func() (bool, string) {
		o.hurry()
		row := o.mail(id)
		return row.State == string(queries.MailStateSent), "the mail to be sent; it is " + row.State
	})
	o.idle()
	o.sameMail(o.mail(id), 1)
}

// Two programs on one database.
func TestEachMailOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const n = 200
	ids := map[string]uuid.UUID{}
	for i := range n {
		email := "c" + strconv.Itoa(i) + "@example.com"
		ids[email] = o.invite(o.contact(email, ""))
	}
	both := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(both) })
	defer goOn()
	o.box.Answer(func(at mailbox.Stage, _ string) *smtp.SMTPError { // nobody sends all before the other has begun
		if at == mailbox.Rcpt {
			<-both
		}
		return nil
	})
	for range 2 {
		o.config.DB = dbtest.New(t)
		o.work()
	}
	eventually(t, func() (bool, string) {
		n := read[int](o, "SELECT count(DISTINCT attempted_by[1]) FROM river.river_job WHERE kind = 'mail_send' AND state = 'running'")
		return n == 2, "two programs to send mails; it is " + strconv.Itoa(n)
	})
	goOn()
	o.idle()
	seen := map[string]int{}
	for _, m := range o.box.Messages() {
		seen[m.To]++
		if row := o.mail(ids[m.To]); row.State != string(queries.MailStateSent) || row.Attempts != 1 || row.MessageID != m.MessageID {
			t.Errorf("%s: %+v", m.To, row)
		}
	}
	for email := range ids {
		if seen[email] != 1 {
			t.Errorf("%s got %d mails", email, seen[email])
		}
	}
	if c := o.box.Connections(); c > 2*mailsAtOnce {
		t.Errorf("%d connections for %d mails", c, n)
	}
	if workers := read[int](o, "SELECT count(DISTINCT attempted_by[1]) FROM river.river_job WHERE kind = 'mail_send'"); workers != 2 {
		t.Errorf("%d programs sent them", workers)
	}
}
