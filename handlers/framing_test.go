package handlers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// within is what somebody writes into a body, so that it is taken for a request of whoever comes next.
const within = "GET /robots.txt HTTP/1.1\r\nHost: acme.portal.test\r\n\r\n"

// What stands in the body of a request is never taken for the next request on its connection.
func TestBodiesAreNotRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, first := range []string{"GET /sign-in", "GET /static/x", "HEAD /sign-in", "GET /profile", "POST /sign-in", "POST /no/such/page", "POST /profile/name", "PUT /sign-in", "DELETE /", "OPTIONS /sign-in",
		"POST /f/x", "POST /profile/avatar", "POST /webhooks/stripe", "FOO /sign-in"} {
		for _, host := range []string{"acme.portal.test", "app.test", "nobody.test"} {
			for _, size := range []int{0, 8 << 10, 200 << 10} { // the server reads the first 8 KB ahead
				body := strings.Repeat("a", size) + within
				head := first + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
				for _, request := range []string{
					fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body),
					fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, len(body), body),
				} {
					if got := s.answersTo(t, request); slices.Contains(got, "robots") || len(got) == 0 {
						t.Errorf("%s on %s with a body of %d: %q", first, host, len(body), got)
					}
				}
			}
		}
	}
}

// A request that says in two ways where it ends, or for whom it is, is refused, and its connection ends.
func TestUnclearRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const head = "POST /sign-in HTTP/1.1\r\nHost: acme.portal.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, rest := range map[string]string{
		"length and chunks":     "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks and length":     "transfer-encoding: chunked\r\ncontent-length: 60\r\n\r\n0\r\n\r\n",
		"two lengths":           "Content-Length: 0\r\nContent-Length: 55\r\n\r\n",
		"two lengths, turned":   "Content-Length: 55\r\nContent-Length: 0\r\n\r\n",
		"a list of lengths":     "Content-Length: 0, 55\r\n\r\n",
		"a length with a plus":  "Content-Length: +55\r\n\r\n",
		"a length below zero":   "Content-Length: -55\r\n\r\n",
		"a length in hex":       "Content-Length: 0x37\r\n\r\n",
		"another encoding":      "Transfer-Encoding: xchunked\r\n\r\n",
		"an encoding before it": "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"a folded encoding":     "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
		"a blank in a name":     "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		"two hosts":             "Host: lumen.portal.test\r\nContent-Length: 0\r\n\r\n",
		"chunks that are none":  "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
		"VT before chunked":     "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
		"FF before chunked":     "Transfer-Encoding:\x0cchunked\r\n\r\n0\r\n\r\n",
		"VT behind chunked":     "Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n",
		"NBSP before chunked":   "Transfer-Encoding:\u00a0chunked\r\n\r\n0\r\n\r\n",
		"NEL behind chunked":    "Transfer-Encoding: chunked\u0085\r\n\r\n0\r\n\r\n",
		"VT in a name":          "Transfer-Encoding\x0b: chunked\r\n\r\n",
		"VT in another name":    "Content-Length\x0b: 55\r\n\r\n",
		"NBSP before a name":    "\u00a0Content-Length: 55\r\n\r\n",
		"a bracket in a name":   "X-(Note): a\r\n\r\n",
		"no name":               ": a\r\n\r\n",
		"no colon":              "X-Note: a\r\nX-Note\r\n\r\n",
		"CR in a value":         "X-Note: a\rTransfer-Encoding: chunked\r\n\r\n",
		"CR before a line ends": "X-Note: a\r\r\n\r\n",
		"LF without CR":         "X-Note: a\nContent-Length: 0\r\n\r\n",
		"NUL in a value":        "X-Note: a\x00b\r\n\r\n",
		"DEL in a value":        "X-Note: a\x7f\r\n\r\n",
		"a folded value":        "X-Note: a\r\n b\r\n\r\n",
	} {
		if got := s.answersTo(t, head+rest+within); !slices.Equal(got, []string{"400"}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, rest := range []string{"Transfer-Encoding: Chunked\r\n\r\n1;ext=1\r\na\r\n0\r\n\r\n", "Transfer-Encoding:\t chunked \t\r\n\r\n0\r\n\r\n",
		"!#$%&'*+-.^_`|~09azAZ: \ta\tö\xff\"(:)\r\nX-Empty:\r\nContent-Length:0\r\n\r\n"} {
		if got := s.answersTo(t, head+rest); !slices.Equal(got, []string{"403", "healthy"}) {
			t.Errorf("a clear one, %q: %q", rest, got)
		}
	}
}

// FuzzUnclear: what is taken can be read by another server, ends for us where it ends for that one, and is for the same host.
func FuzzUnclear(f *testing.F) {
	for _, head := range []string{"Host: a.test\r\nContent-Length: 5", "transfer-encoding:\tChunked", "Transfer-Encoding:\x0bchunked", "Transfer-Encoding: identity", "Content-Length\x0b: 5", "Content-Length: 5\r\n\r\n",
		"X: a\rContent-Length: 5", "X: a\n Content-Length: 5", "X: a\r\n\tTransfer-Encoding: chunked", "Content-Length: 5\nHost:\tb.test ", "Content-Length:", ":", "Host: a\r\nHost: b", "Trailer: Content-Length", "Content-Length: \u0665"} {
		f.Add(head)
	}
	f.Fuzz(func(t *testing.T, head string) {
		request := "POST / HTTP/1.1\r\n" + head + "\r\n\r\n"
		var ours fasthttp.RequestHeader
		if err := ours.Read(bufio.NewReader(strings.NewReader(request))); err != nil || unclear(ours.RawHeaders()) {
			return
		}
		if !strings.HasPrefix(request, "POST / HTTP/1.1\r\n"+string(ours.RawHeaders())) {
			return // of a blank line folded to the last value fasthttp looks twice, at its own rewriting then, and nobody can see what was sent
		}
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
		if err != nil {
			t.Fatalf("%q cannot be read by another server: %v", head, err)
		}
		length := int64(max(ours.ContentLength(), -1))
		if none := ours.ContentLength() == -2; none {
			length = 0
		}
		if host := strings.Trim(string(ours.Host()), " \t"); length != theirs.ContentLength || host != theirs.Host {
			t.Errorf("%q has a body of %d for %q, or of %d for %q", head, length, host, theirs.ContentLength, theirs.Host)
		}
	})
}

// BenchmarkUnclear is what each request pays for it.
func BenchmarkUnclear(b *testing.B) {
	head := []byte("Host: acme.portal.test\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
		"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nConnection: keep-alive\r\n" +
		"Cookie: __Host-session=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\nPriority: u=0, i\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if unclear(head) {
			b.Fatal("what browsers send is refused")
		}
	}
}

// answersTo sends what is written and behind it a request for the program's health, and tells what comes back until the connection
// ends: the status of each answer, or what it is known by.
func (s *testSite) answersTo(t *testing.T, request string) (got []string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.dial)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { // what is refused is not read to its end
		_, _ = io.WriteString(conn, request+"GET /healthz HTTP/1.1\r\nHost: acme.portal.test\r\nConnection: close\r\n\r\n")
	}()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	method, _, _ := strings.Cut(request, " ")
	for from := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(from, &http.Request{Method: method})
		if err != nil {
			return got
		}
		body, _ := io.ReadAll(response.Body) // a broken one is told by its status
		response.Body.Close()
		switch {
		case strings.HasPrefix(string(body), "User-agent"):
			got = append(got, "robots")
		case len(got) > 0 && response.StatusCode == http.StatusOK:
			got = append(got, "healthy")
		default:
			got = append(got, fmt.Sprint(response.StatusCode))
		}
		method = http.MethodGet
	}
}
