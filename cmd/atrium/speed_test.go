package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"atrium/queries"
	"atrium/views"
)

// Without flags TestSpeed is as small as it can be: it shows that it works, and its figures mean nothing. make bench gives it sizes.
var (
	speedAccounts = flag.Int("speed.accounts", 10, "accounts of the bench's database")
	speedContacts = flag.Int("speed.contacts", 2_000, "contacts of its large account")
	speedSessions = flag.Int("speed.sessions", 100, "sessions of clients in it")
	speedTime     = flag.Duration("speed.time", 20*time.Millisecond, "how long each page is asked for in each round, of the program and of the floor")
	speedRounds   = flag.Int("speed.rounds", 1, "rounds; what is told is the median of them")
	speedPages    = flag.String("speed.pages", "", "regular expression of the names of the pages; empty: all")
)

// TestSpeed asks the real program for its pages, as often as it answers and half as often, in turn with the floor, and prints how
// they compare. It fails when the floor does not answer what the program answers, and when an answer is not the page.
func TestSpeed(t *testing.T) {
	s := newTown(t)
	p := s.serve()
	pages := s.pages(p)
	floor := startFloor(t, p.variables, pages)
	program, ground := newCaller(p.addr), newCaller(floor.Addr)
	for i, page := range pages {
		s.same(program, ground, page, i)
	}
	figures := make([]figures, len(pages))
	var memory []string
	for range *speedRounds {
		for i, page := range pages {
			figures[i].measure(t, p, program, ground, page, i)
		}
		memory = append(memory, strconv.Itoa(p.memory("VmRSS")>>10))
	}
	fmt.Println(s.head())
	table(pages, figures, floor.Trips)
	growth(pages, figures)
	fmt.Printf("memory of the program after each round: %s MB\n", strings.Join(memory, ", "))
	s.starts(p.variables)
}

// What is promised of each page: what part of its floor it is at least, and how many times its p50 its p99 is at most at half of its pace.
const (
	ratioLeast     = 0.5
	ratioLeastMost = 0.6 // of those that are asked for most: home, lesson, webhook
	spreadMost     = 5
)

// table prints a line a page; what is not as it is promised has a star. Of the columns, trips are the round trips to PostgreSQL, p50 and p99 the
// times while it is asked as fast as it answers, p99/50 their quotient at half of that pace, and after the stroke that of the floor, which
// is what the machine itself does to it; allocations and processor time are the program's for one answer, and SQL is how many times as long the floor takes as one that asks PostgreSQL for nothing.
func table(pages []speedPage, all []figures, trips []int) {
	fmt.Printf("%-40s %7s %5s %7s %9s %9s %13s %7s %7s %8s %5s %6s\n", "page", "bytes", "trips", "per s", "p50", "p99", "p99/50", "allocs", "CPU", "floor/s", "SQL", "ratio")
	for i, page := range pages {
		f, least := all[i], ratioLeast
		if page.Name == "home" || page.Name == "lesson" || page.Event {
			least = ratioLeastMost
		}
		spread, ratio := median(f.spread), median(f.ratio)
		fmt.Printf("%-40s %7d %5d %7.0f %9s %9s %6.1f%s/%5.1f %7.0f %7s %8.0f %5.1f %5.2f%s\n", page.Name, len(page.Answer.Body), trips[i], median(f.rate), brief(median(f.p50)), brief(median(f.p99)),
			spread, star(spread > spreadMost), median(f.floorSpread), median(f.allocations), brief(median(f.cpu)), median(f.floor), median(f.statements), ratio, star(ratio < least))
	}
}

func star(missed bool) string {
	if missed {
		return "*"
	}
	return " "
}

// served is the program, which serves and leaves the jobs to others.
type served struct {
	*process
	variables map[string]string
	addr      string
	metrics   string // where its figures are
}

