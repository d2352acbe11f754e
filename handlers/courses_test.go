package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// built is a course that was built in the browser.
type built struct {
	*browser
	s    *testSite
	path string
	id   uuid.UUID
}

// build makes a course with a module and lessons by the forms of its pages.
func (s *testSite) build(t testing.TB, b *browser, title string, lessons ...string) built {
	t.Helper()
	k := built{browser: b, s: s}
	k.path = b.fill(b.get("/acme/courses/new"), "#courses-new", "title", title).is(http.StatusSeeOther).header.Get("Location")
	k.id = uuid.MustParse(k.path[strings.LastIndexByte(k.path, '/')+1:])
	k.module(t, "Beginning")
	for _, lesson := range lessons {
		k.lesson(t, lesson)
	}
	return k
}

func (k built) module(t testing.TB, title string) {
	t.Helper()
	k.fill(k.get(k.path), "#outline-add", "title", title).is(http.StatusSeeOther)
}

// lesson adds one to the last module.
func (k built) lesson(t testing.TB, title string) {
	t.Helper()
	p := k.get(k.path)
	forms := p.all("form.outline-add")
	f := p.form("#" + attr(find(t, forms[len(forms)-2], "input[name=title]")[0], "id")) // the last one adds a module
	f.values.Set("title", title)
	k.send(f.method, f.action, f.values).is(http.StatusSeeOther)
}

// row is the id of a part by its title.
func (k built) row(t testing.TB, table, title string) (id string) {
	t.Helper()
	k.s.scan(t, "SELECT id::text FROM "+table+" WHERE course_id = $1 AND title = $2 ORDER BY id DESC LIMIT 1", []any{k.id, title}, &id)
	return id
}

func (k built) lessonPath(t testing.TB, title string) string {
	t.Helper()
	return k.path + "/lessons/" + k.row(t, "lesson", title)
}

// titles is the outline as it is read: modules and lessons in order.
func (k built) titles(t testing.TB) string {
	t.Helper()
	var read []string
	for _, title := range k.get(k.path).all("#courses-outline [data-title]") {
		read = append(read, text(title))
	}
	return strings.Join(read, " ")
}

func (s *testSite) builder(t testing.TB) *browser {
	t.Helper()
	return s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
}

// A course is made from nothing, filled, published and read in the list, each step in the trail.
func TestCoursesAreBuilt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	b.get("/acme/courses").is(http.StatusOK).has(".empty a[href='/acme/courses/new']", "nav a[href='/acme/courses'][aria-current=page]")
	b.fill(b.get("/acme/courses/new"), "#courses-new", "title", " ").is(http.StatusUnprocessableEntity).has("#field-title-error")
	b.fill(b.get("/acme/courses/new"), "#courses-new", "title", strings.Repeat("x", 121), "summary", "Kept").is(http.StatusUnprocessableEntity).has("#field-title-error", "textarea[name=summary]")
	k := s.build(t, b, "Clear  goals", "What matters", "Three things")
	b.get(k.path).has(".badge", "form[action='"+k.path+"/publish']", "#courses-outline li[data-lesson]").lacks("#courses-outline .empty")
	if got := k.titles(t); got != "Beginning What matters Three things" {
		t.Errorf("the outline is %q", got)
	}
	b.fill(b.get(k.path), "form[action='"+k.path+"/publish']").leadsTo(k.path)
	s.rows(t, 1, "course WHERE id = $1 AND title = 'Clear goals' AND published_at = $2 AND version = 2", k.id, noon)
	s.rows(t, 2, "lesson WHERE course_id = $1 AND published_at IS NULL", k.id)
	if got := words(b.get("/acme/courses").one("tbody tr")); !strings.HasPrefix(got, "Clear goals0 lessons, 2 drafts Published 0 0") {
		t.Errorf("the list says %q", got)
	}
	for action, n := range map[string]int{"course.create": 1, "module.create": 1, "lesson.create": 2, "course.publish": 1} {
		s.rows(t, n, "audit WHERE account_id = $1 AND action = $2", s.acme.id, action)
	}
	b.fill(b.get(k.path), "#outline-add", "title", "").is(http.StatusUnprocessableEntity).has("#add-module-error", "main")
	long := strings.Repeat("x", 121)
	p := b.htmx().send(post, k.path+"/lessons", url.Values{"_token": {b.token()}, "module": {k.row(t, "course_module", "Beginning")}, "title": {long}}).is(http.StatusUnprocessableEntity)
	p.has("input[value='" + long + "']").lacks("main")
}

