package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Staff word an offer, change it, close it and delete it; each is in the trail, and who took it keeps what they have.
func TestOffersOfStaff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	other := s.taught(t, s.contact(t, s.acme, "other@example.com", ""))
	s.exec(t, "DELETE FROM offer")
	maya.get("/acme/offers").is(http.StatusOK).has(".empty a[href='/acme/offers/new']")
	p := maya.get("/acme/offers/new").is(http.StatusOK).has("[name=course][value='"+w.course.String()+"']", "[name=until][type=date]")
	refused := p.form("#offers-edit", "title", "", "days", "some", "most", "0", "until", "soon", "text", "What you get")
	again := maya.htmx().send(refused.method, refused.action, refused.values).is(http.StatusUnprocessableEntity).lacks("main")
	again.has("#field-title-error", "#field-days-error", "#field-most-error", "#field-until-error", "#courses-error", "[name=course][aria-invalid=true][aria-describedby=courses-error]")
	if text(again.one("#field-text")) != "What you get" || attr(again.one("#field-days"), "value") != "some" {
		t.Error("what was typed is gone")
	}
	s.rows(t, 0, "offer")
	form := p.form("#offers-edit", "title", "A free taster!", "text", "**What** you get", "days", "30", "most", "5", "until", "2030-01-31")
	form.values["course"] = []string{w.course.String()}
	to := maya.send(form.method, form.action, form.values).is(http.StatusSeeOther).header.Get("Location")
	s.rows(t, 1, "offer o JOIN offer_course c ON c.offer_id = o.id WHERE o.name = 'a-free-taster' AND o.access_days = 30 AND o.most = 5 AND o.until = '2030-01-31' AND c.course_id = $1", w.course)
	maya.send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity).has("#field-name-error") // the address is taken
	shown := maya.get(to).is(http.StatusOK).has("[data-copy='" + s.portalURL(s.accounts.BySlug("acme")) + "/o/a-free-taster']")
	if said := shown.words(); !strings.Contains(said, "Clear goals") || !strings.Contains(said, "30 days") || !strings.Contains(said, "Until 31 January 2030") || !strings.Contains(said, "0 of 5") {
		t.Errorf("it says %s", said)
	}
	edit := maya.get(to+"/edit").is(http.StatusOK).has("[name=course][value='"+w.course.String()+"'][checked]", "#field-days[value='30']", "#field-until[value='2030-01-31']")
	change := edit.form("#offers-edit", "days", "", "until", "", "most", "", "name", "taster")
	change.values["course"] = []string{other.course.String()}
	maya.send(change.method, change.action, change.values).leadsTo(to)
	s.rows(t, 1, "offer o JOIN offer_course c ON c.offer_id = o.id WHERE o.name = 'taster' AND o.access_days IS NULL AND o.most IS NULL AND o.until IS NULL AND c.course_id = $1", other.course)
	maya.fill(maya.get(to), "form[action='"+to+"/switch']").leadsTo(to)
	if said := words(maya.get("/acme/offers").one("#offers-list tbody tr")); !strings.Contains(said, "Off") {
		t.Errorf("the list says %s", said)
	}
	maya.fill(maya.get(to), "form[action='"+to+"/switch']").leadsTo(to)
	var id string
	s.scan(t, "SELECT id::text FROM offer", nil, &id)
	for i := range takersPerPage + 2 {
		c := s.contact(t, s.acme, fmt.Sprintf("c%02d@example.com", i), "")
		s.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, origin_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'free_offer', $2, $5, $6, $6)",
			s.acme.id, queries.NewID(), c.id, other.course, id, s.clock.now())
	}
	taken := maya.get(to).is(http.StatusOK)
	if n := len(taken.all("section .items li")); n != takersPerPage {
		t.Errorf("%d who took it", n)
	}
	if n := len(maya.htmx().get(attr(taken.one("#offers-more a"), "href")).is(http.StatusOK).lacks("main", "#offers-more").all("li")); n != 2 {
		t.Errorf("%d more", n)
	}
	s.exec(t, "UPDATE course SET published_at = NULL")
	if said := maya.get(to).has(".notice-box-warning").words(); !strings.Contains(said, "Off") {
		t.Errorf("of a draft it says %s", said)
	}
	maya.fill(taken, "#delete form").leadsTo("/acme/offers")
	s.rows(t, takersPerPage+2, "access_grant WHERE source = 'free_offer'")
	for _, action := range []string{"offer.create", "offer.change", "offer.switch_off", "offer.switch_on", "offer.delete"} {
		s.rows(t, 1, "audit WHERE action = $1 AND subject_kind = 'offer'", action)
	}
	s.exec(t, "UPDATE course SET deleted_at = now()")
	maya.get("/acme/offers/new").is(http.StatusOK).has(".empty").lacks("[name=title]")
}

