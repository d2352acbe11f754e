package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atrium/cmd/internal/config"
	"atrium/jobs/mailbox"
	"atrium/queries/dbtest"
)

// site is the program as tests start it: the real thing on a free port, with a database and a mail server of its own, and a
// clock that can be moved.
type site struct {
	*program
	t     *testing.T
	box   *mailbox.Box
	said  *logged      // the program's log
	ahead atomic.Int64 // nanoseconds that the site's clock is before ours
}

// startSite starts it; prepare writes what is to be there from the beginning, such as seedDemo, and may be nil. More variables
// are as on a command line, NAME=value. An error in the program's log fails the test.
func startSite(t *testing.T, prepare func(context.Context, *program) error, variables ...string) *site {
	t.Helper()
	s := &site{t: t, box: newMailbox(t), said: &logged{}}
	values := mailVariables(t, s.box)
	values["ADDR"], values["DATABASE_URL"], values["DATA_DIR"] = "127.0.0.1:0", dbtest.URL(t), t.TempDir()
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = value
	}
	c, err := config.From(values)
	if err != nil {
		t.Fatal(err)
	}
	s.program, err = start(t.Context(), c, slog.New(slog.NewTextHandler(s.said, &slog.HandlerOptions{Level: slog.LevelWarn})),
		parts{web: true, work: true, testOnly: true, now: s.now, prepare: prepare})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(t.Context()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if text := s.said.String(); strings.Contains(text, "level=ERROR") {
			t.Errorf("the program's log:\n%s", text)
		}
	})
	return s
}

// mailVariables make a program send its mails to the box.
func mailVariables(t *testing.T, box *mailbox.Box) map[string]string {
	t.Helper()
	host, port, err := net.SplitHostPort(box.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"SMTP_HOST": host, "SMTP_PORT": port, "SMTP_TLS": "none", "MAIL_FROM": "portal@atrium.example"}
}

func newMailbox(t *testing.T) *mailbox.Box {
	t.Helper()
	box, err := mailbox.Start(mailbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Stop() })
	return box
}

func (s *site) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *site) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *site) admin(path string) string { return s.addresses.Admin() + path }

func (s *site) portal(slug, path string) string { return s.addresses.Portal(slug, "") + path }

// createAccount does what `atrium account create` does beside the running program.
func (s *site) createAccount(slug, name, owner string) {
	s.t.Helper()
	c := s.c
	c.PublicPort = s.port() // the command listens nowhere, so it has to be told
	command := accountCreateCmd{Slug: slug, Name: name, Owner: owner}
	if err := command.Run(&env{s.t.Context(), io.Discard, io.Discard, func() (config.Config, error) { return c, nil }}); err != nil {
		s.t.Fatal(err)
	}
}

// mail is the newest mail to somebody that has come over SMTP, or the one that comes next. With links, a mail that holds one of
// them is not meant but one after it.
func (s *site) mail(to string, before ...string) mailbox.Message {
	s.t.Helper()
	return receive(s.t, s.box, to, before...)
}

// mailsTo is how many mails have come to any of these. The demo's schedule sends others meanwhile, by the time of day.
func (s *site) mailsTo(emails ...string) (n int) {
	for _, m := range s.box.Messages() {
		if slices.Contains(emails, m.To) {
			n++
		}
	}
	return n
}

func receive(t *testing.T, box *mailbox.Box, to string, before ...string) mailbox.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	m, err := box.Wait(ctx, to, func(m mailbox.Message) bool {
		return !slices.ContainsFunc(before, func(link string) bool { return slices.Contains(m.Links, link) })
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// linkIn is the link of a mail that signs somebody in or sets them up.
func linkIn(t *testing.T, m mailbox.Message) string {
	t.Helper()
	for _, link := range m.Links {
		if strings.Contains(link, "/l/") {
			return link
		}
	}
	t.Fatalf("no link in %q: %s", m.Subject, m.Text)
	return ""
}

// logged keeps what is written to it.
type logged struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.Write(line)
}

func (l *logged) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.String()
}