// The outline is put into another order by buttons and by dragging; what a colleague has added meanwhile stays, what is foreign is
// left out.
func TestCoursesArrange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A", "B")
	k.module(t, "Middle")
	k.lesson(t, "C")
	id := func(title string) string {
		if len(title) > 1 {
			return k.row(t, "course_module", title)
		}
		return k.row(t, "lesson", title)
	}
	step := func(want string, fields ...string) {
		t.Helper()
		values := url.Values{"_token": {b.token()}}
		values.Set(fields[0], fields[1])
		b.send(post, k.path+"/arrange", values).leadsTo(k.path)
		if got := k.titles(t); got != want {
			t.Errorf("after %v: %s, want %s", fields, got, want)
		}
	}
	step("Beginning B A Middle C", "move", id("B")+":up")
	step("Beginning B Middle A C", "move", id("A")+":down") // over the end of its module
	step("Beginning B A Middle C", "move", id("A")+":up")
	step("Beginning B A Middle C", "move", id("B")+":up") // cannot go further
	step("Middle C Beginning B A", "move", id("Middle")+":up")
	step("Beginning A C Middle B", "order", strings.Join([]string{id("Beginning"), id("A"), id("C"), id("Middle"), id("B")}, " "))
	step("Middle B Beginning A C", "order", strings.Join([]string{id("B"), id("Middle"), id("Middle"), id("B"), uuid.NewString(), id("Beginning"), id("A")}, " ")) // C is not named, B first stands nowhere
	p := b.htmx().send(post, k.path+"/arrange", url.Values{"_token": {b.token()}, "move": {id("B") + ":down"}}).is(http.StatusOK).has("#courses-outline a[href='"+k.lessonPath(t, "B")+"']", "#courses-outline #outline-acts").lacks("main")
	if len(p.all("[data-lesson]")) != 3 {
		t.Error("the part has not all lessons")
	}
	for _, wrong := range []string{"x:up", id("A"), id("A") + ":sideways"} {
		b.send(post, k.path+"/arrange", url.Values{"_token": {b.token()}, "move": {wrong}}).is(http.StatusBadRequest)
	}
	s.rows(t, 7, "audit WHERE action = 'course.arrange'") // not for the one that changed nothing
	other := s.build(t, b, "Another")
	b.fill(b.get("/acme/courses"), "#courses-up-"+other.id.String()).leadsTo("/acme/courses")
	if got := words(b.get("/acme/courses").one("tbody")); strings.Index(got, "Another") > strings.Index(got, "Clear") {
		t.Errorf("the list is %q", got)
	}
	b.htmx().fill(b.get("/acme/courses"), "#courses-down-"+other.id.String()).is(http.StatusOK).has("#courses-list").lacks("main")
}

// Titles are changed where they stand; one that is none changes nothing.
func TestCoursesRename(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	for path, want := range map[string]string{k.path + "/modules/" + k.row(t, "course_module", "Beginning"): "module.change", k.lessonPath(t, "A"): "lesson.rename"} {
		values := url.Values{"_token": {b.token()}, "title": {" Another  title "}}
		b.htmx().send(post, path+"/rename", values).is(http.StatusOK).has("#courses-outline")
		b.htmx().send(post, path+"/rename", values).is(http.StatusOK) // the same again
		s.rows(t, 1, "audit WHERE action = $1 AND became->>'title' = 'Another title'", want)
		values.Set("title", "\n")
		b.htmx().send(post, path+"/rename", values).is(http.StatusUnprocessableEntity).has("#courses-outline .notice-box-error")
		b.send(post, path+"/rename", values).is(http.StatusUnprocessableEntity).has("main")
	}
	if got := k.titles(t); got != "Another title Another title" {
		t.Errorf("the outline is %q", got)
	}
}

