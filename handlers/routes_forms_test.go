package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"atrium/queries"
)

// formOf is something a form could bring to each route, so that a route which forgot to look would act.
func (w things) formOf(path string) url.Values {
	fresh := w.contact.id.String() + "@new.example"
	worded := url.Values{"title": {"Hello"}, "name": {"new-" + w.contact.id.String()[:8] + w.contact.id.String()[24:]}, "button": {"Send"}, "thanks": {"Thanks"}}
	titled := url.Values{"title": {"Hello"}, "module": {w.taught.module.String()}}
	offered := url.Values{"title": {"Hello"}, "name": worded["name"], "course": {w.taught.course.String()}}
	return map[string]url.Values{
		"/o/:name":                                                       {"email": {fresh}},
		"/:account/contacts/:id/enrol":                                   {"course": {w.taught.course.String()}, "mail": {"on"}},
		"/:account/courses/:id/people":                                   {"people": {fresh}, "mail": {"on"}},
		"/:account/courses/:id/people/:grant/revoke":                     {"reason": {"They asked"}},
		"/:account/offers":                                               offered,
		"/:account/offers/:id":                                           offered,
		"/:account/offers/landing":                                       {"landing": {"/"}},
		"/:account/offers/:id/picture":                                   {"@picture": {"picture.png", smallPNG}},
		"/:account/courses":                                              titled,
		"/:account/courses/:id/edit":                                     {"title": {"Hello"}, "clock": {"grant"}},
		"/:account/courses/:id/cover":                                    {"@cover": {"cover.png", smallPNG}},
		"/:account/courses/:id/move":                                     {"to": {"down"}},
		"/:account/courses/:id/arrange":                                  {"move": {w.taught.lesson.String() + ":up"}},
		"/:account/courses/:id/modules":                                  titled,
		"/:account/courses/:id/modules/:module":                          titled,
		"/:account/courses/:id/modules/:module/rename":                   titled,
		"/:account/courses/:id/lessons":                                  titled,
		"/:account/courses/:id/lessons/:lesson":                          titled,
		"/:account/courses/:id/lessons/:lesson/rename":                   titled,
		"/:account/courses/:id/lessons/:lesson/files":                    {"@file": {"slides.pdf", "%PDF-1.7"}},
		"/:account/courses/:id/lessons/:lesson/files/:attachment/move":   {"to": {"down"}},
		"/:account/courses/:id/lessons/:lesson/video":                    {"@video": {"talk.mp4", smallMP4}},
		"/:account/courses/:id/certificates/:certificate/revoke":         {"reason": {"Given by mistake"}},
		"/:account/courses/:id/lessons/:lesson/questions":                {"kind": {"text"}, "text": {"Why?"}, "answers": {"Because"}},
		"/:account/courses/:id/lessons/:lesson/questions/:question":      {"text": {"Why?"}, "option": {"a", "b"}, "option-a": {"One"}, "option-b": {"Two"}, "right": {"a"}},
		"/:account/courses/:id/lessons/:lesson/questions/:question/move": {"to": {"down"}},
		"/f/:name":                                  {"email": {fresh}},
		"/sign-in":                                  {"email": {w.contact.email}, "password": {rightPassword}},
		"/sign-in/link":                             {"email": {w.contact.email}},
		"/password-reset":                           {"email": {"maya@acme.example"}},
		"/profile/name":                             {"name": {"Somebody Else"}},
		"/profile/password":                         {"current": {rightPassword}, "password": {"another long password"}},
		"/:account/forms":                           worded,
		"/:account/forms/:id":                       worded,
		"/:account/contacts":                        {"email": {fresh}},
		"/:account/contacts/:id/email":              {"email": {fresh}},
		"/:account/invitations":                     {"people": {fresh}},
		"/:account/magic-links":                     {"contact": {w.contact.id.String()}, "target": {"home"}, "life_minutes": {"60"}},
		"/:account/contacts/choose":                 {"kind": {"invite"}, "id": {w.contact.id.String()}},
		"/:account/tasks":                           {"kind": {"invite"}, "id": {w.contact.id.String()}},
		"/:account/stripe/grace":                    {"grace_days": {"9"}},
		"/:account/reminders":                       {"reminders": {"on"}, "days": {"2, 5"}},
		"/:account/people":                          {"email": {fresh}, "role": {"support"}},
		"/:account/people/:member/role":             {"role": {"admin"}},
		"/:account/contacts/:id/details":            {"phone": {"+46 8 123"}},
		"/:account/contacts/:id/tags":               {"tag": {"VIP"}},
		"/:account/contacts/:id/tags/remove":        {"tag": {"VIP"}},
		"/:account/contacts/:id/visit":              {"reason": {"They asked"}},
		"/:account/settings":                        {"time_zone": {"Europe/Stockholm"}},
		"/:account/mail-texts":                      {"sender_name": {fresh[:8]}, "welcome": {"on"}},
		"/:account/mail-texts/:kind":                {"subject": {"Come in"}, "body": {"Here\n\n{button}\n\n" + fresh}},
		"/:account/mail-texts/:kind/preview":        {"subject": {"Come in"}, "body": {"{button}"}},
		"/:account/mail-texts/:kind/test":           {"subject": {"Come in"}, "body": {"{button}"}},
		"/:account/brand":                           {"name": {"Somebody Else"}, "support_email": {fresh}, "accent": {"#112233"}, "accent_2": {"#445566"}},
		"/:account/brand/logo":                      {"@logo": {"logo.png", smallPNG}},
		"/:account/brand/picture":                   {"@picture": {"picture.png", smallPNG}},
		"/:account/apps":                            {"landing": {"home"}},
		"/:account/invoices":                        {"contact": {w.contact.id.String()}, "line-1-text": {"One session"}, "line-1-amount": {"40"}},
		"/:account/subscriptions/:id/cancel":        {"when": {"now"}},
		"/:account/subscriptions/:id/extend":        {"days": {"7"}},
		"/:account/invoices/reminders":              {"reminders": {"on"}, "days": {"2, 5"}},
		"/profile/email":                            {"email": {fresh}, "current": {rightPassword}},
		"/profile/avatar":                           {"@picture": {aPicture}},
		"/profile/region":                           {"zone": {"Asia/Tokyo"}, "locale": {"ja-JP"}},
		"/courses/:id/lessons/:lesson/position":     {"seconds": {"30"}},
		"/courses/:id/lessons/:lesson/quiz":         {"version": {"1"}, "number": {"0"}, "q-" + w.taught.question.String(): {"a"}},
		"/courses/:id/lessons/:lesson/notes":        {"text": {"Remember this"}},
		"/courses/:id/lessons/:lesson/notes/:note":  {"text": {"Remember that"}},
		"/:account/contacts/import":                 {"@file": {"people.csv", "E-Mail\n" + fresh}},
		"/:account/contacts/import/:import/columns": {"column-0": {"email"}, "heading": {"yes"}},
	}[path]
}