func (s *town) serve() *served {
	s.t.Helper()
	p := &served{addr: freeAddr(s.t), metrics: freeAddr(s.t)}
	p.variables = map[string]string{"ADDR": p.addr, "METRICS_ADDR": p.metrics, "DATABASE_URL": s.db.Config().ConnString(), "DATA_DIR": dataDir(s.t),
		"SECRET": "the same for the program and for the floor", "STRIPE_SECRET_KEY": "sk_test_of_nobody", "STRIPE_WEBHOOK_SECRETS": speedSecret}
	p.process = launch(s.t, p.variables, "serve", "--no-work").ready("Atrium serves")
	delete(p.variables, "METRICS_ADDR")
	p.variables["PUBLIC_PORT"] = p.addr[strings.LastIndex(p.addr, ":")+1:] // the floor's program listens elsewhere and is to write the same addresses
	return p
}

// pages are what is measured. A page that has no line for its fragment has none.
func (s *town) pages(p *served) (pages []speedPage) {
	s.t.Helper()
	browser := queries.NewToken()
	client := "atrium_browser=" + browser + "; atrium_session=" + s.client
	staff := "atrium_browser=" + browser + "; atrium_session=" + s.staff
	lesson := s.lessons[townSmall][7]
	portal, admin := s.slug(townSmall)+".localhost", "app.localhost"
	pages = []speedPage{
		{Name: "sign-in", Host: portal, Path: "/sign-in", Cookie: "atrium_browser=" + browser},
		{Name: "home", Host: portal, Path: "/", Cookie: client},
		{Name: "courses", Host: portal, Path: "/courses", Cookie: client},
		{Name: "courses, search, fragment", Host: portal, Path: "/courses/search?q=matters", Cookie: client, Fragment: true},
		{Name: "lesson", Host: portal, Path: "/courses/" + lesson.course.String() + "/lessons/" + lesson.lesson.String(), Cookie: client},
		{Name: "invoices", Host: portal, Path: "/invoices", Cookie: client},
		{Name: "invoices, gzip", Host: portal, Path: "/invoices", Cookie: client, Packed: true},
	}
	for account, size := range []string{townSmall: "1,000", townLarge: grouped(*speedContacts)} {
		base := "/" + s.slug(account)
		for _, page := range []speedPage{
			{Name: "dashboard", Path: base},
			{Name: "dashboard, fragment", Path: base + "/figures?since=0", Fragment: true},
			{Name: "contacts", Path: base + "/contacts"},
			{Name: "contacts, gzip", Path: base + "/contacts", Packed: true},
			{Name: "contacts, fragment", Path: base + "/contacts", Fragment: true},
			{Name: "contacts, search", Path: base + "/contacts?q=maria"},
			{Name: "contacts, search, fragment", Path: base + "/contacts?q=maria", Fragment: true},
		} {
			page.Name, page.Host, page.Cookie = page.Name+" of "+size, admin, staff
			pages = append(pages, page)
		}
	}
	pages = append(pages, speedPage{Name: "static asset", Host: portal, Path: views.AssetPath("atrium.css")},
		speedPage{Name: "webhook", Host: admin, Path: "/webhooks/stripe", Event: true})
	wanted := regexp.MustCompile(*speedPages)
	pages = slices.DeleteFunc(pages, func(page speedPage) bool { return !wanted.MatchString(page.Name) })
	c := newCaller(p.addr)
	for i := range pages {
		var err error
		for range 3 { // the first looks write what later ones only read
			if pages[i].Answer, err = c.ask(pages[i]); err != nil {
				s.t.Fatal(err)
			}
		}
		if pages[i].Answer.Status != http.StatusOK {
			s.t.Fatalf("%s: status %d", pages[i].Name, pages[i].Answer.Status)
		}
	}
	return pages
}

// same demands that the floor answers what the program does, header and body. An answer tells of times such as "3 minutes ago", so
// it may have moved on since it was recorded.
func (s *town) same(program, ground *caller, page speedPage, n int) {
	s.t.Helper()
	got, err := ground.ask(onFloor(page, n))
	if err != nil {
		s.t.Fatal(err)
	}
	if got.Status != page.Answer.Status || !bytes.Equal(got.Body, page.Answer.Body) || len(got.Header) != len(page.Answer.Header) {
		s.t.Fatalf("%s: the floor answers %d with %d bytes and the headers %v: %.300s", page.Name, got.Status, len(got.Body), got.Header, got.Body)
	}
	if now, err := program.ask(page); err != nil || now.Status != got.Status || len(now.Header) != len(got.Header) || len(now.Body)*100 < len(got.Body)*99 {
		s.t.Errorf("%s: the program answers %d with %d bytes and the headers %v, the floor %v; %v", page.Name, now.Status, len(now.Body), now.Header, got.Header, err)
	}
}

