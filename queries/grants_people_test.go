package queries_test

import (
	"testing"
	"time"

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
	for name, from := range map[string]time.Time{"first": noon.AddDate(1, 0, 0), "middle": noon.Add(-people / 2 * time.Hour)} {
		tx, err := a.pool.Begin(t.Context())
		check(t, err)
		q := queries.New(tx)
		for range 7 { // from the sixth on, the plan is for all values
			rows, err := q.GrantListOfCourse(t.Context(), queries.GrantListOfCourseParams{AccountID: a.id, CourseID: s.course, BeforeStart: from, Before: queries.LastID, ReasonsMost: queries.ReasonsMost,
				Now: noon, PageSize: size})
			check(t, err)
			if len(rows) != 2*size {
				t.Errorf("%s page: %d reasons, want %d", name, len(rows), 2*size)
			}
		}
		var read int
		check(t, tx.QueryRow(t.Context(), "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer / 7 FROM pg_stat_xact_user_tables WHERE relname IN ('access_grant', 'contact')").Scan(&read))
		if t.Logf("%s page: %d rows read", name, read); read > 20*size {
			t.Errorf("%s page: %d rows are read for %d people", name, read, size)
		}
		check(t, tx.Rollback(t.Context()))
	}
}
