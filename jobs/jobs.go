// Package jobs is the room of what happens in the background: one file a job with its Args, Kind and Worker. A job is
// inserted in the transaction that made it true and holds only ids; its worker reads the rows afresh, does one thing
// outside with a key that makes repeating harmless, and writes the result together with "done".
//
// Handlers insert jobs by Queue; cmd runs them by Workers. Jobs may import views and queries. Only this room can send mail.
package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"atrium/jobs/billing"
	"atrium/jobs/filestore"
	"atrium/jobs/internal/mail"
	"atrium/queries"
)

// MailServer says which SMTP server takes the mails; an empty Host means that none is set up, and mails wait.
type MailServer = mail.Config

// TLSMode is how a connection to the mail server is protected.
type TLSMode = mail.TLSMode

// The ways it can be.
const (
	MailSTARTTLS = mail.STARTTLS
	MailImplicit = mail.Implicit
	MailPlain    = mail.None
)

// CheckMail connects and signs in to the mail server without sending anything.
func CheckMail(ctx context.Context, server MailServer) error {
	sender := mail.New(server)
	defer sender.Close()
	return sender.Check(ctx)
}

// Config is what the workers need from outside.
type Config struct {
	DB        *pgxpool.Pool
	PollOnly  bool // true behind a pooler in transaction mode, where notices do not come through
	Files     filestore.Store
	Mails     queries.MailMaker
	Addresses Addresses
	Server    MailServer
	From      string // the installation's own address, in every mail's From
	Stripe    *billing.Door
	Log       *slog.Logger
	Now       func() time.Time
	JobTime   func() time.Time // the database's time, which River's statements go by; default: time.Now

	TestOnly bool // River's: leaves out waiting at start that tests do not want
}

// Workers runs the jobs.
type Workers struct {
	client *river.Client[pgx.Tx]
	sender *mail.Sender
}

// The queues. Mail has its own so that a slow mail server holds up nothing else, and so have long work and Stripe, which
// counts calls.
const (
	queueMail                                            = "mail"
	queueTasks                                           = "tasks"
	queueStripe                                          = "stripe"
	mailsAtOnce, tasksAtOnce, stripeAtOnce, othersAtOnce = 4, 4, 4, 8
)

// NewWorkers makes the workers. Nothing runs until Start.
func NewWorkers(c Config) (*Workers, error) {
	c.Server.Connections = mailsAtOnce
	w := &Workers{sender: mail.New(c.Server)}
	queue, err := NewQueue(c.DB, c.jobTime)
	if err != nil {
		return nil, err
	}
	w.client, err = river.NewClient(riverpgxv5.New(c.DB), &river.Config{
		Schema: queries.RiverSchema,
		Logger: slog.New(atLeastWarn{c.Log.Handler()}),
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: othersAtOnce}, queueMail: {MaxWorkers: mailsAtOnce},
			queueTasks: {MaxWorkers: tasksAtOnce}, queueStripe: {MaxWorkers: stripeAtOnce}},
		ErrorHandler:         faults{c.Log},
		Middleware:           []rivertype.Middleware{named},
		Workers:              allWorkers(c, queue, w.sender),
		PeriodicJobs:         schedule(),
		PollOnly:             c.PollOnly,
		FetchPollInterval:    time.Second,
		FetchCooldown:        20 * time.Millisecond, // a queue takes as many as it has workers each time: River's 100 ms would be 40 events of Stripe's a second
		JobTimeout:           2 * time.Minute,
		RescueStuckJobsAfter: 5 * time.Minute, // after a crash: longer than any job may take, short enough for a mail to be worth it
		RetryPolicy:          retries{c},
		TestOnly:             c.TestOnly,
		Test:                 river.TestConfig{Time: jobTime(c.jobTime)}, // River has no other place for it
	})
	return w, err
}

