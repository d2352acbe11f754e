package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"atrium/jobs/mailbox"
	"atrium/queries/localpg"
)

// The clocks of the machines that programs run on jump and differ, while the database's goes on: nobody is locked out or signed out, nothing is
// put off for hours, removed or sent twice, and whatever is written carries the right time. The programs are built on a standard library of which
// the wall's clock can be put to any time, which takes minutes, so this is for make faults.
func TestClocksJump(t *testing.T) {
	t.Parallel()
	if !*faultsAtLength {
		return
	}
	clocks := buildWithClock(t)
	s := startScene(t, behind)
	s.web.signal(syscall.SIGTERM)
	s.worker.signal(syscall.SIGTERM)
	web, worker := clocks.launch(s, 0, "serve", "--no-work"), clocks.launch(s, 0, "work")
	s.web, s.worker = web.ready("Atrium serves"), worker.ready("Atrium runs")
	s.crowd.come()
	const year = 365 * 24 * time.Hour
	for _, jump := range []struct {
		what        string
		web, worker time.Duration
	}{
		{"the web's machine ten minutes ahead", 10 * time.Minute, 0},
		{"the worker's machine ten minutes ahead", 0, 10 * time.Minute},
		{"both five hours forward", 5 * time.Hour, 5 * time.Hour},
		{"both five hours back", -5 * time.Hour, -5 * time.Hour},
		{"a year apart", -year, year},
		{"a year apart the other way", year, -year},
		{"right again", 0, 0},
	} {
		web.put(t, jump.web)
		worker.put(t, jump.worker)
		s.meets(jump.what, (*scene).hardTimes)
		s.timeHolds()
		until(t, 20*time.Second, "the log tells of it", func() bool { return web.says(jump.web) && worker.says(jump.worker) })
	}
	// What a new leader does at once, such as to remove what has been over for long, it does in the wrong year.
	s.kills(s.worker)
	s.forgets()
	s.exec("DELETE FROM river.river_job WHERE kind = ANY($1)", atOnceOfLeader) // each would be of a period that is not over
	s.worker = clocks.launch(s, year, "work").ready("Atrium runs")
	s.crowd.worksAgain()
	until(t, time.Minute, "everything of a schedule is done", func() bool {
		return len(s.lines("SELECT DISTINCT kind FROM river.river_job WHERE kind = ANY($1) AND state = 'completed'", atOnceOfLeader)) == len(atOnceOfLeader)
	})
	s.ends()
}

// atOnceOfLeader are jobs that end or remove what is old, which whoever begins to lead does at once.
var atOnceOfLeader = []string{"expire", "purge", "file_clean", "file_sweep"}

