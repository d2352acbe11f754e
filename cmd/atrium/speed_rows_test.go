package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
	"atrium/queries/dbtest"
)

// The accounts of a town by their place in it: one with a thousand contacts, one with a million, and small ones.
const (
	townSmall = iota
	townLarge
	townOthers
)

// What every account of a town teaches.
const (
	townCourses = 4 // an account
	townModules = 3 // a course
	townLessons = 5 // a module
)

// town is the database of an installation with many accounts, as it is after some time, and two people who look at it: a client of
// the small account and an owner of both that are compared.
type town struct {
	t        *testing.T
	db       *pgxpool.Pool
	now      time.Time
	accounts []uuid.UUID
	lessons  [][]lessonOf // by account
	clients  []clientOf
	client   string // values of their cookies
	staff    string
}

type lessonOf struct{ course, module, lesson uuid.UUID }

// clientOf is a contact of an account who uses its portal.
type clientOf struct {
	account int
	id      uuid.UUID
}

// newTown seeds it. Like an installation after an import, it is vacuumed and analysed.
func newTown(t *testing.T) *town {
	t.Helper()
	s := &town{t: t, db: dbtest.New(t), now: time.Now()}
	began := time.Now()
	s.settle()
	s.teach()
	s.enrol()
	s.sell()
	s.signIn()
	s.exec("VACUUM ANALYZE")
	t.Logf("seeded in %s: %s", time.Since(began).Round(time.Second/10), s.counts("account", "contact", "session", "lesson", "access_grant", "lesson_completion", "subscription", "invoice"))
	return s
}

func (s *town) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

func (s *town) copy(table, columns string, rows [][]any) {
	s.t.Helper()
	dbtest.Copy(s.t, s.db, table, strings.Fields(columns), len(rows), func(i int) []any { return rows[i] })
}