// onFloor is the page as the floor has it.
func onFloor(page speedPage, n int) speedPage {
	page.Path = "/" + strconv.Itoa(n)
	return page
}

// onBareFloor is the page as the floor has it without the statements.
func onBareFloor(page speedPage, n int) speedPage {
	page.Path = "/" + strconv.Itoa(n) + barePath
	return page
}

// figures are those of one page, one of each kind a round.
type figures struct {
	rate, floor, ratio, statements, spread, floorSpread, allocations []float64
	p50, p99, cpu                                                    []time.Duration
}

// measure is one round of one page: the program, the floor and the bare floor as fast as they can, and the first two at half of their pace.
func (f *figures) measure(t *testing.T, p *served, program, ground *caller, page speedPage, n int) {
	t.Helper()
	asked := func(c *caller, page speedPage, perSecond float64) load {
		l, err := c.load(page, *speedTime, perSecond)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if len(f.rate) == 0 {
		if err := errors.Join(program.warm(page, *speedTime), ground.warm(onFloor(page, n), *speedTime)); err != nil {
			t.Fatal(err)
		}
	}
	before := p.spent()
	full := asked(program, page, 0)
	after := p.spent()
	floor, bare := asked(ground, onFloor(page, n), 0), asked(ground, onBareFloor(page, n), 0)
	half, floorHalf := asked(program, page, full.rate/2), asked(ground, onFloor(page, n), floor.rate/2)
	f.rate, f.floor, f.ratio = append(f.rate, full.rate), append(f.floor, floor.rate), append(f.ratio, full.rate/floor.rate)
	f.statements = append(f.statements, bare.rate/floor.rate)
	f.p50, f.p99, f.spread = append(f.p50, full.p50), append(f.p99, full.p99), append(f.spread, float64(half.p99)/float64(half.p50))
	f.floorSpread = append(f.floorSpread, float64(floorHalf.p99)/float64(floorHalf.p50))
	f.allocations = append(f.allocations, (after.allocations-before.allocations)/float64(full.count))
	f.cpu = append(f.cpu, time.Duration((after.cpu-before.cpu)/float64(full.count)*float64(time.Second)))
}

// spent is what the program has used since it started.
type spent struct{ allocations, cpu float64 }

func (p *served) spent() spent {
	p.t.Helper()
	page := newVisitor(p.t).open("http://" + p.metrics + "/metrics").page
	figure := func(name string) float64 {
		_, rest, _ := strings.Cut(page, "\n"+name+" ")
		text, _, _ := strings.Cut(rest, "\n")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			p.t.Fatalf("%s: %v", name, err)
		}
		return value
	}
	return spent{figure("go_memstats_mallocs_total"), figure("process_cpu_seconds_total")}
}

// growthMost is how many times its time of a thousand contacts a page may take of a million.
const growthMost = 1.5

// growth prints how many times as long the pages of the large account take as those of the small one.
func growth(pages []speedPage, all []figures) {
	rates := map[string]float64{}
	for i, page := range pages {
		rates[page.Name] = median(all[i].rate)
	}
	large := " of " + grouped(*speedContacts)
	for _, page := range pages {
		if name, found := strings.CutSuffix(page.Name, large); found && rates[name+" of 1,000"] > 0 {
			times := rates[name+" of 1,000"] / rates[page.Name]
			fmt.Printf("%-40s takes %.2f%s times as long as of 1,000\n", page.Name, times, star(times > growthMost))
		}
	}
}

// head says what was measured where.
func (s *town) head() string {
	var version, size string
	if err := s.db.QueryRow(s.t.Context(), "SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))").Scan(&version, &size); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%s, %d cores, %s, PostgreSQL %s with %s in memory and without fsync beside program, floor and load; %d visitors at once, %d rounds of %s", time.Now().Format(time.DateOnly), runtime.NumCPU(),
		runtime.Version(), version, size, speedConnections, *speedRounds, *speedTime)
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func brief(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64) + "ms"
}

// grouped is a number with commas between its thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
