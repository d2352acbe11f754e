package jobs

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"atrium/jobs/internal/mail"
	"atrium/queries"
)

var (
	rateMails  = flag.Int("mail.rate", 20, "invitations of TestMailRate in each round")
	rateRounds = flag.Int("mail.rounds", 1, "rounds; what is told is the median of them")
)

// mailRateLeast is what part of the slower of the two that it is made of the sending of invitations is promised to be.
const mailRateLeast = 0.7

// TestMailRate sends invitations to a mail server on this machine, as fast as the workers of one program do, in turn with the two things it
// cannot be faster than: River with a worker that does nothing, and the SMTP client alone. make bench has it send many.
func TestMailRate(t *testing.T) {
	o := newOffice(t)
	all := map[string][]float64{}
	for round := range *rateRounds {
		for name, measure := range map[string]func(round int) time.Duration{"invitations": o.rateOfInvitations, "River alone": o.rateOfRiver, "SMTP alone": o.rateOfSMTP} {
			all[name] = append(all[name], float64(*rateMails)/measure(round).Seconds())
		}
	}
	rate := func(name string) float64 { return slices.Sorted(slices.Values(all[name]))[*rateRounds/2] }
	slower := min(rate("River alone"), rate("SMTP alone"))
	fmt.Printf("invitations sent: %.0f a second; River with an empty worker: %.0f; the SMTP client alone: %.0f; ratio to the slower: %.2f; promised: %.1f\n",
		rate("invitations"), rate("River alone"), rate("SMTP alone"), rate("invitations")/slower, mailRateLeast)
	if n := len(o.box.Messages()); n == 0 {
		t.Error("no mail came")
	}
}

// rateOfInvitations writes invitations and is how long the workers then need until all are sent.
func (o *office) rateOfInvitations(round int) time.Duration {
	o.t.Helper()
	for i := range *rateMails {
		o.invite(o.contact(fmt.Sprintf("ana%d.%d@example.com", round, i), "Ana Souza"))
	}
	return o.until(o.work, "SELECT count(*) FROM mail WHERE state = 'queued'")
}

// rateOfRiver is how long as many jobs take in the same queue whose worker does nothing.
func (o *office) rateOfRiver(int) time.Duration {
	o.t.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, &idleWorker{})
	client, err := river.NewClient(riverpgxv5.New(o.pool), &river.Config{Schema: queries.RiverSchema, Workers: workers, TestOnly: true, Logger: slog.New(slog.DiscardHandler),
		Queues: map[string]river.QueueConfig{queueMail: {MaxWorkers: mailsAtOnce}}, FetchPollInterval: time.Second, FetchCooldown: 20 * time.Millisecond})
	check(o.t, err)
	o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		for range *rateMails {
			if _, err := client.InsertTx(ctx, tx, idleArgs{}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	return o.until(func() func() { return o.started(&Workers{client: client, sender: mail.New(o.config.Server)}) },
		"SELECT count(*) FROM river.river_job WHERE kind = 'idle' AND state <> 'completed'")
}

// rateOfSMTP is how long the SMTP client takes for as many invitations, over as many connections.
func (o *office) rateOfSMTP(round int) time.Duration {
	o.t.Helper()
	server := o.config.Server
	server.Connections = mailsAtOnce
	sender := mail.New(server)
	defer sender.Close()
	w := &mailSendWorker{db: o.pool, c: o.config, queue: o.queue}
	id := o.invite(o.contact(fmt.Sprintf("eva%d@example.com", round), "Eva Lind"))
	row, err := o.q.MailForSending(o.t.Context(), queries.MailForSendingParams{AccountID: o.account, ID: id})
	check(o.t, err)
	made, err := w.compose(o.t.Context(), o.q, o.account, row)
	check(o.t, err)
	o.exec("DELETE FROM mail WHERE id = $1", id) // nobody else sends it
	left := make(chan int, *rateMails)
	for i := range *rateMails {
		left <- i
	}
	close(left)
	var all sync.WaitGroup
	began := time.Now()
	for range mailsAtOnce {
		all.Go(func() {
			for range left {
				if _, err := sender.Send(o.t.Context(), made.message); err != nil {
					o.t.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// until starts workers and is how long they need until the question is answered with 0.
func (o *office) until(start func() (stop func()), question string) time.Duration {
	o.t.Helper()
	began := time.Now()
	stop := start()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	limit := time.After(2 * time.Minute)
	for read[int](o, question) > 0 {
		select {
		case <-look.C:
		case <-limit:
			o.t.Fatalf("not over after two minutes: %s", question)
		}
	}
	took := time.Since(began)
	stop()
	return took
}

type idleArgs struct{}

func (idleArgs) Kind() string { return "idle" }

func (idleArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueMail} }

// idleWorker does nothing.
type idleWorker struct{ river.WorkerDefaults[idleArgs] }

func (*idleWorker) Work(context.Context, *river.Job[idleArgs]) error { return nil }
