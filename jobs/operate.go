package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"atrium/queries"
)

// JobRow is a job as River keeps it, with all that an operator may want to know.
type JobRow = rivertype.JobRow

// Operator looks at the jobs of all accounts and changes what becomes of them. It is for the command line; pages show staff
// their own account's by Queue.
type Operator struct{ queue *Queue }

// NewOperator makes one; now is as with NewQueue.
func NewOperator(pool *pgxpool.Pool, now func() time.Time) (*Operator, error) {
	queue, err := NewQueue(pool, now)
	return &Operator{queue}, err
}

// JobsAsked says which jobs to list; what is empty does not choose.
type JobsAsked struct {
	States  []string
	Kind    string
	Account *uuid.UUID
	Most    int // 1 to 10,000
}

// List answers the newest jobs that fit. Where neither state nor kind is asked for, those of the schedule that were done are left out, as
// there are more of them than of all others. Its error names a state that there is none of.
func (o *Operator) List(ctx context.Context, a JobsAsked) ([]*JobRow, error) {
	params := river.NewJobListParams().States().First(a.Most).OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	if len(a.States) > 0 {
		states, err := jobStates(a.States)
		if err != nil {
			return nil, err
		}
		params = params.States(states...)
	}
	if a.Kind != "" {
		params = params.Kinds(a.Kind)
	}
	if len(a.States) == 0 && a.Kind == "" {
		var kinds []string
		for _, p := range periodic {
			kinds = append(kinds, p.args.Kind())
		}
		params = params.Where("NOT (state = 'completed' AND kind = ANY(@by_the_clock::text[]))", river.NamedArgs{"by_the_clock": kinds})
	}
	if a.Account != nil {
		params = params.Where("args->>'account_id' = @account_id", river.NamedArgs{"account_id": a.Account.String()})
	}
	found, err := o.queue.client.JobList(ctx, params)
	if err != nil {
		return nil, err
	}
	return found.Jobs, nil
}

func jobStates(names []string) (states []rivertype.JobState, err error) {
	all := rivertype.JobStates()
	for _, name := range names {
		state := rivertype.JobState(name)
		if !slices.Contains(all, state) {
			return nil, fmt.Errorf("there is no state %q; there are %s", name, strings.Trim(fmt.Sprint(all), "[]"))
		}
		states = append(states, state)
	}
	return states, nil
}

// ErrRunning says that a job is being done already.
var ErrRunning = errors.New("the job is being done already")

// Retry has a job done now, whatever became of it; one that is being done is left alone, and the error is ErrRunning. ErrNotFound when
// there is none.
func (o *Operator) Retry(ctx context.Context, id int64) (*JobRow, error) {
	row, err := found(o.queue.client.JobRetry(ctx, id))
	if err == nil && row.State == rivertype.JobStateRunning {
		return nil, ErrRunning
	}
	return row, err
}

// Cancel ends a job for good; one that is being done is told to stop. ErrNotFound when there is none.
func (o *Operator) Cancel(ctx context.Context, id int64) (*JobRow, error) {
	return found(o.queue.client.JobCancel(ctx, id))
}

func found(row *JobRow, err error) (*JobRow, error) {
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil, queries.ErrNotFound
	}
	return row, queries.Kind(err)
}
