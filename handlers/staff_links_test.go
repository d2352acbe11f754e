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

// setup makes a staff person of acme without a password, and returns the path of the link in their mail.
func (s *testSite) setup(t testing.TB, email string) (path string) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		_, token, err := s.Mails.AddStaff(t.Context(), q, s.acme.id, email, queries.StaffRoleOwner, s.clock.now())
		path = "/l/" + token
		return err
	})
	return path
}

// reset asks for a new password and does what the job of it does; the path is empty when nobody is mailed.
func (s *testSite) reset(t testing.TB, b *browser, email string) (path string) {
	t.Helper()
	b.fill(b.get("/password-reset"), "form[action='/password-reset']", "email", email).is(http.StatusOK)
	var request uuid.UUID
	s.scan(t, "SELECT id FROM staff_reset ORDER BY id DESC LIMIT 1", nil, &request)
	inTx(t, s.DB, func(q *queries.Queries) error {
		of, mail, err := s.Mails.MailPasswordReset(t.Context(), q, request, s.clock.now())
		if err == nil && mail != nil {
			path = s.linkOfMail(t, q, account{id: of}, *mail)
		}
		return err
	})
	return path
}

// The set-up link asks for name and password, and signs in; looking at it changes nothing.
func TestStaffSetUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path, b := s.setup(t, "maya@acme.example"), s.admin(t)
	before := s.everything(t)
	for range 3 {
		b.get(path).is(http.StatusOK)
		b.send(http.MethodHead, path, nil).is(http.StatusOK)
	}
	p := b.get(path).has("#staff-link [name=name]", "#staff-link [name=password]")
	if !strings.Contains(p.words(), "You sign in as maya@acme.example and work in Acme Coaching.") {
		t.Errorf("does not say what it is for: %s", p.words())
	}
	for _, c := range []struct{ name, password, wrong string }{
		{"", rightPassword, "name"}, {"Maya", "short", "password"}, {"Maya", "maya@acme.example", "password"}, {"Maya", "acme coaching", "password"}, {"Maya", "aaaaaaaaaaaa", "password"}, {"", "", "password"},
	} {
		b.fill(p, "#staff-link", "name", c.name, "password", c.password).is(http.StatusUnprocessableEntity).has("#field-" + c.wrong + "-error")
		b.htmx().fill(p, "#staff-link", "name", c.name, "password", c.password).is(http.StatusUnprocessableEntity).lacks("main")
	}
	if s.everything(t) != before {
		t.Error("looking, or a form that cannot be taken, changed something")
	}
	b.fill(p, "#staff-link", "name", "Maya  Lindqvist", "password", rightPassword).leadsTo("/")
	b.follow(b.get("/").leadsTo("/acme")).is(http.StatusOK)
	s.rows(t, 1, "staff WHERE name = 'Maya Lindqvist' AND password_hash IS NOT NULL")
	other := s.admin(t)
	other.fill(p, "#staff-link", "name", "Somebody Else", "password", rightPassword).is(http.StatusForbidden)
	other.get(path).has("#staff-linkover a[href='/password-reset']").lacks("#staff-link")
	b.fill(p, "#staff-link", "name", "Somebody Else", "password", "a new long password").is(http.StatusOK).has("#staff-linkover")
	s.rows(t, 1, "staff WHERE name = 'Maya Lindqvist'")
	s.staff(t, staff{email: "maya@acme.example"})
}

// Links of staff end by use, time, or a newer password, and never work on a portal.
func TestStaffLinksThatAreOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.setup(t, "maya@acme.example")
	s.portal(t, s.acme).get(first).is(http.StatusNotFound)
	b := s.admin(t)
	open := b.get(first)
	s.clock.move(queries.StaffSetupLife)
	b.get(first).has("#staff-linkover")
	b.fill(open, "#staff-link", "name", "Maya", "password", rightPassword).is(http.StatusOK).has("#staff-linkover")
	b.htmx().get(first).has("#staff-linkover").lacks("main")
	again := s.reset(t, b, "maya@acme.example") // the way on for whoever came too late
	newest := s.reset(t, b, "maya@acme.example")
	p := b.get(again).has("#staff-link [name=name]", "#staff-link [name=password]") // they never said who they are
	b.fill(p, "#staff-link", "password", rightPassword).is(http.StatusUnprocessableEntity).has("#field-name-error")
	b.fill(p, "#staff-link", "name", "Maya Lindqvist", "password", rightPassword).leadsTo("/")
	s.rows(t, 1, "staff WHERE name = 'Maya Lindqvist'")
	b.get(newest).has("#staff-linkover")
	last := s.reset(t, b, "maya@acme.example")
	s.clock.move(queries.PasswordResetLife - time.Second)
	b.get(last).has("#staff-link")
	s.clock.move(time.Second)
	b.get(last).has("#staff-linkover")
	for _, path := range []string{last[:len(last)-1], "/l/x", "/l/" + queries.NewToken()} {
		b.get(path).is(http.StatusOK).has("#staff-linkover")
	}
}

