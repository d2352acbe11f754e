package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/jobs/filestore"
	"atrium/jobs/mailbox"
	"atrium/queries"
	"atrium/queries/dbtest"
)

// patience is how long a test waits for what has to come; far longer than it takes on an idle machine.
const patience = time.Minute

var loopback = netip.MustParseAddr("127.0.0.1")

var mails = queries.MailMaker{Secret: queries.NewSecret("the tests' secret"), Domain: "atrium.test"}

// office is an installation with one account, and the mail server it sends to.
type office struct {
	t       *testing.T
	pool    *pgxpool.Pool
	q       *queries.Queries
	queue   *Queue
	box     *mailbox.Box
	config  Config
	account uuid.UUID
	log     *lines
	ahead   atomic.Int64 // of its clock, in nanoseconds
}

func newOffice(t *testing.T) *office {
	t.Helper()
	return newOfficeWith(t, mailbox.Options{})
}

func newOfficeWith(t *testing.T, options mailbox.Options) *office {
	t.Helper()
	o := &office{t: t, pool: dbtest.New(t), log: &lines{}}
	o.q = queries.New(o.pool)
	var err error
	o.box, err = mailbox.Start(options)
	check(t, err)
	t.Cleanup(func() { check(t, o.box.Stop()) })
	o.queue, err = NewQueue(o.pool, time.Now)
	check(t, err)
	files, err := filestore.NewFolder(t.TempDir())
	check(t, err)
	o.config = Config{DB: o.pool, Files: files, Mails: mails, From: "portal@atrium.test", Now: o.now, TestOnly: true, Log: slog.New(slog.NewTextHandler(o.log, nil)),
		Addresses: Addresses{Scheme: "https", AppHost: "app.atrium.test", PortalDomain: "portal.test"}, Server: o.server()}
	o.account = o.newAccount("acme", "Acme Coaching")
	return o
}

// server is the mailbox as the mail server of the configuration.
func (o *office) server() MailServer {
	host, port, err := net.SplitHostPort(o.box.Addr())
	check(o.t, err)
	number, err := strconv.Atoi(port)
	check(o.t, err)
	return MailServer{Host: host, Port: number, TLS: MailPlain, HELO: "portal.test"}
}

func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }

// later lets the clock go ahead.
func (o *office) later(by time.Duration) { o.ahead.Add(int64(by)) }

// work starts a program's workers; they stop with the test, or when the returned function is called.
func (o *office) work() (stop func()) {
	o.t.Helper()
	w, err := NewWorkers(o.config)
	check(o.t, err)
	return o.started(w)
}

func (o *office) started(w *Workers) (stop func()) {
	o.t.Helper()
	check(o.t, w.Start(context.WithoutCancel(o.t.Context())))
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own has ended
		defer cancel()
		if err := w.Stop(ctx); err != nil {
			o.t.Errorf("stop: %v", err)
		}
	})
	o.t.Cleanup(stop)
	return stop
}

func (o *office) newAccount(slug, name string) uuid.UUID {
	o.t.Helper()
	id, err := queries.NewAccount(o.t.Context(), o.q, slug, name, "help@"+slug+".test", o.now())
	check(o.t, err)
	return id
}

func (o *office) contact(email, name string) uuid.UUID {
	o.t.Helper()
	id, _, err := queries.AddContact(o.t.Context(), o.q, o.account, email, name, queries.ContactSourceManual, o.now())
	check(o.t, err)
	return id
}

// tx does something and inserts its jobs, in one transaction.
func (o *office) tx(f func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error) {
	o.t.Helper()
	check(o.t, o.inTx(f))
}

func (o *office) inTx(f func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error) error {
	ctx := o.t.Context()
	return queries.InTx(ctx, o.pool, func(q *queries.Queries, tx pgx.Tx) error { return f(ctx, q, tx) })
}

// invite invites a contact, as a handler does, and returns the mail's id.
func (o *office) invite(contact uuid.UUID) (mail uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		if mail, err = mails.Invite(ctx, q, queries.InvitationOf{AccountID: o.account, ContactID: contact, Now: o.now()}); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, mail)
	})
	return mail
}