// offering is an open offer of acme, and its path.
func (s *testSite) offering(t testing.TB) (w taught, path string) {
	t.Helper()
	w = s.taught(t, s.contact(t, s.acme, "tess@example.com", ""))
	s.exec(t, "UPDATE offer SET text = $1", "**Three** lessons <script>evil()</script>\n\n[more](javascript:evil())")
	return w, "/o/" + w.offerName
}

// Whoever is signed in has it with one press; whoever has it already is told, and so is who cannot have it.
func TestOfferOfAClient(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, path := s.offering(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	p := b.get(path).is(http.StatusOK).has("form[action='"+path+"'] button", ".reading strong").lacks("[name=email]", ".reading a", ".reading script")
	p.harmless()
	if said := p.words(); !strings.Contains(said, "A taster") || !strings.Contains(said, "Clear goals") || !strings.Contains(said, "As Ana Souza") {
		t.Errorf("it says %s", said)
	}
	b.fill(p, "#offer-form form").leadsTo("/courses/" + w.course.String())
	s.rows(t, 1, "access_grant WHERE contact_id = $1 AND source = 'free_offer' AND origin_id = $2", ana.id, w.offer)
	had := b.get(path).is(http.StatusOK).has("a[href='/courses/" + w.course.String() + "']").lacks("main form")
	if said := words(had.one("h1")); said != "You already have access" {
		t.Errorf("it says %s", said)
	}
	b.fill(p, "#offer-form form").is(http.StatusOK).has("a[href='/courses/" + w.course.String() + "']") // a second press
	s.exec(t, "UPDATE access_grant SET ended_at = $2, ended_because = 'revoked' WHERE contact_id = $1", ana.id, s.clock.now())
	for _, p := range []*page{b.get(path), b.fill(p, "#offer-form form")} {
		if said := words(p.is(http.StatusGone).one("h1")); said != "You took this offer before" {
			t.Errorf("after it was revoked it says %s", said)
		}
	}
	s.rows(t, 1, "access_grant WHERE contact_id = $1", ana.id)
}

// Why an offer cannot be taken is said plainly, to the page's reader and to whoever sends a form that was open.
func TestOfferIsClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.offering(t)
	stranger, client := s.portal(t, s.acme), s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	asked, wanted := stranger.get(path).is(http.StatusOK), client.get(path).is(http.StatusOK)
	for change, want := range map[string]string{
		"UPDATE offer SET switched_on = false":                                                    "This offer is not open",
		"UPDATE offer SET until = '2026-03-09'":                                                   "This offer is over",
		"UPDATE course SET published_at = NULL":                                                   "This offer is not open",
		"UPDATE course SET deleted_at = now()":                                                    "This offer is not open",
		"INSERT INTO account_app SELECT id, 'courses', 1, false FROM account WHERE slug = 'acme'": "This offer is not open",
	} {
		s.exec(t, change)
		before := s.everything(t)
		for _, p := range []*page{stranger.get(path), client.get(path), stranger.fill(asked, "#offer-form form", "email", "new@example.com"), client.fill(wanted, "#offer-form form")} {
			if p.status != http.StatusGone {
				t.Fatalf("after %s %s has status %d", change, p.asked, p.status)
			}
			if said := words(p.lacks("main form").one("h1")); said != want {
				t.Errorf("after %s it says %q", change, said)
			}
		}
		if s.everything(t) != before {
			t.Errorf("after %s something was written", change)
		}
		s.exec(t, "UPDATE offer SET switched_on = true, until = NULL")
		s.exec(t, "UPDATE course SET published_at = '2026-01-01', deleted_at = NULL")
		s.exec(t, "DELETE FROM account_app")
	}
	s.exec(t, "UPDATE offer SET most = 1")
	first := s.client(t, s.arrived(t, s.acme, "ben@example.com", "Ben"))
	first.fill(first.get(path), "#offer-form form").is(http.StatusSeeOther)
	if said := words(stranger.get(path).is(http.StatusGone).one("h1")); said != "This offer is used up" {
		t.Errorf("it says %s", said)
	}
	first.get(path).is(http.StatusOK) // who has it is told so all the same
	for _, unknown := range []string{"/o/nothing", "/o/" + strings.Repeat("x", 50), "/o/%00"} {
		if said := words(stranger.get(unknown).is(http.StatusNotFound).one("h1")); said == "" {
			t.Error("an unknown offer says nothing")
		}
	}
	s.portal(t, s.lumen).get(path).is(http.StatusNotFound)

}

