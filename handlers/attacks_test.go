package handlers

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"atrium/queries"
)

// A session that somebody else knew before is worth nothing after any way in: the browser has another one, and the planted one was
// never stored.
func TestPlantedSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "")
	link, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	invitation, setup := s.invited(t, ben), s.setup(t, "new@acme.example")
	planted := queries.NewToken()
	for name, c := range map[string]struct {
		b     *browser
		enter func(b *browser) *page
	}{
		"password": {s.portal(t, s.acme), func(b *browser) *page {
			return b.fill(b.get("/sign-in"), "#signin-form", "email", ana.email, "password", rightPassword)
		}},
		"link":       {s.portal(t, s.acme), func(b *browser) *page { return b.confirm(link) }},
		"invitation": {s.portal(t, s.acme), func(b *browser) *page { return b.confirm(invitation) }},
		"code":       {s.portal(t, s.acme), func(b *browser) *page { return b.code(s.ask(t, b, ana.email).code) }},
		"staff": {s.admin(t), func(b *browser) *page {
			return b.fill(b.get("/sign-in"), "#staff-signin", "email", maya.email, "password", rightPassword)
		}},
		"staff's link": {s.admin(t), func(b *browser) *page {
			return b.fill(b.get(setup), "#staff-link", "name", "New", "password", rightPassword)
		}},
	} {
		root, err := url.Parse(c.b.root)
		if err != nil {
			t.Fatal(err)
		}
		c.b.client.Jar.SetCookies(root, []*http.Cookie{{Name: sessionCookie, Value: planted, Path: "/"}})
		if p := c.enter(c.b); p.status != http.StatusSeeOther {
			t.Errorf("%s: status %d", name, p.status)
		}
		if got := c.b.cookie(sessionCookie); got == planted || len(got) != len(planted) {
			t.Errorf("%s: the browser's session is %q, and %q was planted", name, got, planted)
		}
	}
	for _, table := range []string{"session", "staff_session"} {
		s.rows(t, 0, table+" WHERE token_hash = $1", queries.TokenHash(planted))
	}
	mine, theirs := s.client(t, s.arrived(t, s.acme, "leila@example.com", "Leila")), s.client(t, s.arrived(t, s.acme, "eve@example.com", "Eve"))
	mine.get("/profile").is(http.StatusOK)
	mine.with("Cookie", sessionCookie+"="+theirs.cookie(sessionCookie)).get("/profile").leadsTo("/sign-in?next=%2Fprofile") // not Eve's
}

// Whatever a request says of the host, the port and the way it came, nothing of it stands in a page or leads anywhere.
func TestHostsAreNotReflected(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	for _, host := range s.hosted(t, &w, maya) {
		for _, b := range []*browser{host.nobody(), host.somebody()} {
			lied := b.with("X-Forwarded-Host", strings.TrimPrefix(b.root, "http://")+":6661")
			for name, value := range map[string]string{"X-Forwarded-Proto": "evil", "X-Forwarded-Port": "6662", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Server": "evil.test", "X-Original-URL": "/evil", "X-Rewrite-URL": "/evil",
				"Forwarded": "host=evil.test;proto=evil", "X-Host": "evil.test", "Referer": "http://evil.test/evil"} {
				lied = lied.with(name, value)
			}
			for _, r := range host.routes {
				if r.method != get {
					continue
				}
				p := lied.get(w.path(r.path))
				said := p.header.Get("Location") + p.header.Get("Link") + p.body
				if found := regexp.MustCompile(`:666[12]|evil\.test|evil:|/evil`).FindString(said); found != "" && strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
					t.Errorf("%s says %q", p.asked, found)
				}
			}
		}
	}
}

// keeping is a proxy between browsers and a portal that keeps whatever the headers let it, as RFC 9111 has it for caches of many
// people, and more: it does not ask whether what it has is still fresh.
type keeping struct {
	to    http.RoundTripper
	mutex sync.Mutex
	kept  map[string]*http.Response
	body  map[string][]byte
	hits  int
}

func (k *keeping) RoundTrip(request *http.Request) (*http.Response, error) {
	key := request.Method + " " + request.URL.String()
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if held := k.kept[key]; held != nil && varies(held, request) {
		k.hits++
		copied := *held
		copied.Header, copied.Body = held.Header.Clone(), io.NopCloser(bytes.NewReader(k.body[key]))
		return &copied, nil
	}
	response, err := k.to.RoundTrip(request)
	if err != nil || request.Method != http.MethodGet {
		return response, err
	}
	caching := response.Header.Get("Cache-Control")
	if strings.Contains(caching, "no-store") || strings.Contains(caching, "private") || strings.Contains(caching, "no-cache") || response.Header.Get("Vary") == "*" {
		return response, nil
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(text))
	response.Request = request
	k.kept[key], k.body[key] = response, text
	return response, err
}

// varies says whether a kept answer fits another request.
func varies(held *http.Response, request *http.Request) bool {
	for _, name := range strings.Split(held.Header.Get("Vary"), ",") {
		if name = strings.TrimSpace(name); name != "" && held.Request.Header.Get(name) != request.Header.Get(name) {
			return false
		}
	}
	return true
}

