package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"atrium/queries"
)

type expireArgs struct{}

func (expireArgs) Kind() string { return "expire" }

// expireWorker closes links, invitations, codes, sessions and grants whose time has passed, with that as the reason. Pages do not
// depend on it: they look at the time themselves.
type expireWorker struct {
	river.WorkerDefaults[expireArgs]
	db queries.DB
	c  Config
}

func (w *expireWorker) Work(ctx context.Context, _ *river.Job[expireArgs]) error {
	q, now := queries.New(w.db), w.c.Now()
	idle := now.Add(-queries.SessionIdle)
	return sweep(ctx,
		step{"magic links", func(n int32) (int64, error) {
			return q.MagicLinkExpire(ctx, queries.MagicLinkExpireParams{Now: now, Portion: n})
		}},
		step{"invitations", func(n int32) (int64, error) {
			return q.InvitationExpire(ctx, queries.InvitationExpireParams{Now: now, Portion: n})
		}},
		step{"sign-in requests", func(n int32) (int64, error) {
			return q.SignInRequestExpire(ctx, queries.SignInRequestExpireParams{Now: now, Portion: n})
		}},
		step{"sessions", func(n int32) (int64, error) {
			return q.SessionExpire(ctx, queries.SessionExpireParams{Now: now, IdleSince: idle, Portion: n})
		}},
		step{"changes of address", func(n int32) (int64, error) {
			return q.EmailChangeExpire(ctx, queries.EmailChangeExpireParams{Now: now, Portion: n})
		}},
		step{"grants", func(n int32) (int64, error) {
			return q.GrantExpire(ctx, queries.GrantExpireParams{Now: now, Portion: n})
		}},
		step{"staff links", func(n int32) (int64, error) {
			return q.StaffLinkExpire(ctx, queries.StaffLinkExpireParams{Now: now, Portion: n})
		}},
		step{"staff sessions", func(n int32) (int64, error) {
			return q.StaffSessionExpire(ctx, queries.StaffSessionExpireParams{Now: now, IdleSince: idle, Portion: n})
		}},
	)
}