// A known address and an unknown one get the same answer, after the same work.
func TestOfferAsksForAnAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.offering(t)
	s.arrived(t, s.acme, "known@example.com", "Known")
	var said []string
	for _, email := range []string{"known@example.com", "new@example.com"} {
		b := s.portal(t, s.acme)
		s.jobs(t)
		p := b.fill(b.get(path).has("a[href='/sign-in?next="+url.QueryEscape(path)+"']"), "#offer-form form", "name", "Somebody", "email", email).leadsTo(path + "?sent=1")
		s.inserted(t, "offer_claim")
		said = append(said, b.follow(p).is(http.StatusOK).has("a.btn[href='"+path+"']").words())
	}
	if said[0] != said[1] || !strings.Contains(said[0], "Look into your mail") {
		t.Errorf("they say\n%s\n%s", said[0], said[1])
	}
	s.rows(t, 2, "offer_claim WHERE name = 'Somebody' AND confirmed_at IS NULL AND contact_id IS NULL AND expires_at = $1", s.clock.now().Add(queries.OfferClaimLife))
	s.rows(t, 0, "contact WHERE email = 'new@example.com'")
	b := s.portal(t, s.acme)
	form := b.get(path)
	b.htmx().fill(form, "#offer-form form", "email", "new@example", "name", "Nia").is(http.StatusUnprocessableEntity).has("#field-email-error", "#field-name[value=Nia]").lacks("main")
	s.jobs(t)
	b.fill(form, "#offer-form form", "email", "bot@example.com", "website", "https://buy.example").leadsTo(path + "?sent=1")
	s.inserted(t)
	for i := range queries.LimitFormAddress.Times {
		b.fill(form, "#offer-form form", "email", "often@example.com", "name", fmt.Sprint(i)).is(http.StatusSeeOther)
	}
	late := b.fill(form, "#offer-form form", "email", "often@example.com", "name", "Nia").is(http.StatusTooManyRequests).has("[role=alert]", "#field-name[value=Nia]")
	if late.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
}

