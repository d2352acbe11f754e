package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// connection is a conversation with the server, signed in.
type connection struct {
	raw     net.Conn
	client  *smtp.Client
	timeout time.Duration
	reused  bool // it has waited in the idle pool
	broken  bool // nothing more can be said on it
}

// dial connects as configured: TLS, EHLO and sign-in done.
func (s *Sender) dial(ctx context.Context) (*connection, *Failure) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	raw, err := s.connect(ctx)
	if err != nil {
		return nil, failed(connecting, err)
	}
	conn := &connection{raw: raw, timeout: s.config.Timeout}
	stop := conn.endWith(ctx)
	at, err := s.introduce(conn)
	if alive := stop(); err == nil && !alive {
		err = ctx.Err()
	}
	if err != nil {
		// go-mail leaves the socket open on most of these errors.
		raw.Close()
		return nil, failed(at, why(ctx, err))
	}
	return conn, nil
}

// connect opens the socket, with TLS when it comes first.
func (s *Sender) connect(ctx context.Context) (net.Conn, error) {
	if s.config.TLS == Implicit {
		dialer := tls.Dialer{Config: s.tlsConfig()}
		return dialer.DialContext(ctx, "tcp", s.addr())
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", s.addr())
}

// tlsConfig trusts the configured authorities for the configured host.
func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.config.Host, RootCAs: s.config.Roots, MinVersion: tls.VersionTLS12}
}

// introduce leads the conversation from the greeting to the sign-in, and says
// at which step it ended.
func (s *Sender) introduce(conn *connection) (at step, err error) {
	if conn.client, err = smtp.NewClient(conn.raw, s.config.Host); err != nil {
		return greeting, err
	}
	if err := conn.client.Hello(s.config.HELO); err != nil {
		return hello, err
	}
	if s.config.TLS != None && s.config.TLS != Implicit {
		if offered, _ := conn.client.Extension("STARTTLS"); !offered {
			return startTLS, fmt.Errorf("STARTTLS is %w", errUnsupported)
		}
		if err := conn.client.StartTLS(s.tlsConfig()); err != nil {
			return startTLS, err
		}
	}
	return signIn, s.signIn(conn.client)
}

// signIn authenticates if there is a user name.
func (s *Sender) signIn(client *smtp.Client) error {
	if s.config.Username == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	mechanisms := strings.Fields(offered)
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		return client.Auth(smtp.PlainAuth("", s.config.Username, s.config.Password, s.config.Host, false))
	case slices.Contains(mechanisms, "LOGIN"):
		return client.Auth(smtp.LoginAuth(s.config.Username, s.config.Password, s.config.Host, false))
	}
	return fmt.Errorf("sign-in by PLAIN or LOGIN is %w", errUnsupported)
}

// endWith makes reads and writes fail as soon as ctx ends. The returned stop
// ends that, and reports whether the connection is still untouched.
func (c *connection) endWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { c.raw.SetDeadline(time.Unix(1, 0)) })
}

// why is the end of ctx when that is what made a read or write time out.
func why(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		return ctx.Err()
	}
	return err
}

// quit says goodbye and closes. A server that does not answer is left alone
// after a second: the mails are through.
func (c *connection) quit() {
	if !c.broken {
		c.raw.SetDeadline(time.Now().Add(time.Second))
		_ = c.client.Quit()
	}
	c.raw.Close()
}
