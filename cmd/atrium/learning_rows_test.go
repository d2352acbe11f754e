package main

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// lessonRow is a lesson of a course that a test writes.
type lessonRow struct {
	title, body, module string
	minutes             int
	video, address      string
	days                int // after which it opens; 0: at once
	quiz                bool
}

// courseRows is a course as a test writes it, and where it is in the portal.
type courseRows struct {
	id      uuid.UUID
	lessons []uuid.UUID
}

func (c courseRows) path() string { return "/courses/" + c.id.String() }

func (c courseRows) at(n int) string { return c.path() + "/lessons/" + c.lessons[n].String() }

// exec changes rows; $1 is Acme.
func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.database.pool.Exec(s.t.Context(), sql, append([]any{s.account("acme")}, args...)...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// giveCourse gives a course to a contact so many days from now.
func (s *site) giveCourse(c courseRows, to string, days int) {
	s.t.Helper()
	s.exec("INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'manual', $2, $5, now())",
		queries.NewID(), s.contact("acme", to), c.id, time.Now().AddDate(0, 0, days))
}

// course is one of Acme's that was written before.
func (s *site) course(title string) (c courseRows) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), "SELECT k.id, array_agg(l.id ORDER BY l.position) FROM course k JOIN lesson l ON l.course_id = k.id WHERE k.account_id = $1 AND k.title = $2 GROUP BY k.id",
		s.account("acme"), title).Scan(&c.id, &c.lessons); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// writeCourse publishes a course of Acme's.
func (s *site) writeCourse(title, summary string, lessons ...lessonRow) (c courseRows) {
	s.t.Helper()
	exec, before := s.exec, time.Now().AddDate(0, -3, 0)
	c.id = queries.NewID()
	exec("INSERT INTO course (account_id, id, title, summary, position, published_at, created_at, changed_at) VALUES ($1, $2, $3, $4, 1, $5, $5, $5)", c.id, title, summary, before)
	var module uuid.UUID
	named := "-"
	for i, l := range lessons {
		if l.module != named {
			module, named = queries.NewID(), l.module
			exec("INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $3, $4, $5, $6)", module, c.id, orElse(named, "Beginning"), i, before)
		}
		id := queries.NewID()
		c.lessons = append(c.lessons, id)
		exec("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, minutes, video, video_url, drip_days, quiz_tries, published_at, created_at, changed_at) "+
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11::int, 0), 3, $12, $12, $12)", id, c.id, module, l.title, i, l.body, l.minutes, orElse(l.video, "none"), l.address, l.days, before)
		if l.quiz {
			for n, q := range []struct{ kind, text, options, answers, why string }{
				{"single", "How many goals fit into one quarter?", `[{"key": "a", "text": "Three at most", "right": true}, {"key": "b", "text": "Ten"}, {"key": "c", "text": "As many as I can think of"}]`, "{}", "Beyond three, none gets the time it needs."},
				{"multiple", "What makes a goal clear?", `[{"key": "a", "text": "You can tell when it is reached", "right": true}, {"key": "b", "text": "It sounds impressive"}, {"key": "c", "text": "It has a date", "right": true}]`, "{}", ""},
			} {
				exec("INSERT INTO quiz_question VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", queries.NewID(), id, n, q.kind, q.text, q.options, q.answers, q.why)
			}
		}
	}
	return c
}

func orElse(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}

// goals is what goalsCourse is called.
const goals = "Clear goals, calm quarters"

// goalsCourse is one with everything in it, given to Ana.
func (s *site) goalsCourse() courseRows {
	s.t.Helper()
	c := s.writeCourse(goals, "Choose what matters, **write it down**, and keep it in sight for twelve weeks.\n\n- Four short lessons\n- A quiz at the end",
		lessonRow{title: "What a goal is for", module: "Choosing", minutes: 8, video: "youtube", address: "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
			body: "A goal is a **promise about attention**. It says what you will look at first when the day is full.\n\n## Three questions\n\n1. What would be different if you reached it?\n2. Who would notice?\n3. What will you stop doing for it?\n\n> If everything is important, nothing gets done before Friday.\n\nWrite your answers below; you will need them in the next lesson. There is more in [the workbook](https://example.com/workbook).\n\n| Goal | Weeks | Sign |\n|---|:-:|---|\n| Two new clients | 12 | signed offers |\n| A rested Friday | 4 | closed laptop |"},
		lessonRow{title: "Write it so that you can tell", module: "Choosing", minutes: 12, video: "mp4", address: "https://127.0.0.1:1/goals.mp4", body: "Make it so concrete that a stranger could say whether it happened."},
		lessonRow{title: "Check what you know", module: "Keeping", minutes: 5, quiz: true, body: "Two questions, before you go on."},
		lessonRow{title: "Twelve weeks, one page", module: "Keeping", minutes: 20, days: 30, body: "The page."})
	file := queries.NewID()
	s.exec("INSERT INTO stored_file (account_id, id, name, media_type, size_bytes, created_at, ready_at) VALUES ($1, $2, 'Quarter on one page.pdf', 'application/pdf', 184320, now(), now())", file)
	s.exec("INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", c.lessons[0], file)
	s.giveCourse(c, ana, -1)
	return c
}

// untilTrue waits for what the program does beside the browser.
func (s *site) untilTrue(what string, holds func() bool) {
	s.t.Helper()
	look, end := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-end:
			s.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// rowCount counts rows.
func (s *site) rowCount(from string, args ...any) (n int) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), fmt.Sprintf("SELECT count(*) FROM %s", from), args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}
