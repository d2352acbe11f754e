package handlers

import (
	"mime"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"atrium/queries"
)

// FuzzNextPath: wherever somebody asks to be led after they have signed in, it is a page of this host, for us and for a browser.
func FuzzNextPath(f *testing.F) {
	for _, next := range append(hostileValues, "/profile?a=b#c", "/courses/x?next=//evil.test", "/%5cevil.test", "/%2f%2fevil.test", "/./\\evil.test", "/;//evil.test", "/..//evil.test", "/?//evil.test", "/\u2028evil", "/@evil.test", "/#\x00", "/profile#\x7f", "////evil.test", " //evil.test", "/:80") {
		f.Add(next)
	}
	home, err := url.Parse("https://acme.portal.test/sign-in")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		path := nextPath(next)
		if path != "/" && path != next {
			t.Errorf("%q becomes %q", next, path)
		}
		if nextPath(path) != path {
			t.Errorf("%q is taken once and then not", path)
		}
		// A browser reads a backslash as a slash, and passes over tabs and line ends wherever they stand.
		seen := strings.NewReplacer(`\`, "/", "\t", "", "\r", "", "\n", "").Replace(strings.Trim(path, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "))
		target, err := home.Parse(seen)
		if err != nil || target.Host != home.Host || target.Scheme != home.Scheme || strings.HasPrefix(seen, "//") || !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q leads to %v, %v", path, target, err)
		}
	})
}

// FuzzHost: a host is the same however often it is looked at, has no port and no capitals, and nothing but an account's own name is its host.
func FuzzHost(f *testing.F) {
	for _, host := range append(hostileValues, "acme.portal.test", "ACME.portal.test:8080", "[::1]:80", "[::1]", "a:b:c", ".", "..", ":", "a.:80", "app.test.", "acme.portal.test\x00", "acme.portal.test@evil.test", "acme.portal.test:80:90") {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		got := hostOnly(host)
		if again := hostOnly(got); again != got && !strings.Contains(got, ":") && !strings.HasSuffix(got, ".") {
			t.Errorf("%q is %q and then %q", host, got, again)
		}
		if len(got) > len(strings.ToLower(host)) || got != strings.ToLower(got) {
			t.Errorf("%q is %q", host, got)
		}
		if got == "acme.portal.test" && !strings.HasPrefix(strings.ToLower(host), got) {
			t.Errorf("%q is taken for %s", host, got)
		}
	})
}

// FuzzParseHop: what a proxy says of a visitor is an address or nothing.
func FuzzParseHop(f *testing.F) {
	for _, hop := range append(hostileValues, "203.0.113.7", "203.0.113.7:80", "[2001:db8::7]:80", "fe80::1%eth0", "::ffff:1.2.3.4", "[[::1]]", "1.2.3.4%x", "unknown", "_hidden") {
		f.Add(hop)
	}
	f.Fuzz(func(t *testing.T, hop string) {
		addr, err := parseHop(hop)
		if (err == nil) != addr.IsValid() {
			t.Fatalf("%q: %v, %v", hop, addr, err)
		}
		if err == nil {
			network := (&visit{ip: addr.Unmap()}).network()
			if _, err := netip.ParsePrefix(network); err != nil && netip.MustParseAddr(network) != addr.Unmap() {
				t.Errorf("%q counts as %s", hop, network)
			}
		}
	})
}

// FuzzParseRange: whatever part of a file is asked for, what is sent lies within it.
func FuzzParseRange(f *testing.F) {
	for _, header := range []string{"", "bytes=0-", "bytes=-5", "bytes=5-2", "bytes=0-0,1-1", "bytes=9223372036854775807-", "bytes=-9223372036854775808", "bytes=+1-2", "bytes= 1-2 ", "items=0-1", "bytes=a-b", "bytes=--", "bytes=1-9223372036854775807"} {
		for _, size := range []int64{0, 1, 10, 1 << 40} {
			f.Add(header, size)
		}
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return // no file has that
		}
		r, all, none := parseRange(header, size)
		switch {
		case all && none:
			t.Errorf("%q of %d is all and none", header, size)
		case all && r != byteRange{0, size}:
			t.Errorf("%q of %d is all of it and %+v", header, size, r)
		case !none && (r.from < 0 || r.length < 0 || r.length > size || r.from > size-r.length):
			t.Errorf("%q of %d is %+v", header, size, r)
		}
	})
}

// FuzzDisposition: the name of a file is a name in the header and nothing else, and the name a browser reads is the one it has.
func FuzzDisposition(f *testing.F) {
	for _, name := range append(hostileValues, "worksheet.pdf", `a"b.pdf`, "a\r\nSet-Cookie: x=1", "ünï.pdf", "a; filename=evil.exe", "a%20b.pdf", "a+b.pdf", "'.pdf", "..", "a\\\"") {
		f.Add(name, true)
	}
	f.Fuzz(func(t *testing.T, name string, inline bool) {
		header := disposition(name, inline)
		if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q makes the header %q", name, header)
		}
		kind, with, err := mime.ParseMediaType(header)
		switch {
		case err != nil || (kind == "inline") != inline || kind != "inline" && kind != "attachment":
			t.Errorf("%q makes %s: %v", name, header, err)
		case len(with) > 1 || name != "" && with["filename"] != name:
			t.Errorf("%q is read as %q", name, with)
		}
	})
}

// FuzzKeptName: a file is kept under a name that is a line of text and no path.
func FuzzKeptName(f *testing.F) {
	for _, name := range append(hostileValues, "a/b.pdf", `C:\x\y.pdf`, "...", " .pdf", strings.Repeat("ü", 300)+".pdf") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		kept := keptName(name)
		if kept == "" || !utf8.ValidString(kept) || strings.ContainsAny(kept, "/\\\x00\r\n") {
			t.Errorf("%q is kept as %q", name, kept)
		}
	})
}

// FuzzTokens: of all that can stand in a path only what we made opens anything, and it opens what it was made for.
func FuzzTokens(f *testing.F) {
	secret, other, id := queries.NewSecret("ours"), queries.NewSecret("another's"), queries.NewID()
	for _, token := range append(hostileValues, secret.StopToken(id), secret.PayToken(id), other.StopToken(id), secret.LinkToken(id), secret.StopToken(id)+"=", strings.Repeat("A", 43),
		"AaIq\rj1QBewiMCbaitODiyCXKnHpTIc-AB3D4glGAeeo", "AaIqj1QBewiMCbaitODiyCXKnHpTIc-AB3D4glGAeep", secret.PayToken(id)+"\n") {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if stops, err := secret.ParseStopToken(token); err == nil && secret.StopToken(stops) != token {
			t.Errorf("%q stops %s, whose token is %q", token, stops, secret.StopToken(stops))
		}
		if paid, err := secret.ParsePayToken(token); err == nil && secret.PayToken(paid) != token {
			t.Errorf("%q pays %s, whose token is %q", token, paid, secret.PayToken(paid))
		}
	})
}
