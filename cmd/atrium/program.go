package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"

	"atrium/cmd/internal/config"
	"atrium/cmd/internal/metrics"
	"atrium/handlers"
	"atrium/handlers/password"
	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/jobs/filestore"
	"atrium/queries"
)

// parts says what of the program is wanted.
type parts struct {
	web, work bool

	hosts     map[string]http.Handler               // more host names to serve, for the demo
	now       func() time.Time                      // default: the installation's clock, which is the database's
	tracer    pgx.QueryTracer                       // default: none
	templates func(name string)                     // called with each template that is executed; default: none
	prepare   func(context.Context, *program) error // runs before anything is served, such as writing demo data; default: nothing
	testOnly  bool                                  // no waiting at start that only many programs need
	callTime  time.Duration                         // how long a call of Stripe may take; default: the door's
}

// program is the running product, as one value: commands start it, and tests start the same on port 0.
type program struct {
	c         config.Config
	log       *slog.Logger
	listener  net.Listener
	addresses jobs.Addresses
	database  *database
	clock     *queries.Clock
	keeps     sync.WaitGroup     // the clock kept right
	unkeep    context.CancelFunc // ends that
	mails     queries.MailMaker
	files     filestore.Store
	callTime  time.Duration
	workers   *jobs.Workers
	site      *handlers.Site
	served    chan error // what Serve returned
	metrics   *metrics.Metrics
	unwatch   context.CancelFunc // ends the figures' address
	stopping  atomic.Bool
}

// start brings everything up, in the order in which each needs the one before, or takes down again what was up. The context
// bounds the start only.
func start(ctx context.Context, c config.Config, log *slog.Logger, p parts) (*program, error) {
	pr := &program{c: c, log: log, served: make(chan error, 1), metrics: metrics.New(version), callTime: p.callTime}
	if err := pr.bringUp(ctx, p); err != nil {
		return nil, errors.Join(err, pr.stop(ctx))
	}
	return pr, nil
}

func (pr *program) bringUp(ctx context.Context, p parts) (err error) {
	port := 0
	if p.web {
		if pr.listener, err = net.Listen("tcp", pr.c.Addr); errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s is taken by another program; choose another with ADDR=host:port", pr.c.Addr)
		} else if err != nil {
			return fmt.Errorf("cannot listen on ADDR: %w", err)
		}
		port = pr.listener.Addr().(*net.TCPAddr).Port
	} else if _, text, err := net.SplitHostPort(pr.c.Addr); err == nil {
		if port, err = net.LookupPort("tcp", text); err != nil {
			return err
		}
	}
	pr.addresses = pr.c.Addresses(port)
	if err = pr.openDatabase(ctx, p); err != nil {
		return err
	}
	if p.now == nil {
		pr.clock.StampIDs()
		p.now = pr.clock.Now
	}
	if pr.files, err = pr.c.Files(); err != nil {
		return err
	}
	if p.prepare != nil {
		if err = p.prepare(ctx, pr); err != nil {
			return err
		}
	}
	if p.work {
		if err = pr.startWorkers(ctx, p); err != nil {
			return err
		}
	}
	if p.web {
		if err = pr.startSite(ctx, p); err != nil {
			return err
		}
	}
	if p.web || p.work {
		pr.keepTime(ctx)
		return pr.watch(ctx)
	}
	return nil
}

func (pr *program) keepTime(ctx context.Context) {
	ctx, pr.unkeep = context.WithCancel(context.WithoutCancel(ctx))
	pr.keeps.Go(func() { pr.clock.Keep(ctx) })
}

func (pr *program) openDatabase(ctx context.Context, p parts) (err error) {
	if pr.database, err = openDatabase(ctx, pr.c, pr.log, pr.tracer(p), !p.web && !p.work); err != nil {
		return err
	}
	if err := queries.Migrate(ctx, pr.database.url); err != nil {
		return err
	}
	if newer, err := queries.Newer(ctx, pr.database.pool); err != nil {
		return err
	} else if newer > 0 && (p.web || p.work) {
		pr.log.Warn("the database is newer than this program, which goes on with it", "migration", newer, "version", version)
	}
	if pr.clock, err = queries.NewClock(ctx, pr.database.pool, pr.log); err != nil {
		return err
	}
	pr.mails.Domain = pr.c.MailDomain()
	pr.mails.Secret, err = pr.database.secret(ctx, pr.c, pr.clock.Now())
	return err
}

// tracer counts queries where somebody reads the figures, and always tells of slow ones.
func (pr *program) tracer(p parts) pgx.QueryTracer {
	t := &metrics.Tracer{Slow: pr.c.SlowQuery, Log: pr.log}
	if pr.c.MetricsAddr != "" {
		t.Each = pr.metrics.Query
	}
	if p.tracer == nil {
		return t
	}
	return multitracer.New(t, p.tracer)
}

