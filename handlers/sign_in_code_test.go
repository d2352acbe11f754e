package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// asked is a request to be mailed a link, as its mail would know it.
type asked struct {
	id   uuid.UUID
	code string
	link string // empty when nobody is mailed
}

// ask asks for a link in a browser and does what the job of it does.
func (s *testSite) ask(t testing.TB, b *browser, email string) asked {
	t.Helper()
	b.fill(b.get("/sign-in"), "button[formaction='/sign-in/link']", "email", email).leadsTo("/sign-in/code")
	var a asked
	var of uuid.UUID
	s.scan(t, "SELECT account_id, id FROM sign_in_request ORDER BY id DESC LIMIT 1", nil, &of, &a.id)
	a.code = s.Mails.Secret.Code(a.id)
	inTx(t, s.DB, func(q *queries.Queries) error {
		mail, err := s.Mails.MailSignIn(t.Context(), q, of, a.id, s.clock.now())
		if err == nil && mail != nil {
			a.link = s.linkOfMail(t, q, account{id: of}, *mail)
		}
		return err
	})
	return a
}

// code types digits into the code page of a browser.
func (b *browser) code(digits string) *page {
	b.t.Helper()
	return b.fill(b.get("/sign-in/code").is(http.StatusOK), "form[action='/sign-in/code']", "code", digits)
}

// wrong is a code that is not the given one.
func wrong(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

// Asking for a link leaves the same rows, the same job and the same page, whoever has the address.
func TestAskForALink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.contact(t, s.lumen, "elsewhere@example.com", "Yuki Tanaka")
	ben := s.contact(t, s.acme, "bounced@example.com", "Ben Okri")
	s.bounced(t, ben)
	b := s.portal(t, s.acme)
	var pages []string
	for _, email := range []string{"ana@example.com", "nobody@example.com", "elsewhere@example.com", "bounced@example.com", "ANA@example.com"} {
		before, requests := s.everything(t, "session", "contact", "mail", "magic_link"), s.count(t, "sign_in_request")
		p := b.fill(b.get("/sign-in?next=%2Fprofile"), "button[formaction='/sign-in/link']", "email", email).leadsTo("/sign-in/code")
		pages = append(pages, strings.ReplaceAll(b.follow(p).is(http.StatusOK).body, email, "ADDRESS"))
		var id uuid.UUID
		s.scan(t, `SELECT id FROM sign_in_request WHERE account_id = $1 AND email = $2 AND target = 'profile' AND link_id IS NULL AND tries = 0 AND ended_at IS NULL
			AND created_at = $3 AND expires_at = $3::timestamptz + interval '15 minutes' ORDER BY id DESC LIMIT 1`, []any{s.acme.id, email, noon}, &id)
		s.rows(t, requests+1, "sign_in_request")
		if s.everything(t, "session", "contact", "mail", "magic_link") != before {
			t.Errorf("%s: the request itself did what its job is for", email)
		}
		found := s.jobs(t)
		if len(found) != 1 || found[0].Kind != "sign_in_mail" || found[0].Args["request_id"] != id.String() || found[0].Args["account_id"] != s.acme.id.String() {
			t.Errorf("%s: inserted %v", email, found)
		}
	}
	for i, p := range pages {
		if p != pages[0] {
			t.Errorf("page %d differs:\n%s\nfrom\n%s", i, p, pages[0])
		}
	}
	s.portal(t, s.acme).get("/sign-in/code").leadsTo("/sign-in") // a browser that asked for nothing
}

// The code of the mail signs in the browser that asked, and uses up the link as well; and the other way round.
func TestCodeOrLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, phone := s.portal(t, s.acme), s.portal(t, s.acme)
	a := s.ask(t, b, "ana@example.com")
	for _, early := range []string{"", a.code[:5], a.code + "1", "a code"} { // pressed too early: none of the five tries
		b.code(early).is(http.StatusUnprocessableEntity).has("#field-code-error")
	}
	s.rows(t, 1, "sign_in_request WHERE tries = 0")
	b.code(" " + strings.Map(func(r rune) rune { return r + '\u0660' - '0' }, a.code[:3]) + " " + a.code[3:]).leadsTo("/") // as people copy it
	b.get("/").is(http.StatusOK)
	s.rows(t, 1, "session WHERE method = 'code'")
	s.rows(t, 1, "sign_in_request WHERE ended_because = 'used'")
	phone.get(a.link).has("#link-over")

	b = s.portal(t, s.acme)
	a = s.ask(t, b, "ana@example.com")
	waiting := b.get("/sign-in/code")
	phone.confirm(a.link).leadsTo("/")
	phone.get("/profile").is(http.StatusOK)
	b.fill(waiting, "form[action='/sign-in/code']", "code", a.code).is(http.StatusUnprocessableEntity).has("#signin-code").lacks("form[action='/sign-in/code']")
	b.get("/").leadsTo("/sign-in") // the device that followed the link is signed in, and no other
	s.rows(t, 2, "sign_in_request WHERE ended_because = 'used'")
	s.rows(t, 2, "session")
}

