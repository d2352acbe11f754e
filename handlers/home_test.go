package handlers

import (
	"net/http"
	"testing"
	"time"
)

// Home greets by the clock of the account and the first name, and offers what the client has.
func TestHome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	p := b.get("/").is(http.StatusOK).has("a[href='/profile']", "nav a[href='/'][aria-current=page]", "form[action='/sign-out']", "a[href='mailto:help@acme.example']")
	if got := words(p.one("h1")); got != "Good afternoon, Ana" {
		t.Errorf("at noon it says %q", got)
	}
	s.exec(t, "UPDATE account SET time_zone = 'Pacific/Auckland', changed_at = $1", noon.Add(time.Second))
	eventually(t, "the zone is known", func() bool { return s.accounts.BySlug("acme").TimeZone == "Pacific/Auckland" })
	if got := words(b.get("/").one("h1")); got != "Good evening, Ana" {
		t.Errorf("at one in the morning it says %q", got)
	}
}

func TestGreeting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hour       int
		name, want string
	}{
		{4, "Ana", "Good evening, Ana"}, {5, "Ana", "Good morning, Ana"}, {11, "Ana", "Good morning, Ana"}, {12, "Ana", "Good afternoon, Ana"},
		{17, "Ana", "Good afternoon, Ana"}, {18, "Ana", "Good evening, Ana"}, {0, "", "Good evening"}, {9, "Nguyễn Thị Mai", "Good morning, Nguyễn"}, {9, "נועה לוי", "Good morning, נועה"},
	} {
		if got := greeting(c.hour, c.name); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.name, c.hour, got, c.want)
		}
	}
}
