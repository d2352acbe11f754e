package handlers

import (
	"net/http"
	"testing"
	"time"
)

// large gives a client 200 courses of ten lessons and one of 300 in ten modules, half of it done.
func (s *testSite) large(t testing.TB, to contact) *course {
	t.Helper()
	a := to.account.id
	before := noon.AddDate(0, -3, 0)
	s.exec(t, "INSERT INTO course (account_id, id, title, summary, position, published_at, created_at, changed_at) SELECT $1, gen_random_uuid(), 'A course about something, number ' || n, 'Short.', n, $2, $2, $2 FROM generate_series(1, 200) n", a, before)
	s.exec(t, "INSERT INTO course_module (account_id, id, course_id, title, position, created_at) SELECT account_id, id, id, 'Beginning', 1, $2 FROM course WHERE account_id = $1", a, before)
	s.exec(t, `INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, minutes, published_at, created_at, changed_at)
		SELECT account_id, gen_random_uuid(), id, id, 'What matters, part ' || n, n, repeat('Some words to read here. ', 80), 10, $2, $2, $2 FROM course, generate_series(1, 10) n WHERE account_id = $1`, a, before)
	k := s.course(t, to.account, "The long one", 0)
	s.exec(t, "INSERT INTO course_module (account_id, id, course_id, title, position, created_at) SELECT $1, gen_random_uuid(), $2, 'Module ' || n, n + 1, $3 FROM generate_series(1, 10) n", a, k.id, before)
	s.exec(t, `INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, minutes, published_at, created_at, changed_at)
		SELECT account_id, gen_random_uuid(), course_id, id, 'What matters, module ' || position || ' part ' || n, n, repeat('Some words to read here. ', 80), 10, $3, $3, $3
		FROM course_module, generate_series(1, 30) n WHERE account_id = $1 AND course_id = $2 AND title <> 'Beginning'`, a, k.id, before)
	s.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) SELECT account_id, gen_random_uuid(), $2, id, 'manual', gen_random_uuid(), $3, $3 FROM course WHERE account_id = $1", a, to.id, before)
	s.exec(t, "INSERT INTO lesson_completion SELECT account_id, gen_random_uuid(), $2, course_id, id, 1, $3, 'button' FROM lesson WHERE account_id = $1 AND position % 2 = 0", a, to.id, before)
	s.scan(t, "SELECT array_agg(l.id ORDER BY m.position, l.position) FROM lesson l JOIN course_module m ON m.id = l.module_id WHERE l.course_id = $1", []any{k.id}, &k.lessons)
	s.exec(t, "ANALYZE")
	return k
}

// sized are the pages of a client with much to learn, and how many bytes each may be.
func (c *course) sized() []struct {
	name, path string
	bytes      int
} {
	return []struct {
		name, path string
		bytes      int
	}{
		{"200 courses with drawn covers", "/courses", 150_000}, {"course of 300 lessons", c.path(), 70_000}, {"lesson of 300", c.at(157), 20_000}, {"home with 200 courses", "/", 9_000}, {"search in 2,300 lessons", "/courses/search?q=matters+words", 24_000},
	}
}

// Whoever has much to learn gets light pages for two round trips.
func TestLearningAtSize(t *testing.T) {
	t.Parallel()
	s, counted := tracedSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.large(t, ana)
	b := s.client(t, ana)
	b.get("/")
	for _, c := range k.sized() {
		before := counted.all.Load()
		p := b.get(c.path).is(http.StatusOK)
		if n := counted.all.Load() - before; n > 2 || len(p.body) > c.bytes {
			t.Errorf("%s: %d round trips, %d bytes", c.name, n, len(p.body))
		}
	}
	if n := len(b.get("/courses").all(".course")); n != 201 {
		t.Errorf("the list has %d courses", n)
	}
	if n := len(b.get(k.path()).all(".module li")); n != 300 {
		t.Errorf("the long course has %d lessons", n)
	}
	if n := len(b.get(k.at(157)).has(".module-away a").all(".module li")); n != 30 {
		t.Errorf("beside a lesson of the long course are %d lessons", n)
	}
}

// BenchmarkLearningPages is how long they take, from request to the last byte.
func BenchmarkLearningPages(b *testing.B) {
	s := newSite(b)
	ana := s.arrived(b, s.acme, "ana@example.com", "Ana Souza")
	k := s.large(b, ana)
	browser := s.client(b, ana)
	for _, c := range k.sized() {
		b.Run(c.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				size = len(browser.get(c.path).is(http.StatusOK).body)
			}
			b.ReportMetric(float64(size), "bytes")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(time.Millisecond/time.Microsecond), "ms/page")
		})
	}
}
