package jobs

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// course publishes a course of two lessons, the second of which unlocks two days after the grant.
func (o *office) course() (id uuid.UUID) {
	o.t.Helper()
	id = queries.NewID()
	o.exec("INSERT INTO course (account_id, id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, 'Clear goals', 1, '2026-01-01', now(), now())", o.account, id)
	o.exec("INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $2, 'Beginning', 1, now())", o.account, id)
	o.exec("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, published_at, created_at, changed_at) VALUES ($1, $3, $2, $2, 'What matters', 1, '2026-01-01', now(), now())", o.account, id, queries.NewID())
	o.exec("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, drip_days, published_at, created_at, changed_at) VALUES ($1, $3, $2, $2, 'What can wait', 2, 2, '2026-01-01', now(), now())", o.account, id, queries.NewID())
	return id
}

// enrol gives a course and has the mail about it sent when it begins, as a handler does.
func (o *office) enrol(contact, course uuid.UUID, starts time.Time, bulk bool) (grant uuid.UUID) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		grant, err = queries.Enrol(ctx, q, queries.Enrolment{AccountID: o.account, ContactID: contact, CourseID: course, Starts: starts, Now: o.config.Now()})
		if err != nil {
			return err
		}
		return o.queue.CourseReady(ctx, tx, o.account, grant, starts, bulk)
	})
	return grant
}

// Whoever was here before is led to the course, whoever was not is signed in by the link, once and for a month.
func TestCourseReadyMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course, ana, ben := o.course(), o.contact("ana@example.com", "Ana Souza"), o.contact("ben@example.com", "")
	o.exec("UPDATE contact SET joined_at = now(), accepted_at = now() WHERE id = $1", ana)
	o.enrol(ana, course, o.now(), false)
	o.enrol(ben, course, o.now(), false)
	o.work()
	page := "https://acme.portal.test/courses/" + course.String()
	got := o.received("ana@example.com")
	if got.Subject != "You have access to “Clear goals”" || !strings.Contains(got.Text, "\n"+page+"\n") || !strings.Contains(got.HTML, `href="`+page+`"`) ||
		!strings.Contains(got.Text, "Hello Ana Souza,") || !strings.Contains(got.Header.Get("List-Unsubscribe"), "/stop/") {
		t.Errorf("%s\n%s\n%s", got.Subject, got.Text, got.Header)
	}
	got = o.received("ben@example.com")
	token := tokenOf(t, got.Links, "https://acme.portal.test")
	link, err := o.q.MagicLinkByToken(t.Context(), queries.MagicLinkByTokenParams{AccountID: o.account, TokenHash: queries.TokenHash(token)})
	check(t, err)
	if life := link.ExpiresAt.Sub(o.now()); link.ContactID != ben || link.Path != "/courses/"+course.String() || life < 29*oneDay || life > 31*oneDay {
		t.Errorf("the link is %+v", link)
	}
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM mail_copy WHERE body_text LIKE '%' || $1 || '%'", token); n != 0 {
		t.Error("the copy lets somebody in")
	}
	if n := read[int](o, "SELECT count(*) FROM mail_copy WHERE body_text LIKE '%' || $1 || '%'", page); n != 1 {
		t.Error("the copy does not show the course's address")
	}
}

// What is not true any more when the access begins is not told: the mail is made then, and looked at once more when it is sent.
func TestCourseReadyMailIsNotSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bulk bool
		stop string
		want int
	}{
		"all is well":                 {false, "SELECT 1", 1},
		"revoked":                     {false, "UPDATE access_grant SET ended_at = starts_at, ended_because = 'revoked'", 0},
		"a draft":                     {false, "UPDATE course SET published_at = NULL", 0},
		"deleted":                     {false, "UPDATE course SET deleted_at = now()", 0},
		"courses are off":             {false, "INSERT INTO account_app SELECT id, 'courses', 1, false FROM account", 0},
		"bounced":                     {false, "UPDATE contact SET bounced_at = now(), bounce_reason = 'No'", 0},
		"no mails wanted, one by one": {false, "UPDATE contact SET no_mail_at = now()", 1},
		"no mails wanted, of many":    {true, "UPDATE contact SET no_mail_at = now()", 0},
		"no news wanted, one by one":  {false, "UPDATE contact SET no_course_mail_at = now()", 1},
		"no news wanted, of many":     {true, "UPDATE contact SET no_course_mail_at = now()", 0},
		"no reminders, of many":       {true, "UPDATE contact SET no_invoice_mail_at = now()", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			course, ana := o.course(), o.contact("ana@example.com", "")
			args := courseReadyArgs{o.account, o.enrol(ana, course, o.now(), c.bulk), c.bulk}
			o.exec(c.stop)
			worker := &courseReadyWorker{db: o.pool, c: o.config, queue: o.queue}
			for range 2 {
				check(t, worker.Work(t.Context(), jobOf(args)))
			}
			if n := o.mailsTo("ana@example.com", "course_ready"); n != c.want {
				t.Errorf("%d mails", n)
			}
		})
	}
}

