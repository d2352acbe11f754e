package handlers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// browser is somebody's: it keeps its cookies, has an address and an agent of its own, and follows no redirect by itself.
type browser struct {
	t      testing.TB
	root   string // of the host it looks at, such as http://acme.portal.test
	client *http.Client
	header http.Header // sent with every request
}

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"

// browsers numbers them, for their addresses.
var browsers atomic.Uint32

// browser makes one that looks at a host and is nobody's yet.
func (s *testSite) browser(t testing.TB, host string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	// The site is served without TLS, as behind a proxy that takes it off; so https is a plain connection here as well.
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", s.dial)
	}
	transport := &http.Transport{DialContext: dial, DialTLSContext: dial, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	number := browsers.Add(1)
	return &browser{t: t, root: s.Addresses.Scheme + "://" + host,
		client: &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		header: http.Header{"User-Agent": {firefox}, "X-Forwarded-For": {fmt.Sprintf("198.18.%d.%d", number/250, number%250+1)}},
	}
}

// portal is nobody's browser on an account's portal.
func (s *testSite) portal(t testing.TB, a account) *browser {
	t.Helper()
	return s.browser(t, s.Addresses.PortalHost(a.slug, ""))
}

// admin is nobody's browser on the admin host.
func (s *testSite) admin(t testing.TB) *browser {
	t.Helper()
	return s.browser(t, s.Addresses.AppHost)
}

// client is a browser in which a contact has signed in with the right password.
func (s *testSite) client(t testing.TB, c contact) *browser {
	t.Helper()
	b := s.portal(t, c.account)
	b.fill(b.get("/sign-in"), "#signin-form", "email", c.email, "password", rightPassword).leadsTo("/")
	return b
}

// staff is a browser in which a staff person has signed in with the right password.
func (s *testSite) staff(t testing.TB, p staff) *browser {
	t.Helper()
	b := s.admin(t)
	b.fill(b.get("/sign-in"), "#staff-signin", "email", p.email, "password", rightPassword).leadsTo("/")
	return b
}

// with is the same browser that sends one more header.
func (b *browser) with(name, value string) *browser {
	other := *b
	other.header = maps.Clone(b.header)
	other.header.Set(name, value)
	return &other
}

// htmx is the same browser asking for a part of a page.
func (b *browser) htmx() *browser { return b.with("HX-Request", "true") }

func (b *browser) get(path string) *page {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

// send asks for a path, with a form unless that is nil.
func (b *browser) send(method, path string, form url.Values) *page {
	b.t.Helper()
	p, err := b.try(method, path, form)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// try is send for goroutines, which may not end the test.
func (b *browser) try(method, path string, form url.Values) (*page, error) {
	var body io.Reader
	var kind string
	if form != nil {
		body, kind = encoded(path, form)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.root+path, body)
	if err != nil {
		return nil, err
	}
	request.Header = b.header.Clone()
	request.Host = b.header.Get("Host") // empty: that of the address
	if form != nil {
		request.Header.Set("Content-Type", kind)
		if request.Header.Get("Origin") == "" {
			request.Header.Set("Origin", b.root)
		}
	}
	response, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return &page{t: b.t, asked: method + " " + path, status: response.StatusCode, header: response.Header, cookies: response.Cookies(), body: string(text)}, err
}

// encoded is a form as a browser sends it: with files where the route takes them. A file is a value of a name that begins with
// an @: the name it has, and its content.
func encoded(path string, form url.Values) (body io.Reader, kind string) {
	takesFile := false
	for pattern := range uploadMost {
		matches, _ := filepath.Match(regexp.MustCompile(`:\w+`).ReplaceAllString(pattern, "*"), path) // the patterns are those of routes
		takesFile = takesFile || matches
	}
	if !takesFile {
		return strings.NewReader(form.Encode()), "application/x-www-form-urlencoded"
	}
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	_ = parts.WriteField("_token", form.Get("_token")) // a buffer takes everything
	for name, values := range form {
		if name != "_token" && !strings.HasPrefix(name, "@") {
			_ = parts.WriteField(name, values[0])
		}
	}
	for name, values := range form {
		if field, isFile := strings.CutPrefix(name, "@"); isFile {
			file := "file" // whoever gives the content alone does not care what it is called
			if len(values) > 1 {
				file = values[0]
			}
			part, _ := parts.CreateFormFile(field, file)
			_, _ = io.WriteString(part, values[len(values)-1])
		}
	}
	_ = parts.Close()
	return &out, parts.FormDataContentType()
}

// upload sends the form that a selector finds with a file in its field.
func (b *browser) upload(p *page, selector, field, name, content string) *page {
	b.t.Helper()
	form := p.form(selector)
	form.values.Del(field) // the file stands last, and not as words
	form.values["@"+field] = []string{name, content}
	return b.send(form.method, form.action, form.values)
}

// fill sends the form that a selector finds, or whose button it finds, with the named fields changed to what a person would
// type into them.
func (b *browser) fill(p *page, selector string, fields ...string) *page {
	b.t.Helper()
	form := p.form(selector, fields...)
	return b.send(form.method, form.action, form.values)
}

// follow goes where an answer leads.
func (b *browser) follow(p *page) *page {
	b.t.Helper()
	if p.status != http.StatusSeeOther {
		b.t.Fatalf("%s leads nowhere: status %d", p.asked, p.status)
	}
	return b.get(p.header.Get("Location"))
}

// cookie is the value of one of the browser's cookies; empty when it has none of that name.
func (b *browser) cookie(name string) string {
	root, err := url.Parse(b.root)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(root) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// stolen is another browser that shows its host the session of this one, which no browser would do by itself.
func (b *browser) stolen(other *browser) *browser {
	return other.with("Cookie", sessionCookie+"="+b.cookie(sessionCookie))
}

// token is what every form of this browser carries, taken from the page it is led to.
func (b *browser) token() string {
	b.t.Helper()
	p := b.get("/sign-in")
	for p.status == http.StatusSeeOther {
		p = b.follow(p)
	}
	return attr(p.one("input[name=_token]"), "value")
}