// allWorkers is every worker there is.
func allWorkers(c Config, queue *Queue, sender *mail.Sender) *river.Workers {
	all := river.NewWorkers()
	river.AddWorker(all, &mailSendWorker{db: c.DB, c: c, queue: queue, send: sender.Send})
	river.AddWorker(all, &signInMailWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &passwordResetMailWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &formSubmissionWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &offerClaimWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &courseReadyWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &paymentReturnedWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &unlockAllWorker{db: c.DB, queue: queue})
	river.AddWorker(all, &unlockWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &metricCountWorker{db: c.DB, c: c})
	river.AddWorker(all, &metricCountAllWorker{db: c.DB, queue: queue})
	river.AddWorker(all, &taskRunWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &importDiscardWorker{db: c.DB})
	river.AddWorker(all, &taskResumeWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &stripeEventWorker{db: c.DB, c: c, look: stripeLook{door: c.Stripe, queue: queue, now: c.Now}})
	river.AddWorker(all, &offerPriceWorker{db: c.DB, c: c})
	river.AddWorker(all, &offerProductWorker{db: c.DB, c: c})
	river.AddWorker(all, &stripeCustomerWorker{db: c.DB, c: c})
	river.AddWorker(all, &stripeReconcileAllWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &stripeReconcileWorker{db: c.DB, c: c, look: stripeLook{door: c.Stripe, queue: queue, now: c.Now}, queue: queue})
	river.AddWorker(all, &stripeLookWorker{db: c.DB, c: c, look: stripeLook{door: c.Stripe, queue: queue, now: c.Now}})
	river.AddWorker(all, &metricRecountWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &remindAllWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &remindWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &remindInvoicesAllWorker{db: c.DB, queue: queue})
	river.AddWorker(all, &remindInvoicesWorker{db: c.DB, c: c, queue: queue, look: stripeLook{door: c.Stripe, queue: queue, now: c.Now}})
	river.AddWorker(all, &expireWorker{db: c.DB, c: c})
	river.AddWorker(all, &purgeWorker{db: c.DB, c: c})
	river.AddWorker(all, &certificateIssueWorker{db: c.DB, c: c, queue: queue})
	river.AddWorker(all, &fileCleanWorker{db: c.DB, c: c})
	river.AddWorker(all, &fileSweepWorker{db: c.DB, c: c})
	return all
}

// periodic is everything that happens by the clock.
var periodic = []struct {
	when  river.PeriodicSchedule
	every time.Duration // one such job in each
	args  river.JobArgs
}{
	{river.PeriodicInterval(time.Minute), time.Minute, expireArgs{}},
	{river.PeriodicInterval(10 * time.Second), 10 * time.Second, taskResumeArgs{}},
	{river.PeriodicInterval(time.Hour), time.Hour, remindAllArgs{}},
	{river.PeriodicInterval(time.Hour), time.Hour, remindInvoicesAllArgs{}},
	{river.PeriodicInterval(time.Hour), time.Hour, unlockAllArgs{}},
	{river.PeriodicInterval(time.Hour), time.Hour, stripeReconcileAllArgs{}},
	{river.PeriodicInterval(10 * time.Minute), 10 * time.Minute, fileCleanArgs{}},
	{nightly{2}, 24 * time.Hour, purgeArgs{}},
	{nightly{4}, 24 * time.Hour, fileSweepArgs{}},
	{nightly{3}, 24 * time.Hour, metricCountAllArgs{}},
}

// schedule is that for River. Open-source River keeps the schedule in the memory of the program that leads, so each job also runs when a
// new one begins to lead, and is unique in its period.
func schedule() (all []*river.PeriodicJob) {
	for _, p := range periodic {
		all = append(all, river.NewPeriodicJob(p.when, func() (river.JobArgs, *river.InsertOpts) {
			return p.args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: p.every}}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return all
}

// nightly is once a day at an hour of UTC.
type nightly struct{ hour int }

// Next is the first such moment after now.
func (n nightly) Next(now time.Time) time.Time {
	now = now.UTC()
	next := time.Date(now.Year(), now.Month(), now.Day(), n.hour, 0, 0, 0, time.UTC)
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// Start begins to work; it returns at once.
func (w *Workers) Start(ctx context.Context) error { return w.client.Start(ctx) }

// Stop takes no more jobs and lets the running ones finish until the context ends; then they are cancelled, and run again
// at the next start.
func (w *Workers) Stop(ctx context.Context) error {
	defer w.sender.Close()
	if err := w.client.Stop(ctx); err == nil {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return w.client.StopAndCancel(last)
}
