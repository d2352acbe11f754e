package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

// A cover that no course shows goes in the night; one that was just chosen does not, and neither does that of a deleted course,
// which may come back.
func TestCoversOfNoCourseAreRemoved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	cover := func(hash string) {
		o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
			return q.CourseCoverInsert(ctx, queries.CourseCoverInsertParams{AccountID: o.account, Hash: hash, MediaType: "image/png", Content: []byte("x"), Now: o.now()})
		})
	}
	for _, hash := range []string{"cover-shown", "cover-deleted", "cover-left", "cover-again"} {
		cover(hash)
	}
	o.exec("INSERT INTO picture VALUES ($1, 'logo', 'image/png', 'x', $2)", o.account, o.now()) // not a cover
	for hash, deleted := range map[string]*time.Time{"cover-shown": nil, "cover-deleted": new(o.now())} {
		o.exec("INSERT INTO course (account_id, id, title, cover_hash, position, created_at, changed_at, deleted_at) VALUES ($1, $2, 'Goals', $3, 1, $4, $4, $5)", o.account, queries.NewID(), hash, o.now(), deleted)
	}
	o.later(25 * time.Hour)
	cover("cover-again")
	check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), &river.Job[purgeArgs]{}))
	if left := read[string](o, "SELECT string_agg(hash, ' ' ORDER BY hash) FROM picture"); left != "cover-again cover-deleted cover-shown logo" {
		t.Errorf("%s are left", left)
	}
}
