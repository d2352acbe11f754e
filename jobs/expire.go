package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"atrium/queries"
)

type expireArgs struct{}

func (expireArgs) Kind() string { return "expire" }

// expireWorker closes links, invitations, codes and sessions whose time has passed, with that as the reason. Pages do not
// depend on it: they look at the time themselves.
type expireWorker struct {
	river.WorkerDefaults[expireArgs]
	db queries.DB
	c  Config
}

func (w *expireWorker) Work(ctx context.Context, _ *river.Job[expireArgs]) error {
	q, now := queries.New(w.db), w.c.Now()
	idle := now.Add(-queries.SessionIdle)
	return inTurn(
		step{"magic links", func() (int64, error) { return q.MagicLinkExpire(ctx, now) }},
		step{"invitations", func() (int64, error) { return q.InvitationExpire(ctx, now) }},
		step{"sign-in requests", func() (int64, error) { return q.SignInRequestExpire(ctx, now) }},
		step{"sessions", func() (int64, error) {
			return q.SessionExpire(ctx, queries.SessionExpireParams{Now: now, IdleSince: idle})
		}},
		step{"changes of address", func() (int64, error) { return q.EmailChangeExpire(ctx, now) }},
		step{"staff links", func() (int64, error) { return q.StaffLinkExpire(ctx, now) }},
		step{"staff sessions", func() (int64, error) {
			return q.StaffSessionExpire(ctx, queries.StaffSessionExpireParams{Now: now, IdleSince: idle})
		}},
	)
}

type purgeArgs struct{}

func (purgeArgs) Kind() string { return "purge" }

// purgeAfter is how long closed rows are kept, for staff to see what happened.
const purgeAfter = 90 * 24 * time.Hour

// taskKeep is how long a task is kept with its results and its file.
const taskKeep = 30 * 24 * time.Hour

// purgeWorker removes what has been over for long, and limits that have come back whole.
type purgeWorker struct {
	river.WorkerDefaults[purgeArgs]
	db queries.DB
	c  Config
}

func (w *purgeWorker) Work(ctx context.Context, _ *river.Job[purgeArgs]) error {
	q, now := queries.New(w.db), w.c.Now()
	before := now.Add(-purgeAfter)
	return inTurn(
		step{"sign-in requests", func() (int64, error) { return q.SignInRequestPurge(ctx, before) }},
		step{"magic links", func() (int64, error) { return q.MagicLinkPurge(ctx, before) }},
		step{"invitations", func() (int64, error) { return q.InvitationPurge(ctx, before) }},
		step{"sessions", func() (int64, error) { return q.SessionPurge(ctx, before) }},
		step{"changes of address", func() (int64, error) { return q.EmailChangePurge(ctx, before) }},
		step{"pictures of nobody", func() (int64, error) { return q.AvatarPurge(ctx, now.AddDate(0, 0, -1)) }},
		step{"staff links", func() (int64, error) { return q.StaffLinkPurge(ctx, before) }},
		step{"staff sessions", func() (int64, error) { return q.StaffSessionPurge(ctx, before) }},
		step{"password resets", func() (int64, error) { return q.StaffResetPurge(ctx, before) }},
		step{"form submissions", func() (int64, error) { return q.FormSubmissionPurge(ctx, now.Add(-queries.FormForget)) }},
		step{"imports", func() (int64, error) { return q.ImportPurge(ctx, now.Add(-queries.ImportKeep)) }},
		step{"tasks", func() (int64, error) { return q.TaskPurge(ctx, now.Add(-taskKeep)) }},
		step{"merges", func() (int64, error) { return q.ContactMergeForget(ctx, now) }},
		step{"limits", func() (int64, error) { return q.AllowancePurge(ctx, now) }},
	)
}

// step is one statement of a sweep; each stands by itself, so that one that fails holds up no other.
type step struct {
	what string
	do   func() (int64, error)
}

func inTurn(steps ...step) error {
	var faults []error
	for _, s := range steps {
		if _, err := s.do(); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", s.what, err))
		}
	}
	return errors.Join(faults...)
}
