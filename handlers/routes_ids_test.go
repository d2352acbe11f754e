package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/queries"
)

// What another account has does not exist here, whichever of the ids in a path is its.
func TestRoutesDoNotKnowIDsOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	tomas := s.person(t, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen)
	s.person(t, "owen@acme.example", queries.StaffRoleOwner, s.acme) // so that Maya can leave
	own, foreign := s.things(t, s.acme, maya), s.things(t, s.lumen, tomas)
	neighbour := s.things(t, s.acme, maya) // another contact of the same account
	tried := 0
	for _, host := range s.hosted(t, &own, maya) {
		for _, r := range host.routes {
			if r.guard == public || !strings.Contains(r.path, ":") {
				continue
			}
			tried++
			var wrong []things
			if strings.Contains(r.path, ":account") {
				wrong = append(wrong, own.but(func(w *things) { w.account = s.lumen }), foreign, own.but(func(w *things) { w.account.slug = "nobody" }))
			}
			if strings.Contains(r.path, "/contacts/:id") {
				wrong = append(wrong, own.but(func(w *things) { w.contact = foreign.contact }), own.but(func(w *things) { w.contact.id = uuid.New() }))
			}
			if strings.Contains(r.path, "/forms/:id") {
				wrong = append(wrong, own.but(func(w *things) { w.form = foreign.form }), own.but(func(w *things) { w.form.id = uuid.New() }))
			}
			if strings.Contains(r.path, ":session") || strings.Contains(r.path, "devices/:id") {
				wrong = append(wrong, own.but(func(w *things) { w.session = foreign.session }), own.but(func(w *things) { w.session = neighbour.session }))
			}
			if strings.Contains(r.path, "/tasks/:id") {
				wrong = append(wrong, own.but(func(w *things) { w.task = foreign.task }), own.but(func(w *things) { w.task = uuid.New() }))
			}
			if strings.Contains(r.path, ":link") {
				wrong = append(wrong, own.but(func(w *things) { w.link = foreign.link }), own.but(func(w *things) { w.link = neighbour.link }))
			}
			if strings.Contains(r.path, ":import") {
				wrong = append(wrong, own.but(func(w *things) { w.file = foreign.file }))
			}
			if strings.Contains(r.path, ":member") {
				wrong = append(wrong, own.but(func(w *things) { w.member = foreign.member }), own.but(func(w *things) { w.member = uuid.New() }))
			}
			if strings.Contains(r.path, "/mail-log/:id") {
				wrong = append(wrong, own.but(func(w *things) { w.mail = foreign.mail }), own.but(func(w *things) { w.mail = uuid.New() }))
			}
			if strings.Contains(r.path, "/jobs/:id") {
				wrong = append(wrong, own.but(func(w *things) { w.job = foreign.job }), own.but(func(w *things) { w.job = 1 << 40 }))
			}
			if strings.Contains(r.path, "/events/:event") {
				wrong = append(wrong, own.but(func(w *things) { w.event = foreign.event }), own.but(func(w *things) { w.event = "evt_nothing" }))
			}
			if r.path == "/email/:token" {
				wrong = append(wrong, own.but(func(w *things) { w.change = foreign.change }), own.but(func(w *things) { w.change = w.undo }))
			}
			if strings.Contains(r.path, ":hash") {
				wrong = append(wrong, own.but(func(w *things) { w.avatar = foreign.avatar }), own.but(func(w *things) { w.avatar = "x" }))
			}
			if r.path == "/sessions/:id/end" {
				wrong = append(wrong, own.but(func(w *things) { w.staffSession = foreign.staffSession }))
			}
			wrong = append(wrong, own.taught.wrongs(r.path, foreign.taught, func(change func(*taught)) things {
				return own.but(func(w *things) { change(&w.taught) })
			})...)
			wrong = append(wrong, own.billed.wrongs(r.path, foreign.billed, func(change func(*billed)) things {
				return own.but(func(w *things) { change(&w.billed) })
			})...)
			if containsName(r.path, ":contact") {
				wrong = append(wrong, own.but(func(w *things) { w.contact = foreign.contact }), own.but(func(w *things) { w.contact.id = uuid.New() }))
			}
			if len(wrong) == 0 {
				t.Errorf("%s: this test does not know what its path names", r.path)
			}
			s.exec(t, "DELETE FROM allowance") // there are more routes than one may sign in at a time
			b := host.somebody()
			token := b.token()
			before := s.everything(t)
			for _, w := range wrong {
				if p := b.ask(r, w.path(r.path), token, w.formOf(r.path)); p.status != http.StatusNotFound {
					t.Errorf("%s: status %d, want 404", p.asked, p.status)
				}
			}
			for _, word := range idsIn(r.path) {
				path := own.path(strings.ReplaceAll(r.path, word, "x"))
				if p := b.ask(r, path, token, nil); p.status != http.StatusNotFound {
					t.Errorf("%s: status %d, want 404", p.asked, p.status)
				}
			}
			if s.everything(t) != before {
				t.Errorf("%s: something of others changed", r.path)
			}
			if p := b.ask(r, own.path(r.path), token, own.formOf(r.path)); p.failed(r) {
				t.Errorf("%s of one's own: status %d", p.asked, p.status)
			}
			if r.method != get {
				own = s.things(t, s.acme, maya) // what was ended or changed does not exist for the next route
			}
		}
	}
	if tried == 0 {
		t.Error("no route names anything")
	}
}

// containsName says whether a path has a name in it, and not a longer one that begins like it.
func containsName(path, name string) bool {
	return strings.Contains(path+"/", name+"/")
}

// idsIn are the parts of a path that name a row.
func idsIn(path string) (words []string) {
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, ":") && part != ":account" && part != ":token" && part != ":file" {
			words = append(words, part)
		}
	}
	return words
}

// but is these things with one of them changed.
func (w things) but(change func(*things)) things {
	change(&w)
	return w
}

// ask asks for a route by its own method, with a form where that needs one.
func (b *browser) ask(r route, path, token string, form url.Values) *page {
	b.t.Helper()
	if r.method == get {
		return b.get(path)
	}
	values := url.Values{"_token": {token}}
	for name, value := range form {
		values[name] = value
	}
	return b.send(r.method, path, values)
}
