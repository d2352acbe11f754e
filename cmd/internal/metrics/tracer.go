package metrics

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Tracer watches queries go by: it tells each one's name and time, and logs the slow ones by name, never with what they were
// given.
type Tracer struct {
	Slow time.Duration                         // queries that take longer are logged; 0: none
	Each func(name string, took time.Duration) // called with each; nil: nobody
	Log  *slog.Logger
}

type begunKey struct{}

// begun is what is on its way; of a batch, since when its next answer is waited for.
type begun struct {
	name string
	at   time.Time
}

// TraceQueryStart is called by pgx.
func (t *Tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, begunKey{}, &begun{named(q.SQL), time.Now()})
}

// TraceQueryEnd is called by pgx.
func (t *Tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if b, ok := ctx.Value(begunKey{}).(*begun); ok {
		t.took(ctx, b.name, time.Since(b.at))
	}
}

// TraceBatchStart is called by pgx.
func (t *Tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return context.WithValue(ctx, begunKey{}, &begun{at: time.Now()})
}

// TraceBatchQuery is called by pgx as each answer of a batch has been read; the server works on them one after the other.
func (t *Tracer) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	if b, ok := ctx.Value(begunKey{}).(*begun); ok {
		now := time.Now()
		t.took(ctx, named(q.SQL), now.Sub(b.at))
		b.at = now
	}
}

// TraceBatchEnd is called by pgx.
func (*Tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (t *Tracer) took(ctx context.Context, name string, took time.Duration) {
	if t.Each != nil {
		t.Each(name, took)
	}
	if t.Slow > 0 && took > t.Slow {
		t.Log.WarnContext(ctx, "slow query", "query", name, "took", took.Round(time.Millisecond))
	}
}

// named is the name sqlc wrote above a query, "river" for River's, and "other" for the rest: begin, commit, listen.
func named(sql string) string {
	if rest, ours := strings.CutPrefix(sql, "-- name: "); ours {
		name, _, _ := strings.Cut(rest, " ")
		if strings.Contains(sql, "river_") { // its queries are made by sqlc as well
			return "river"
		}
		return name
	}
	return "other"
}