// sendLink mails a magic link, as staff do.
func (o *office) sendLink(contact uuid.UUID, email string, target queries.App) (mail uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		if mail, err = mails.MailMagicLink(ctx, q, queries.MagicLinkInsertParams{AccountID: o.account, ContactID: contact, Kind: queries.LinkKindStaff,
			Target: target, Now: o.now(), ExpiresAt: o.now().Add(queries.MagicLinkDefault)}, email); err != nil {
			return err
		}
		return o.queue.Mail(ctx, tx, o.account, mail)
	})
	return mail
}

// mailRow is a mail as it stands.
type mailRow struct {
	State, Answer, MessageID string
	Attempts                 int
	CreatedAt                time.Time
	SentAt                   *time.Time
	Link                     uuid.UUID // a client's, or staff's
}

func (o *office) mail(id uuid.UUID) mailRow {
	o.t.Helper()
	rows, err := o.pool.Query(o.t.Context(), "SELECT state::text, answer, message_id, attempts, created_at, sent_at, coalesce(link_id, staff_link_id) FROM mail WHERE id = $1", id)
	check(o.t, err)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[mailRow])
	check(o.t, err)
	return row
}

// mailIs waits until a mail has come to that state, and returns it.
func (o *office) mailIs(state queries.MailState, id uuid.UUID) (row mailRow) {
	o.t.Helper()
	eventually(o.t, func() (bool, string) {
		row = o.mail(id)
		return row.State == string(state), "the mail to be " + string(state) + "; it is " + row.State + ": " + row.Answer
	})
	return row
}

// received waits for a mail to that address that the server took.
func (o *office) received(to string) mailbox.Message {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	message, err := o.box.Wait(ctx, to, nil)
	check(o.t, err)
	return message
}

// idle waits until no job is left to do, now or later.
func (o *office) idle() {
	o.t.Helper()
	eventually(o.t, func() (bool, string) {
		left := read[string](o, "SELECT coalesce(string_agg(kind || ' ' || state, ', '), '') FROM river.river_job WHERE finalized_at IS NULL")
		return left == "", "the jobs to be done: " + left
	})
}

// jobsAre waits until all jobs of that kind have come to that state.
func (o *office) jobsAre(kind, state string) {
	o.t.Helper()
	eventually(o.t, func() (bool, string) {
		is := read[string](o, "SELECT coalesce(string_agg(DISTINCT state::text, ', '), 'none') FROM river.river_job WHERE kind = $1", kind)
		return is == state, "the jobs " + kind + " to be " + state + ": they are " + is
	})
}

// hurry lets what waits for a later try be tried now.
func (o *office) hurry() {
	o.t.Helper()
	ids := read[[]int64](o, "SELECT coalesce(array_agg(id), '{}') FROM river.river_job WHERE state IN ('scheduled', 'retryable')")
	for _, id := range ids {
		_, err := o.queue.client.JobRetry(o.t.Context(), id)
		check(o.t, err)
	}
}

// again has a job done once more that is done already.
func (o *office) again(kind string) {
	o.t.Helper()
	id := read[int64](o, "SELECT id FROM river.river_job WHERE kind = $1", kind)
	_, err := o.queue.client.JobRetry(o.t.Context(), id)
	check(o.t, err)
}

func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	_, err := o.pool.Exec(o.t.Context(), sql, args...)
	check(o.t, err)
}

// read answers a question with one value.
func read[T any](o *office, sql string, args ...any) (value T) {
	o.t.Helper()
	check(o.t, o.pool.QueryRow(o.t.Context(), sql, args...).Scan(&value))
	return value
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until holds does; the text says what for.
func eventually(t *testing.T, holds func() (bool, string)) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for {
		held, what := holds()
		if held {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// at answers with err whatever comes at a stage, and counts it.
func at(stage mailbox.Stage, err *smtp.SMTPError) (script func(mailbox.Stage, string) *smtp.SMTPError, count func() int) {
	var n atomic.Int64
	return func(s mailbox.Stage, _ string) *smtp.SMTPError {
		if s != stage {
			return nil
		}
		n.Add(1)
		return err
	}, func() int { return int(n.Load()) }
}

// lines is a log that can be read while it is written.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

// of are the lines that contain the text.
func (l *lines) of(text string) (found []string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}
