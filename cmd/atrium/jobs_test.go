package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/jobs"
	"atrium/queries"
	"atrium/queries/dbtest"
)

// TestJobsCommand looks at a job that has failed, has it tried again, and cancels it.
func TestJobsCommand(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	id := failedMail(t, url)
	variables := map[string]string{"DATABASE_URL": url, "DATA_DIR": dataDir(t)}
	number := fmt.Sprint(id)
	for _, run := range []struct {
		arguments []string
		code      int
		says      []string
		silent    string // what it does not say
	}{
		{[]string{"jobs"}, 0, []string{"LAST ERROR", number, "discarded", "mail_send", "3/100", "the reason"}, ""},
		{[]string{"jobs", "list", "--state=discarded,retryable", "--kind=mail_send", "--account=acme"}, 0, []string{"the reason"}, ""},
		{[]string{"jobs", "list", "--state=completed"}, 0, []string{"task_resume", "account_made"}, number + " "},
		{[]string{"jobs", "list", "--kind=task_resume"}, 0, []string{"completed"}, number + " "},
		{[]string{"jobs", "list"}, 0, []string{"mail_send", "account_made", "task_resume   2/25"}, "task_resume   1/25"},
		{[]string{"jobs", "list", "--state=lost"}, 1, []string{`there is no state "lost"`, "discarded"}, ""},
		{[]string{"jobs", "list", "--account=nobody"}, 1, []string{"there is no account with the slug nobody"}, ""},
		{[]string{"jobs", "list", "--limit=0"}, 1, []string{"1 to 10000"}, ""},
		{[]string{"jobs", "retry"}, 2, []string{"id"}, ""},
		{[]string{"jobs", "retry", "999999"}, 1, []string{"there is no job 999999"}, ""},
		{[]string{"jobs", "retry", fmt.Sprint(id + 1)}, 1, []string{fmt.Sprintf("job %d is being done already", id+1)}, "is now"},
		{[]string{"jobs", "retry", number}, 0, []string{"is now available"}, ""},
		{[]string{"jobs", "cancel", number}, 0, []string{"is now cancelled"}, ""},
		{[]string{"jobs", "cancel", "999999"}, 1, []string{"there is no job 999999"}, ""},
	} {
		p := launch(t, variables, run.arguments...)
		if code := p.code(); code != run.code {
			t.Errorf("%v: exit code %d, want %d: %s", run.arguments, code, run.code, p.errs.String())
		}
		said := p.out.String() + p.errs.String()
		for _, part := range run.says {
			if !strings.Contains(said, part) {
				t.Errorf("%v: no %q in %q", run.arguments, part, said)
			}
		}
		if run.silent != "" && strings.Contains(said, run.silent) {
			t.Errorf("%v says %q: %q", run.arguments, run.silent, said)
		}
	}
}

// failedMail is the job of a mail of a new account, which was given up.
func failedMail(t *testing.T, url string) (id int64) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	queue, err := jobs.NewQueue(pool, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	err = queries.InTx(t.Context(), pool, func(q *queries.Queries, tx pgx.Tx) error {
		account, err := queries.NewAccount(t.Context(), q, "acme", "Acme Coaching", "help@acme.example", time.Now())
		if err != nil {
			return err
		}
		return giveUp(t.Context(), queue, tx, account, &id)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func giveUp(ctx context.Context, queue *jobs.Queue, tx pgx.Tx, account uuid.UUID, id *int64) error {
	if err := queue.Mail(ctx, tx, account, queries.NewID()); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `UPDATE river.river_job SET state = 'discarded', attempt = 3, finalized_at = now(),
		errors = ARRAY['{"attempt": 3, "error": "the\nreason"}'::jsonb] RETURNING id`).Scan(id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO river.river_job (kind, args, state, attempt, max_attempts, finalized_at) VALUES ('stripe_look', '{}', 'running', 1, 25, NULL),
		('task_resume', '{}', 'completed', 1, 25, now()), ('task_resume', '{}', 'retryable', 2, 25, NULL), ('account_made', '{}', 'completed', 1, 25, now())`)
	return err
}
