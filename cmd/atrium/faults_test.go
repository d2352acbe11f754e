package main

import (
	"context"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"atrium/cmd/stripesim"
	"atrium/jobs/mailbox"
)

// processFaults is what happens to a scene, in the order in which one that meets them all does; often is how many times at length.
var processFaults = []struct {
	name    string
	often   int
	happens func(*scene)
}{
	{"slow people", 3, (*scene).slowPeople},
	{"too many people", 3, (*scene).tooManyPeople},
	{"programs killed", 12, (*scene).programsDie},
	{"worker frozen, two leaders", 6, (*scene).freezes},
	{"PostgreSQL restarted", 3, (*scene).restarted},
	{"PostgreSQL killed", 6, (*scene).killed},
	{"PostgreSQL read-only", 3, (*scene).readOnly},
	{"PostgreSQL without connections", 3, (*scene).crammed},
	{"PostgreSQL hung", 3, (*scene).hung},
	{"PostgreSQL on a slow disk", 3, (*scene).slowDisk},
	{"PostgreSQL without room", 4, (*scene).noRoomForDatabase},
	{"files without room", 1, (*scene).noRoomForFiles},
	{"mail server away, slow and lying", 3, (*scene).mailServerLies},
	{"Stripe away", 3, (*scene).stripeAway},
	{"older program on a newer database", 1, (*scene).overtaken},
}

// Whatever happens to an installation, people are told properly what did not work, nobody has to start or mend anything by hand but what was
// stopped by hand, and at the end nothing was lost, doubled or half done. In CI one scene meets it all, once; at length each is met often, by
// a scene of its own. No other test runs beside it: a flood takes the whole machine, and a browser would be taken for broken.
func TestFaults(t *testing.T) {
	if !*faultsAtLength {
		s := startScene(t, behind)
		s.crowd.come()
		for _, fault := range processFaults {
			s.meets(fault.name, fault.happens)
		}
		s.ends()
		return
	}
	for _, fault := range processFaults {
		t.Run(fault.name, func(t *testing.T) {
			s := startScene(t, behind)
			s.crowd.come()
			for range fault.often {
				s.meets(fault.name, fault.happens)
			}
			s.slow.Wait()
			s.ends()
		})
	}
}

