package mailbox

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// lines joins a mail's lines as they travel.
func lines(all ...string) []byte { return []byte(strings.Join(all, "\r\n")) }

func TestParseMultipart(t *testing.T) {
	t.Parallel()
	got := parse("1732269600000000001", lines(
		"Return-Path: <portal@atrium.test>",
		"Delivered-To: ada@example.com",
		"From: =?UTF-8?q?Caf=C3=A9_Lumen?= <portal@atrium.test>",
		"Reply-To: help@lumen.test",
		"To: Ada <ada@example.com>",
		"Subject: =?UTF-8?b?R3LDvMOfZQ==?= from us",
		"Message-ID: <42@atrium.test>",
		"Content-Type: multipart/mixed; boundary=outer",
		"", "--outer", "Content-Type: multipart/alternative; boundary=inner",
		"", "--inner", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable",
		"", "Gr=C3=BC=C3=9Fe,", "", "    482913", "", "Open https://lumen.test/l/abc=3D=", "def?a=3D1&b=3D2.",
		"--inner", "Content-Type: text/html; charset=UTF-8", "Content-Transfer-Encoding: base64",
		"", "PGEgaHJlZj0iaHR0cHM6Ly9sdW1lbi50ZXN0L2wvYWJjPWRlZj9hPTEmYW1wO2I9MiI+T3BlbjwvYT48YSBo",
		"cmVmPSJodHRwczovL2x1bWVuLnRlc3QvIj5Ib21lPC9hPg==",
		"--inner--", "--outer", "Content-Type: application/pdf", "", "%PDF", "--outer--", ""))
	for _, field := range [][3]string{
		{"MessageID", got.MessageID, "42@atrium.test"},
		{"From", got.From, "Café Lumen <portal@atrium.test>"},
		{"ReplyTo", got.ReplyTo, "help@lumen.test"},
		{"To", got.To, "ada@example.com"},
		{"Subject", got.Subject, "Grüße from us"},
		{"Text", got.Text, "Grüße,\n\n    482913\n\nOpen https://lumen.test/l/abc=def?a=1&b=2."},
		{"Code", got.Code, "482913"},
	} {
		if field[1] != field[2] {
			t.Errorf("%s %q, want %q", field[0], field[1], field[2])
		}
	}
	if want := []string{"https://lumen.test/l/abc=def?a=1&b=2", "https://lumen.test/"}; !slices.Equal(got.Links, want) {
		t.Errorf("Links %q, want %q", got.Links, want)
	}
	if !strings.HasPrefix(got.HTML, `<a href="https://lumen.test/l/`) {
		t.Errorf("HTML %q", got.HTML)
	}
	if want := time.Unix(1732269600, 1); !got.Received.Equal(want) {
		t.Errorf("Received %v, want %v", got.Received, want)
	}
}

func TestParsePlain(t *testing.T) {
	t.Parallel()
	got := parse("1", lines("Delivered-To: ada@example.com, bob@example.com", "From: broken <", "Subject: Hi", "", "Code 482913 is not alone", "1234567", "http://acme.localhost:8080/i/x)"))
	if got.Text != "Code 482913 is not alone\n1234567\nhttp://acme.localhost:8080/i/x)" || got.HTML != "" {
		t.Errorf("Text %q, HTML %q", got.Text, got.HTML)
	}
	if got.Code != "" || got.To != "ada@example.com" || got.From != "broken <" {
		t.Errorf("Code %q, To %q, From %q", got.Code, got.To, got.From)
	}
	if want := []string{"http://acme.localhost:8080/i/x"}; !slices.Equal(got.Links, want) {
		t.Errorf("Links %q, want %q", got.Links, want)
	}
}

func TestParseDamaged(t *testing.T) {
	t.Parallel()
	for _, raw := range [][]byte{nil, []byte("no header"), lines("Content-Type: multipart/mixed", "", "--x"),
		lines("Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: text/plain", "", "cut o"),
		lines("Subject: =?UTF-8?q?cut", "Content-Transfer-Encoding: base64", "", "!!!")} {
		if got := parse("7", raw); got.ID != "7" || string(got.Raw) != string(raw) {
			t.Errorf("%q: ID %q, Raw %q", raw, got.ID, got.Raw)
		}
	}
}
