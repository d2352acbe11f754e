// Package metrics counts what the program does and serves the figures to Prometheus, on an address of its own that visitors
// never reach. Names begin with atrium_, times are in seconds. No label holds what belongs to one account or person, so there
// are as many series as there are routes, queries, templates and kinds of jobs.
//
// Of our rooms it imports queries; only cmd imports it.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"atrium/queries"
)

// Metrics is what is counted.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	queries  *prometheus.HistogramVec
	gaveUp   *prometheus.CounterVec
	away     *prometheus.CounterVec
}

var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}

// New counts nothing yet but what Go and the process tell of themselves.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "atrium_request_seconds", Buckets: seconds,
			Help: "Time of requests, by side (portal, admin or none of ours), method, route and status."}, []string{"side", "method", "route", "status"}),
		queries: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "atrium_query_seconds", Buckets: seconds,
			Help: "Time of queries as their caller waits for it, by name; those without one are together."}, []string{"query"}),
		gaveUp: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "atrium_templates_gave_up_total",
			Help: "Times that html/template had to write what a compiled template could not, by template."}, []string{"template"}),
		away: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "atrium_requests_turned_away_total",
			Help: "Requests that were told to come again, because more were being worked on than can be, by whether a signed-in person made them."}, []string{"signed_in"}),
	}
	for _, signedIn := range []bool{false, true} { // so that the figure is there before there is one
		m.away.WithLabelValues(strconv.FormatBool(signedIn))
	}
	m.registry.MustRegister(m.requests, m.queries, m.gaveUp, m.away, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "atrium_build", Help: "Always 1; the version is in its label.", ConstLabels: prometheus.Labels{"version": version}},
			func() float64 { return 1 }))
	return m
}

// Request counts one that was answered.
func (m *Metrics) Request(side, method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(side, method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// TurnedAway counts a request that there was no place for.
func (m *Metrics) TurnedAway(signedIn bool) {
	m.away.WithLabelValues(strconv.FormatBool(signedIn)).Inc()
}

// Query counts one that was answered.
func (m *Metrics) Query(name string, took time.Duration) {
	m.queries.WithLabelValues(name).Observe(took.Seconds())
}

// GaveUp counts a template that html/template had to write.
func (m *Metrics) GaveUp(template string) { m.gaveUp.WithLabelValues(template).Inc() }

// Watch adds what the database knows of the whole installation; it is asked each time the figures are read.
func (m *Metrics) Watch(pool *pgxpool.Pool, clock *queries.Clock, log *slog.Logger) {
	m.registry.MustRegister(&installation{pool, clock, log})
}

// Serve answers on the address until the context ends; also whether the program is there and, by ready's error, is to be used, so that
// programs that serve no visitors can be asked.
func (m *Metrics) Serve(ctx context.Context, address string, ready func(context.Context) error) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen on METRICS_ADDR: %w", err)
	}
	site := http.NewServeMux()
	site.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second}))
	site.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	site.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			answer(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		answer(w, http.StatusOK, "ok")
	})
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // nobody loses anything but a reading
	}()
	go func() {
		if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("the figures are served no more", "error", err)
		}
	}()
	return nil
}

func answer(w http.ResponseWriter, status int, says string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, says) // whoever asked may have gone
}
