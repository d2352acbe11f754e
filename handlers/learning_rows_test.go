package handlers

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// course is one of a test, as rows.
type course struct {
	site    *testSite
	account account
	id      uuid.UUID
	module  uuid.UUID
	lessons []uuid.UUID
}

// course publishes a course of one module with so many lessons of ten minutes, called Lesson 1 and so on.
func (s *testSite) course(t testing.TB, a account, title string, lessons int) *course {
	t.Helper()
	c := &course{s, a, queries.NewID(), queries.NewID(), nil}
	before := s.clock.now().AddDate(0, -3, 0)
	s.exec(t, "INSERT INTO course (account_id, id, title, summary, position, published_at, created_at, changed_at) VALUES ($1, $2, $3, 'What **matters**.', 1, $4, $4, $4)", a.id, c.id, title, before)
	s.exec(t, "INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $3, 'Beginning', 1, $4)", a.id, c.module, c.id, before)
	for range lessons {
		c.lesson(t)
	}
	return c
}

// lesson publishes one more lesson at the end.
func (c *course) lesson(t testing.TB) uuid.UUID {
	t.Helper()
	id, before := queries.NewID(), c.site.clock.now().AddDate(0, -3, 0)
	c.lessons = append(c.lessons, id)
	c.site.exec(t, "INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, minutes, published_at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, 'Write **it** down.', 10, $7, $7, $7)",
		c.account.id, id, c.id, c.module, fmt.Sprintf("Lesson %d", len(c.lessons)), len(c.lessons), before)
	return id
}

// give gives it to a client from a time on, and returns the grant.
func (c *course) give(t testing.TB, to contact, from time.Time) uuid.UUID {
	t.Helper()
	id := queries.NewID()
	c.site.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'manual', $2, $5, $6)",
		c.account.id, id, to.id, c.id, from, c.site.clock.now())
	return id
}

// quiz asks one question at a lesson: one of two is right.
func (c *course) quiz(t testing.TB, lesson uuid.UUID) (question uuid.UUID) {
	t.Helper()
	question = queries.NewID()
	c.site.exec(t, `INSERT INTO quiz_question VALUES ($1, $2, $3, 1, 'single', 'How many?', '[{"key": "a", "text": "Three", "right": true}, {"key": "b", "text": "Thirty"}]', '{}', 'More is too many.')`,
		c.account.id, question, lesson)
	return question
}

func (c *course) path() string { return coursePath(c.id) }

// at is the path of a lesson, from 0.
func (c *course) at(n int) string { return lessonPath(c.id, c.lessons[n]) }

// complete finishes lessons behind the site's back.
func (c *course) complete(t testing.TB, by contact, lessons ...int) {
	t.Helper()
	for _, n := range lessons {
		c.site.exec(t, "INSERT INTO lesson_completion VALUES ($1, $2, $3, $4, $5, 1, $6, 'button')", c.account.id, queries.NewID(), by.id, c.id, c.lessons[n], c.site.clock.now())
	}
}