// watch serves the figures, where the configuration says.
func (pr *program) watch(ctx context.Context) error {
	if pr.c.MetricsAddr == "" {
		return nil
	}
	pr.metrics.Watch(pr.database.pool, pr.clock, pr.log)
	ctx, pr.unwatch = context.WithCancel(context.WithoutCancel(ctx))
	return pr.metrics.Serve(ctx, pr.c.MetricsAddr, pr.ready)
}

// ready says why the program is not to be used now: it is about to stop, or its database does not answer.
func (pr *program) ready(ctx context.Context) error {
	if pr.stopping.Load() {
		return errors.New("this program is about to stop")
	}
	return pr.database.pool.Ping(ctx)
}

func (pr *program) startWorkers(ctx context.Context, p parts) (err error) {
	if pr.c.SMTPHost == "" {
		pr.log.Warn("no mail server is set up, so mails wait: set SMTP_HOST")
	}
	pr.workers, err = jobs.NewWorkers(jobs.Config{DB: pr.database.pool, PollOnly: pr.pooled(), Files: pr.files, Mails: pr.mails, Addresses: pr.addresses,
		Server: pr.c.MailServer(), From: pr.c.MailFrom, Stripe: pr.stripe(), Log: pr.log.With("part", "jobs"), Now: p.now, JobTime: pr.clock.Now, TestOnly: p.testOnly})
	if err != nil {
		return err
	}
	return pr.workers.Start(context.WithoutCancel(ctx))
}

func (pr *program) startSite(ctx context.Context, p parts) error {
	queue, err := jobs.NewQueue(pr.database.pool, pr.clock.Now)
	if err != nil {
		return err
	}
	pr.site, err = handlers.New(ctx, handlers.Config{DB: pr.database.pool, Listen: !pr.pooled(), Queue: queue, Files: pr.files, Mails: pr.mails,
		Addresses: pr.addresses, Passwords: password.NewHasher(), Log: pr.log, Now: p.now, TrustedProxies: pr.c.TrustedProxies, Deadline: pr.c.RequestTimeout, AtOnce: pr.c.RequestsAtOnce, TurnedAway: pr.metrics.TurnedAway,
		Stripe: pr.stripe(), StripeSecrets: pr.c.StripeWebhookSecrets, Hosts: p.hosts, Trace: p.templates, Answered: pr.metrics.Request,
		Standard: pr.c.Templates == "standard", GaveUp: pr.metrics.GaveUp})
	if err != nil {
		return err
	}
	go func() { pr.served <- pr.site.Serve(pr.listener) }()
	return nil
}

func (pr *program) stripe() *billing.Door {
	return billing.New(billing.Config{Key: pr.c.StripeKey, URL: pr.c.StripeURL, Time: pr.callTime})
}

func (pr *program) pooled() bool { return pr.c.DatabasePooler == "transaction" }

// wait returns when the context ends, or when the program cannot go on.
func (pr *program) wait(ctx context.Context) error {
	var gone <-chan struct{}
	if pr.database.private != nil {
		gone = pr.database.private.Done()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-pr.served:
		return fmt.Errorf("serving ended: %w", err)
	case <-gone:
		return errors.New("the private PostgreSQL ended")
	}
}

// drain goes on serving for DRAIN_TIME, or until the context ends, and says meanwhile that nobody should be sent here any more. Its error
// is that of wait: the program could not go on.
func (pr *program) drain(ctx context.Context) error {
	pr.stopping.Store(true)
	if pr.site == nil || pr.c.DrainTime == 0 {
		return nil
	}
	pr.site.Drain()
	ctx, cancel := context.WithTimeout(ctx, pr.c.DrainTime)
	defer cancel()
	return pr.wait(ctx)
}

// stop lets requests and jobs finish within STOP_TIMEOUT and takes everything down; also what is only half up.
func (pr *program) stop(ctx context.Context) error {
	pr.stopping.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pr.c.StopTimeout)
	defer cancel()
	worked := make(chan error, 1) // side by side: a visitor who lingers must not take the jobs their time
	go func() {
		if pr.workers == nil {
			worked <- nil
			return
		}
		worked <- pr.workers.Stop(ctx)
	}()
	var faults []error
	if pr.unwatch != nil {
		defer pr.unwatch() // last, so that the end can be watched
	}
	if pr.site != nil {
		faults = append(faults, pr.site.Shutdown(ctx))
	} else if pr.listener != nil {
		faults = append(faults, pr.listener.Close())
	}
	faults = append(faults, <-worked)
	if pr.unkeep != nil {
		pr.unkeep()
		pr.keeps.Wait()
	}
	if pr.database != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), pr.c.StopTimeout)
		defer cancel()
		faults = append(faults, pr.database.close(last))
	}
	return errors.Join(faults...)
}