// A form is taken only from a page of this host in this browser. Everything else is refused and changes nothing.
func TestRoutesRefuseForeignForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w, planted := s.things(t, s.acme, maya), queries.NewToken() // by a neighbour: http://evil.portal.test may set cookies of portal.test
	for _, host := range s.hosted(t, &w, maya) {
		foreign := host.nobody().token()
		for _, r := range host.routes {
			if r.method == get || strangersForm[r.path] {
				continue
			}
			b := host.somebody() // anew for each: some routes end the session
			own := b.token()
			refused := map[string]struct {
				b     *browser
				token string
			}{
				"no token":                 {b, ""},
				"another browser's token":  {b, foreign},
				"a browser without cookie": {host.nobody(), own},
				"from another host":        {b.with("Origin", "http://evil.test"), own},
				"from another portal":      {b.with("Origin", "http://lumen.portal.test"), own},
				"from nonsense":            {b.with("Origin", "http://%zz"), own},
				"from nowhere":             {b.with("Origin", "null"), own},
				"with a planted cookie":    {b.with("Cookie", browserCookie+"="+planted), formTokenOf(planted)},
				"cross-site":               {b.with("Sec-Fetch-Site", "cross-site"), own},
				"same-site":                {b.with("Sec-Fetch-Site", "same-site"), own},
				"cross-site, lying Origin": {b.with("Sec-Fetch-Site", "cross-site").with("Origin", b.root), own},
			}
			before := s.everything(t)
			for _, name := range slices.Sorted(maps.Keys(refused)) {
				from, values := refused[name], url.Values{}
				maps.Copy(values, w.formOf(r.path))
				values.Set("_token", from.token)
				if p := from.b.send(r.method, w.path(r.path), values); p.status != http.StatusForbidden {
					t.Errorf("%s %s, %s: status %d, want 403", host.name, r.path, name, p.status)
				}
			}
			if s.everything(t) != before {
				t.Errorf("%s %s: a refused form changed something", host.name, r.path)
			}
			values := url.Values{"_token": {own}}
			maps.Copy(values, w.formOf(r.path))
			if p := b.with("Sec-Fetch-Site", "same-origin").send(r.method, w.path(r.path), values); p.status == http.StatusForbidden {
				t.Errorf("%s %s: the right form is refused as well", host.name, r.path)
			}
			w = s.things(t, s.acme, maya) // what the right form changed the next route would trip over
		}
	}
}

// A part of a page is refused as a notice beside the page, which keeps what was typed.
func TestForeignFormOfAPart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.portal(t, s.acme).htmx().send(post, "/sign-in", url.Values{"email": {"ana@example.com"}}).is(http.StatusForbidden)
	if p.header.Get("HX-Retarget") != "#notice" {
		t.Errorf("HX-Retarget %q", p.header.Get("HX-Retarget"))
	}
	p.has(".flash").lacks("main")
}
