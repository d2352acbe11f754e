package handlers

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

var (
	attackMany = flag.Int("attack.requests", 150, "how many requests TestHostileInput sends as each kind of person, to all routes in turn")
	attackSeed = flag.Uint64("attack.seed", 1, "which bad input TestHostileInput sends")
)

// attacker is somebody with an account on the same server who sends what no page of ours would.
type attacker struct {
	*testSite
	t      testing.TB
	chance *rand.Rand
	routes []route
	enter  func() (*browser, things) // anew, with things of their own to break
	names  []string                  // of every field there is
	others []uuid.UUID               // of another account
	forms  map[string]string         // the route of a page with a form, by the route that takes it
	fields map[string][]string       // that forms and links of pages have, by route

	b       *browser
	w       things
	token   string
	left    int // requests until they enter anew
	answers map[int]int
	told    map[string]bool // what was found wrong
}

// Whatever is sent to whichever route by whomever, the answer is a page of ours in words of ours, with all its headers and nothing
// that runs, and nothing of it is a fault.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]struct {
		routes []route
		enter  func(s *testSite, t testing.TB) (*browser, things)
	}{
		"owner": {slices.Concat(sharedRoutes, adminRoutes), func(s *testSite, t testing.TB) (*browser, things) {
			return s.hostileStaff(t, queries.StaffRoleOwner, s.acme)
		}},
		"support": {adminRoutes, func(s *testSite, t testing.TB) (*browser, things) {
			return s.hostileStaff(t, queries.StaffRoleSupport, s.acme)
		}},
		"staff of another": {adminRoutes, func(s *testSite, t testing.TB) (*browser, things) {
			return s.hostileStaff(t, queries.StaffRoleOwner, s.lumen)
		}},
		"client": {portalRoutes, func(s *testSite, t testing.TB) (*browser, things) {
			w := s.things(t, s.acme, s.person(t, queries.NewID().String()+"@staff.example", queries.StaffRoleOwner, s.acme))
			return s.client(t, w.contact), w
		}},
		"stranger": {slices.Concat(sharedRoutes, portalRoutes), func(s *testSite, t testing.TB) (*browser, things) {
			w := s.things(t, s.acme, s.person(t, queries.NewID().String()+"@staff.example", queries.StaffRoleOwner, s.acme))
			return s.portal(t, s.acme), w
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *Config) { c.StripeSecrets, c.Deadline = []string{"whsec_test"}, time.Minute }) // a busy machine is no fault
			foreign := s.things(t, s.lumen, s.person(t, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen))
			a := &attacker{testSite: s, t: t, chance: rand.New(rand.NewPCG(*attackSeed, 6)), routes: who.routes, names: askedNames(t), forms: map[string]string{}, fields: map[string][]string{}, answers: map[int]int{}, told: map[string]bool{},
				others: []uuid.UUID{foreign.account.id, foreign.contact.id, foreign.session, foreign.link, foreign.member, foreign.file, foreign.task, foreign.mail, foreign.form.id, foreign.taught.course,
					foreign.taught.lesson, foreign.taught.module, foreign.taught.grant, foreign.taught.offer, foreign.taught.certificate, foreign.billed.invoice, foreign.billed.order, foreign.billed.subscription}}
			a.enter = func() (*browser, things) { return who.enter(s, t) }
			a.again()
			a.look()
			before := s.everythingOf(t, s.lumen)
			turn := a.chance.Perm(len(a.routes))
			for i := range *attackMany {
				a.attack(a.routes[turn[i%len(turn)]])
			}
			if name != "staff of another" && s.everythingOf(t, s.lumen) != before {
				t.Error("something of another account changed")
			}
			t.Logf("answers by status: %v", a.answers)
		})
	}
}

// hostileStaff is a new staff person, and things of acme.
func (s *testSite) hostileStaff(t testing.TB, role queries.StaffRole, of account) (*browser, things) {
	t.Helper()
	p := s.person(t, queries.NewID().String()+"@staff.example", role, of)
	return s.staff(t, p), s.things(t, s.acme, p)
}

