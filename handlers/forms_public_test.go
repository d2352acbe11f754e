package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
	"atrium/views"
)

// A form asks what staff have chosen, without cookies, and what is sent is written down with one job.
func TestPublicForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(*queries.FormDraft) {})
	b := s.stranger(t, s.acme)
	p := b.get("/f/call").is(http.StatusOK).has("#public-form [name=email][required]", "#public-form textarea[name="+askedText+"]", "[name="+askedChoice+"][value='That one']",
		"a[href='https://acme.example/privacy'][rel='noopener noreferrer']", "header", "footer").lacks("[name=_token]", "[name=name][required]")
	b.get("/F/call").is(http.StatusNotFound)
	b.get("/f/CALL").is(http.StatusOK)
	b.get("/f/call?email=ana@example.com&" + askedConsent + "=on").is(http.StatusOK).has("[name=email][value='']").lacks("[checked]")
	b.get("/f/call?embed=1").is(http.StatusOK).has("#public-form[action='/f/call?embed=1']").lacks("header", "footer")
	sent := b.fill(p, "#public-form", "email", " Ana@EXAMPLE.com ", "name", " Ana  Souza", "phone", "+55 11 5550", askedChoice, "That one", askedText, "One\r\nTwo\x07 ", askedConsent, "on").
		leadsTo("/f/call?sent=1")
	if got := words(b.follow(sent).one("main")); got != "Thank you We call you." {
		t.Errorf("afterwards it says %q", got)
	}
	s.rows(t, 1, "form_submission WHERE account_id = $1 AND form_id = $2 AND email::text = 'Ana@example.com' AND name = 'Ana Souza' AND confirmed_at = $3 AND contact_id IS NULL",
		s.acme.id, f.id, noon)
	var answers string
	s.scan(t, "SELECT string_agg(a->>'label' || '=' || (a->>'value'), '|' ORDER BY n) FROM form_submission, jsonb_array_elements(answers) WITH ORDINALITY x (a, n)", nil, &answers)
	if want := "Phone=+55 11 5550|Company=|Which?=That one|Why?=One\nTwo|I agree=Yes"; answers != want {
		t.Errorf("the answers are %q, want %q", answers, want)
	}
	s.rows(t, 0, "contact")
	s.inserted(t, "form_submission")
	b.get("/f/none").is(http.StatusNotFound)
	s.portal(t, s.lumen).get("/f/call").is(http.StatusNotFound)
	b.get("/f/%ff").is(http.StatusNotFound)
}

// A known address, an unknown one, one that bounced and one that has joined get the same answer from the same work.
func TestPublicFormTellsNobodyApart(t *testing.T) {
	t.Parallel()
	for name, confirm := range map[string]bool{"at once": false, "confirmed": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm, d.Invite = confirm, true })
			s.exec(t, "DELETE FROM form_submission")
			s.contact(t, s.acme, "known@example.com", "Known")
			s.arrived(t, s.acme, "joined@example.com", "Joined")
			s.bounced(t, s.contact(t, s.acme, "bounced@example.com", "Bounced"))
			before := s.everything(t, "contact", "mail", "tag", "audit")
			var first *page
			for i, email := range []string{"nobody@example.com", "known@example.com", "joined@example.com", "bounced@example.com"} {
				p := s.stranger(t, s.acme).answer(f, "email", email, "name", "Somebody Else").leadsTo("/f/call?sent=1")
				shown := s.stranger(t, s.acme).get("/f/call?sent=1").is(http.StatusOK)
				if first == nil {
					first = shown
				}
				if p.body != "" || shown.body != first.body || len(p.cookies)+len(shown.cookies) > 0 {
					t.Errorf("%s is answered %q, %d cookies", email, shown.words(), len(p.cookies))
				}
				s.rows(t, i+1, "form_submission WHERE (confirmed_at IS NULL) = $1 AND expires_at = $2", confirm, noon.Add(queries.FormConfirmLife))
				s.inserted(t, "form_submission")
			}
			if s.everything(t, "contact", "mail", "tag", "audit") != before {
				t.Error("more than the submission was written")
			}
		})
	}
}