// A start that is still to come is told of when it comes; taken back in between the writing of the mail and its sending, it is withdrawn.
func TestCourseReadyMailOfALaterStart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course, ana := o.course(), o.contact("ana@example.com", "")
	o.enrol(ana, course, o.now().Add(oneDay), false)
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'course_ready' AND state = 'scheduled' AND scheduled_at > now() + interval '23 hours'"); n != 1 {
		t.Error("the job does not wait")
	}
	o.later(oneDay + time.Minute)
	grant := read[uuid.UUID](o, "SELECT id FROM access_grant")
	check(t, (&courseReadyWorker{db: o.pool, c: o.config, queue: o.queue}).Work(t.Context(), jobOf(courseReadyArgs{o.account, grant, false})))
	check(t, queries.Close(t.Context(), o.q, o.account, grant, queries.Ending{Because: queries.GrantEndRevoked, Now: o.now()}))
	o.later(time.Minute)
	o.work()
	eventually(t, func() (bool, string) {
		state := read[string](o, "SELECT coalesce(max(state::text), 'not there') FROM mail WHERE kind = 'course_ready'")
		return state == "withdrawn", "the mail to be withdrawn; it is " + state
	})
}

// In the client's morning one mail a course tells which lessons unlocked, and none in the night.
func TestLessonsUnlockedMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	granted := time.Date(2026, 10, 23, 13, 0, 0, 0, time.UTC)
	o.config.Now = func() time.Time { return granted.Add(time.Duration(o.ahead.Load())) }
	course, ana := o.course(), o.contact("ana@example.com", "Ana Souza")
	o.exec("UPDATE contact SET joined_at = now(), time_zone = 'Europe/Berlin'")
	o.enrol(ana, course, granted, false)
	o.exec("DELETE FROM river.river_job")
	tell := func(at string) int {
		t.Helper()
		moment, err := time.Parse(time.RFC3339, at)
		check(t, err)
		o.ahead.Store(int64(moment.Sub(granted)))
		check(t, (&unlockWorker{db: o.pool, c: o.config, queue: o.queue}).Work(t.Context(), jobOf(unlockArgs{o.account})))
		return o.mailsTo("ana@example.com", "lessons_unlocked")
	}
	for _, c := range []struct {
		at   string
		want int
	}{ // the night to the 25th is an hour longer in Berlin
		{"2026-10-24T07:30:00Z", 0}, {"2026-10-25T05:59:00Z", 0}, {"2026-10-25T06:00:00Z", 1}, {"2026-10-25T07:00:00Z", 1}, {"2026-10-26T06:30:00Z", 1},
	} {
		if n := tell(c.at); n != c.want {
			t.Errorf("at %s there are %d mails, want %d", c.at, n, c.want)
		}
	}
	check(t, (&unlockAllWorker{db: o.pool, queue: o.queue}).Work(t.Context(), jobOf(unlockAllArgs{})))
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'unlock' AND priority = 2"); n != 1 {
		t.Errorf("%d accounts are looked at", n)
	}
	o.work()
	got := o.received("ana@example.com")
	if got.Subject != "New in “Clear goals”: What can wait" || !strings.Contains(got.Text, "- What can wait\n") || !strings.Contains(got.HTML, "<li style=\"margin:0 0 6px\">What can wait</li>") ||
		!strings.Contains(got.Text, "https://acme.portal.test/courses/"+course.String()) || !strings.Contains(got.Header.Get("List-Unsubscribe"), "/stop/") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
}

