package handlers

import (
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// another is a second program on the same database.
func (s *testSite) another(t *testing.T) *testSite {
	t.Helper()
	site, err := New(t.Context(), s.Config)
	if err != nil {
		t.Fatal(err)
	}
	other := *s
	other.Site = site
	other.serve(t)
	return &other
}

// from is the same browser behind the address of another one.
func (b *browser) from(other *browser) *browser {
	return b.with("X-Forwarded-For", other.ip())
}

// The tries of a visitor with an address are counted together, in whichever program, and alike for addresses nobody has; its
// owner elsewhere is not held up by them.
func TestSignInTriesPerAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.arrived(t, s.lumen, "ana@example.com", "Ana Souza")
	second := s.another(t)
	visitor := s.portal(t, s.acme)
	try := func(b *browser, email, password string) *page {
		return b.fill(b.with("HX-Request", "false").get("/sign-in"), "#signin-form", "email", email, "password", password)
	}
	var refusals []string
	for _, email := range []string{"ana@example.com", "nobody@example.com"} {
		for i := range queries.LimitSignInAddress.Times {
			try([]*testSite{s, second}[i%2].portal(t, s.acme).from(visitor), email, "not the password").is(http.StatusUnprocessableEntity)
		}
		p := try(visitor, email, rightPassword).is(http.StatusTooManyRequests).has("main a[href='/']")
		if wait := p.header.Get("Retry-After"); wait != "90" {
			t.Errorf("%s: Retry-After %q, want a tenth of a quarter of an hour", email, wait)
		}
		refusals = append(refusals, p.words())
		if to := try(visitor.htmx(), email, rightPassword).is(http.StatusTooManyRequests).header.Get("HX-Retarget"); to != "#notice" {
			t.Errorf("htmx would put the refusal into %q", to)
		}
		try(s.portal(t, s.acme), email, "not the password").is(http.StatusUnprocessableEntity)
	}
	if refusals[0] != refusals[1] {
		t.Errorf("%q for a known address, %q for an unknown one", refusals[0], refusals[1])
	}
	s.rows(t, 0, "session")
	try(s.portal(t, s.lumen).from(visitor), "ana@example.com", rightPassword).leadsTo("/") // another account counts by itself
	s.clock.move(90 * time.Second)
	try(s.portal(t, s.acme).from(visitor), "ana@example.com", rightPassword).leadsTo("/")
	for range 2 { // the right password gave all tries back
		try(s.portal(t, s.acme).from(visitor), "ana@example.com", "not the password").is(http.StatusUnprocessableEntity)
	}
}

// However many visitors try, an address has a limit of its own; what a visitor is refused does not count against it.
func TestSignInTriesOfAllVisitors(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, email := range []string{"ana@example.com", "nobody@example.com"} {
		flood := s.portal(t, s.acme)
		s.spent(t, s.acme.id, queries.LimitSignInIP, flood.ip())
		try := func(b *browser) *page {
			return b.fill(b.get("/sign-in"), "#signin-form", "email", email, "password", "not the password")
		}
		try(flood).is(http.StatusUnprocessableEntity)
		left := s.everything(t, "allowance")
		try(flood).is(http.StatusTooManyRequests)
		if s.everything(t, "allowance") != left {
			t.Errorf("%s: a refused try uses up what is others'", email)
		}
		s.exec(t, "DELETE FROM allowance WHERE action = $1", queries.LimitSignInAddressAll.Action)
		s.spent(t, s.acme.id, queries.LimitSignInAddressAll, email)
		try(s.portal(t, s.acme)).is(http.StatusUnprocessableEntity)
		if p := try(s.portal(t, s.acme)).is(http.StatusTooManyRequests); p.header.Get("Retry-After") != "9" {
			t.Errorf("%s: Retry-After %q", email, p.header.Get("Retry-After"))
		}
	}
}

// A visitor with IPv6 has as many addresses as they like, and one network.
func TestVisitorsNetwork(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{"203.0.113.7": "203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::": "2001:db8:1:2::/64", "2001:db8:1:3::1": "2001:db8:1:3::/64"} {
		if got := (&visit{ip: netip.MustParseAddr(ip)}).network(); got != want {
			t.Errorf("%s is of %s, want %s", ip, got, want)
		}
	}
}

func (b *browser) ip() string { return b.header.Get("X-Forwarded-For") }

// spent uses up what a subject may do, but for the last time.
func (s *testSite) spent(t *testing.T, account uuid.UUID, limit queries.Limit, subject string) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		for range limit.Times - 1 {
			if wait, err := queries.Spend(t.Context(), q, account, s.clock.now(), queries.Spending{Limit: limit, Subject: subject}); err != nil || wait != 0 {
				t.Fatalf("wait %s: %v", wait, err)
			}
		}
		return nil
	})
}

// Each way in has a limit per visitor's address, and another visitor is not held up by it.
func TestLimitsPerVisitor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	open, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	over, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	s.exec(t, "UPDATE magic_link SET ended_at = $1, ended_because = 'used' WHERE token_hash = $2", noon, queries.TokenHash(over[len("/l/"):]))
	for name, c := range map[string]struct {
		limit   queries.Limit
		account uuid.UUID
		browser func() *browser
		try     func(b *browser) *page
	}{
		"password": {queries.LimitSignInIP, s.acme.id, func() *browser { return s.portal(t, s.acme) }, func(b *browser) *page {
			return b.fill(b.get("/sign-in"), "#signin-form", "email", queries.NewID().String()+"@example.com", "password", "not the password")
		}},
		"mail me a link": {queries.LimitMailIP, s.acme.id, func() *browser { return s.portal(t, s.acme) }, func(b *browser) *page {
			return b.fill(b.get("/sign-in"), "button[formaction='/sign-in/link']", "email", queries.NewID().String()+"@example.com")
		}},
		"a new link": {queries.LimitMailIP, s.acme.id, func() *browser { return s.portal(t, s.acme) }, func(b *browser) *page {
			return b.fill(b.get(over), "#link-over form")
		}},
		"code": {queries.LimitCodeIP, s.acme.id, func() *browser { return s.portal(t, s.acme) }, func(b *browser) *page {
			b.fill(b.get("/sign-in"), "button[formaction='/sign-in/link']", "email", queries.NewID().String()+"@example.com").leadsTo("/sign-in/code")
			return b.fill(b.get("/sign-in/code"), "form[action='/sign-in/code']", "code", "000000")
		}},
		"link": {queries.LimitLinkIP, s.acme.id, func() *browser { return s.portal(t, s.acme) }, func(b *browser) *page {
			return b.send(post, open+"x", url.Values{"_token": {b.token()}})
		}},
		"staff password": {queries.LimitSignInIP, uuid.Nil, func() *browser { return s.admin(t) }, func(b *browser) *page {
			return b.fill(b.get("/sign-in"), "#staff-signin", "email", queries.NewID().String()+"@example.com", "password", "not the password")
		}},
		"staff reset": {queries.LimitMailIP, uuid.Nil, func() *browser { return s.admin(t) }, func(b *browser) *page {
			return b.fill(b.get("/password-reset"), "form[action='/password-reset']", "email", queries.NewID().String()+"@example.com")
		}},
	} {
		b := c.browser()
		s.spent(t, c.account, c.limit, b.ip())
		if p := c.try(b); p.status == http.StatusTooManyRequests {
			t.Errorf("%s: refused one try too early", name)
		}
		if p := c.try(b).is(http.StatusTooManyRequests); p.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", name)
		}
		if p := c.try(c.browser()); p.status == http.StatusTooManyRequests {
			t.Errorf("%s: another visitor is refused as well", name)
		}
	}
}
