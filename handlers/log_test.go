package handlers

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Nothing that opens something is ever written into the log, whatever becomes of the request: tokens of links, values of
// cookies, passwords, codes.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	link, over := s.toProfile(t, ana), s.toProfile(t, ana)
	b, asking, admin := s.portal(t, s.acme), s.portal(t, s.acme), s.admin(t)
	a := s.ask(t, asking, ana.email)
	setup := s.setup(t, "maya@acme.example")
	s.raw(t, "GET "+link+" HTTP/1.1\r\nHost: acme.portal.test\r\nX-Long: "+strings.Repeat("x", 100_000)+"\r\n\r\n")
	s.raw(t, "GET "+link+" HTTP/1.1\r\nHost: acme.portal.test\r\nno colon\r\n\r\n")
	s.raw(t, "NONSENSE "+link+"\r\n\r\n")
	s.raw(t, "POST "+link+" HTTP/1.1\r\nHost: acme.portal.test\r\nContent-Length: 99999999\r\n\r\n")
	b.send(http.MethodHead, link, nil)
	b.send(http.MethodPut, link, nil).is(http.StatusNotFound)
	b.send(post, link, nil).is(http.StatusForbidden)
	b.confirm(over).leadsTo("/profile")
	b.get(over).leadsTo("/profile")
	late := s.portal(t, s.acme)
	late.fill(late.get(over), "#link-over form").is(http.StatusOK)
	b.get(link + "x").is(http.StatusNotFound)
	s.portal(t, s.lumen).get(link).is(http.StatusNotFound)
	s.browser(t, "nobody.test").get(link).is(http.StatusNotFound)
	asking.code(wrong(a.code))
	asking.fill(asking.get("/sign-in"), "#signin-form", "email", ana.email, "password", "not the password")
	admin.fill(admin.get(setup), "#staff-link", "name", "Maya", "password", rightPassword).leadsTo("/")
	s.exec(t, "ALTER TABLE magic_link RENAME TO away")
	s.exec(t, "ALTER TABLE staff_link RENAME TO gone")
	b.get(link).is(http.StatusInternalServerError)
	b.send(post, link, b.formToken()).is(http.StatusInternalServerError)
	admin.get(setup).is(http.StatusInternalServerError)
	log := s.logged.String()
	for name, secret := range map[string]string{"a link's token": link[len("/l/"):], "another's": over[len("/l/"):], "a staff link's": setup[len("/l/"):], "a mailed link's": a.link[len("/l/"):],
		"a code": a.code, "a session": b.cookie(sessionCookie), "a staff session": admin.cookie(sessionCookie), "a browser": b.cookie(browserCookie),
		"a password": rightPassword, "a wrong password": "not the password"} {
		if secret == "" || strings.Contains(log, secret) {
			t.Errorf("the log holds %s", name)
		}
	}
	if n := strings.Count(log, "route=/l/:token"); n < 10 {
		t.Errorf("of the requests for links only %d are in the log", n)
	}
}

// formToken is the least that a form of this browser carries.
func (b *browser) formToken() map[string][]string { return map[string][]string{"_token": {b.token()}} }

// raw sends what no client of ours would, and returns the first line of the answer; empty when there is none.
func (s *testSite) raw(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.dial)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		return "" // closed before all was read
	}
	_ = conn.(*net.TCPConn).CloseWrite() // there is no more to wait for
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

// What is no request, or holds what no text can, is refused in a word and is nobody's fault.
func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.toProfile(t, s.contact(t, s.acme, "ana@example.com", ""))
	const head = " HTTP/1.1\r\nHost: acme.portal.test\r\nConnection: close\r\n"
	for _, c := range []struct{ name, request, want string }{
		{"plain", "GET /sign-in" + head + "\r\n", "200"},
		{"headers of some KB", "GET /sign-in" + head + "Cookie: other=" + strings.Repeat("x", 8000) + "\r\n\r\n", "200"},
		{"headers without end", "GET /sign-in" + head + "Cookie: other=" + strings.Repeat("x", 100_000) + "\r\n\r\n", "431 400"},
		{"no HTTP", "HELO\r\n\r\n", "400"},
		{"a body without end", "POST /sign-in" + head + "Content-Length: 99999999\r\n\r\n", "413"},
		{"an agent that is no text", "GET " + link + head + "User-Agent: a\x00b\xff\r\n\r\n", "200 400"},
		{"a path that is no text", "GET /brand/logo-\xff\x00" + head + "\r\n", "404 400"},
		{"a token that is no text", "GET /l/\xff" + head + "\r\n", "404 400"},
		{"a picture with a zero", "GET /brand/logo-\x00" + head + "\r\n", "404 400"},
		{"a picture that is no text", "GET /brand/logo-\xff" + head + "\r\n", "404 400"},
		{"a search that is no text", "GET /sign-in?next=%00%ff" + head + "\r\n", "200"},
		{"a cookie that is no text", "GET /sign-in" + head + "Cookie: atrium_session=" + strings.Repeat("\xff", 43) + "\r\n\r\n", "200 400"},
	} {
		got := s.raw(t, c.request)
		if fields := strings.Fields(got); len(fields) < 2 || !strings.Contains(c.want, fields[1]) {
			t.Errorf("%s: %q, want %s", c.name, got, c.want)
		}
	}
	if log := s.logged.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("somebody else's nonsense is logged as a fault:\n%s", log)
	}
	s.rows(t, 0, "session")
}

// A method that HTTP does not know is logged and counted as one of those, so that nobody makes a figure of their own.
func TestOtherMethodsAreCounted(t *testing.T) {
	t.Parallel()
	counted := make(chan string, 1)
	s := newSite(t, func(c *Config) {
		c.Answered = func(side, method, _ string, status int, _ time.Duration) {
			counted <- fmt.Sprint(side, " ", method, " ", status)
		}
	})
	for host, side := range map[string]string{"acme.portal.test": "portal", "app.test": "admin", "nobody.test": "none"} {
		p := s.browser(t, host).send("FOO", "/", nil).is(http.StatusNotImplemented)
		if got := <-counted; got != side+" "+otherMethod+" 501" {
			t.Errorf("%s: counted as %s", host, got)
		}
		if id := p.header.Get("X-Request-Id"); id == "" || !strings.Contains(s.logged.String(), id) {
			t.Errorf("%s: the log lacks the request %q", host, id)
		}
	}
}

// What stands in a path and is no text leads nowhere, whoever asks for it and whatever is looked up by it.
func TestPathsThatAreNoText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	client, admin := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza")), s.staff(t, maya)
	form := url.Values{"_token": {admin.token()}}.Encode()
	for _, wrong := range append([]string{"%ff", "a%00"}, hostileBytes...) {
		for _, c := range []struct {
			b            *browser
			method, path string
		}{
			{client, get, "/avatars/" + wrong}, {client, get, "/brand/logo-" + wrong}, {client, get, "/o/" + wrong}, {client, get, "/f/" + wrong}, {client, get, "/l/" + wrong}, {client, get, "/" + wrong},
			{admin, get, "/acme/avatars/" + wrong}, {admin, get, "/" + wrong + "/contacts"}, {admin, post, "/acme/stripe/events/" + wrong + "/replay"},
		} {
			p, err := c.b.hostile(c.method, c.path, "application/x-www-form-urlencoded", form)
			if err != nil {
				t.Fatal(err)
			}
			p.is(http.StatusNotFound).has("main")
		}
	}
	client.get("/f/%C3%A9").is(http.StatusNotFound)
	if log := s.logged.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("somebody else's nonsense is logged as a fault:\n%s", log)
	}
}