// Two clients behind one proxy that keeps answers never see what is the other's: nothing that depends on who asks may be kept.
func TestPagesAreNotKeptForOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	first, second := s.things(t, s.acme, maya), s.things(t, s.acme, maya)
	s.exec(t, "UPDATE contact SET name = 'Berit Andersson' WHERE id = $1", second.contact.id)
	a, b, nobody := s.client(t, first.contact), s.client(t, second.contact), s.portal(t, s.acme)
	proxy := &keeping{to: a.client.Transport, kept: map[string]*http.Response{}, body: map[string][]byte{}}
	for _, one := range []*browser{a, b, nobody} {
		one.client.Transport = proxy
		one.header.Set("X-Forwarded-For", "198.18.0.1") // of the proxy
	}
	shown := 0
	for _, r := range append(portalRoutes, sharedRoutes...) {
		if r.method != get {
			continue
		}
		path := first.path(r.path)
		for _, htmx := range []bool{false, true} {
			ask := func(b *browser) *page {
				if htmx {
					b = b.htmx()
				}
				return b.get(path)
			}
			of := ask(a)
			if strings.Contains(of.body, "Ana Souza") {
				shown++
			}
			if r.guard == public {
				continue // the same for everybody who has its address
			}
			for _, other := range []*page{ask(b), ask(nobody)} {
				if strings.Contains(other.body, "Ana Souza") || strings.Contains(other.body, first.contact.email) {
					t.Errorf("%s: another client is shown the first one's page", other.asked)
				}
			}
			if r.guard != visitor {
				ask(nobody).is(map[bool]int{true: http.StatusOK, false: http.StatusSeeOther}[htmx])
			}
		}
	}
	for asked := range proxy.kept {
		if path := strings.TrimPrefix(asked, "GET "+a.root); !strings.HasPrefix(path, "/static/") && !strings.HasPrefix(path, "/brand/") && path != "/favicon.ico" {
			t.Errorf("%s may be kept for others", asked)
		}
	}
	if shown < 10 || proxy.hits == 0 {
		t.Errorf("the first client's name stands on %d pages, and %d answers were kept ones", shown, proxy.hits)
	}
}

// Passwords guessed in many programs and at the same moment are counted together: as many as the limit are looked at, and not one more.
func TestGuessingAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	programs := []*testSite{s, s.another(t), s.another(t)}
	visitor := s.portal(t, s.acme)
	var sent []sending
	for i := range 3 * queries.LimitSignInAddress.Times {
		b := programs[i%len(programs)].portal(t, s.acme).from(visitor)
		sent = append(sent, sending{b, b.get("/sign-in").form("#signin-form", "email", ana.email, "password", "not the password")})
	}
	looked := map[int]int{}
	for _, p := range together(t, sent...) {
		looked[p.status]++
	}
	if looked[http.StatusUnprocessableEntity]+looked[http.StatusServiceUnavailable] != queries.LimitSignInAddress.Times || looked[http.StatusTooManyRequests] != 2*queries.LimitSignInAddress.Times {
		t.Errorf("answers by status: %v", looked)
	}
}

// Codes guessed in many programs and at the same moment are counted together too, and the right one is worth nothing after them.
func TestGuessingCodesAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	other := s.another(t)
	b := s.portal(t, s.acme)
	asked := s.ask(t, b, ana.email)
	page := b.get("/sign-in/code")
	var sent []sending
	for i := range 4 * queries.CodeTries {
		at := *b
		at.client = &http.Client{Jar: b.client.Jar, Transport: []*testSite{s, other}[i%2].portal(t, s.acme).client.Transport, CheckRedirect: b.client.CheckRedirect}
		sent = append(sent, sending{&at, page.form("form[action='/sign-in/code']", "code", wrong(asked.code))})
	}
	for _, p := range together(t, sent...) {
		p.is(http.StatusUnprocessableEntity)
	}
	s.rows(t, 1, "sign_in_request WHERE ended_because = 'too_many_tries' AND tries = $1", queries.CodeTries)
	form := page.form("form[action='/sign-in/code']", "code", asked.code)
	b.send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity)
	s.rows(t, 0, "session")
}

// Whoever counts what an answer costs does not learn whether somebody has the address: as many round trips to the database, and as
// many passwords hashed.
func TestUnknownAddressesCostTheSame(t *testing.T) {
	t.Parallel()
	s, counted := tracedSite(t)
	s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.contact(t, s.acme, "ben@example.com", "")
	for name, c := range map[string]struct {
		known []string
		b     func() *browser
		page  string
		form  string
		more  []string
	}{
		"password":       {[]string{"ana@example.com", "ben@example.com"}, func() *browser { return s.portal(t, s.acme) }, "/sign-in", "#signin-form", []string{"password", "not the password"}},
		"mail me a link": {[]string{"ana@example.com", "ben@example.com"}, func() *browser { return s.portal(t, s.acme) }, "/sign-in", "button[formaction='/sign-in/link']", nil},
		"staff":          {[]string{"maya@acme.example"}, func() *browser { return s.admin(t) }, "/sign-in", "#staff-signin", []string{"password", "not the password"}},
		"new password":   {[]string{"maya@acme.example"}, func() *browser { return s.admin(t) }, "/password-reset", "form[action='/password-reset']", nil},
	} {
		costs := map[string]int64{}
		for range 3 { // the least counts: a connection that is new asks for more
			for _, email := range append(c.known, "nobody@example.com") {
				b := c.b()
				form := b.get(c.page).form(c.form, append([]string{"email", email}, c.more...)...)
				before := counted.all.Load()
				b.send(form.method, form.action, form.values)
				if n := counted.all.Load() - before; costs[email] == 0 || n < costs[email] {
					costs[email] = n
				}
			}
		}
		for email, n := range costs {
			if n != costs["nobody@example.com"] || n == 0 {
				t.Errorf("%s: %s costs %d round trips, an address of nobody %d", name, email, n, costs["nobody@example.com"])
			}
		}
	}
}