// The link in the mail changes nothing until its button is pressed; then it makes the contact, gives the course, signs in, and leads on by
// the first arrival. Once.
func TestOfferConfirm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, path := s.offering(t)
	link := path + "/confirm/" + w.claimToken
	before := s.everything(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		s.portal(t, s.acme).send(method, link, nil).is(http.StatusOK)
	}
	if s.everything(t) != before {
		t.Error("looking at the link changed something")
	}
	var email string
	s.scan(t, "SELECT email::text FROM offer_claim", nil, &email)
	b, other := s.portal(t, s.acme), s.portal(t, s.acme)
	open, also := b.get(link), other.get(link)
	if said := open.words(); !strings.Contains(said, email) || !strings.Contains(said, "A taster") || open.header.Get("Referrer-Policy") != "strict-origin" {
		t.Errorf("it says %s", said)
	}
	s.exec(t, "UPDATE offer SET name = 'renamed'") // the link in the mail goes on working
	s.jobs(t)
	course := "/courses/" + w.course.String()
	b.fill(open, "form[action='"+link+"']").leadsTo(course)
	s.inserted(t, "metric_count")
	s.rows(t, 1, "contact c JOIN access_grant g ON g.contact_id = c.id WHERE c.email = $1 AND c.name = 'Nia' AND c.source = 'form' AND c.joined_at = $2 AND g.source = 'free_offer'", email, s.clock.now())
	s.rows(t, 1, "session x JOIN contact c ON c.id = x.contact_id WHERE c.email = $1 AND x.method = 'link'", email)
	b.get(course + "/access").leadsTo("/welcome?next=" + url.QueryEscape(course+"/access"))
	b.fill(b.get("/welcome?next="+url.QueryEscape(course+"/access")), "#welcome-form", "name", "Nia New", "password", "a long enough password").leadsTo(course + "/access")
	b.get(course + "/access").is(http.StatusOK)
	for _, p := range []*page{other.fill(also, "form[action='"+link+"']"), other.get(link)} {
		if said := words(p.is(http.StatusOK).lacks("main form").one("h1")); said != "This link was used already" {
			t.Errorf("the second time it says %q", said)
		}
	}
	if other.cookie(sessionCookie) != "" {
		t.Error("the second time signs in")
	}
	s.portal(t, s.lumen).get(link).is(http.StatusNotFound)
	other.get(path + "/confirm/nothing").is(http.StatusNotFound)
}

func TestOfferConfirmIsOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, path := s.offering(t)
	link := path + "/confirm/" + w.claimToken
	b := s.portal(t, s.acme)
	open := b.get(link)
	s.exec(t, "UPDATE offer SET switched_on = false")
	before := s.everything(t)
	if said := words(b.fill(open, "form[action='"+link+"']").is(http.StatusGone).one("h1")); said != "This offer is not open" {
		t.Errorf("of a closed offer it says %s", said)
	}
	s.clock.move(2 * time.Hour)
	for _, p := range []*page{b.get(link), b.fill(open, "form[action='"+link+"']")} {
		if said := words(p.is(http.StatusOK).has("a[href='" + path + "']").one("h1")); said != "This link has expired" {
			t.Errorf("too late it says %s", said)
		}
	}
	if s.everything(t) != before || b.cookie(sessionCookie) != "" {
		t.Error("something changed")
	}
}