// hardTimes has mails and Stripe fail for a while, so that jobs are put off.
func (s *scene) hardTimes() {
	s.t.Helper()
	s.lies(mailbox.Rcpt, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"})
	s.box.Answer(nil)
	s.stripeAway()
}

// behind is by how much the database's clock is behind those of the machines in most scenes: less than the tolerance of Stripe's signatures, and more
// than anybody waits for here.
const behind = 4 * time.Minute

// databaseIsBehind has the database's clock be so, for whoever looks at it as the product and these tests do.
func (s *scene) databaseIsBehind() {
	s.t.Helper()
	statements := []string{"CREATE SCHEMA elsewhen", "GRANT USAGE ON SCHEMA elsewhen TO PUBLIC"}
	for _, clock := range []string{"now", "clock_timestamp"} {
		statements = append(statements, fmt.Sprintf("CREATE FUNCTION elsewhen.%[1]s() RETURNS timestamptz LANGUAGE sql STABLE AS $$SELECT pg_catalog.%[1]s() - interval '%[2]d seconds'$$",
			clock, int(s.behind.Seconds())))
	}
	s.asSuperuser(append(statements, "ALTER ROLE "+localpg.Role+" SET search_path = public, elsewhen, pg_catalog")...)
}

// last is how far away moments in columns of these names may be.
type last struct {
	columns *regexp.Regexp
	most    time.Duration
}

// lasts are all of them, the first that fits counts; most moments have been.
var lasts = []last{
	{regexp.MustCompile(`^leased_until$`), time.Minute},
	{regexp.MustCompile(`^(spent_until|scheduled_at)$`), 61 * time.Minute},
	{regexp.MustCompile(`(expires|ends|due|cancels)_at$|^undo_until$`), 91 * 24 * time.Hour},
	{regexp.MustCompile(``), time.Minute},
}

// notOurs are columns of moments that others put there: the stage on which a scene plays, Stripe, and what has dead workers forgotten.
var notOurs = []string{"public.course published_at", "public.lesson published_at", "public.invoice issued_at", "public.invoice paid_at", "public.invoice created_at", "public.offer_price created_at", "public.stripe_event created_at", "river.river_job attempted_at"}

// timeHolds looks at every moment that the database knows: each is of this scene by the database's clock, whatever those of the machines say. And
// nobody was signed out.
func (s *scene) timeHolds() {
	s.t.Helper()
	for _, column := range s.lines(`SELECT format('%I.%I %I', table_schema, table_name, column_name) FROM information_schema.columns
		JOIN information_schema.tables USING (table_schema, table_name)
		WHERE data_type = 'timestamp with time zone' AND table_schema IN ('public', 'river') AND table_type = 'BASE TABLE'`) {
		if slices.Contains(notOurs, column) {
			continue
		}
		table, name, _ := strings.Cut(column, " ")
		of := slices.IndexFunc(lasts, func(l last) bool { return l.columns.MatchString(name) })
		for _, wrong := range s.lines(fmt.Sprintf("SELECT '%[2]s of %[1]s is ' || %[2]s || ' at ' || now() FROM %[1]s WHERE %[2]s < $1 OR %[2]s > now() + make_interval(secs => $2) LIMIT 3", table, name),
			s.began.Add(-time.Minute), lasts[of].most.Seconds()) {
			s.t.Error(wrong)
		}
	}
	for _, id := range s.lines(`SELECT id || ' of ' || created_at FROM contact
		WHERE abs(extract(epoch FROM created_at) * 1000 - ('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint) > 60000 LIMIT 3`) {
		s.t.Errorf("an id is of another time: %s", id)
	}
	for _, ended := range s.lines(`SELECT ended_because::text FROM session WHERE ended_at IS NOT NULL
		UNION ALL SELECT 'staff: ' || ended_because FROM staff_session WHERE ended_at IS NOT NULL`) {
		s.t.Errorf("somebody was signed out: %s", ended)
	}
}

// clocks is the program, built so that its wall's clock can be put to any time.
type clocks struct{ program string }

// timed is a process of it.
type timed struct {
	*process
	clock string // a file with by how many seconds it is ahead
}

// launch starts the program with its clock so far ahead.
func (c clocks) launch(s *scene, ahead time.Duration, arguments ...string) *timed {
	s.t.Helper()
	p := &timed{clock: filepath.Join(s.t.TempDir(), "clock")}
	p.put(s.t, ahead)
	p.process = launchFrom(s.t, c.program, with(s.variables, "CLOCK="+p.clock), arguments...)
	return p
}

// put moves the clock, while the process runs or before.
func (p *timed) put(t *testing.T, ahead time.Duration) {
	t.Helper()
	unfinished := p.clock + "~"
	err := os.WriteFile(unfinished, fmt.Append(nil, int64(ahead.Seconds())), 0o600)
	if err == nil {
		err = os.Rename(unfinished, p.clock)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// says says whether the log has last told of a clock that is so far ahead.
func (p *timed) says(ahead time.Duration) bool {
	p.t.Helper()
	told := time.Duration(0)
	for line := range strings.Lines(p.errs.String()) {
		if _, by, found := strings.Cut(line, " ahead="); found {
			var err error
			if told, err = time.ParseDuration(strings.TrimSpace(by)); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	return (told - ahead - behind).Abs() < 2*time.Second
}

// movable reads by how much the clock is ahead, now and then.
const movable = `package main

import (
	"os"
	"strconv"
	"time"
)

func init() {
	move := func() {
		if text, err := os.ReadFile(os.Getenv("CLOCK")); err == nil {
			time.Ahead, _ = strconv.ParseInt(string(text), 10, 64)
		}
	}
	move()
	go func() {
		for range time.Tick(20 * time.Millisecond) {
			move()
		}
	}()
}
`

// buildWithClock makes the program with a package time that is the standard library's but for one line: what the wall's clock says is moved,
// and the monotonic one goes on, as when somebody sets a machine's.
func buildWithClock(t *testing.T) clocks {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	library, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	const reads = "\tsec, nsec, mono := runtimeNow()\n"
	if strings.Count(string(library), reads) != 1 {
		t.Fatalf("%s does not read the clock as it did", source)
	}
	moved := strings.Replace(string(library), reads, reads+"\tsec += Ahead\n", 1) + "\n// Ahead is by how many seconds the clock is.\nvar Ahead int64\n"
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: put("time.go", moved), filepath.Join(here, "movable.go"): put("movable.go", movable)}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "atrium")
	command := exec.CommandContext(ctx, "go", "build", "-overlay", put("overlay.json", string(overlay)), "-buildvcs=false", "-trimpath", "-o", path, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, output)
	}
	return clocks{path}
}
