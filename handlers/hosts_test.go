package handlers

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// A host that is nobody's answers in the same neutral way everywhere, and names no account.
func TestUnknownHosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.toProfile(t, s.contact(t, s.acme, "ana@example.com", "Ana Souza"))
	s.exec(t, "INSERT INTO domain (account_id, host, created_at) VALUES ($1, 'unverified.test', $2)", s.acme.id, noon)
	for _, host := range []string{"nobody.portal.test", "portal.test", "acmeportal.test", "www.acme.portal.test", "acme.portal.test.evil.test", "acme", "127.0.0.1", "[::1]",
		"unverified.test", ".portal.test", "acme..portal.test", "app.test.portal.test", "xn--acme.portal.test", strings.Repeat("a", 300) + ".portal.test"} {
		b := s.browser(t, "acme.portal.test").with("Host", host)
		first := ""
		for _, path := range []string{"/", "/sign-in", "/acme", "/profile", link, "/no/such/page"} {
			p := b.get(path).is(http.StatusNotFound).lacks("main a", "main form", "img")
			for _, name := range []string{"acme", "lumen", "atrium", "ana"} {
				if strings.Contains(strings.ToLower(p.words()), name) {
					t.Errorf("%s%s names %s: %s", host, path, name, p.words())
				}
			}
			if first == "" {
				first = p.words()
			}
			if p.words() != first {
				t.Errorf("%s%s answers otherwise: %s", host, path, p.words())
			}
		}
		b.send(post, "/sign-in", nil).is(http.StatusNotFound)
	}
	s.rows(t, 0, "link_fetch")
}

// A host is the same in whatever way it is written.
func TestKnownHosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for host, title := range map[string]string{"acme.portal.test": "Acme Coaching", "ACME.Portal.TEST": "Acme Coaching", "acme.portal.test:8080": "Acme Coaching",
		"acme.portal.test.": "Acme Coaching", "lumen.portal.test": "Lumen Studio", "app.test": "Atrium", "APP.test:443": "Atrium"} {
		p := s.browser(t, "acme.portal.test").with("Host", host).get("/sign-in").is(http.StatusOK)
		if !strings.HasSuffix(words(p.one("title")), title) {
			t.Errorf("%s is %s", host, words(p.one("title")))
		}
	}
	s.portal(t, s.acme).get("/acme").is(http.StatusNotFound) // the admin side is on its own host only
	s.admin(t).get("/profile").leadsTo("/sign-in?next=%2Fprofile")
}

// What a proxy says of a visitor counts only when the proxy is one of ours, and then up to the first address that is not.
func TestForwardedFor(t *testing.T) {
	t.Parallel()
	ours, none := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}, []netip.Prefix(nil)
	for _, trusted := range [][]netip.Prefix{ours, none} {
		t.Run("", func(t *testing.T) {
			s := newSite(t, func(c *Config) { c.TrustedProxies = trusted })
			link := s.toProfile(t, s.contact(t, s.acme, "ana@example.com", ""))
			for forwarded, want := range map[string]string{
				"": "127.0.0.1", "203.0.113.7": "203.0.113.7", "198.51.100.1, 203.0.113.7": "203.0.113.7", "203.0.113.7,10.1.2.3": "203.0.113.7",
				"198.51.100.1, 203.0.113.7 , 10.1.2.3, 127.0.0.9": "203.0.113.7", "10.1.2.3, 10.1.2.4": "10.1.2.3", "2001:db8::7": "2001:db8::7", "::ffff:203.0.113.7": "203.0.113.7",
				"2001:db8::7, fd00::1": "2001:db8::7", "nonsense": "127.0.0.1", "203.0.113.7, nonsense": "127.0.0.1", "203.0.113.7, nonsense, 10.1.2.3": "10.1.2.3", ",": "127.0.0.1",
				"203.0.113.7:4711": "203.0.113.7", "[2001:db8::7]:4711": "2001:db8::7", "[2001:db8::7]": "2001:db8::7", "198.51.100.1, 203.0.113.7:4711, 10.1.2.3:80": "203.0.113.7",
			} {
				if len(trusted) == 0 {
					want = "127.0.0.1"
				}
				s.exec(t, "DELETE FROM link_fetch")
				s.portal(t, s.acme).with("X-Forwarded-For", forwarded).get(link).is(http.StatusOK)
				var seen string
				s.scan(t, "SELECT host(ip) FROM link_fetch", nil, &seen)
				if seen != want {
					t.Errorf("%q is taken for %s, want %s", forwarded, seen, want)
				}
			}
			b := s.browser(t, "nobody.test").with("X-Forwarded-Host", "Acme.portal.test:8080")
			p := b.get("/sign-in")
			if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[len(trusted) > 0]; p.status != want {
				t.Errorf("a forwarded host: status %d, want %d", p.status, want)
			}
		})
	}
}