// everythingOf is what an account has, but for what is counted and timed.
func (s *testSite) everythingOf(t testing.TB, a account) string {
	t.Helper()
	var all []string
	for _, table := range []string{"contact", "course", "lesson", "offer", "form", "invoice", "subscription", "access_grant", "staff_membership", "magic_link", "mail_text", "session"} {
		var rows string
		s.scan(t, "SELECT coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '') FROM "+table+" r WHERE account_id = $1", []any{a.id}, &rows)
		all = append(all, rows)
	}
	return strings.Join(all, "\n")
}

// again enters anew, where nothing is used up or shut.
func (a *attacker) again() {
	a.t.Helper()
	a.exec(a.t, "DELETE FROM allowance")
	a.exec(a.t, "UPDATE account SET require_two_factor = false, staff_may_change = false")
	a.exec(a.t, "DELETE FROM account_app")
	a.b, a.w = a.enter()
	a.token, a.left = a.b.token(), 24
}

// look goes through all pages and remembers their forms, and the parameters their links have.
func (a *attacker) look() {
	for _, r := range a.routes {
		if r.method != get {
			continue
		}
		p := a.b.get(a.w.path(r.path))
		for _, f := range p.all("form") {
			action, _, _ := strings.Cut(attr(f, "action"), "?")
			if to := a.routeOf(strings.ToUpper(attr(f, "method")), action); to != nil {
				if a.forms[to.path] == "" {
					a.forms[to.path] = r.path
				}
				a.fields[to.path] = append(a.fields[to.path], slices.Sorted(maps.Keys(controls(a.t, f)))...)
			}
		}
		for _, name := range []string{"href", "hx-get", "formaction"} {
			for _, link := range p.all("[" + name + "]") {
				if target, err := url.Parse(attr(link, name)); err == nil && target.RawQuery != "" {
					if to := a.routeOf(get, target.Path); to != nil {
						a.fields[to.path] = append(a.fields[to.path], slices.Sorted(maps.Keys(target.Query()))...)
					}
				}
			}
		}
	}
	for path, fields := range a.fields {
		slices.Sort(fields)
		a.fields[path] = slices.Compact(fields)
	}
}

// routeOf is the route that a path leads to; nil when there is none.
func (a *attacker) routeOf(method, path string) *route {
	for i, r := range a.routes {
		pattern := regexp.MustCompile(`:\w+`).ReplaceAllString(regexp.QuoteMeta(r.path), `[^/]+`)
		if r.method == method && regexp.MustCompile("^"+pattern+"$").MatchString(path) {
			return &a.routes[i]
		}
	}
	return nil
}

// attack sends one request to a route.
func (a *attacker) attack(r route) {
	a.t.Helper()
	if a.left--; a.left < 0 {
		a.again()
	}
	path, b := a.path(r), a.b
	if a.chance.IntN(3) == 0 {
		b = b.htmx()
	}
	if a.chance.IntN(4) == 0 {
		header := byChance(a.chance, hostileHeaders)
		b = b.with(header[0], header[1])
	}
	var kind, body string
	if r.method == get {
		if query := a.values(r, a.asked(r.path)); len(query) > 0 {
			path += "?" + query.Encode()
		}
	} else {
		kind, body = a.body(r, path)
	}
	path = path[:min(len(path), 20<<10)] // what is longer is no request, see TestUnreadableRequests
	p, err := b.hostile(r.method, path, kind, body)
	if err != nil {
		a.t.Errorf("%s %s as %q with %.300q: %v", r.method, path, kind, body, err)
		a.again()
		return
	}
	a.answers[p.status]++
	sent := maps.Clone(b.header)
	maps.DeleteFunc(sent, func(name string, value []string) bool { return value[0] == a.b.header.Get(name) })
	a.judge(r, p, fmt.Sprintf("%s %.250s, %.100v, as %q with %.500q", r.method, path, sent, kind, body))
	if strings.HasPrefix(p.header.Get("Location")+p.header.Get("HX-Redirect"), "/sign-in") {
		a.left = 0
	}
}

