package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visitor is a person without a browser: they read pages, fill in the forms they find there and send them, by plain HTTP. Every
// host is on this machine.
type visitor struct {
	t      *testing.T
	client *http.Client
	at     *url.URL
	status int
	header http.Header
	page   string
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{t: t, client: &http.Client{Jar: jar, Transport: transport}}
}

// open reads a page, and follows where it leads.
func (v *visitor) open(address string) *visitor {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.read(request)
	return v
}

func (v *visitor) read(request *http.Request) {
	v.t.Helper()
	if err := v.asks(request); err != nil {
		v.t.Fatal(err)
	}
}

// asks is as read for who can bear that no answer comes.
func (v *visitor) asks(request *http.Request) error {
	answer, err := v.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	v.at, v.status, v.header, v.page = answer.Request.URL, answer.StatusCode, answer.Header, string(body)
	return nil
}

var (
	formTag     = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// send fills in the first form of the page whose action begins so, and sends it; fields are names and values in turn.
func (v *visitor) send(action string, fields ...string) *visitor {
	v.t.Helper()
	request, err := v.filled(action, fields...)
	if err != nil {
		v.t.Fatal(err)
	}
	v.read(request)
	return v
}

// filled is the form that send sends.
func (v *visitor) filled(action string, fields ...string) (*http.Request, error) {
	for _, form := range formTag.FindAllStringSubmatch(v.page, -1) {
		_, rest, found := strings.Cut(form[1], ` action="`+action)
		if !found || !strings.Contains(form[1], `method="post"`) {
			continue
		}
		values := url.Values{}
		for _, input := range hiddenInput.FindAllStringSubmatch(form[2], -1) {
			values.Set(input[1], html.UnescapeString(input[2]))
		}
		for i := 0; i < len(fields); i += 2 {
			values.Set(fields[i], fields[i+1])
		}
		rest, _, _ = strings.Cut(rest, `"`)
		target := v.at.ResolveReference(&url.URL{Path: action + rest})
		request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, target.String(), strings.NewReader(values.Encode()))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", v.at.Scheme+"://"+v.at.Host)
		return request, nil
	}
	return nil, fmt.Errorf("no form for %s in %s: %d %s", action, v.at, v.status, v.page)
}

// arrivesAt fails unless the visitor has been led to that path.
func (v *visitor) arrivesAt(path string) *visitor {
	v.t.Helper()
	if v.at.Path != path || v.status != http.StatusOK {
		v.t.Fatalf("want to be at %s, not at %s: %d %s", path, v.at, v.status, v.page)
	}
	return v
}

// shows tells whether the page has that number as invited and as joined users.
func (v *visitor) shows(invited, joined int) bool {
	return v.figure("invited") == fmt.Sprint(invited) && v.figure("joined") == fmt.Sprint(joined)
}

func (v *visitor) figure(name string) string {
	found := regexp.MustCompile(`(?s)id="figure-` + name + `".*?<dd>(\d+)`).FindStringSubmatch(v.page)
	if found == nil {
		return ""
	}
	return found[1]
}