// A link into a course that is asked for signed out comes back there: by password, by code, by the mailed link, also on another device and
// by a link in place of one that is over; and never to another host.
func TestDirectLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.taught(t, s.arrived(t, s.acme, "tess@example.com", "Tess Taught"))
	path := "/courses/" + w.course.String() + "/access?from=mail&x=%2F"
	to := "/sign-in?next=" + url.QueryEscape(path)
	b := s.portal(t, s.acme)
	b.get(path).leadsTo(to)
	b.fill(b.get(to), "#signin-form", "email", "tess@example.com", "password", rightPassword).leadsTo(path)
	b.get(path).is(http.StatusOK)
	ask := func() (b *browser, a asked) {
		b = s.portal(t, s.acme)
		b.fill(b.get(to), "button[formaction='/sign-in/link']", "email", "tess@example.com").leadsTo("/sign-in/code")
		var of queries.SignInRequestLockRow
		s.scan(t, "SELECT id, path FROM sign_in_request ORDER BY id DESC LIMIT 1", nil, &of.ID, &of.Path)
		if a.id = of.ID; of.Path != path {
			t.Errorf("the request keeps %q", of.Path)
		}
		a.code = s.Mails.Secret.Code(a.id)
		inTx(t, s.DB, func(q *queries.Queries) error {
			mail, err := s.Mails.MailSignIn(t.Context(), q, s.acme.id, a.id, s.clock.now())
			if err == nil {
				a.link = s.linkOfMail(t, q, s.acme, *mail)
			}
			return err
		})
		return b, a
	}
	b, a := ask()
	b.get("/sign-in/code").has("input[name=next][value='" + strings.ReplaceAll(path, "'", "") + "']")
	b.code(a.code).leadsTo(path)
	_, a = ask()
	s.portal(t, s.acme).confirm(a.link).leadsTo(path) // another device
	_, a = ask()
	s.clock.move(queries.SignInLife + time.Second)
	other := s.portal(t, s.acme)
	other.fill(other.get(a.link), "form[action='"+a.link+"/renew']").is(http.StatusOK)
	var renewed string
	inTx(t, s.DB, func(q *queries.Queries) error {
		var mail [16]byte
		s.scan(t, "SELECT id FROM mail ORDER BY id DESC LIMIT 1", nil, &mail)
		renewed = s.linkOfMail(t, q, s.acme, mail)
		return nil
	})
	other.confirm(renewed).leadsTo(path)
	for _, evil := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:x", "/x\xff", "/" + strings.Repeat("x", nextMost)} {
		b := s.portal(t, s.acme)
		b.fill(b.get("/sign-in?next="+url.QueryEscape(evil)), "#signin-form", "email", "tess@example.com", "password", rightPassword).leadsTo("/")
		b = s.portal(t, s.acme)
		form := b.get("/sign-in").form("button[formaction='/sign-in/link']", "email", "tess@example.com")
		form.values.Set("next", evil)
		b.send(form.method, form.action, form.values).leadsTo("/sign-in/code")
		s.rows(t, 1, "sign_in_request r WHERE r.id = (SELECT max(id::text)::uuid FROM sign_in_request) AND r.path = '/'")
	}
	s.exec(t, "UPDATE magic_link SET path = '//evil.example'") // whatever stands there
	link, _ := s.magicLink(t, contact{account: s.acme, id: s.contactID(t, "tess@example.com")}, queries.AppHome, time.Hour)
	s.exec(t, "UPDATE magic_link SET path = '//evil.example'")
	s.portal(t, s.acme).confirm(link).leadsTo("/")
}

// Staff make a link that leads into a course the contact can use, and into no other.
func TestMagicLinkIntoACourse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	other := s.taught(t, s.contact(t, s.acme, "other@example.com", ""))
	tess := s.contactID(t, "tess@example.com")
	path := "/courses/" + w.course.String()
	p := maya.get("/acme/magic-links/new?contact=" + tess.String()).is(http.StatusOK).has("option[value='" + path + "']").lacks("option[value='/courses/" + other.course.String() + "']")
	maya.fill(p, "#magiclinks-form form", "target", "/courses/"+other.course.String()).is(http.StatusUnprocessableEntity)
	made := maya.fill(p, "#magiclinks-form form", "target", path).is(http.StatusOK)
	_, token, _ := strings.Cut(attr(made.one("[data-copy]"), "data-copy"), "/l/")
	s.portal(t, s.acme).confirm("/l/" + token).leadsTo(path)
	form := p.form("#magiclinks-form form", "target", path)
	form.values.Set("by", "mail")
	maya.send(form.method, form.action, form.values).is(http.StatusSeeOther)
	s.rows(t, 1, "mail WHERE kind = 'magic_link' AND course_id = $1", w.course)
}