// path is a route's path, now and then with a part that is not what it names, or is no text and stands there as it is.
func (a *attacker) path(r route) string {
	names := regexp.MustCompile(`:\w+`).FindAllString(r.path, -1)
	if len(names) == 0 || a.chance.IntN(3) > 0 {
		return a.w.path(r.path)
	}
	part := url.PathEscape(hostile(a.chance, a.others))
	if a.chance.IntN(4) == 0 {
		part = byChance(a.chance, hostileBytes)
	}
	return a.w.path(strings.Replace(r.path, byChance(a.chance, names), part, 1))
}

// asked is what pages ask of a route that these things do not lead to: the next page of many, and the way back from Stripe.
func (a *attacker) asked(path string) url.Values {
	id, micros, session := queries.NewID().String(), cursorText(noon), url.Values{"session_id": {"cs_" + a.w.billed.order.String()}}
	return map[string]url.Values{
		"/checkout/return":               session,
		"/checkout/confirm":              session,
		"/invoices":                      {"before": {noon.Format(time.RFC3339) + "_" + id}},
		"/:account/invoices":             {"before": {noon.Format(time.RFC3339) + "_" + id}},
		"/:account/contacts":             {"after": {id}, "sort": {"seen"}, "at": {micros}},
		"/:account/contacts/:id":         {"before": {micros + "_" + id + "_added"}},
		"/:account/courses/:id/progress": {"before": {id}, "at": {micros}},
		"/:account/courses/:id/people":   {"before": {id}, "at": {micros}},
	}[path]
}

// values are fields that the route may ask for, some of them as they should be and some not.
func (a *attacker) values(r route, values url.Values) url.Values {
	if values == nil {
		values = url.Values{}
	}
	names := append(slices.Sorted(maps.Keys(values)), a.fields[r.path]...)
	for range 1 + a.chance.IntN(3) {
		name := byChance(a.chance, a.names)
		if len(names) > 0 && a.chance.IntN(5) > 0 {
			name = byChance(a.chance, names)
		}
		switch a.chance.IntN(10) {
		case 0:
			values.Del(name)
		case 1:
			values[name] = []string{hostile(a.chance, a.others), hostile(a.chance, a.others), hostile(a.chance, a.others)}
		case 2:
			values[name+"[]"] = []string{hostile(a.chance, a.others)}
		default:
			values.Set(name, hostileFor(values.Get(name), a.chance, a.others))
		}
	}
	return values
}

// body is what is posted: a form as the page has it or as a route takes it, with fields changed, or no form at all.
func (a *attacker) body(r route, path string) (kind, body string) {
	if a.chance.IntN(6) == 0 {
		odd := byChance(a.chance, hostileBodies)
		return odd[0], strings.ReplaceAll(odd[1], "TOKEN", a.token)
	}
	values := url.Values{}
	if page := a.forms[r.path]; page != "" && a.chance.IntN(2) == 0 {
		for _, f := range a.b.get(a.w.path(page)).all("form") {
			if attr(f, "action") == path {
				values = controls(a.t, f)
			}
		}
	}
	for _, wanted := range []url.Values{a.w.formOf(r.path), a.asked(r.path)} {
		for name, value := range wanted {
			if values[name] == nil {
				values[name] = slices.Clone(value)
			}
		}
	}
	if values = a.values(r, values); a.chance.IntN(20) > 0 {
		values.Set("_token", a.token)
	}
	for name := range values {
		if strings.HasPrefix(name, "@") && a.chance.IntN(5) > 0 {
			values[name] = byChance(a.chance, hostileFiles)
		}
	}
	from, kind := encoded(a.w.path(r.path), values)
	text, err := io.ReadAll(from)
	if err != nil {
		a.t.Fatal(err)
	}
	if body = string(text); len(body) > 10 && a.chance.IntN(20) == 0 {
		body = body[:a.chance.IntN(len(body))] // broken off
	}
	return kind, body
}

