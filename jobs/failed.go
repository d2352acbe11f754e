package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"atrium/queries"
)

// FailedJob is work of one account that did not come to its end.
type FailedJob struct {
	ID       int64
	Kind     string    // as it is stored, such as mail_send
	MailID   uuid.UUID // the mail it was to send; zero for every other kind
	Attempts int
	At       time.Time  // when it was last tried, or was stopped
	NextAt   *time.Time // when it is tried again by itself; nil: not any more
	Cause    FailureCause
}

// FailureCause is why a job failed, as far as it matters to staff. The error's own text is for operators.
type FailureCause int

// The causes.
const (
	CauseFault   FailureCause = iota // something in the program
	CauseSlow                        // it took longer than it may
	CauseAway                        // the database could not be reached
	CauseStopped                     // an operator cancelled it
)

// failedStates are those of jobs that want somebody's attention; River tries the retryable ones again by itself.
var failedStates = []rivertype.JobState{rivertype.JobStateRetryable, rivertype.JobStateDiscarded, rivertype.JobStateCancelled}

// failedMost is how many failed jobs are listed: beyond that, nobody reads them one by one.
const failedMost = 100

// Failed lists an account's failed jobs, newest first. River forgets those it has given up after a week.
func (q *Queue) Failed(ctx context.Context, account uuid.UUID) (failed []FailedJob, err error) {
	found, err := q.client.JobList(ctx, river.NewJobListParams().States(failedStates...).First(failedMost).OrderBy(river.JobListOrderByID, river.SortOrderDesc).
		Where("args->>'account_id' = @account_id", river.NamedArgs{"account_id": account.String()}))
	if err != nil {
		return nil, err
	}
	for _, row := range found.Jobs {
		failed = append(failed, failedJob(row))
	}
	return failed, nil
}

func failedJob(row *rivertype.JobRow) FailedJob {
	f := FailedJob{ID: row.ID, Kind: row.Kind, MailID: argsOf(row).MailID, Attempts: row.Attempt, At: row.CreatedAt}
	if row.AttemptedAt != nil {
		f.At = *row.AttemptedAt
	}
	switch row.State {
	case rivertype.JobStateRetryable:
		f.NextAt = &row.ScheduledAt
	case rivertype.JobStateCancelled:
		f.Cause = CauseStopped
		if row.FinalizedAt != nil {
			f.At = *row.FinalizedAt
		}
		return f
	}
	if last := len(row.Errors) - 1; last >= 0 {
		f.Cause = causeOf(row.Errors[last])
	}
	return f
}

// causeOf tells from what was written down about a try why it failed.
func causeOf(e rivertype.AttemptError) FailureCause {
	has := func(marks ...string) bool {
		for _, mark := range marks {
			if strings.Contains(e.Error, mark) {
				return true
			}
		}
		return false
	}
	switch {
	case e.Trace != "":
		return CauseFault
	case has("failed to connect", "connection refused", "SQLSTATE 57P", "SQLSTATE 08", "conn closed", "unexpected EOF"):
		return CauseAway
	case has("deadline exceeded", "timeout", "stuck", "rescue"):
		return CauseSlow
	}
	return CauseFault
}

// jobArgs is what a job's arguments can say about whose it is.
type jobArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	MailID    uuid.UUID `json:"mail_id"`
}

func argsOf(row *rivertype.JobRow) (args jobArgs) {
	_ = json.Unmarshal(row.EncodedArgs, &args) // a job without these is nobody's
	return args
}

// Retry has a failed job of an account tried again now. ErrNotFound when there is none, ErrConflict when the same work waits
// already.
func (q *Queue) Retry(ctx context.Context, tx pgx.Tx, account uuid.UUID, id int64) (FailedJob, error) {
	row, err := q.client.JobGetTx(ctx, tx, id)
	switch {
	case errors.Is(err, rivertype.ErrNotFound):
		return FailedJob{}, queries.ErrNotFound
	case err != nil:
		return FailedJob{}, err
	case argsOf(row).AccountID != account || !isFailed(row.State):
		return FailedJob{}, queries.ErrNotFound
	}
	_, err = q.client.JobRetryTx(ctx, tx, id)
	return failedJob(row), queries.Kind(err)
}

func isFailed(state rivertype.JobState) bool {
	for _, failed := range failedStates {
		if state == failed {
			return true
		}
	}
	return false
}