// meets has something happen, after which everything works again.
func (s *scene) meets(name string, happens func(*scene)) {
	s.t.Helper()
	began := time.Now()
	happens(s)
	s.crowd.worksAgain()
	s.t.Logf("%s: %s", name, time.Since(began).Round(10*time.Millisecond))
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// ends has the people go, and proves what is left.
func (s *scene) ends() {
	s.t.Helper()
	s.crowd.goes()
	s.holds()
	s.slow.Wait()
}

// programsDie kills web and worker, or one of them, at a moment that chance chooses.
func (s *scene) programsDie() {
	s.crowd.tried(1+s.moments.Int64N(5), "invite")
	s.pauses(time.Duration(s.moments.Int64N(int64(40 * time.Millisecond))))
	which := s.moments.IntN(3)
	if which < 2 {
		s.kills(s.web)
		s.startWeb()
	}
	if which > 0 {
		s.kills(s.worker)
		s.forgets()
		s.startWorker()
	}
}

func (s *scene) restarted() {
	s.postgresStops()
	s.crowd.tried(3)
	s.postgresStarts()
}

func (s *scene) killed() {
	s.postgresDies()
	s.postgresStarts()
}

func (s *scene) readOnly() {
	s.t.Helper()
	s.asSuperuser("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
	until(s.t, 10*time.Second, "nobody may write", func() bool {
		_, err := s.db.Exec(s.t.Context(), "CREATE TEMPORARY TABLE written (n int)")
		return err != nil
	})
	s.crowd.tried(5)
	s.asSuperuser("SET default_transaction_read_only = off", "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
}

// crammed has somebody else take every connection there is, those of the programs first.
func (s *scene) crammed() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	s.asSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'atrium'")
	var taken []*pgx.Conn
	refused := false
	for !refused {
		conn, err := pgx.Connect(ctx, s.server.URL(""))
		if refused = err != nil; !refused {
			taken = append(taken, conn)
		}
	}
	s.crowd.tried(3)
	for _, conn := range taken {
		if err := conn.Close(ctx); err != nil {
			s.t.Error(err)
		}
	}
}

// hung stops PostgreSQL's processes where they stand, longer than a request may take.
func (s *scene) hung() {
	s.t.Helper()
	goOn := s.stops()
	s.crowd.tried(1)
	goOn()
}

// stops has PostgreSQL's processes stand still until they may go on.
func (s *scene) stops() (goOn func()) {
	s.t.Helper()
	postmaster := s.postmaster()
	stopped := s.backends(postmaster)
	if len(stopped) == 0 {
		s.t.Fatal("PostgreSQL has no processes")
	}
	for _, pid := range append([]int{postmaster}, stopped...) {
		_ = syscall.Kill(pid, syscall.SIGSTOP) // one that has ended since needs none
	}
	return func() {
		for _, pid := range append(stopped, postmaster) {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}

// slowDisk has each flush of PostgreSQL's log take a tenth of a second, which commits wait for, one behind the other where they do not come
// together; everything works meanwhile, only slowly. Then the disk also stands still for more than half of the time, and with it what reads:
// then people may be told that it does not work now, but none waits for ever and nothing is half done.
func (s *scene) slowDisk() {
	s.t.Helper()
	s.asSuperuser("ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET commit_delay = 100000", "ALTER SYSTEM SET commit_siblings = 0", "SELECT pg_reload_conf()")
	until(s.t, 10*time.Second, "commits wait for the disk", func() bool {
		began := time.Now()
		s.exec("UPDATE account SET name = name WHERE id = $1", s.account)
		return time.Since(began) >= 100*time.Millisecond
	})
	s.crowd.worksAgain()
	for range 5 {
		goOn := s.stops()
		s.pauses(500 * time.Millisecond)
		goOn()
		s.pauses(300 * time.Millisecond)
	}
	s.asSuperuser("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings", "SELECT pg_reload_conf()")
}

// mailServerLies has the mail server be away, be slow, break off at every stage, refuse for now, and take mails without a word that it has.
func (s *scene) mailServerLies() {
	s.t.Helper()
	if err := s.box.Stop(); err != nil {
		s.t.Fatal(err)
	}
	s.crowd.tried(5, "invite")
	if err := s.box.Restart(); err != nil {
		s.t.Fatal(err)
	}
	s.box.Delay(2 * time.Second)
	s.crowd.tried(5, "invite")
	s.box.Delay(0)
	later := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	unable := &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "This server takes nothing from here"}
	for _, lie := range []struct {
		at   mailbox.Stage
		with *smtp.SMTPError
	}{{mailbox.Hello, later}, {mailbox.Mail, unable}, {mailbox.Mail, mailbox.HangUp}, {mailbox.Rcpt, later}, {mailbox.Data, mailbox.HangUp}, {mailbox.Data, later}, {mailbox.Stored, mailbox.HangUp}} {
		s.lies(lie.at, lie.with)
	}
	s.box.Answer(nil)
	s.comesSoon()
}

// lies has the mail server do so at a stage until it was asked twice.
func (s *scene) lies(at mailbox.Stage, with *smtp.SMTPError) {
	s.t.Helper()
	var asked atomic.Int64
	s.box.Answer(func(stage mailbox.Stage, _ string) *smtp.SMTPError {
		if stage != at {
			return nil
		}
		asked.Add(1)
		return with
	})
	s.box.Disconnect() // a conversation that goes on is past its beginning
	s.comesSoon()
	until(s.t, time.Minute, "the mail server is asked", func() bool { return s.t.Failed() || asked.Load() >= 2 })
}

// comesSoon ends the pauses before mails are tried again.
func (s *scene) comesSoon() {
	s.t.Helper()
	s.exec("UPDATE river.river_job SET state = 'available', scheduled_at = now() WHERE state IN ('retryable', 'scheduled') AND kind = 'mail_send'")
}

// stripeAway has Stripe be away in each of its ways, while people go to pay, come back, and its events come.
func (s *scene) stripeAway() {
	for _, kind := range []stripesim.Kind{stripesim.Unavailable, stripesim.Hang, stripesim.LostReply} {
		s.sim.Fail(stripesim.Fault{Count: -1, Kind: kind})
		s.crowd.tried(2, "buy", "read")
		s.sim.Mend()
		s.crowd.worksAgain()
	}
}

// freezes stops a worker in the middle of whatever it does, as a machine does that is moved. Another takes over its office and what it worked
// on, and what it had locked is given back in time; then it wakes up, and both believe to lead.
func (s *scene) freezes() {
	s.t.Helper()
	first := s.worker
	if err := first.command.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = first.command.Process.Signal(syscall.SIGCONT) }) // one that is stopped cannot be asked to end
	s.forgets()
	s.startWorker()
	s.crowd.worksAgain()
	if err := first.command.Process.Signal(syscall.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
	s.crowd.worksAgain()
	if took := first.signal(syscall.SIGTERM); first.command.ProcessState.ExitCode() != 0 {
		s.t.Errorf("the first leader ended after %s with %s: %s", took, first.command.ProcessState, first.errs.String())
	}
}
