package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"atrium/jobs"
	"atrium/queries"
)

type jobsCmd struct {
	List   jobsListCmd   `cmd:"" default:"withargs" help:"List jobs of all accounts, newest first; what the clock starts and was done only with --state or --kind."`
	Retry  jobsRetryCmd  `cmd:"" help:"Have a job done now, also one that was given up."`
	Cancel jobsCancelCmd `cmd:"" help:"End a job for good."`
}

type jobsListCmd struct {
	State   []string `help:"Only jobs in these states, with commas between: available, running, scheduled, retryable, completed, discarded, cancelled."`
	Kind    string   `help:"Only jobs of this kind, such as mail_send."`
	Account string   `help:"Only jobs of the account with this slug."`
	Limit   int      `default:"50" help:"How many at most, up to 10000."`
}

// Run prints a line a job: number, state, kind, tries, when it was or will be tried, arguments, and the last error.
func (cmd *jobsListCmd) Run(e *env) error {
	if cmd.Limit < 1 || cmd.Limit > 10000 {
		return errors.New("--limit takes 1 to 10000")
	}
	return e.operate(func(pr *program, o *jobs.Operator) error {
		asked := jobs.JobsAsked{States: cmd.State, Kind: cmd.Kind, Most: cmd.Limit}
		if cmd.Account != "" {
			account, err := queries.New(pr.database.pool).AccountBySlug(e, cmd.Account)
			if errors.Is(queries.Kind(err), queries.ErrNotFound) {
				return fmt.Errorf("there is no account with the slug %s", cmd.Account)
			} else if err != nil {
				return err
			}
			asked.Account = &account.ID
		}
		rows, err := o.List(e, asked)
		if err != nil {
			return err
		}
		return printJobs(e, rows)
	})
}

func printJobs(e *env, rows []*jobs.JobRow) error {
	if len(rows) == 0 {
		fmt.Fprintln(e.out, "No job is like that.")
		return nil
	}
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tSTATE\tKIND\tTRIES\tWHEN\tARGUMENTS\tLAST ERROR")
	for _, row := range rows {
		when, last := row.ScheduledAt, ""
		if row.FinalizedAt != nil {
			when = *row.FinalizedAt
		}
		if n := len(row.Errors); n > 0 {
			last = strings.Join(strings.Fields(row.Errors[n-1].Error), " ")
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%d/%d\t%s\t%s\t%s\n", row.ID, row.State, row.Kind, row.Attempt, row.MaxAttempts, when.UTC().Format(time.RFC3339), row.EncodedArgs, last)
	}
	return table.Flush()
}

type jobsRetryCmd struct {
	ID int64 `arg:"" help:"The job's number, as the list shows it."`
}

// Run has the job done as soon as a worker is free.
func (cmd *jobsRetryCmd) Run(e *env) error {
	return e.operate(func(_ *program, o *jobs.Operator) error {
		row, err := o.Retry(e, cmd.ID)
		if errors.Is(err, queries.ErrConflict) {
			return fmt.Errorf("job %d is not needed: one that does the same waits already", cmd.ID)
		} else if errors.Is(err, jobs.ErrRunning) {
			return fmt.Errorf("job %d is being done already", cmd.ID)
		}
		return e.tell(cmd.ID, row, err)
	})
}

type jobsCancelCmd struct {
	ID int64 `arg:"" help:"The job's number, as the list shows it."`
}

// Run cancels the job; a running one is told to stop and may take a moment.
func (cmd *jobsCancelCmd) Run(e *env) error {
	return e.operate(func(_ *program, o *jobs.Operator) error {
		row, err := o.Cancel(e, cmd.ID)
		return e.tell(cmd.ID, row, err)
	})
}

// tell says in what state a job is now.
func (e *env) tell(id int64, row *jobs.JobRow, err error) error {
	if errors.Is(err, queries.ErrNotFound) {
		return fmt.Errorf("there is no job %d", id)
	} else if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Job %d, %s, is now %s.\n", row.ID, row.Kind, row.State)
	return nil
}

// operate opens the database for a command about jobs.
func (e *env) operate(do func(*program, *jobs.Operator) error) (err error) {
	c, err := e.read()
	if err != nil {
		return err
	}
	if err := installed(c); err != nil {
		return err
	}
	pr, err := start(e, c, newLog(c), parts{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.stop(e)) }()
	o, err := jobs.NewOperator(pr.database.pool, pr.clock.Now)
	if err != nil {
		return err
	}
	return do(pr, o)
}