// Settings are stored with what they were; what cannot be stored comes back with what was typed.
func TestCoursesSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals")
	p := b.get(k.path+"/edit").is(http.StatusOK).has("#field-clock-grant[checked]", ".tabs a[aria-current=page][href='"+k.path+"/edit']")
	for _, c := range []struct{ field, typed, at string }{{"title", " ", "title"}, {"minutes", "soon", "minutes"}, {"minutes", "-4", "minutes"}, {"clock", "date", "clock_date"},
		{"clock", "nonsense", "clock"}, {"summary", strings.Repeat("x", 2001), "summary"}, {"signer", strings.Repeat("x", 121), "signer"}} {
		r := b.fill(p, "#courses-settings", c.field, c.typed).is(http.StatusUnprocessableEntity).has("#field-" + c.at + "-error")
		if c.field == "minutes" {
			r.has("[name=minutes][value='" + c.typed + "']")
		}
	}
	b.fill(p, "#courses-settings", "title", "Goals", "minutes", "90", "clock", "date", "clock_date", "2026-04-01", "in_order", "on", "certificate", "on", "signer", "Maya", "summary", "How to\r\n\r\n**choose**").leadsTo(k.path)
	s.rows(t, 1, `course WHERE id = $1 AND title = 'Goals' AND minutes = 90 AND clock = 'date' AND clock_date = '2026-04-01' AND in_order AND certificate AND certificate_signer = 'Maya'
		AND summary = E'How to\n\n**choose**'`, k.id)
	s.rows(t, 1, "audit WHERE action = 'course.change' AND was->>'title' = 'Clear goals' AND became->>'clock' = 'date'")
	b.get(k.path+"/edit").has("[name=clock_date][value='2026-04-01']", "[name=in_order][checked]")
	b.get(k.path+"/preview").is(http.StatusOK).has(".preview-bar", ".reading strong", "svg.cover")
}

// A cover is encoded anew, shown to staff and clients, and taken away; what is no picture is refused beside the field.
func TestCoursesCover(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals")
	edit := func() *page { return b.get(k.path + "/edit") }
	form := "form[action='" + k.path + "/cover']"
	b.get(k.path + "/cover").is(http.StatusNotFound)
	for _, b := range []*browser{b, b.htmx()} {
		b.upload(edit(), form, "cover", "x.png", "<script>").is(http.StatusUnprocessableEntity).has("#course-cover-error")
	}
	b.upload(edit(), form, "cover", "x.png", smallPNG).leadsTo(k.path + "/edit")
	var hash string
	s.scan(t, "SELECT cover_hash FROM course WHERE id = $1", []any{k.id}, &hash)
	s.rows(t, 1, "picture WHERE account_id = $1 AND hash = $2 AND hash LIKE 'cover-%'", s.acme.id, hash)
	if p := b.get(attr(edit().one("img.cover"), "src")).is(http.StatusOK); p.header.Get("Content-Type") != "image/png" && p.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the cover is %s", p.header.Get("Content-Type"))
	} else if got := p.header.Get("Content-Security-Policy") + " " + p.header.Get("Cache-Control") + " " + p.header.Get("X-Content-Type-Options"); !strings.HasPrefix(got, "default-src 'none';") || !strings.HasSuffix(got, " private, max-age=86400 nosniff") {
		t.Errorf("the cover comes with %s", got)
	}
	s.portal(t, s.acme).get("/brand/" + hash).is(http.StatusOK)
	s.portal(t, s.lumen).get("/brand/" + hash).is(http.StatusNotFound)
	b.fill(edit(), "form[action='"+k.path+"/cover/remove']").leadsTo(k.path + "/edit")
	edit().has("svg.cover").lacks("img.cover")
	s.rows(t, 1, "audit WHERE action = 'course.cover' AND was->>'cover' = '' AND became->>'cover' = $1", hash)
	s.rows(t, 1, "audit WHERE action = 'course.cover' AND was->>'cover' = $1 AND became->>'cover' = ''", hash)
}