// Code and link of one mail used at the same moment: one of the two comes in, and nobody sees a fault.
func TestCodeAndLinkAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 20 {
		ana := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
		b, phone := s.portal(t, s.acme), s.portal(t, s.acme)
		a := s.ask(t, b, ana.email)
		for _, p := range together(t, sending{b, b.get("/sign-in/code").form("form[action='/sign-in/code']", "code", a.code)},
			sending{phone, phone.get(a.link).form("form[action='" + a.link + "']")}) {
			if p.status >= http.StatusInternalServerError {
				t.Errorf("%s: status %d", p.asked, p.status)
			}
		}
		s.rows(t, 1, "session WHERE contact_id = $1", ana.id)
		s.rows(t, 1, "sign_in_request WHERE email = $1 AND ended_because = 'used'", ana.email)
	}
}

// Only five wrong codes are taken; the link of the same mail goes on working. An address nobody has behaves the same.
func TestCodeTries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	var pages []string
	for _, email := range []string{"ana@example.com", "nobody@example.com"} {
		b := s.portal(t, s.acme)
		a := s.ask(t, b, email)
		for try := range queries.CodeTries {
			p := b.code(wrong(a.code)).is(http.StatusUnprocessableEntity)
			if try < queries.CodeTries-1 {
				p.has("#field-code-error", "[name=code][aria-invalid=true]")
			} else {
				p.lacks("form[action='/sign-in/code']").has("form[action='/sign-in/link'] input[name=email][value='" + email + "']")
				pages = append(pages, strings.ReplaceAll(p.words(), email, "ADDRESS"))
			}
		}
		b.get("/sign-in/code").leadsTo("/sign-in")
		p := b.fill(b.get("/sign-in"), "#signin-form")
		b.send(post, "/sign-in/code", map[string][]string{"code": {a.code}, "_token": p.form("#signin-form").values["_token"]}).
			is(http.StatusUnprocessableEntity).has("#signin-code a[href='/sign-in']")
		if email == "ana@example.com" {
			s.portal(t, s.acme).confirm(a.link).leadsTo("/")
		}
	}
	if pages[0] != pages[1] {
		t.Errorf("%q for a known address, %q for an unknown one", pages[0], pages[1])
	}
	s.rows(t, 2, "sign_in_request WHERE ended_because = 'too_many_tries'")
	s.rows(t, 1, "session")
}

// Where and when a code does not work, though it is the right one.
func TestCodeThatDoesNotWork(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	for name, c := range map[string]func(b *browser) *page{
		"another browser": func(b *browser) *page {
			other := s.portal(t, s.acme)
			s.ask(t, other, "nobody@example.com") // so that it has a code page, and not this code
			return other.code(s.ask(t, b, "ana@example.com").code)
		},
		"after its time": func(b *browser) *page {
			a := s.ask(t, b, "ana@example.com")
			p := b.get("/sign-in/code")
			s.clock.move(queries.SignInLife)
			return b.fill(p, "form[action='/sign-in/code']", "code", a.code)
		},
		"a newer one was asked for": func(b *browser) *page {
			a := s.ask(t, b, "ana@example.com")
			s.ask(t, b, "ana@example.com")
			return b.code(a.code)
		},
		"an address nobody has": func(b *browser) *page { return b.code(s.ask(t, b, "nobody@example.com").code) },
		"the address was corrected meanwhile": func(b *browser) *page {
			ben := s.contact(t, s.acme, "ben@example.com", "")
			a := s.ask(t, b, ben.email)
			inTx(t, s.DB, func(q *queries.Queries) error {
				return queries.ChangeEmail(t.Context(), q, s.acme.id, ben.id, "benjamin@example.com", s.clock.now())
			})
			return b.code(a.code)
		},
	} {
		b := s.portal(t, s.acme)
		p := c(b)
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, want 422", name, p.status)
		}
		b.get("/").leadsTo("/sign-in")
		s.clock.move(time.Hour) // for the limit of mails to an address
	}
	s.rows(t, 0, "session")
}
