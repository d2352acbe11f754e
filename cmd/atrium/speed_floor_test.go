package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"atrium/cmd/internal/config"
	"atrium/queries"
)

// The floor is what no program that does the same can be faster than: a server that sends the statements of one request of a page,
// in as many round trips, reads their rows without looking at them, and answers with the bytes that the program answered with. It
// has no template, no guard and no log; what goes out packed it packs each time. It is a process of its own, as the program is: this test program, with the flag -speed.floor.
//
// As program and floor send the same statements, their ratio says nothing of a statement that has become slow. So the floor serves each page bare as
// well, with SELECT 1 in each of the round trips: how many times as long the floor takes is what the statements cost.
var speedFloor = flag.Bool("speed.floor", false, "be the floor of TestSpeed, as standard input says")

// floorAsked is what the floor is told.
type floorAsked struct {
	Variables map[string]string // of the program
	Pages     []speedPage
}

// floorTold is what it says once it listens.
type floorTold struct {
	Addr  string
	Trips []int // round trips to PostgreSQL of each page
}

// floorProcess is a running floor.
type floorProcess struct {
	floorTold
	command *exec.Cmd
}

// startFloor starts one for these pages; it ends with the test, as its standard input does.
func startFloor(t *testing.T, variables map[string]string, pages []speedPage) *floorProcess {
	t.Helper()
	f := &floorProcess{command: exec.Command(os.Args[0], "-speed.floor")}
	f.command.Stderr = os.Stderr
	in, err := f.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := f.command.Wait(); err != nil {
			t.Errorf("the floor: %v", err)
		}
	})
	if err := json.NewEncoder(in).Encode(floorAsked{variables, pages}); err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(out).Decode(&f.floorTold); err != nil {
		t.Fatalf("the floor does not say where it is: %v", err)
	}
	return f
}

// runFloor is the floor's whole program.
func runFloor() error {
	in := json.NewDecoder(os.Stdin)
	var asked floorAsked
	if err := in.Decode(&asked); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, err := config.From(asked.Variables)
	if err != nil {
		return err
	}
	c.Addr = "127.0.0.1:0"
	f := &floor{pages: asked.Pages}
	for _, page := range asked.Pages {
		body := page.Answer.Body
		if page.Packed {
			if body, err = fasthttp.AppendGunzipBytes(nil, body); err != nil {
				return fmt.Errorf("%s is not packed: %w", page.Name, err)
			}
		}
		f.bodies = append(f.bodies, body)
	}
	if f.trips, err = record(ctx, c, asked.Pages); err != nil {
		return err
	}
	settings, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return err
	}
	settings.MaxConns, settings.AfterConnect = int32(c.DatabaseConnections), queries.PrepareConn
	if f.db, err = pgxpool.NewWithConfig(ctx, settings); err != nil {
		return err
	}
	defer f.db.Close()
	if err := f.learnJob(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	server := &fasthttp.Server{Handler: f.serve, WriteBufferSize: 16 << 10} // pieces as large as the program's
	go server.Serve(listener)
	told := floorTold{Addr: listener.Addr().String()}
	for _, trips := range f.trips {
		told.Trips = append(told.Trips, len(trips))
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.MultiReader(in.Buffered(), os.Stdin)) // until the test is over
	return err
}

// trip is one round trip to PostgreSQL: a statement, or a batch of them.
type trip []statement

type statement struct {
	sql  string
	args []any
}

// recorder notes the round trips of the program while it is on.
type recorder struct {
	mutex sync.Mutex
	on    bool
	trips []trip
}

func (r *recorder) add(t trip) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.on {
		r.trips = append(r.trips, t)
	}
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if q.SQL != "-- ping" { // the pool's own
		r.add(trip{{q.SQL, q.Args}})
	}
	return ctx
}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchStartData) context.Context {
	var t trip
	for _, q := range b.Batch.QueuedQueries {
		t = append(t, statement{q.SQL, q.Arguments})
	}
	r.add(t)
	return ctx
}

func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData)     {}
func (*recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// record runs the program and asks for each page until it has cost the same statements twice: what belongs to the program's own
// life, such as reading the accounts anew, comes between only once in a while.
func record(ctx context.Context, c config.Config, pages []speedPage) (trips [][]trip, err error) {
	r := &recorder{}
	pr, err := start(ctx, c, slog.New(slog.DiscardHandler), parts{web: true, testOnly: true, tracer: r})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pr.stop(ctx)) }()
	caller := newCaller(pr.listener.Addr().String())
	for _, page := range pages {
		var before []trip
		for try := 0; ; try++ {
			r.mutex.Lock()
			r.on, r.trips = true, nil
			r.mutex.Unlock()
			_, err := caller.ask(page)
			r.mutex.Lock()
			r.on = false
			now := r.trips
			r.mutex.Unlock()
			if err != nil {
				return nil, err
			}
			if try > 1 && reflect.DeepEqual(texts(before), texts(now)) {
				trips = append(trips, now)
				break
			} else if try == 20 {
				return nil, fmt.Errorf("%s costs other statements each time", page.Name)
			}
			before = now
		}
	}
	return trips, nil
}

