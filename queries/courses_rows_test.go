package queries_test

import (
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// school is a course with one module and lessons of one kind in it, as rows.
type school struct {
	*tenant
	course, module uuid.UUID
	lessons        []uuid.UUID
}

// school publishes a course with so many published lessons. Clients are in UTC unless a test says otherwise.
func (a *tenant) school(lessons int) school {
	a.t.Helper()
	s := school{tenant: a, course: queries.NewID(), module: queries.NewID()}
	a.exec("INSERT INTO course (account_id, id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, 'Clear goals', 1, $3, $3, $3)", a.id, s.course, noon.AddDate(-1, 0, 0))
	a.exec("INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $3, 'Beginning', 1, $4)", a.id, s.module, s.course, noon)
	for range lessons {
		s.lessons = append(s.lessons, s.lesson())
	}
	return s
}

// lesson publishes one more lesson at the end of the course.
func (s *school) lesson() uuid.UUID {
	s.t.Helper()
	id := queries.NewID()
	s.exec("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, published_at, created_at, changed_at) "+
		"VALUES ($1, $2, $3, $4, 'What matters', (SELECT count(*) + 1 FROM lesson WHERE course_id = $3), 'Write it down.', $5, $5, $5)",
		s.id, id, s.course, s.module, noon.AddDate(-1, 0, 0))
	return id
}

// grant is a grant of the course by staff.
func (s school) grant(contact uuid.UUID, starts time.Time, ends *time.Time) queries.Grant {
	return queries.Grant{AccountID: s.id, ContactID: contact, CourseID: s.course, Source: queries.GrantSourceManual, SourceID: queries.NewID(), Starts: starts, Ends: ends, Now: starts}
}

func (s school) give(contact uuid.UUID, starts time.Time, ends *time.Time) {
	s.t.Helper()
	_, err := queries.Give(s.t.Context(), s.q, s.grant(contact, starts, ends))
	check(s.t, err)
}

// studied writes a row of every table about courses and what is sold: all of them have id as theirs, but those that stand for one contact once
// have rowID.
func (a *tenant) studied(id, rowID, contact uuid.UUID, word string) {
	a.t.Helper()
	put := func(statement string, arguments ...any) {
		a.t.Helper()
		a.exec(statement, append([]any{a.id, id}, arguments...)...)
	}
	put("INSERT INTO stored_file (account_id, id, name, created_at) VALUES ($1, $2, $3, now()) ON CONFLICT DO NOTHING", word)
	put("INSERT INTO course (account_id, id, title, summary, position, published_at, created_at, changed_at) VALUES ($1, $2, $3, $3, 1, now(), now(), now()) ON CONFLICT DO NOTHING", word)
	put("INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $2, $3, 1, now()) ON CONFLICT DO NOTHING", word)
	put("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, published_at, created_at, changed_at) VALUES ($1, $2, $2, $2, $3, 1, $3, now(), now(), now()) ON CONFLICT DO NOTHING", word)
	put("INSERT INTO lesson_file VALUES ($1, $2, $2, 1) ON CONFLICT DO NOTHING")
	put("INSERT INTO quiz_question (account_id, id, lesson_id, position, kind, text, explanation) VALUES ($1, $2, $2, 1, 'text', $3, $3) ON CONFLICT DO NOTHING", word)
	put("INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, 'taster', $3, now(), now()) ON CONFLICT DO NOTHING", word)
	put("INSERT INTO offer_course VALUES ($1, $2, $2) ON CONFLICT DO NOTHING")
	put("INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at, ended_note) VALUES ($1, $3, $4, $2, 'manual', $3, $6, $6, $5)", rowID, contact, word, noon.AddDate(0, 0, -2))
	put("INSERT INTO course_visit (account_id, id, contact_id, course_id, first_opened_at, last_opened_at, last_lesson_id) VALUES ($1, $3, $4, $2, now(), now(), $2)", rowID, contact)
	put("INSERT INTO lesson_visit (account_id, id, contact_id, course_id, lesson_id, first_opened_at, last_opened_at) VALUES ($1, $3, $4, $2, $2, now(), now())", rowID, contact)
	put("INSERT INTO lesson_completion VALUES ($1, $3, $4, $2, $2, 1, now(), 'button')", rowID, contact)
	put("INSERT INTO course_completion VALUES ($1, $3, $4, $2, 1, now(), NULL)", rowID, contact)
	put("INSERT INTO quiz_try VALUES ($1, $3, $4, $2, $2, 1, '[]', 1, 1, true, now())", rowID, contact)
	put("INSERT INTO lesson_note VALUES ($1, $3, $4, $2, $2, $5, now(), now())", rowID, contact, word)
	put("INSERT INTO certificate VALUES ($1, $3, $6, $4, $2, $3, $5, $5, $5, now(), now(), NULL, '', NULL)", rowID, contact, word, word+rowID.String())
	put("INSERT INTO unlock_notice VALUES ($1, $3, $4, $2, now(), ARRAY[$2::uuid])", rowID, contact)
	put("INSERT INTO offer_claim (account_id, id, offer_id, contact_id, email, token_hash, ip, user_agent, created_at, expires_at) VALUES ($1, $3, $2, $4, $5, $6, '192.0.2.1', '', now(), now())",
		rowID, contact, word+"@example.com", queries.TokenHash(word))
	put("INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, created_at) VALUES ($1, $2, $2, 4900, 'eur', 'once', now()) ON CONFLICT DO NOTHING")
	put("INSERT INTO stripe_customer VALUES ($1, $2::text || $3, $4, now())", word, contact)
	put("INSERT INTO checkout (account_id, id, offer_id, price_id, contact_id, browser_hash, created_at, changed_at) VALUES ($1, $3, $2, $2, $4, 'x', now(), now())", rowID, contact)
	put("INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, created_at, changed_at) VALUES ($1, $3, $4, $2, $2, $3, true, 4900, 'eur', now(), now())", rowID, contact)
	put("INSERT INTO subscription (account_id, id, contact_id, order_id, stripe_id, title, state, amount_minor, currency, charged, started_at, period_ends_at, created_at, looked_at) "+
		"VALUES ($1, $3, $4, $3, $2::text || $5, $5, 'active', 1900, 'eur', 'month', now(), now(), now(), now())", rowID, contact, word)
	put("INSERT INTO invoice (account_id, id, contact_id, subscription_id, stripe_id, number, state, payment, total_minor, tax_minor, paid_minor, remaining_minor, currency, memo, created_at, looked_at) "+
		"VALUES ($1, $3, $4, $3, $2::text || $5, $5, 'open', 'waiting', 1900, 0, 0, 1900, 'eur', $5, now(), now())", rowID, contact, word)
}
