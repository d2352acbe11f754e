package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"atrium/queries"
)

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
	return sweep(ctx,
		step{"sign-in requests", func(n int32) (int64, error) {
			return q.SignInRequestPurge(ctx, queries.SignInRequestPurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"magic links", func(n int32) (int64, error) {
			return q.MagicLinkPurge(ctx, queries.MagicLinkPurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"invitations", func(n int32) (int64, error) {
			return q.InvitationPurge(ctx, queries.InvitationPurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"sessions", func(n int32) (int64, error) {
			return q.SessionPurge(ctx, queries.SessionPurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"changes of address", func(n int32) (int64, error) {
			return q.EmailChangePurge(ctx, queries.EmailChangePurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"pictures of nobody", func(n int32) (int64, error) {
			return q.AvatarPurge(ctx, queries.AvatarPurgeParams{MadeBefore: now.AddDate(0, 0, -1), Portion: n})
		}},
		step{"covers of no course", func(n int32) (int64, error) {
			return q.CourseCoverPurge(ctx, queries.CourseCoverPurgeParams{MadeBefore: now.AddDate(0, 0, -1), Portion: n})
		}},
		step{"pictures of no offer", func(n int32) (int64, error) {
			return q.OfferPicturePurge(ctx, queries.OfferPicturePurgeParams{MadeBefore: now.AddDate(0, 0, -1), Portion: n})
		}},
		step{"staff links", func(n int32) (int64, error) {
			return q.StaffLinkPurge(ctx, queries.StaffLinkPurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"staff sessions", func(n int32) (int64, error) {
			return q.StaffSessionPurge(ctx, queries.StaffSessionPurgeParams{EndedBefore: before, Portion: n})
		}},
		step{"password resets", func(n int32) (int64, error) {
			return q.StaffResetPurge(ctx, queries.StaffResetPurgeParams{CreatedBefore: before, Portion: n})
		}},
		step{"claims of offers", func(n int32) (int64, error) {
			return q.OfferClaimPurge(ctx, queries.OfferClaimPurgeParams{ExpiredBefore: now.Add(-queries.OfferClaimForget), Portion: n})
		}},
		step{"Stripe's events", func(n int32) (int64, error) {
			return q.StripeEventPurge(ctx, queries.StripeEventPurgeParams{DoneBefore: now.Add(-queries.StripeEventKeep), Portion: n})
		}},
		step{"addresses of buyers whose payment came back", func(n int32) (int64, error) {
			return q.CheckoutEmailForget(ctx, queries.CheckoutEmailForgetParams{ChangedBefore: now.Add(-queries.ReturnedForget), Portion: n})
		}},
		step{"form submissions", func(n int32) (int64, error) {
			return q.FormSubmissionPurge(ctx, queries.FormSubmissionPurgeParams{ExpiredBefore: now.Add(-queries.FormForget), Portion: n})
		}},
		step{"old imports", func(n int32) (int64, error) {
			return q.ImportDiscardOld(ctx, queries.ImportDiscardOldParams{Before: now.Add(-queries.ImportKeep), Now: now, Portion: n})
		}},
		step{"discarded imports", func(n int32) (int64, error) { return dropDiscarded(ctx, q, n) }},
		step{"results of tasks", func(n int32) (int64, error) {
			return q.TaskResultPurge(ctx, queries.TaskResultPurgeParams{Before: now.Add(-taskKeep), Portion: n})
		}},
		step{"tasks", func(n int32) (int64, error) {
			return q.TaskPurge(ctx, queries.TaskPurgeParams{Before: now.Add(-taskKeep), Portion: n})
		}},
		step{"merges", func(n int32) (int64, error) {
			return q.ContactMergeForget(ctx, queries.ContactMergeForgetParams{Now: now, Portion: n})
		}},
		step{"limits", func(n int32) (int64, error) {
			return q.AllowancePurge(ctx, queries.AllowancePurgeParams{Now: now, Portion: n})
		}},
	)
}