// texts are the statements without what they are given, which holds times.
func texts(trips []trip) (all [][]string) {
	for _, t := range trips {
		var one []string
		for _, s := range t {
			one = append(one, s.sql)
		}
		all = append(all, one)
	}
	return all
}

const barePath = "/bare"

// floor answers at /N with the N-th page, and at /N/bare with the same after round trips that ask for nothing.
type floor struct {
	db     *pgxpool.Pool
	pages  []speedPage
	bodies [][]byte // of the pages, unpacked
	trips  [][]trip
	job    []any // of a webhook's event, as River has it in its table
}

func (f *floor) serve(c *fasthttp.RequestCtx) {
	number, bare := strings.CutSuffix(string(c.Path()), barePath)
	n, err := strconv.Atoi(strings.TrimPrefix(number, "/"))
	if err != nil || n < 0 || n >= len(f.pages) {
		c.Error("no such page", fasthttp.StatusNotFound)
		return
	}
	page := f.pages[n]
	switch {
	case bare:
		err = f.replay(c, slices.Repeat([]trip{{{sql: "SELECT 1"}}}, len(f.trips[n])))
	case page.Event:
		err = f.plainInserts(c, string(c.Request.Header.Peek("Event")))
	default:
		err = f.replay(c, f.trips[n])
	}
	if err != nil {
		c.Error(err.Error(), fasthttp.StatusInternalServerError)
		return
	}
	for _, header := range page.Answer.Header {
		c.Response.Header.Set(header[0], header[1])
	}
	c.SetStatusCode(page.Answer.Status)
	body := f.bodies[n]
	if page.Packed {
		body = fasthttp.AppendGzipBytesLevel(make([]byte, 0, len(body)/3), body, fasthttp.CompressBestSpeed)
	}
	c.Response.SetBodyRaw(body)
}

func (f *floor) replay(ctx context.Context, trips []trip) error {
	if len(trips) == 0 {
		return nil
	}
	conn, err := f.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, t := range trips {
		if err := send(ctx, conn, t); err != nil {
			return err
		}
	}
	return nil
}

// send makes one round trip.
func send(ctx context.Context, conn *pgxpool.Conn, t trip) error {
	if len(t) == 1 {
		rows, err := conn.Query(ctx, t[0].sql, t[0].args...)
		if err != nil {
			return err
		}
		return pass(rows)
	}
	b := &pgx.Batch{}
	for _, s := range t {
		b.Queue(s.sql, s.args...)
	}
	results := conn.SendBatch(ctx, b)
	for range t {
		rows, err := results.Query()
		if err == nil {
			err = pass(rows)
		}
		if err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

// pass reads rows and does not look at them.
func pass(rows pgx.Rows) error {
	for rows.Next() {
	}
	return rows.Err()
}

// jobColumns are what River writes of a job.
const jobColumns = "args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags, unique_key, unique_states"

// learnJob reads the job of the event that was recorded, to insert others like it.
func (f *floor) learnJob(ctx context.Context) error {
	rows, err := f.db.Query(ctx, "SELECT "+strings.NewReplacer("state,", "state::text,", "unique_states", "unique_states::text").Replace(jobColumns)+
		" FROM river.river_job WHERE kind = 'stripe_event' ORDER BY id DESC LIMIT 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if f.job, err = rows.Values(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// plainInserts writes the rows of an event as the program does, and nothing else: they cannot be replayed, since an event that is
// known costs less.
func (f *floor) plainInserts(ctx context.Context, event string) error {
	key := uuid.New()
	return pgx.BeginFunc(ctx, f.db, func(tx pgx.Tx) error {
		now := time.Now()
		if _, err := tx.Exec(ctx, "INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at) VALUES ('', $1, 'invoice.updated', 'in_none', $2, $2)", event, now); err != nil {
			return err
		}
		args := append([]any{map[string]string{"stripe_account": "", "event_id": event}}, f.job[1:]...)
		if args[9] != nil {
			args[9] = append(key[:], key[:]...)
		}
		_, err := tx.Exec(ctx, "INSERT INTO river.river_job ("+jobColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::river.river_job_state, $9, $10, $11::text::bit(8))", args...)
		return err
	})
}