// Accounts made and domains verified by anybody are served within a second, with and without notices from Postgres, also
// after the connection for notices was lost; and no longer once they are gone.
func TestHostsFollowTheDatabase(t *testing.T) {
	t.Parallel()
	for name, listen := range map[string]bool{"by notices": true, "by looking": false} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(c *Config) { c.Listen = listen })
			serves := func(host string, want int) {
				t.Helper()
				b := s.browser(t, host)
				eventually(t, host+" is served or not", func() bool { return b.get("/sign-in").status == want })
			}
			nova := addAccount(t, s.DB, "nova", "Nova Music")
			serves("nova.portal.test", http.StatusOK)
			s.exec(t, "INSERT INTO domain (account_id, host, created_at) VALUES ($1, 'Portal.Nova.test', $2)", nova.id, noon)
			s.exec(t, "UPDATE domain SET verified_at = $1", noon)
			serves("portal.nova.test", http.StatusOK)
			if listen {
				eventually(t, "it listens", func() bool {
					return s.count(t, "pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'") > 0
				})
				s.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
			}
			s.exec(t, "UPDATE account SET name = 'Nova Choir', changed_at = $1 WHERE slug = 'nova'", noon.Add(time.Second))
			eventually(t, "the new name is served", func() bool {
				return strings.Contains(words(s.browser(t, "nova.portal.test").get("/sign-in").one("title")), "Nova Choir")
			})
			s.exec(t, "DELETE FROM domain")
			serves("portal.nova.test", http.StatusNotFound)
			serves("nova.portal.test", http.StatusOK)
			s.exec(t, "DELETE FROM account WHERE slug = 'nova'")
			serves("nova.portal.test", http.StatusNotFound)
		})
	}
}

// Links are made for the account's own domain as soon as it has one.
func TestPortalURLOfADomain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, "INSERT INTO domain (account_id, host, created_at, verified_at) VALUES ($1, 'clients.acme.test', $2, $2)", s.acme.id, noon)
	eventually(t, "the domain is known", func() bool { return s.accountOf("clients.acme.test") != nil })
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "")
	b.get("/acme").has("a[href='http://clients.acme.test']")
	p := b.fill(b.get("/acme/magic-links/new?contact="+ana.id.String()), "button[value=copy]")
	link := attr(p.one("#magiclinks-form input[readonly]"), "value")
	path, found := strings.CutPrefix(link, "http://clients.acme.test")
	if !found {
		t.Fatalf("the link is %s", link)
	}
	s.browser(t, "clients.acme.test").confirm(path).leadsTo("/")
	s.portal(t, s.acme).get("/sign-in").is(http.StatusOK)
}

// A program can serve hosts of its own beside those of accounts, which come first.
func TestHostsOfTheProgram(t *testing.T) {
	t.Parallel()
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s := newSite(t, func(c *Config) {
		c.Hosts = map[string]http.Handler{"mailbox.test": answer, "acme.portal.test": answer, "app.test": answer}
	})
	s.browser(t, "mailbox.test").get("/").is(http.StatusTeapot)
	s.portal(t, s.acme).get("/sign-in").is(http.StatusOK)
	s.admin(t).get("/sign-in").is(http.StatusOK)
}