// The certificate's mail leads to the document and says where others see that it is right; a revoked one is not told of.
func TestCertificateReadyMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course, ana := o.course(), o.contact("ana@example.com", "Ana Souza")
	certify := func(number string) (id uuid.UUID) {
		done := queries.NewID()
		o.exec("INSERT INTO course_completion VALUES ($1, $2, $3, $4, 1, now(), NULL)", o.account, done, ana, course)
		o.exec("INSERT INTO certificate VALUES ($1, $2, $3, $4, $5, $2, 'Ana Souza', 'Clear goals', 'Acme', now(), now(), NULL, '', NULL)", o.account, done, number, ana, course)
		o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
			mail, err := mails.Mail(ctx, q, queries.MailInsertParams{AccountID: o.account, Kind: queries.MailKindCertificateReady, ContactID: &ana, CourseID: &course, CertificateID: &done,
				ToEmail: "ana@example.com", Now: o.now()})
			if err != nil {
				return err
			}
			id = mail
			return o.queue.Mail(ctx, tx, o.account, mail)
		})
		return id
	}
	certify("C1")
	revoked := certify("C2")
	o.exec("UPDATE certificate SET revoked_at = now() WHERE number = 'C2'")
	o.work()
	got := o.received("ana@example.com")
	if got.Subject != "Your certificate for “Clear goals”" || !strings.Contains(got.Text, "https://acme.portal.test/courses/"+course.String()+"/certificate\n") ||
		!strings.Contains(got.Text, "https://acme.portal.test/certificates/C1") || !strings.Contains(got.HTML, "https://acme.portal.test/certificates/C1") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	o.idle()
	if state := read[string](o, "SELECT state::text FROM mail WHERE id = $1", revoked); state != "withdrawn" {
		t.Errorf("the mail about the revoked one is %s", state)
	}
}

// A known address and an unknown one get the same link to a free offer; an address that has had enough of them, or refuses mail, none.
func TestOfferMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course, offer := o.course(), queries.NewID()
	o.contact("ana@example.com", "Ana Souza")
	o.contact("bounced@example.com", "")
	o.exec("UPDATE contact SET bounced_at = now(), bounce_reason = 'No' WHERE email = 'bounced@example.com'")
	check(t, queries.OfferDraft{Name: "taster", Title: "A taster", Courses: []uuid.UUID{course}}.Insert(t.Context(), o.q, o.account, offer, o.now()))
	claim := func(email string) (id uuid.UUID) {
		o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
			if id, err = mails.Claim(ctx, q, queries.OfferClaim{AccountID: o.account, OfferID: offer, Email: email, Name: "Buy at https://evil.example", Now: o.now(), IP: loopback}); err != nil {
				return err
			}
			return o.queue.OfferClaim(ctx, tx, o.account, id)
		})
		return id
	}
	first, second := claim("ana@example.com"), claim("new@example.com")
	claim("bounced@example.com")
	o.work()
	var texts []string
	for email, id := range map[string]uuid.UUID{"ana@example.com": first, "new@example.com": second} {
		got, link := o.received(email), "https://acme.portal.test/o/taster/confirm/"+mails.Secret.OfferToken(id)
		if !slices.Contains(got.Links, link) || strings.Contains(got.Text+got.HTML, "evil.example") || strings.Contains(got.Text, "Ana") {
			t.Errorf("to %s:\n%s", email, got.Text)
		}
		texts = append(texts, strings.NewReplacer(link, "", email, "", "\n", " ").Replace(got.Text))
	}
	if wordsOf(texts[0]) != wordsOf(texts[1]) {
		t.Errorf("they differ:\n%s\n%s", texts[0], texts[1])
	}
	for range queries.LimitFormMail.Times + 2 {
		claim("new@example.com")
	}
	o.idle()
	if n := o.mailsTo("new@example.com", "offer_confirm"); n != queries.LimitFormMail.Times {
		t.Errorf("%d mails", n)
	}
	if n := o.mailsTo("bounced@example.com", "offer_confirm"); n != 0 {
		t.Errorf("%d mails to an address that refuses them", n)
	}
	o.later(queries.OfferClaimLife + queries.OfferClaimForget + time.Hour)
	check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), jobOf(purgeArgs{})))
	if n := read[int](o, "SELECT count(*) FROM offer_claim"); n != 0 {
		t.Errorf("%d claims are kept", n)
	}
}

func wordsOf(text string) string { return strings.Join(strings.Fields(text), " ") }

