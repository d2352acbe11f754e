package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atrium/queries"
)

// waiting is how many stand in line.
func (p *places) waiting() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.regulars) + len(p.passers)
}

// Whoever is signed in is served first, and has the place in line of whoever is not; nobody else waits in vain for longer than a moment.
func TestPlaces(t *testing.T) {
	t.Parallel()
	p := &places{most: 1, line: 3, wait: time.Minute}
	first, err := p.take(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	got, leaves := make(chan string, 9), make(chan func(), 9)
	comes := func(name string, regular bool) {
		before := p.waiting()
		go func() {
			leave, err := p.take(t.Context(), regular)
			if err != nil {
				got <- name + " is turned away"
				return
			}
			got <- name
			leaves <- leave
		}()
		eventually(t, name+" stands in line", func() bool { return p.waiting() > before || before == p.line })
	}
	comes("Ana", false)
	comes("Ben", false)
	comes("Cleo, signed in", true)
	is := func(want string) {
		t.Helper()
		if name := <-got; name != want {
			t.Errorf("%s, not %s", name, want)
		}
	}
	if _, err := p.take(t.Context(), false); !errors.Is(err, errFull) {
		t.Errorf("one more in a full line: %v", err)
	}
	comes("Dana, signed in", true)
	is("Ben is turned away") // the last of those who are not signed in
	first()
	first() // twice is once
	for _, next := range []string{"Cleo, signed in", "Dana, signed in", "Ana"} {
		is(next)
		(<-leaves)()
	}
	if p.taken != 0 {
		t.Errorf("%d places are taken by nobody", p.taken)
	}
}

func TestPlacesAreNotWaitedForInVain(t *testing.T) {
	t.Parallel()
	p := &places{most: 1, line: 3, wait: time.Millisecond}
	leave, err := p.take(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), gone} {
		if _, err := p.take(ctx, true); !errors.Is(err, errFull) {
			t.Errorf("waited, and then %v", err)
		}
	}
	leave()
	if p.taken != 0 || p.waiting() != 0 {
		t.Errorf("%d places taken, %d in line", p.taken, p.waiting())
	}
}

// A full house answers at once, in words, with what a page or a part of it needs to say so; nothing was begun. What costs nothing is answered
// all the same.
func TestFullHouse(t *testing.T) {
	t.Parallel()
	var turnedAway atomic.Int64
	s := makeSite(t, func(c *Config) {
		c.AtOnce = 1
		c.TurnedAway = func(bool) { turnedAway.Add(1) }
	})
	s.atWork.line = 0
	s.serve(t)
	nobody := s.portal(t, s.acme)
	form := nobody.get("/sign-in").is(http.StatusOK)
	leave, err := s.atWork.take(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*page{nobody.get("/sign-in"), nobody.htmx().get("/sign-in"), nobody.get("/no/such/page"), nobody.fill(form, "button[formaction='/sign-in/link']", "email", "ana@example.com")} {
		if p.is(http.StatusServiceUnavailable).header.Get("Retry-After") != "5" || !strings.Contains(p.words(), "Very busy right now") {
			t.Errorf("%s says %q and %q", p.asked, p.header.Get("Retry-After"), p.words())
		}
	}
	for _, sheet := range form.all("link[rel=stylesheet]") { // which that page wears too
		nobody.get(attr(sheet, "href")).is(http.StatusOK)
	}
	if !strings.Contains(form.body, `href="/brand/`) {
		t.Error("the page has no stylesheet of the brand")
	}
	if retarget := nobody.htmx().get("/sign-in").header.Get("HX-Retarget"); retarget != "#notice" {
		t.Errorf("for a part it is swapped into %q", retarget)
	}
	if n := turnedAway.Load(); n != 5 {
		t.Errorf("%d were turned away", n)
	}
	if n := s.count(t, "sign_in_request"); n != 0 {
		t.Errorf("%d requests were begun", n)
	}
	for _, path := range []string{"/healthz", "/readyz", "/favicon.ico"} {
		nobody.get(path).is(http.StatusOK)
	}
	leave()
	nobody.get("/sign-in").is(http.StatusOK)
	if strings.Contains(s.logged.String(), "level=ERROR") {
		t.Error("a full house is logged as a fault")
	}
}

// Who is signed in waits in the line where somebody with a cookie of their own making does not.
func TestSignedInGoFirst(t *testing.T) {
	t.Parallel()
	s := makeSite(t, func(c *Config) { c.AtOnce = 1 })
	s.atWork.wait = time.Minute
	s.serve(t)
	client, staff := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza")), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	client.get("/").is(http.StatusOK)
	staff.get("/acme").is(http.StatusOK)
	for _, known := range []struct {
		*browser
		path string
	}{{client, "/"}, {staff, "/acme"}} {
		leave, err := s.atWork.take(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		made := s.portal(t, s.acme).with("Cookie", sessionCookie+"="+queries.NewToken())
		answers := make(chan *page, 2)
		ask := func(b *browser, path string) {
			if p, err := b.try(http.MethodGet, path, nil); err == nil {
				answers <- p
			}
		}
		go ask(made, "/")
		eventually(t, "the one waits", func() bool { return s.atWork.waiting() == 1 })
		go ask(known.browser, known.path)
		(<-answers).is(http.StatusServiceUnavailable)
		leave()
		(<-answers).is(http.StatusOK)
	}
}

// While Stripe does not answer, what does not ask it goes on.
func TestStripeHasPlacesOfItsOwn(t *testing.T) {
	t.Parallel()
	s := makeSite(t)
	s.withStripe.line = 0
	s.serve(t)
	for range s.withStripe.most {
		if _, err := s.withStripe.take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	nobody := s.portal(t, s.acme)
	nobody.get("/checkout/return?session_id=cs_1").is(http.StatusServiceUnavailable)
	nobody.get("/sign-in").is(http.StatusOK)
}