// rawError is what only programs say, and no page of ours to anybody.
var rawError = regexp.MustCompile(`SQLSTATE|pgx[:/]|pgconn|ERROR:|runtime error|goroutine \d|panic|\.go:\d|strconv\.|invalid input syntax|violates|no rows in|html/template|template: |fasthttp|multipart: |mime: |unexpected EOF|context deadline|/tmp/|fiber|nil pointer|parsing time|invalid UUID|river_job`)

// judge demands of an answer what every answer has.
func (a *attacker) judge(r route, p *page, asked string) {
	a.t.Helper()
	p.asked = asked
	wrong := func(format string, args ...any) {
		a.t.Helper()
		if a.told[r.path+format] { // once is enough
			return
		}
		a.told[r.path+format] = true
		a.t.Errorf("%s\nstatus %d: %s", asked, p.status, fmt.Sprintf(format, args...))
	}
	kind, _, _ := strings.Cut(p.header.Get("Content-Type"), ";")
	document := kind == "text/html" && !isMailFrame(r.path)
	if p.status >= http.StatusInternalServerError && p.status != http.StatusServiceUnavailable || p.status < 200 {
		wrong("%.300s", p.words())
	}
	if log := a.logged.take(); strings.Contains(log, "level=ERROR") {
		wrong("a fault: %s", log[strings.Index(log, "level=ERROR"):])
	}
	if found := rawError.FindString(p.body); found != "" && !strings.HasPrefix(r.path, "/static") && (document || kind == "text/plain") {
		wrong("it says %q", found)
	}
	if !strings.Contains("text/html text/plain text/csv application/pdf image/png image/svg+xml image/jpeg image/x-icon video/mp4 application/json text/css application/octet-stream", kind) {
		wrong("it is %q", kind)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin"} {
		if got := p.header.Get(name); got != want {
			wrong("%s is %q", name, got)
		}
	}
	if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe-eval") {
		wrong("headers are %v", p.header)
	}
	if !a.mayKeep(r, p.header.Get("Cache-Control")) {
		wrong("Cache-Control is %q", p.header.Get("Cache-Control"))
	}
	if to := p.header.Get("Location") + p.header.Get("HX-Redirect"); to != "" && !a.leadsWithin(to) {
		wrong("it leads to %s", to)
	}
	if p.header.Get("X-Evil") != "" || p.header.Get("Bcc") != "" {
		wrong("a header was injected: %v", p.header)
	}
	if document {
		p.harmless()
		if strings.Contains(p.body, "<html") && len(p.all("main")) != 1 {
			wrong("it is no page of ours: %.300s", p.body)
		}
	}
}

// mayKeep says whether an answer of a route may be kept as its header says: what is somebody's by nobody but their own browser.
func (a *attacker) mayKeep(r route, caching string) bool {
	switch caching {
	case "no-store", "private, no-cache", "private, max-age=86400":
		return true
	case forEver, "public, max-age=86400":
		return strings.HasPrefix(r.path, "/static/") || r.path == "/favicon.ico" || strings.HasPrefix(r.path, "/brand/") || r.path == "/:account/brand/files/:file"
	}
	return false
}

// leadsWithin says whether a redirect stays on this host, or goes to another of ours, or where the things of this test lead.
func (a *attacker) leadsWithin(to string) bool {
	target, err := url.Parse(to)
	if err != nil || strings.ContainsAny(to, "\\\r\n") {
		return false
	}
	return target.Host == "" && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") ||
		strings.HasSuffix(target.Host, ".portal.test") || target.Host == "app.test" || target.Host == "stripe.test" || target.Host == "www.youtube.com" // where invoices are paid, and the video is
}