// Many are enrolled at once, each with what became of them, and the schedule ends what has an end.
func TestTaskEnrols(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course, ends := o.course(), o.now().Add(oneDay)
	had := o.contact("had@example.com", "")
	o.enrol(had, course, o.now().Add(-time.Hour), false)
	o.exec("DELETE FROM river.river_job")
	for email, column := range map[string]string{"new@example.com": "", "bounced@example.com": "bounced_at", "quiet@example.com": "no_mail_at", "weary@example.com": "no_course_mail_at"} {
		if o.contact(email, ""); column != "" {
			o.exec("UPDATE contact SET "+column+" = now() WHERE email = $1", email)
		}
	}
	id := o.start(queries.TaskKindEnrol, queries.TaskChoice{Course: &queries.TaskCourse{ID: course, Title: "Clear goals", Ends: &ends, Mail: true}})
	o.work()
	done, counts := o.taskIs(id, queries.TaskStateDone)
	got := o.results(id)
	slices.Sort(got)
	want := []string{"bounced@example.com: done Enrolled, without a mail: mail to the address was refused for good.", "had@example.com: same Had it already, for as long.",
		"new@example.com: done Enrolled, and told by mail.", "quiet@example.com: done Enrolled, without a mail: they asked for no more mails.",
		"weary@example.com: done Enrolled, without a mail: they asked for no news of their courses."}
	if done != 5 || counts[queries.TaskOutcomeDone] != 4 || !slices.Equal(got, want) {
		t.Errorf("done %d, %v, results %q", done, counts, got)
	}
	o.received("new@example.com")
	if n := read[int](o, "SELECT count(*) FROM access_grant WHERE source = 'manual' AND origin_id = $1 AND given_by IS NOT NULL AND ends_at IS NOT NULL", id); n != 4 {
		t.Errorf("%d grants of the task", n)
	}
	o.exec("UPDATE course SET deleted_at = now()")
	gone := o.start(queries.TaskKindEnrol, queries.TaskChoice{Course: &queries.TaskCourse{ID: course, Title: "Clear goals"}}, had)
	o.taskIs(gone, queries.TaskStateDone)
	if got := o.results(gone); !slices.Equal(got, []string{"had@example.com: failed The course was deleted."}) {
		t.Errorf("results %q", got)
	}
	o.later(2 * oneDay)
	o.expireAll()
	if n := read[int](o, "SELECT count(*) FROM access_grant WHERE ended_because = 'expired' AND ended_at = ends_at"); n != 4 {
		t.Errorf("%d grants have expired", n)
	}
}

// Everybody in a file is given its course, once, also those whom the file does not change; the rows say so.
func TestImportEnrols(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course := o.course()
	o.contact("known@example.com", "Known")
	i := o.upload("E-Mail;Name\nknown@example.com;Somebody\nnew@example.com;Nea\nNEW@example.com;Nea\nnot an address;x", func(c *queries.ImportSetColumnsParams) { c.CourseID, c.UpdateKnown = &course, false })
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{queries.TaskOutcomeNew: 1, queries.TaskOutcomeSame: 1, queries.TaskOutcomeDuplicate: 1, queries.TaskOutcomeInvalid: 1})
	if n := read[int](o, "SELECT count(*) FROM access_grant"); n != 0 {
		t.Error("the check gives something")
	}
	i.does(queries.TaskKindImport, queries.TaskCounts{queries.TaskOutcomeNew: 1, queries.TaskOutcomeSame: 1})
	if n := read[int](o, "SELECT count(*) FROM access_grant WHERE source = 'import' AND origin_id = $1 AND given_by IS NOT NULL AND course_id = $2", i.id, course); n != 2 {
		t.Errorf("%d grants", n)
	}
	if n := read[int](o, "SELECT count(*) FROM contact_import_row WHERE reason LIKE '%Is given the course.'"); n != 2 {
		t.Errorf("the rows say %v", i.rows())
	}
}

