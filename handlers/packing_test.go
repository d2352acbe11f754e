package handlers

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A page comes in gzip where the browser takes it and the person, or a page of the same host, asked for it. Nobody else can make
// out of its length what is in it.
func TestPagesArePacked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	plain := ana.get("/profile").is(http.StatusOK).body
	for _, c := range []struct {
		site, accept string
		packed       bool
	}{
		{"same-origin", "gzip", true},
		{"none", "deflate, gzip;q=0.5, br", true},
		{"same-origin", "gzip;q=0, br", false},
		{"same-origin", "identity", false},
		{"cross-site", "gzip", false},
		{"same-site", "gzip", false},
		{"", "gzip", false},
	} {
		b := ana.with("Accept-Encoding", c.accept)
		if c.site != "" {
			b = b.with("Sec-Fetch-Site", c.site)
		}
		p := b.get("/profile").is(http.StatusOK)
		if vary := p.header.Get("Vary"); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Sec-Fetch-Site") {
			t.Errorf("%+v: Vary is %q", c, vary)
		}
		if packed := p.header.Get("Content-Encoding") == "gzip"; packed != c.packed {
			t.Errorf("%+v: packed %t", c, packed)
		} else if !packed {
			if p.body != plain {
				t.Errorf("%+v: it is another page", c)
			}
			continue
		}
		if unpacked := unpack(t, p.body); unpacked != plain || len(p.body)*2 > len(plain) {
			t.Errorf("%+v: %d bytes packed, %d unpacked, %d plain", c, len(p.body), len(unpacked), len(plain))
		}
	}
	asked := ana.with("Accept-Encoding", "gzip").with("Sec-Fetch-Site", "same-origin")
	if p := asked.get("/healthz"); p.header.Get("Content-Encoding") != "" || p.header.Get("Vary") != "" {
		t.Errorf("an answer of three bytes: %v", p.header)
	}
	if p := asked.htmx().get("/profile"); p.header.Get("Content-Encoding") == "gzip" && !strings.Contains(unpack(t, p.body), "Ana Souza") {
		t.Error("a fragment is something else when it is packed")
	}
	if p := asked.get("/no/such/page").is(http.StatusNotFound); !strings.Contains(unpack(t, p.body), "</html>") {
		t.Error("an error has no page")
	}
	if p := asked.send(http.MethodHead, "/profile", nil).is(http.StatusOK); p.body != "" || p.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the head of a page is not that page's: %v", p.header)
	}
}

func unpack(t *testing.T, body string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