// Whoever may not change anything looks: no form, no editor, and the preview instead.
func TestCoursesForSupport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.build(t, s.builder(t), "Clear goals", "A")
	b := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	b.get("/acme/courses").is(http.StatusOK).has(".row-link").lacks("main form", "a[href='/acme/courses/new']")
	p := b.get(k.path).is(http.StatusOK).lacks("main form", "[data-grip]")
	b.get(attr(p.one("#courses-outline [data-lesson] a.row-link"), "href")).is(http.StatusOK).has(".preview-bar")
	b.get(k.path + "/edit").is(http.StatusForbidden)
}

// What is deleted is gone from every page, can be restored for 30 days, and keeps what it was.
func TestCoursesDeleteAndRestore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A", "B")
	module, lesson := k.path+"/modules/"+k.row(t, "course_module", "Beginning"), k.lessonPath(t, "A")
	for _, c := range []struct{ path, to, list, left string }{{lesson, k.path, k.path, "Beginning B"}, {module, k.path, k.path, ""}, {k.path, "/acme/courses", "/acme/courses", ""}} {
		b.fill(b.get(c.path+"/delete").is(http.StatusOK), ".btn-danger").leadsTo(c.to)
		if c.path != k.path {
			if got := k.titles(t); got != c.left {
				t.Errorf("without %s the outline is %q", c.path, got)
			}
		}
		b.get(c.path).is(http.StatusNotFound)
		restore := "form[action='" + c.path + "/restore']"
		p := b.get(c.list).has(restore)
		later := func(by time.Duration) {
			for _, table := range []string{"course", "course_module", "lesson"} {
				s.exec(t, "UPDATE "+table+" SET deleted_at = deleted_at - $1::interval", by)
			}
		}
		later(queries.CourseRestoreFor + time.Second)
		b.get(c.list).lacks(restore)
		b.fill(p, restore).is(http.StatusNotFound)
		later(-queries.CourseRestoreFor - time.Second)
		b.fill(p, restore).leadsTo(k.path)
		b.fill(p, restore).leadsTo(k.path) // twice is once
		if got := k.titles(t); got != "Beginning A B" {
			t.Errorf("after restoring %s the outline is %q", c.path, got)
		}
	}
	for _, noun := range []string{"course", "module", "lesson"} {
		s.rows(t, 1, "audit WHERE action = $1", noun+".delete")
		s.rows(t, 1, "audit WHERE action = $1", noun+".restore")
	}
}

// A copy says the same and is a draft; what belongs to people stays with the first.
func TestCoursesDuplicate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	w := s.taught(t, s.contact(t, s.acme, "ana@example.com", "Ana"))
	path := "/acme/courses/" + w.course.String()
	to := b.fill(b.get(path+"/edit"), "form[action='"+path+"/duplicate']").is(http.StatusSeeOther).header.Get("Location")
	made := to[strings.LastIndexByte(to, '/')+1:]
	s.rows(t, 1, "course WHERE id = $1 AND title = 'Clear goals (copy)' AND published_at IS NULL AND certificate", made)
	s.rows(t, 1, "lesson l JOIN course_module m ON m.id = l.module_id AND m.course_id = $1 WHERE l.course_id = $1 AND l.title = 'What matters' AND l.video = 'youtube' AND l.published_at IS NOT NULL", made)
	s.rows(t, 1, "quiz_question q JOIN lesson l ON l.id = q.lesson_id WHERE l.course_id = $1 AND q.text = 'How many?'", made)
	s.rows(t, 1, "lesson_file f JOIN lesson l ON l.id = f.lesson_id WHERE l.course_id = $1", made)
	s.rows(t, 0, "access_grant WHERE course_id = $1", made)
	lesson := path + "/lessons/" + w.lesson.String()
	b.fill(b.get(lesson), "form[action='"+lesson+"/duplicate']").is(http.StatusSeeOther)
	s.rows(t, 1, "lesson WHERE course_id = $1 AND title = 'What matters (copy)' AND published_at IS NULL AND position = 2", w.course)
	s.rows(t, 3, "quiz_question WHERE text = 'How many?'")
}
