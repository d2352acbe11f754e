package jobs

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"atrium/jobs/internal/mail"
)

// outage remembers since when the mail server takes nothing, so that the log says it once a minute and not for each mail. Its zero
// value is a server that answers.
type outage struct {
	mutex         sync.Mutex
	since, toldAt time.Time
}

// outageAgain is how often the log says that the mail server is still away.
const outageAgain = time.Minute

// after tells what a try says of the server. What it says of a recipient (that a mailbox is full, that somebody is unknown) shows that it
// is there.
func (o *outage) after(ctx context.Context, log *slog.Logger, server MailServer, err error, now time.Time) {
	var failure *mail.Failure
	if err != nil && !errors.As(err, &failure) || failure != nil && failure.Kind == mail.Misconfigured {
		return // it has a line of its own
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	where := net.JoinHostPort(server.Host, strconv.Itoa(server.Port))
	switch {
	case failure != nil && failure.Away():
		if o.since.IsZero() {
			o.since = now
		}
		if o.toldAt.IsZero() || now.Sub(o.toldAt) >= outageAgain {
			o.toldAt = now
			log.WarnContext(ctx, "the mail server takes no mails, so they wait", "server", where, "code", failure.Code, "answer", failure.Text, "since", o.since)
		}
	case !o.since.IsZero():
		log.InfoContext(ctx, "the mail server takes mails again", "server", where, "after", now.Sub(o.since).Round(time.Second))
		o.since, o.toldAt = time.Time{}, time.Time{}
	}
}
