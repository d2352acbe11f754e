package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"atrium/queries"
)

// installation is read from the database, and so the same whichever program is asked; the pool is each program's own.
type installation struct {
	pool  *pgxpool.Pool
	clock *queries.Clock
	log   *slog.Logger
}

var (
	jobsWaiting  = prometheus.NewDesc("atrium_jobs", "Jobs that are not over, and those given up that are still kept, by kind and state.", []string{"kind", "state"}, nil)
	jobsOldest   = prometheus.NewDesc("atrium_job_oldest_seconds", "How long the job that waits longest could have begun already, by kind.", []string{"kind"}, nil)
	mailsByState = prometheus.NewDesc("atrium_mails_day", "Mails written in the last 24 hours, by state.", []string{"state"}, nil)
	mailOldest   = prometheus.NewDesc("atrium_mail_oldest_seconds", "How long the mail of the last week waits that waits longest to be sent; 0: none waits.", nil, nil)
	stripeLag    = prometheus.NewDesc("atrium_stripe_event_oldest_seconds", "How long the event of Stripe's that waits longest is here; 0: none waits.", nil, nil)
	stripeFails  = prometheus.NewDesc("atrium_stripe_events_failed", "Events of Stripe's that were given up.", nil, nil)
	connections  = prometheus.NewDesc("atrium_database_connections", "Connections of this program to the database, by what they do.", []string{"state"}, nil)
	ahead        = prometheus.NewDesc("atrium_clock_ahead_seconds", "By how much this machine's clock is ahead of the database's, by which everything goes; below 0: behind.", nil, nil)
	most         = prometheus.NewDesc("atrium_database_connections_most", "How many this program may open.", nil, nil)
)

func (i *installation) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsWaiting, jobsOldest, mailsByState, mailOldest, stripeLag, stripeFails, connections, most, ahead} {
		to <- d
	}
}

// Collect leaves out what the database does not tell in time: figures of the program itself matter most when it is away.
func (i *installation) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	stat := i.pool.Stat()
	gauge(connections, float64(stat.AcquiredConns()), "busy")
	gauge(connections, float64(stat.IdleConns()), "idle")
	gauge(most, float64(stat.MaxConns()))
	gauge(ahead, i.clock.Ahead().Seconds())
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	state, err := queries.ReadInstallation(ctx, i.pool, i.clock.Now())
	if err != nil {
		i.log.Warn("the database did not tell figures in time", "error", err)
		return
	}
	for _, j := range state.Jobs {
		gauge(jobsWaiting, float64(j.N), j.Kind, j.State)
	}
	for _, j := range state.Oldest {
		gauge(jobsOldest, j.Waits.Seconds(), j.Kind)
	}
	gauge(stripeLag, state.Stripe.Oldest.Seconds())
	gauge(stripeFails, float64(state.Stripe.Failed))
	gauge(mailOldest, state.Waits.Seconds())
	for _, m := range state.Mails {
		gauge(mailsByState, float64(m.N), m.State)
	}
}