func (s *town) counts(tables ...string) string {
	s.t.Helper()
	parts := make([]string, len(tables))
	for i, table := range tables {
		var n int
		if err := s.db.QueryRow(s.t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		parts[i] = fmt.Sprintf("%d %s", n, table)
	}
	return strings.Join(parts, ", ")
}

// slug is the account's; base is where its pages are on the admin host.
func (s *town) slug(account int) string {
	switch account {
	case townSmall:
		return "small"
	case townLarge:
		return "large"
	}
	return fmt.Sprintf("other-%d", account)
}

// settle makes the accounts with their contacts.
func (s *town) settle() {
	s.accounts = make([]uuid.UUID, max(*speedAccounts, townOthers))
	for i := range s.accounts {
		s.accounts[i] = queries.NewID()
	}
	dbtest.Copy(s.t, s.db, "account", []string{"id", "slug", "name", "support_email", "created_at", "changed_at"}, len(s.accounts), func(i int) []any {
		return []any{s.accounts[i], s.slug(i), "Business number " + fmt.Sprint(i), "help@business.example", s.now.AddDate(-2, 0, 0), s.now}
	})
	dbtest.WithoutIndexes(s.t, s.db, func() {
		for i, account := range slices.Backward(s.accounts) { // the large one late: to count figures beside it takes longer while there are no indexes
			n := 20
			switch i {
			case townSmall:
				n = 1_000
			case townLarge:
				n = *speedContacts
			}
			dbtest.Crowd(s.t, s.db, account, n, s.now)
		}
	})
	s.exec("ANALYZE")
}

// lessonText is about as long as a lesson is.
var lessonText = "## What this is about\n\nA goal that nobody can check is a wish. *Write it down*, give it a date, and say by what you will know that you are there.\n\n" +
	strings.Repeat("Some people plan for a year and some for a week; what both have in common is that they look at it again. Take ten minutes on Friday, compare, and change one thing.\n\n", 6) +
	"1. Write down three goals.\n2. Strike out one.\n3. Tell somebody of the other two.\n\n> Nothing is as clear as a date.\n\nMore of it is [in the workbook](https://example.com/workbook).\n"

// teach gives every account its courses.
func (s *town) teach() {
	before := s.now.AddDate(-1, 0, 0)
	var courses, modules, lessons [][]any
	s.lessons = make([][]lessonOf, len(s.accounts))
	for a, account := range s.accounts {
		for k := range townCourses {
			course := queries.NewID()
			courses = append(courses, []any{account, course, fmt.Sprintf("Clear goals, part %d", k+1), "How to know what you want, and how to get there.", k, before, before, before})
			for m := range townModules {
				module := queries.NewID()
				modules = append(modules, []any{account, module, course, fmt.Sprintf("Week %d", m+1), m, before})
				for l := range townLessons {
					lesson := queries.NewID()
					s.lessons[a] = append(s.lessons[a], lessonOf{course, module, lesson})
					lessons = append(lessons, []any{account, lesson, course, module, fmt.Sprintf("What matters on day %d", l+1), l, lessonText, 10, before, before, before})
				}
			}
		}
	}
	s.copy("course", "account_id id title summary position published_at created_at changed_at", courses)
	s.copy("course_module", "account_id id course_id title position created_at", modules)
	s.copy("lesson", "account_id id course_id module_id title position body minutes published_at created_at changed_at", lessons)
}

// enrol gives courses to those who have joined: all of a small account, and a twentieth of a large one. Each has done some of it.
func (s *town) enrol() {
	rows, err := s.db.Query(s.t.Context(), `SELECT c.account_id, c.id FROM account a
		CROSS JOIN LATERAL (SELECT account_id, id FROM contact WHERE account_id = a.id AND joined_at IS NOT NULL ORDER BY joined_at DESC LIMIT $1) c`, max(1_000, *speedContacts/20))
	if err != nil {
		s.t.Fatal(err)
	}
	for rows.Next() {
		var account, contact uuid.UUID
		if err := rows.Scan(&account, &contact); err != nil {
			s.t.Fatal(err)
		}
		s.clients = append(s.clients, clientOf{slices.Index(s.accounts, account), contact})
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	first := slices.IndexFunc(s.clients, func(c clientOf) bool { return c.account == townSmall })
	s.clients[0], s.clients[first] = s.clients[first], s.clients[0] // who looks, and has most
	var grants, opened, looked, done [][]any
	for i, c := range s.clients {
		account, has := s.accounts[c.account], 1+i%3
		if i == 0 {
			has = townCourses
		}
		began := s.now.AddDate(0, 0, -20-i%200)
		for k := range has {
			ways := s.lessons[c.account][k*townModules*townLessons:][:townModules*townLessons]
			grants = append(grants, []any{account, queries.NewID(), c.id, ways[0].course, "manual", queries.NewID(), began, began})
			finished := (i + 7*(1-k)) % len(ways)
			if k > 1 || finished < 0 {
				continue
			}
			opened = append(opened, []any{account, queries.SourceFor(ways[0].course, c.id), c.id, ways[0].course, began, s.now.AddDate(0, 0, -1), ways[finished].lesson})
			for n, l := range ways[:finished] {
				at := began.AddDate(0, 0, n)
				looked = append(looked, []any{account, queries.SourceFor(l.lesson, c.id), c.id, l.course, l.lesson, at, at})
				done = append(done, []any{account, queries.NewID(), c.id, l.course, l.lesson, 1, at, "button"})
			}
		}
	}
	s.copy("access_grant", "account_id id contact_id course_id source source_id starts_at created_at", grants)
	s.copy("course_visit", "account_id id contact_id course_id first_opened_at last_opened_at last_lesson_id", opened)
	s.copy("lesson_visit", "account_id id contact_id course_id lesson_id first_opened_at last_opened_at", looked)
	s.copy("lesson_completion", "account_id id contact_id course_id lesson_id lesson_version completed_at completed_by", done)
}

// sell gives every fifth client a subscription, charged monthly for up to a year; the newest invoice of some is open.
func (s *town) sell() {
	var subscriptions, invoices [][]any
	for i := 0; i < len(s.clients); i += 5 {
		c, months := s.clients[i], 14
		if i > 0 {
			months = 1 + i/5%12
		}
		account, id := s.accounts[c.account], queries.NewID()
		began := s.now.AddDate(0, 1-months, -3)
		subscriptions = append(subscriptions, []any{account, id, c.id, fmt.Sprintf("sub_%d", i), "The circle", "active", int64(4900), "eur", "month", "Visa ending in 4242",
			began, s.now.AddDate(0, 1, -3), began, s.now})
		for n := range months {
			at, state, payment, paid := began.AddDate(0, n, 0), "paid", "succeeded", int64(4900)
			if n == months-1 && i%3 == 0 {
				state, payment, paid = "open", "waiting", 0
			}
			invoices = append(invoices, []any{account, queries.NewID(), c.id, id, fmt.Sprintf("in_%d_%d", i, n), fmt.Sprintf("B-%d-%04d", i, n), state, payment, int64(4900), int64(782), paid, 4900 - paid, "eur",
				[]byte(`[{"text": "1 × The circle (at €49.00 / month)", "quantity": 1, "amount_minor": 4900}]`), "https://invoice.example/pay", "https://invoice.example/pdf", at, at.AddDate(0, 0, 14), at, s.now})
		}
	}
	s.copy("subscription", "account_id id contact_id stripe_id title state amount_minor currency charged card started_at period_ends_at created_at looked_at", subscriptions)
	s.copy("invoice", "account_id id contact_id subscription_id stripe_id number state payment total_minor tax_minor paid_minor remaining_minor currency lines hosted_url pdf_url issued_at due_at created_at looked_at", invoices)
}

// signIn opens the sessions there are, among them those of the two who look.
func (s *town) signIn() {
	ip := netip.MustParseAddr("192.0.2.1")
	s.client, s.staff = queries.NewToken(), queries.NewToken()
	sessions := make([][]any, *speedSessions)
	for i := range sessions {
		c, token := s.clients[i%len(s.clients)], queries.NewToken()
		if i == 0 {
			token = s.client
		}
		sessions[i] = []any{s.accounts[c.account], queries.NewID(), c.id, queries.TokenHash(token), "password", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", ip,
			s.now.AddDate(0, 0, -1), s.now, s.now.AddDate(0, 0, 60)}
	}
	s.copy("session", "account_id id contact_id token_hash method user_agent ip created_at last_seen_at expires_at", sessions)
	ctx, q := s.t.Context(), queries.New(s.db)
	person, err := q.StaffUpsert(ctx, queries.StaffUpsertParams{ID: queries.NewID(), Email: "maya@small.example", Now: s.now})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, account := range s.accounts[:townOthers] {
		if err := q.StaffMembershipInsert(ctx, queries.StaffMembershipInsertParams{AccountID: account, StaffID: person.ID, Role: queries.StaffRoleOwner, Now: s.now}); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := queries.SignInStaff(ctx, q, queries.StaffSignIn{StaffID: person.ID, Token: s.staff, Visit: queries.Visit{At: s.now, IP: ip, UserAgent: "Firefox"}}); err != nil {
		s.t.Fatal(err)
	}
}
