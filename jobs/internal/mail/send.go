package mail

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// Send hands the mail over and returns what the server answered to it: one
// line, without the code. A refusal or a broken connection is a *Failure; any
// other error is a message that cannot be built, however often it is tried.
//
// A kept connection that turns out to be broken is replaced and the mail sent
// once more, if the break came before the message was handed over. After that
// only the caller may repeat it, with the same MessageID, since the server may
// have it already.
func (s *Sender) Send(ctx context.Context, message Message) (reply string, err error) {
	sealed, err := message.seal()
	if err != nil {
		return "", err
	}
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return "", failed(connecting, ctx.Err())
	}
	reply, failure := s.deliver(ctx, sealed)
	if failure != nil {
		return "", failure
	}
	return reply, nil
}

// deliver takes a kept connection or makes a new one.
func (s *Sender) deliver(ctx context.Context, letter *letter) (string, *Failure) {
	if conn := s.idle.take(); conn != nil {
		reply, failure := conn.deliver(ctx, letter)
		s.idle.put(conn, s.config.IdleTimeout)
		stale := failure != nil && conn.broken && failure.at < handedOver
		if !stale || ctx.Err() != nil {
			return reply, failure
		}
	}
	conn, failure := s.dial(ctx)
	if failure != nil {
		return "", failure
	}
	reply, failure := conn.deliver(ctx, letter)
	s.idle.put(conn, s.config.IdleTimeout)
	return reply, failure
}

// deliver leads the conversation about one mail. Afterwards broken says
// whether the connection can take another.
func (c *connection) deliver(ctx context.Context, letter *letter) (string, *Failure) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	// The deadline of the goodbye or of an earlier mail is over.
	c.raw.SetDeadline(time.Time{})
	stop := c.endWith(ctx)
	reply, at, err := c.transact(letter)
	usable := err == nil || c.recover(err)
	c.broken = !stop() || !usable
	if err != nil {
		return "", failed(at, why(ctx, err))
	}
	return reply, nil
}

// recover makes the connection ready for the next mail after a refusal, and
// reports whether it is. 421 announces that the server closes the connection
// (RFC 5321, 3.8), whatever it was said to.
func (c *connection) recover(err error) bool {
	var refusal *textproto.Error
	if errors.Is(err, errUnsupported) {
		return true
	}
	return errors.As(err, &refusal) && refusal.Code != 421 && c.client.Reset() == nil
}

// transact goes from MAIL FROM to the reply to the message, and says at which
// step it ended.
func (c *connection) transact(letter *letter) (reply string, at step, err error) {
	// go-mail asks for SMTPUTF8 whenever it is offered; a relay behind the
	// server that lacks it would then bounce a mail that does not need it.
	c.client.SkipSMTPUTF8(!letter.needsUTF8)
	if offered, _ := c.client.Extension("SMTPUTF8"); letter.needsUTF8 && !offered {
		return "", letter.utf8At, fmt.Errorf("an address with other letters than a to z is %w", errUnsupported)
	}
	if err := c.client.Mail(letter.from); err != nil {
		return "", sender, err
	}
	if err := c.client.Rcpt(letter.to); err != nil {
		return "", recipient, err
	}
	body, err := c.client.Data()
	if err != nil {
		return "", data, err
	}
	if _, err := body.Write(letter.content); err != nil {
		return "", data, err
	}
	if err := body.Close(); err != nil {
		return "", handedOver, err
	}
	// Close on anything but a DataCloser has no reply to show.
	if closer, ok := body.(*smtp.DataCloser); ok {
		reply = oneLine(closer.ServerResponse())
	}
	return reply, handedOver, nil
}
