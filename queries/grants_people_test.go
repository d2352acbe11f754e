package queries_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// A page of a course's people reads what it shows, however many have the course, at the beginning and far below.
func TestCoursePeopleReadOnlyTheirPage(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.school(1)
	const people, size = 16000, 50
	_, err := a.pool.Exec(t.Context(), `WITH many AS (INSERT INTO contact (account_id, id, email, source, created_at, changed_at)
		SELECT $1, gen_random_uuid(), n || '@example.com', 'import', $3, $3 FROM generate_series(1, $4::integer) n RETURNING id, split_part(email::text, '@', 1)::integer AS n)
		INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at)
		SELECT $1, gen_random_uuid(), id, $2, 'manual', gen_random_uuid(), $3 - n * interval '1 hour' - again * interval '400 days', $3 FROM many, generate_series(0, 1) again`,
		a.id, s.course, noon, people)
	check(t, err)
	_, err = a.pool.Exec(t.Context(), "ANALYZE")
	check(t, err)
	end, before := noon.AddDate(1, 0, 0), noon.AddDate(-10, 0, 0)
	for _, p := range []struct {
		name, state string
		from, now   time.Time
		reasons     int
		most        int // rows that may be read
	}{
		{"first", "", end, noon, 2 * size, 20 * size},
		{"middle", "", noon.Add(-people / 2 * time.Hour), noon, 2 * size, 20 * size},
		{"open", "open", end, noon, 2 * size, 20 * size},
		{"upcoming", "upcoming", end, before, 2 * size, 20 * size},
		{"nobody upcoming", "upcoming", end, noon, 0, 20 * size},
		{"nobody ended", "ended", end, noon, 0, 2 * people}, // the grants are passed by, and nothing else is read of anybody
		{"nobody open", "open", end, before, 0, 6 * people},
	} {
		tx, err := a.pool.Begin(t.Context())
		check(t, err)
		q := queries.New(tx)
		check(t, q.PlanAfresh(t.Context()))
		already := rowsRead(t, tx)
		for range 7 { // from the sixth on, the plan would be for all values
			rows, err := q.GrantListOfCourse(t.Context(), queries.GrantListOfCourseParams{AccountID: a.id, CourseID: s.course, BeforeStart: p.from, Before: queries.LastID, ReasonsMost: queries.ReasonsMost,
				State: p.state, Now: p.now, PageSize: size})
			check(t, err)
			if len(rows) != p.reasons {
				t.Errorf("%s page: %d reasons, want %d", p.name, len(rows), p.reasons)
			}
		}
		read := (rowsRead(t, tx) - already) / 7
		if t.Logf("%s page: %d rows read", p.name, read); read > p.most {
			t.Errorf("%s page: %d rows are read for %d people", p.name, read, size)
		}
		check(t, tx.Rollback(t.Context()))
	}
}

// The page is planned for the state that it is asked for, whatever the database would choose.
func TestCoursePeopleArePlannedForTheirState(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.school(1)
	tx, err := a.pool.Begin(t.Context())
	check(t, err)
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), "SET LOCAL plan_cache_mode = force_generic_plan")
	check(t, err)
	_, err = queries.LoadCoursePeople(t.Context(), tx, queries.CoursePeopleAsked{AccountID: a.id, CourseID: s.course, BeforeStart: noon.AddDate(1, 0, 0), Before: queries.LastID, Size: 50, Now: noon})
	check(t, err)
	var forAll int
	check(t, tx.QueryRow(t.Context(), "SELECT sum(generic_plans)::integer FROM pg_prepared_statements WHERE statement LIKE '-- name: GrantListOfCourse %'").Scan(&forAll))
	if forAll > 0 {
		t.Error("the plan of the page is one for all states")
	}
}

// rowsRead is how many rows of contacts and grants a connection has read and not told of yet.
func rowsRead(t *testing.T, tx pgx.Tx) (read int) {
	t.Helper()
	check(t, tx.QueryRow(t.Context(), "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer FROM pg_stat_xact_user_tables WHERE relname IN ('access_grant', 'contact')").Scan(&read))
	return read
}
