package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// in is the moment after a pause, by the clock that says whether a job is due: on a machine whose clock is hours ahead a try put off by
// a second would wait for hours otherwise.
func (c Config) in(pause time.Duration) time.Time { return c.jobTime().Add(pause) }

func (c Config) jobTime() time.Time {
	if c.JobTime == nil {
		return time.Now()
	}
	return c.JobTime()
}

// retries has jobs wait between tries as long as River thinks best.
type retries struct{ c Config }

// NextRetry is called by River, where a worker has no pauses of its own.
func (r retries) NextRetry(job *rivertype.JobRow) time.Time {
	return r.c.in(time.Until((&river.DefaultClientRetryPolicy{}).NextRetry(job)))
}

// jobTime is by what River inserts jobs, puts them off, finds them due and leads.
type jobTime func() time.Time

// Now is called by River.
func (t jobTime) Now() time.Time { return t() }

// NowOrNil would leave it to statements to ask the database, but River's driver fills the time of a new job in from this machine's clock, and a
// job of a machine that is minutes ahead would wait for minutes.
func (t jobTime) NowOrNil() *time.Time {
	now := t()
	return &now
}