// What cannot be taken comes back beside its question, with everything that was typed, and stores nothing.
func TestPublicFormRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(d *queries.FormDraft) {
		for i := range d.Fields {
			d.Fields[i].Required = true
		}
	})
	right := map[string]string{"email": "ana@example.com", "name": "Ana", "phone": "1", "company": "Acme", askedChoice: "This one", askedText: "Why not", askedConsent: "on"}
	for key, wrongs := range map[string][]string{"email": {"", "ana", "a\x00@example.com"}, "name": {"", " ", "Ana\x07", strings.Repeat("x", 121)}, "phone": {"", strings.Repeat("1", 41)},
		"company": {"", strings.Repeat("x", 121)}, askedChoice: {"", "Another one"}, askedText: {"", "\n", strings.Repeat("x", 5001)}, askedConsent: {""}} {
		for _, wrong := range wrongs {
			fields := []string{}
			for name, value := range right {
				if name == key {
					value = wrong
				}
				fields = append(fields, name, value)
			}
			p := s.stranger(t, s.acme).answer(f, fields...).is(http.StatusUnprocessableEntity).has("#field-" + key + "-error").framable()
			if key != "email" {
				p.has("[name=email][value='ana@example.com']").lacks("#field-email-error")
			}
			if key != askedText && words(p.one("textarea")) != "Why not" {
				t.Error("what was typed is gone")
			}
		}
	}
	s.rows(t, 0, "form_submission")
	s.rows(t, 0, "allowance")
	s.inserted(t)
}

// A program that fills in what people do not see is thanked like everybody, and nothing is kept.
func TestPublicFormTrap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(*queries.FormDraft) {})
	b := s.stranger(t, s.acme)
	b.get("/f/call").has(".trap[aria-hidden=true] [name=website][tabindex='-1'][autocomplete=off]")
	b.answer(f, "email", "ana@example.com", trapField, "https://buy.example").leadsTo("/f/call?sent=1")
	s.rows(t, 0, "form_submission")
	s.inserted(t)
	s.rows(t, 2, "allowance") // the same work as for others
}

// One network and one address can send so often and no more, whichever browser they use; what was typed stays.
func TestPublicFormLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(*queries.FormDraft) {})
	for range queries.LimitFormAddress.Times {
		s.stranger(t, s.acme).answer(f, "email", "Ana@example.com").leadsTo("/f/call?sent=1")
	}
	p := s.stranger(t, s.acme).answer(f, "email", "ana@EXAMPLE.com", "name", "Ana Souza").is(http.StatusTooManyRequests).
		has("#public-form [role=alert]", "[name=name][value='Ana Souza']").framable()
	if p.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	s.clock.move(10 * time.Minute)
	s.stranger(t, s.acme).answer(f, "email", "ana@example.com").leadsTo("/f/call?sent=1")
	one := s.stranger(t, s.acme)
	for range queries.LimitFormIP.Times {
		one.answer(f, "email", queries.NewID().String()+"@example.com").leadsTo("/f/call?sent=1")
	}
	one.answer(f, "email", "ben@example.com").is(http.StatusTooManyRequests)
	s.stranger(t, s.acme).answer(f, "email", "ben@example.com").leadsTo("/f/call?sent=1")
	s.rows(t, queries.LimitFormAddress.Times+1+queries.LimitFormIP.Times+1, "form_submission")
}

// A form that is off takes nothing and says so.
func TestPublicFormOff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(*queries.FormDraft) {})
	s.exec(t, "UPDATE form SET switched_on = false")
	b := s.stranger(t, s.acme)
	for _, p := range []*page{b.get("/f/call"), b.get("/f/call?sent=1"), b.answer(f, "email", "ana@example.com")} {
		p.is(http.StatusGone).lacks("#public-form").framable()
	}
	s.rows(t, 0, "form_submission")
}

// Other sites can show a form inside theirs, and what it answers; nothing else of the portal, not even the page that confirms.
func TestOnlyFormsCanBeFramed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm = true })
	s.exec(t, "UPDATE account SET slug = 'f' WHERE slug = 'lumen'") // whose paths on the admin host begin like a form's
	b := s.portal(t, s.acme).with("Cookie", flashCookie+"=x")
	for path, framed := range map[string]bool{"/f/call": true, "/f/call/": true, "/f/call?embed=1": true, "/f/none": true, "/f": false, "/f/": false, f.confirm: false,
		"/f/call/confirm": false, "/sign-in": false, "/": false, "/l/x": false, "/no-such-page": false} {
		p := b.get(path)
		if got := strings.Contains(p.header.Get("Content-Security-Policy"), "frame-ancestors *"); got != framed {
			t.Errorf("%s can be framed: %v", path, got)
		}
		if framed && len(p.cookies) > 0 {
			t.Errorf("%s gives cookies", path)
		}
	}
	if p := s.admin(t).get("/f/contacts"); p.header.Get("Content-Security-Policy") != views.ContentSecurityPolicy {
		t.Error("a page of the admin side can be framed")
	}
	if got := b.get(f.confirm).header.Get("Referrer-Policy"); got != "strict-origin" {
		t.Errorf("the token of the confirmation goes on as referrer: %s", got)
	}
}
