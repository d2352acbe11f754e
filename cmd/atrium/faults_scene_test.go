package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	stripeapi "github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/stripesim"
	"atrium/jobs/mailbox"
	"atrium/queries/localpg"
)

// faultsAtLength has every fault happen as often as make faults wants it; without it each happens once or twice, as in CI.
var faultsAtLength = flag.Bool("faults", false, "break everything many times over, not once")

// faultSeed is what moments are chosen by: go test ./cmd/atrium -run 'TestFaults$' -args -faults.seed 42
var faultSeed = flag.Uint64("faults.seed", 0, "seed of the moments at which programs are killed; 0: another each time")

// scene is a whole installation of real processes that something happens to: PostgreSQL, a web server and a worker, a mail server and
// a stand-in for Stripe, with people who use it all the while (faults_people_test.go) and a proof at the end that nothing was lost,
// doubled or half done (faults_proof_test.go).
type scene struct {
	t         *testing.T
	postgres  localpg.Options
	server    *localpg.Server
	db        *pgxpool.Pool // of the test itself, on a server that comes and goes
	box       *mailbox.Box
	sim       *stripesim.Server
	api       *stripeapi.API
	variables map[string]string
	port      string
	behind    time.Duration // of the database's clock, behind those of the machines
	began     time.Time     // by the database's

	web, worker     *process
	account, course uuid.UUID
	crowd           *company
	slow            sync.WaitGroup // people who hold connections open
	moments         *rand.Rand
}

// atOnce is how many requests a scene's web server works on at once: few, so that it can be more than filled.
const atOnce = 4

// startScene starts everything, with the account Acme, whose owner is signed in, and a course that is sold. The database's clock is behind by
// so much.
func startScene(t *testing.T, behind time.Duration) *scene {
	t.Helper()
	seed := *faultSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("the moments are those of -args -faults.seed %d", seed)
	s := &scene{t: t, behind: behind, moments: rand.New(rand.NewPCG(seed, 6))}
	var err error
	if s.box, err = mailbox.Start(mailbox.Options{Keep: 100_000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.box.Stop() })
	s.postgres = localpg.Options{Dir: filepath.Join(dataDir(t), "postgres"), Log: slog.New(slog.DiscardHandler), Settings: map[string]string{"max_connections": "40"}}
	s.postgresStarts()
	t.Cleanup(func() { _ = s.server.Stop(context.Background()) })
	s.asSuperuser("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()") // whatever dies here is a process and never the machine
	s.databaseIsBehind()
	if s.db, err = pgxpool.New(t.Context(), s.server.URL("")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.db.Close)
	if err := s.db.QueryRow(t.Context(), "SELECT now()").Scan(&s.began); err != nil {
		t.Fatal(err)
	}
	s.sim, s.api = standIn(t, stripesim.Options{WebhookPause: 50 * time.Millisecond, WebhookRetries: 7})
	to, secrets := events(t, s.api)
	addr := freeAddr(t)
	_, s.port, _ = strings.Cut(addr, ":")
	root := "http://" + addr
	to.Store(&root)
	s.variables = with(mailVariables(t, s.box), "ADDR="+addr, "DATABASE_URL="+s.server.URL("")+"&"+idleTimeout+"=2s", "DATA_DIR="+dataDir(t), "SECRET=the same for all programs of this scene",
		"STRIPE_SECRET_KEY="+stripeKey, "STRIPE_WEBHOOK_SECRETS="+strings.Join(secrets, ","), "STRIPE_URL="+s.sim.URL,
		"REQUEST_TIMEOUT=3s", "STOP_TIMEOUT=8s", "TRUSTED_PROXIES=127.0.0.0/8", "DATABASE_CONNECTIONS=10", fmt.Sprintf("REQUESTS_AT_ONCE=%d", atOnce))
	s.startWeb()
	s.startWorker()
	if create := launch(t, s.variables, "account", "create", "--slug=acme", "--name=Acme Coaching", "--owner=maya@acme.example"); create.code() != 0 {
		t.Fatal(create.errs.String())
	}
	if err := s.db.QueryRow(t.Context(), "SELECT id FROM account").Scan(&s.account); err != nil {
		t.Fatal(err)
	}
	s.course, _ = stock(t, s.db, s.account, "once")
	until(t, 10*time.Second, "the portal", func() bool { return newVisitor(t).open(s.portal("/sign-in")).status == http.StatusOK })
	s.crowd = s.newCrowd()
	return s
}

func (s *scene) startWeb() {
	s.t.Helper()
	s.web = launch(s.t, s.variables, "serve", "--no-work").ready("Atrium serves")
}

func (s *scene) startWorker() {
	s.t.Helper()
	s.worker = launch(s.t, s.variables, "work").ready("Atrium runs")
}

func (s *scene) admin(path string) string { return "http://app.localhost:" + s.port + path }

func (s *scene) portal(path string) string { return "http://acme.localhost:" + s.port + path }

// kills ends a program without a warning.
func (s *scene) kills(p *process) {
	s.t.Helper()
	if p.signal(syscall.SIGKILL); p.command.ProcessState.ExitCode() >= 0 {
		s.t.Fatalf("%v ended before it was killed: %s", p.command.Args[1:], p.errs.String())
	}
}

// forgets lets what a dead worker held run out, as five minutes do: the jobs it worked on and its office as leader. No worker may run.
func (s *scene) forgets() {
	s.t.Helper()
	s.exec("UPDATE river.river_job SET attempted_at = attempted_at - interval '10 minutes' WHERE state = 'running'")
	s.exec("UPDATE river.river_leader SET expires_at = now()")
	s.exec("UPDATE task SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL")
}

func (s *scene) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// asSuperuser does something that the product's own role may not.
func (s *scene) asSuperuser(statements ...string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.server.SuperuserURL(localpg.Database))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	for _, statement := range statements {
		if _, err := conn.Exec(s.t.Context(), statement); err != nil {
			s.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// postgresStarts starts PostgreSQL, also after it was killed, where it then recovers first.
func (s *scene) postgresStarts() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	var err error
	if s.server, err = localpg.Start(ctx, s.postgres); err != nil {
		s.t.Fatal(err)
	}
}

// postgresStops is PostgreSQL's fast shutdown, which waits for nobody.
func (s *scene) postgresStops() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	if err := s.server.Stop(ctx); err != nil {
		s.t.Fatal(err)
	}
}

// postgresDies kills it as it stands.
func (s *scene) postgresDies() {
	s.t.Helper()
	if err := syscall.Kill(s.postmaster(), syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	<-s.server.Done()
	s.postgresStops() // which gives back its folder
}

func (s *scene) postmaster() int {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.postgres.Dir, "cluster", "postmaster.pid"))
	first, _, _ := strings.Cut(string(content), "\n")
	pid, wrong := strconv.Atoi(first)
	if err != nil || wrong != nil {
		s.t.Fatalf("PostgreSQL's process is not known: %v %v", err, wrong)
	}
	return pid
}

// backends are the processes that a postmaster has started, those of connections and its own.
func (s *scene) backends(postmaster int) (pids []int) {
	s.t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range found {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		_, rest, _ := strings.Cut(string(content), ") ") // behind the name come state and parent: proc(5)
		var state string
		var of int
		if _, err := fmt.Sscan(rest, &state, &of); err == nil && of == postmaster {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// pauses lets a moment pass that is chosen by chance, so that what comes next finds people in the middle of whatever they do.
func (s *scene) pauses(moment time.Duration) {
	select {
	case <-time.After(moment):
	case <-s.t.Context().Done():
	}
}