// A client whose link comes to the admin side is told where it works. Every link that opens nothing has the same page, so nobody learns there
// what a link is, whose, or of which account.
func TestClientLinksAreNotForStaff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	magic, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	over, setup := s.toProfile(t, ana), s.setup(t, "maya@acme.example")
	s.portal(t, s.acme).confirm(over)
	b := s.admin(t)
	b.fill(b.get(setup), "#staff-link", "name", "Maya", "password", rightPassword).leadsTo("/")
	b = s.admin(t)
	same := b.get("/l/" + queries.NewToken()).is(http.StatusOK).words()
	if !strings.Contains(same, "Are you a client?") || !strings.Contains(same, "in the portal of the business that sent it") {
		t.Errorf("a client is told %s", same)
	}
	for _, path := range []string{setup, magic, s.invited(t, s.contact(t, s.lumen, "ben@example.com", "")), over} {
		before := s.everything(t)
		if got := b.get(path).is(http.StatusOK).words(); got != same {
			t.Errorf("%s is told apart: %s", path, got)
		}
		p := b.send(post, path, url.Values{"_token": {b.token()}}).is(http.StatusOK)
		if p.words() != same || s.everything(t) != before {
			t.Errorf("sent, %s is told apart or does something: %s", path, p.words())
		}
	}
}

// Two people with the same link cannot both choose the password.
func TestStaffLinkUsedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 5 {
		path := s.setup(t, queries.NewID().String()+"@acme.example")
		one, other := s.admin(t), s.admin(t)
		winners := 0
		for _, p := range together(t, sending{one, one.get(path).form("#staff-link", "name", "Maya", "password", rightPassword)},
			sending{other, other.get(path).form("#staff-link", "name", "Tomas", "password", rightPassword)}) {
			if p.status == http.StatusSeeOther {
				winners++
				continue
			}
			p.is(http.StatusOK).has("#staff-linkover")
		}
		if winners != 1 {
			t.Errorf("%d of two came in", winners)
		}
	}
	s.rows(t, 5, "staff_session")
}

// One person with two links who sends both forms at once has one password in the end, and sees no fault.
func TestStaffLinksUsedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 10 {
		email := queries.NewID().String() + "@acme.example"
		setup, one, other := s.setup(t, email), s.admin(t), s.admin(t)
		reset := s.reset(t, other, email)
		winners := 0
		for _, p := range together(t, sending{one, one.get(setup).form("#staff-link", "name", "Maya", "password", rightPassword)},
			sending{other, other.get(reset).form("#staff-link", "name", "Maya", "password", rightPassword)}) {
			if p.status >= http.StatusBadRequest {
				t.Errorf("%s: status %d", p.asked, p.status)
			}
			if p.status == http.StatusSeeOther {
				winners++
			}
		}
		if winners != 1 {
			t.Errorf("%d of two came in", winners)
		}
	}
	s.rows(t, 0, "staff_link WHERE ended_at IS NULL")
}

// Forgetting a password is answered alike for every address; only the right mailbox gets a link, which ends what was open.
func TestStaffPasswordReset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme, s.lumen)
	s.person(t, "none@acme.example", queries.StaffRoleOwner)
	b, open := s.admin(t), s.staff(t, maya)
	var answers []string
	for _, email := range []string{"maya@acme.example", "nobody@acme.example", "none@acme.example"} {
		p := b.fill(b.get("/password-reset?email="+email), "form[action='/password-reset']").is(http.StatusOK).has("#staff-reset").lacks("#staff-reset form")
		answers = append(answers, strings.ReplaceAll(p.body, email, "ADDRESS"))
		s.rows(t, 1, "staff_reset WHERE email = $1 AND created_at = $2", email, noon)
		s.inserted(t, "password_reset_mail")
	}
	if answers[0] != answers[1] || answers[0] != answers[2] {
		t.Errorf("the answers differ:\n%s", strings.Join(answers, "\n"))
	}
	for _, email := range []string{"", "maya", "maya@acme"} {
		b.fill(b.get("/password-reset"), "form[action='/password-reset']", "email", email).is(http.StatusUnprocessableEntity).has("#field-email-error")
	}
	b.htmx().fill(b.get("/password-reset"), "form[action='/password-reset']", "email", "nobody@acme.example").is(http.StatusOK).has("#staff-reset").lacks("main")
	if path := s.reset(t, b, "nobody@acme.example"); path != "" {
		t.Error("nobody is mailed a link")
	}
	s.rows(t, 0, "mail WHERE to_email <> $1", maya.email)
	path := s.reset(t, b, "Maya@acme.example")
	s.rows(t, 1, "mail WHERE to_email::text = $1", maya.email) // to the address there is, however it was typed
	b.fill(b.get(path).lacks("#staff-link [name=name]"), "#staff-link", "password", "a new long password").leadsTo("/")
	b.get("/sessions").is(http.StatusOK)
	open.get("/sessions").leadsTo("/sign-in?next=%2Fsessions")
	s.rows(t, 1, "staff_session WHERE ended_because = 'password_changed'")
	s.rows(t, 1, "staff WHERE id = $1 AND name = 'Maya Lindqvist'", maya.id)
	open.fill(open.get("/sign-in"), "#staff-signin", "email", maya.email, "password", rightPassword).is(http.StatusUnprocessableEntity)
	open.fill(open.get("/sign-in"), "#staff-signin", "email", maya.email, "password", "a new long password").leadsTo("/")
}
