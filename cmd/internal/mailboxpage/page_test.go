package mailboxpage

import (
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"atrium/jobs/mailbox"
)

// sample has both parts, markup in every place a person can fill, and a link.
const sample = "From: =?UTF-8?q?Caf=C3=A9_=3Cb=3ELumen=3C/b=3E?= <portal@atrium.test>\r\n" +
	"Subject: Your <i>link</i>\r\nX-Note: <u>x</u>\r\nContent-Type: multipart/alternative; boundary=part\r\n\r\n" +
	"--part\r\nContent-Type: text/plain\r\n\r\nHello <s>Ada</s>,\r\n\r\nSee http://lumen.test/l/abc?a=1&b=2.\r\n" +
	"--part\r\nContent-Type: text/html\r\n\r\n<html><HEAD lang=en><title>x</title></head><body><a href=\"http://lumen.test/l/abc\">Open</a></body></html>\r\n" +
	"--part--\r\n"

// boxWith is a box that took these mails.
func boxWith(t *testing.T, mails ...string) *mailbox.Box {
	t.Helper()
	box, err := mailbox.Start(mailbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Stop() })
	for _, text := range mails {
		if err := smtp.SendMail(box.Addr(), nil, "portal@atrium.test", []string{"ada@example.com"}, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return box
}

// get asks the pages over a box.
func get(box *mailbox.Box, path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	New(box).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer
}

func TestPages(t *testing.T) {
	t.Parallel()
	box := boxWith(t, sample)
	at := "/m/" + box.Messages()[0].ID
	for _, test := range []struct {
		path   string
		status int
		has    []string
	}{
		{"/", 200, []string{`<meta http-equiv="refresh"`, "Mailbox (1)", `href="m` + at[2:] + `"`, "Café &lt;b&gt;Lumen&lt;/b&gt;</span>", "to ada@example.com", "Your &lt;i&gt;link&lt;/i&gt;", "Hello &lt;s&gt;Ada&lt;/s&gt;,"}},
		{at, 200, []string{`src="` + at[3:] + `/html"`, `sandbox="allow-popups allow-popups-to-escape-sandbox`, `<a href="http://lumen.test/l/abc?a=1&amp;b=2" target="_blank"`, "X-Note</dt><dd>&lt;u&gt;x&lt;/u&gt;", at[3:] + "/raw"}},
		{at + "/html", 200, []string{`<HEAD lang=en><base target="_blank"><title>`, `<a href="http://lumen.test/l/abc">Open</a>`}},
		{at + "/raw", 200, []string{"Delivered-To: ada@example.com\r\n", sample}},
		{"/style.css", 200, []string{"light-dark("}},
		{"/m/1", 404, []string{"This mail is not here", `href="./../"`}},
		{"/m/1/html", 404, []string{`href="./../../"`}},
		{"/m/1/raw", 404, []string{`href="./../../style.css"`}},
		{"/elsewhere", 404, []string{`href="./"`}},
	} {
		answer := get(box, test.path)
		if answer.Code != test.status {
			t.Errorf("%s: status %d, want %d", test.path, answer.Code, test.status)
		}
		for _, part := range test.has {
			if !strings.Contains(answer.Body.String(), part) {
				t.Errorf("%s: no %q in %s", test.path, part, answer.Body)
			}
		}
		header := answer.Header()
		if header.Get("Referrer-Policy") != "no-referrer" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", test.path, header)
		}
		sandboxed := strings.HasPrefix(header.Get("Content-Security-Policy"), "sandbox allow-popups ")
		if wanted := test.path == at+"/html"; sandboxed != wanted {
			t.Errorf("%s: policy %q", test.path, header.Get("Content-Security-Policy"))
		}
	}
}

func TestEmptyAndPlain(t *testing.T) {
	t.Parallel()
	if body := get(boxWith(t), "/").Body.String(); !strings.Contains(body, "No mail yet") || strings.Contains(body, "<ol>") {
		t.Errorf("empty box: %s", body)
	}
	box := boxWith(t, "\r\nJust words.\r\n")
	at := "/m/" + box.Messages()[0].ID
	if body := get(box, at).Body.String(); !strings.Contains(body, "(no subject)") || strings.Contains(body, "<iframe") {
		t.Errorf("plain mail: %s", body)
	}
	if answer := get(box, at+"/html"); answer.Code != http.StatusNotFound {
		t.Errorf("HTML part of a plain mail: status %d", answer.Code)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	for _, pair := range [][2]string{
		{clock(noon, noon.Add(time.Hour)), "12:00"},
		{clock(noon, noon.Add(13*time.Hour)), "22 Nov, 12:00"},
		{name("Acme Coaching <a@b.test>"), "Acme Coaching"},
		{name("a@b.test"), "a@b.test"},
		{snippet("one\n\n  two\n" + strings.Repeat("é", 200)), "one two " + strings.Repeat("é", 152) + "…"},
		{inNewTabs("<p>x</p>"), `<base target="_blank"><p>x</p>`},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%q, want %q", pair[0], pair[1])
		}
	}
}
