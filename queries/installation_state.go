package queries

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// InstallationState is what operators watch: work that waits, over all accounts.
type InstallationState struct {
	Jobs   []JobsInState
	Oldest []OldestJob
	Mails  []MailsInState
	Waits  time.Duration // how long the mail of the last week waits that waits longest to be sent; 0: none
	Stripe StripeLag
}

// StripeLag is how far Atrium is behind what Stripe reported.
type StripeLag struct {
	Failed int64         // events that were given up
	Oldest time.Duration // how long the event that waits longest is here; 0: none waits
}

// JobsInState is how many jobs of a kind are in a state. Those done and cancelled are left out.
type JobsInState struct {
	Kind, State string
	N           int64
}

// OldestJob is how long the job of a kind that waits longest could have begun.
type OldestJob struct {
	Kind  string
	Waits time.Duration
}

// MailsInState is how many mails of the last day are in a state.
type MailsInState struct {
	State string
	N     int64
}

// ReadInstallation reads it in one round trip. River's tables are no part of schema.sql, so these queries are written here.
func ReadInstallation(ctx context.Context, db DB, now time.Time) (s InstallationState, err error) {
	var b batch
	since := now
	b.queue(func(q *Queries) {
		_, _ = q.MailOldest(ctx, MailOldestParams{Now: now, FromID: firstIDAt(now.Add(-mailWorth))})
	}).QueryRow(func(row pgx.Row) error { return row.Scan(&since) })
	b.Queue("SELECT kind, state::text, count(*) FROM " + RiverSchema + ".river_job WHERE finalized_at IS NULL OR state = 'discarded' GROUP BY 1, 2").Query(collect(&s.Jobs))
	b.Queue("SELECT kind, greatest($1 - min(scheduled_at), interval '0') FROM "+RiverSchema+".river_job WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at <= $1 GROUP BY 1", now).Query(collect(&s.Oldest))
	b.Queue(`SELECT m.state::text, count(*) FROM account a JOIN LATERAL (SELECT state FROM mail WHERE mail.account_id = a.id AND mail.id >= $1) m ON true
		GROUP BY 1`, firstIDAt(now.Add(-24*time.Hour))).Query(collect(&s.Mails)) // account by account, as the index has them
	b.Queue(`SELECT count(*) FILTER (WHERE state = 'failed'), coalesce(greatest($1 - min(received_at) FILTER (WHERE state = 'waiting'), interval '0'), interval '0')
		FROM stripe_event WHERE state IN ('waiting', 'failed')`, now).QueryRow(func(row pgx.Row) error { return row.Scan(&s.Stripe.Failed, &s.Stripe.Oldest) })
	err = b.send(ctx, db)
	s.Waits = max(now.Truncate(time.Microsecond).Sub(since), 0) // PostgreSQL has no more of it
	return s, err
}

// mailWorth is how long a mail without a link of its own is worth sending; older ones that wait are of jobs that somebody ended.
const mailWorth = 7 * 24 * time.Hour

func collect[T any](into *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	}
}