// The course of an import can have an end, and those to whom it is new are told, with a link to it: none by the check, and each once,
// whatever portion is done again.
func TestImportTellsOfTheCourse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course, ends := o.course(), o.now().Add(30*oneDay)
	o.enrol(o.contact("had@example.com", ""), course, o.now().Add(-time.Hour), false)
	for email, column := range map[string]string{"known@example.com": "joined_at", "bounced@example.com": "bounced_at", "quiet@example.com": "no_mail_at", "weary@example.com": "no_course_mail_at"} {
		o.contact(email, "")
		o.exec("UPDATE contact SET "+column+" = now() WHERE email = $1", email)
	}
	o.exec("DELETE FROM river.river_job")
	i := o.upload("E-Mail\nhad@example.com\nknown@example.com\nbounced@example.com\nquiet@example.com\nnew@example.com\nnew@example.com\nweary@example.com\n", func(c *queries.ImportSetColumnsParams) {
		c.CourseID, c.CourseEndsAt, c.CourseMail = &course, &ends, true
	})
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{queries.TaskOutcomeNew: 1, queries.TaskOutcomeSame: 5, queries.TaskOutcomeDuplicate: 1})
	if n := read[int](o, "SELECT (SELECT count(*) FROM access_grant WHERE source = 'import') + (SELECT count(*) FROM river.river_job WHERE kind = 'course_ready')"); n != 0 {
		t.Error("the check gives something")
	}
	task := i.start(queries.TaskKindImport)
	w := &taskRunWorker{db: o.pool, c: o.config, queue: o.queue}
	o.exec("ALTER TABLE task ADD CONSTRAINT broken CHECK (done = 0) NOT VALID")
	if _, err := w.portion(t.Context(), o.account, task); err == nil {
		t.Fatal("the portion was to fail")
	}
	o.exec("ALTER TABLE task DROP CONSTRAINT broken")
	_, err := w.portion(t.Context(), o.account, task)
	check(t, err)
	want := []string{"2 same Is given the course, without a mail: they had it already.", "3 same Is given the course, and told by mail.",
		"4 same Is given the course, without a mail: mail to the address was refused for good.", "5 same Is given the course, without a mail: they asked for no more mails.",
		"6 new Is given the course, and told by mail.", "7 duplicate Line 6 has this address first.",
		"8 same Is given the course, without a mail: they asked for no news of their courses."}
	if got := i.rows(); !slices.Equal(got, want) {
		t.Errorf("the rows say\n%s", strings.Join(got, "\n"))
	}
	if n := read[int](o, "SELECT count(*) FROM access_grant WHERE source = 'import' AND origin_id = $1 AND ends_at = $2", i.id, ends.Truncate(time.Microsecond)); n != 6 {
		t.Errorf("%d grants with that end", n)
	}
	o.work()
	o.idle()
	if got := o.received("known@example.com"); !strings.Contains(got.Text, "https://acme.portal.test/courses/"+course.String()) {
		t.Errorf("who has been here is told %s", got.Text)
	}
	if got := o.received("new@example.com"); !strings.Contains(got.Text, "https://acme.portal.test/l/") {
		t.Errorf("who has not is told %s", got.Text)
	}
	if n := read[int](o, "SELECT count(*) FROM mail WHERE kind = 'course_ready'"); n != 2 {
		t.Errorf("%d mails", n)
	}
}

// What the course of an import had become when it came to the rows is told by them, and the contacts are imported all the same.
func TestImportWithoutItsCourse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, want string }{
		"deleted": {"UPDATE course SET deleted_at = now()", "2 new The course was deleted, so it is not given."},
		"over":    {"UPDATE contact_import SET course_ends_at = '2026-01-01'", "2 new The last day was over, so the course is not given."},
		"a draft": {"UPDATE course SET published_at = NULL", "2 new Is given the course, without a mail: the course is a draft."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			course := o.course()
			i := o.upload("E-Mail\nnew@example.com", func(p *queries.ImportSetColumnsParams) { p.CourseID, p.CourseMail = &course, true })
			i.does(queries.TaskKindImportCheck, queries.TaskCounts{queries.TaskOutcomeNew: 1})
			o.exec(c.change)
			i.does(queries.TaskKindImport, queries.TaskCounts{queries.TaskOutcomeNew: 1})
			if got := i.rows(); !slices.Equal(got, []string{c.want}) {
				t.Errorf("the rows say %q", got)
			}
			if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'course_ready'"); n != 0 {
				t.Error("they are told")
			}
		})
	}
}

// Whoever's submission counts is given the form's course, once however often they send it, and not before they confirm.
func TestFormGivesACourse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	course := o.course()
	form := o.form(func(d *queries.FormDraft) { d.Confirm, d.Course = true, &course })
	o.work()
	first := o.fillIn(form, "ana@example.com", "Ana")
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM access_grant"); n != 0 {
		t.Error("it is given before the address is confirmed")
	}
	o.confirm(first)
	o.idle()
	o.confirm(o.fillIn(form, "ana@example.com", "Ana"))
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM access_grant g JOIN contact c ON c.id = g.contact_id WHERE g.source = 'form' AND g.origin_id = $1 AND c.email = 'ana@example.com'", form.ID); n != 1 {
		t.Errorf("%d grants", n)
	}
}
