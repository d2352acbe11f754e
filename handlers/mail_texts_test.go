package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
	"atrium/views"
)

// isMailFrame says whether a route answers with a mail to stand in a page.
func isMailFrame(path string) bool {
	return strings.HasSuffix(path, "/frame") || strings.HasSuffix(path, "/copy")
}

// framed demands that a mail in a page can run nothing and lead nowhere, and returns it.
func (p *page) framed(s *testSite, a account) *page {
	p.t.Helper()
	p.is(http.StatusOK)
	if got, want := p.header.Get("Content-Security-Policy"), views.MailContentSecurityPolicy("http://"+a.slug+".portal.test"); got != want || !strings.HasPrefix(got, "sandbox; default-src 'none'") {
		p.t.Errorf("%s: Content-Security-Policy %q, want %q", p.asked, got, want)
	}
	if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") || p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Content-Type-Options") != "nosniff" {
		p.t.Errorf("%s: headers %v", p.asked, p.header)
	}
	return p
}

func TestMailTextsIndex(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	p := b.get("/acme/mail-texts").is(http.StatusOK).lacks(".badge-info")
	for _, kind := range []string{"invitation", "reminder", "magic-link", "welcome"} {
		p.has("a.row-link[href='/acme/mail-texts/" + kind + "']")
	}
	b.get("/acme").has("nav a[href='/acme/mail-texts']", "nav a[href='/acme/mail-log']")
	b.fill(p, "#mailtexts-settings", "sender_name", "Maya of Acme", "welcome", "on").leadsTo("/acme/mail-texts")
	s.rows(t, 1, "account WHERE slug = 'acme' AND sender_name = 'Maya of Acme' AND welcome_mail AND changed_at = $1", s.clock.now())
	s.rows(t, 1, `audit WHERE account_id = $1 AND action = 'account.mails' AND was = '{"sender_name": "", "welcome_mail": false}'
		AND became = '{"sender_name": "Maya of Acme", "welcome_mail": true}'`, s.acme.id)
	p = b.get("/acme/mail-texts").has("#mailtexts-settings [name=welcome][checked]", "#mailtexts-settings [name=sender_name][value='Maya of Acme']")
	before := s.everything(t)
	for _, name := range []string{strings.Repeat("x", 61), "help@acme.example", "a\x07b"} {
		b.fill(p, "#mailtexts-settings", "sender_name", name).is(http.StatusUnprocessableEntity).has("#field-sender_name-error")
		b.htmx().fill(p, "#mailtexts-settings", "sender_name", name).is(http.StatusUnprocessableEntity).has("#field-sender_name-error").lacks("main")
	}
	if s.everything(t) != before {
		t.Error("a name that was refused changed something")
	}
}

// Words are saved when all their placeholders are known and none is missing; what is wrong stands beside them with what there is.
func TestMailTextsSave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	const path = "/acme/mail-texts/invitation"
	open := b.get(path).is(http.StatusOK).lacks("#reset")
	if ours, _ := views.OurMailText(views.MailInvitation); text(open.one("textarea[name=body]")) != ours.Body || attr(open.one("[name=subject]"), "value") != ours.Subject {
		t.Error("editing does not start from our words")
	}
	before := s.everything(t)
	for _, c := range []struct{ subject, body, wrong, says string }{
		{"", "{button}", "#field-subject-error", "Enter a subject."},
		{"Hi {vorname}", "{button}", "#field-subject-error", "{vorname} is not a placeholder of a subject of this mail. There are {name}"},
		{"Hi", "Hello {nickname}\n\n{button}", "#field-body-error", "{nickname} is not a placeholder of this mail. There are {button}, {name}"},
		{"Hi", "Hello {name}", "#field-body-error", "{button} is missing."},
	} {
		p := b.fill(open, "#mailtexts-form", "subject", c.subject, "body", c.body).is(http.StatusUnprocessableEntity).has("[name=subject][value='" + c.subject + "']")
		if got := words(p.one(c.wrong)); !strings.HasPrefix(got, c.says) || text(p.one("textarea[name=body]")) != c.body {
			t.Errorf("%q %q: %q", c.subject, c.body, got)
		}
	}
	if s.everything(t) != before {
		t.Error("words that were refused changed something")
	}
	b.fill(open, "#mailtexts-form", "subject", " Come\r\nin ", "body", "Hello {name}\r\n\r\n{button}\r\n").leadsTo(path)
	s.rows(t, 1, "mail_text WHERE account_id = $1 AND kind = 'invitation' AND subject = 'Come in' AND body = E'Hello {name}\\n\\n{button}' AND changed_at = $2", s.acme.id, s.clock.now())
	s.rows(t, 1, `audit WHERE account_id = $1 AND action = 'mail_text.change' AND subject = 'Invitation' AND was IS NULL AND became->>'subject' = 'Come in'`, s.acme.id)
	b.get("/acme/mail-texts").has(".badge-info")
	saved := b.get(path).has("[name=subject][value='Come in']", "#reset form[action='"+path+"/reset']")
	b.fill(saved, "#mailtexts-form", "subject", "Come in now").leadsTo(path)
	s.rows(t, 1, `audit WHERE action = 'mail_text.change' AND was->>'subject' = 'Come in' AND became->>'subject' = 'Come in now'`)
	b.follow(b.fill(saved, "#reset form").leadsTo(path)).has("#notice .flash-success").lacks("#reset")
	s.rows(t, 0, "mail_text")
	s.rows(t, 1, "audit WHERE action = 'mail_text.reset' AND was->>'subject' = 'Come in now'")
	b.fill(b.get(path), "#mailtexts-form").leadsTo(path) // ours, word for word
	s.rows(t, 0, "mail_text")
}

// The preview is the mail as a contact will get it, with words that are not saved.
func TestMailTextsPreview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	const path = "/acme/mail-texts/reminder"
	if got := b.get(path).words(); !strings.Contains(got, "As Ana Souza gets it") || !strings.Contains(got, "somebody made up") {
		t.Errorf("with no contacts: %s", got)
	}
	s.contact(t, s.acme, "ben@example.com", "Ben <b id=evil>Okri</b>")
	s.contact(t, s.acme, "cleo@example.com", "")
	s.contact(t, s.lumen, "lena@example.com", "Lena")
	preview := func(reader, body string) *page {
		return b.htmx().send(post, path+"/preview", url.Values{"_token": {b.token()}, "subject": {"Hi {first_name}"}, "body": {body}, "reader": {reader}}).is(http.StatusOK).lacks("main", "#evil")
	}
	before := s.everything(t)
	p := preview("BEN", "Dear {name},\n\nread **this**\n\n{button}")
	if got := words(p.one("#mailtexts-preview .facts")); got != "FromAcme Coaching SubjectHi Ben" {
		t.Errorf("the preview says %q", got)
	}
	if got := text(p.one("pre")); !strings.HasPrefix(got, "Dear Ben <b id=evil>Okri</b>,\n\nread this\n\nAccept invitation:\n\nhttp://acme.portal.test/l/sample\n") {
		t.Errorf("the text part is %q", got)
	}
	shown := b.get(attr(p.one("iframe[sandbox]"), "src")).framed(s, s.acme).lacks("#evil", "script")
	if got := shown.words(); !strings.Contains(got, "Dear Ben <b id=evil>Okri</b>, read this Accept invitation") {
		t.Errorf("the HTML part says %q", got)
	}
	if got := preview("", "{button}").words(); !strings.Contains(got, "As cleo@example.com gets it") {
		t.Errorf("without a search: %s", got)
	}
	if got := preview("KRI", "{button}").words(); !strings.Contains(got, "As Ben") { // a part in the middle of "Okri"
		t.Error(got)
	}
	if got := preview("lena", "{button}").words(); !strings.Contains(got, "somebody made up") || strings.Contains(got, "Lena") {
		t.Errorf("another account's contact: %s", got)
	}
	if got := words(preview("", "{nickname}").one("#mailtexts-preview .notice-box")); !strings.Contains(got, "{nickname} is not a placeholder") {
		t.Errorf("what is wrong is not said: %s", got)
	}
	long := make([]string, 0, 400)
	for range 400 {
		long = append(long, queries.NewToken()[:20])
	}
	preview("", strings.Join(long, " ")).lacks("iframe").has("pre")
	b.fill(b.get(path), "#mailtexts-form", "subject", "x", "body", "y", "reader", "ben") // a page without scripts asks for all of it
	b.send(post, path+"/preview", url.Values{"_token": {b.token()}, "subject": {"<b id=evil>"}, "body": {"<b id=evil>"}}).is(http.StatusOK).has("main", "iframe").lacks("#evil")
	if s.everything(t) != before {
		t.Error("looking changed something")
	}
	b.get(path+"/frame").framed(s, s.acme)
	for _, packed := range []string{"x", "AAAA", "eyJ"} {
		b.get(path + "/frame?text=" + packed).is(http.StatusNotFound)
	}
}

// A test mail goes to who asked for it, says what is typed, and its link signs nobody in.
func TestMailTextsTest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	token := b.token()
	const path = "/acme/mail-texts/magic-link"
	send := func(b *browser, body string) *page {
		return b.send(post, path+"/test", url.Values{"_token": {token}, "subject": {"Not saved"}, "body": {body}})
	}
	b.get(path).has("button[formaction='" + path + "/test'][hx-post='" + path + "/test']")
	if p := send(b.htmx(), "Hello").is(http.StatusUnprocessableEntity).has("#mailtexts-form #field-body-error").lacks("main"); p.header.Get("HX-Retarget") != "#mailtexts-form" {
		t.Error("what is wrong does not come to stand beside the field")
	}
	send(b, "Hello").is(http.StatusUnprocessableEntity).has("#field-body-error", "main")
	s.rows(t, 0, "mail")
	send(b.htmx(), "Hello {name}\n\n{button}").is(http.StatusOK).has(".flash-success").lacks("main")
	if p := send(b, "Hello {name}\n\n{button}").is(http.StatusOK).has(".flash-success", "main"); text(p.one("textarea[name=body]")) != "Hello {name}\n\n{button}" {
		t.Error("what was typed is gone")
	}
	s.inserted(t, "mail_send", "mail_send")
	s.rows(t, 0, "mail_text")
	if got := words(b.get("/acme/mail-log").one("#maillog-list tbody")); !strings.HasPrefix(got, "maya@acme.exampleMagic link, a test") {
		t.Errorf("the log says %q", got)
	}
	s.rows(t, 2, "audit WHERE action = 'mail_text.test'")
	s.rows(t, 2, `mail JOIN mail_copy ON mail_id = id WHERE kind = 'magic_link' AND staff_id = $1 AND contact_id IS NULL AND link_id IS NULL AND to_email = $2
		AND subject = 'Test: Not saved' AND body_text LIKE 'Hello Maya Lindqvist%http://acme.portal.test/l/sample%' AND body_html LIKE '%/l/sample%'`, maya.id, maya.email)
	s.rows(t, 0, "magic_link")
	visitor := s.portal(t, s.acme)
	visitor.get("/l/sample").is(http.StatusNotFound)
	visitor.send(post, "/l/sample", url.Values{"_token": {visitor.token()}})
	s.rows(t, 0, "session")
	visitor.get("/").leadsTo("/sign-in")
	for range queries.LimitMailTest.Times - 2 {
		send(b, "{button}").is(http.StatusOK)
	}
	send(b, "{button}").is(http.StatusTooManyRequests)
}

func TestMailTextsOfOtherKinds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for _, kind := range []string{"sign-in", "staff-setup", "magic_link", "x"} {
		b.get("/acme/mail-texts/" + kind).is(http.StatusNotFound)
		b.send(post, "/acme/mail-texts/"+kind, url.Values{"_token": {b.token()}, "subject": {"x"}, "body": {"y"}}).is(http.StatusNotFound)
	}
	b.get("/acme/mail-texts/welcome").has(".page-head a[href='/acme/mail-texts']")
}

// Whoever joins is welcomed, once, where the account wants it.
func TestWelcomeMailAfterArrival(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, on := range []bool{false, true} {
		s.exec(t, "UPDATE account SET welcome_mail = $1", on)
		b, c := s.newcomer(t, s.acme, queries.NewID().String()+"@example.com", "Ana")
		s.jobs(t)
		form := b.get("/welcome").form("#welcome-form", "name", "Ana Souza", "password", rightPassword)
		for range 2 {
			b.send(form.method, form.action, form.values)
		}
		if want := map[bool]int{true: 1}[on]; s.count(t, "mail WHERE kind = 'welcome' AND contact_id = $1 AND link_id IS NULL AND to_email = $2", c.id, c.email) != want || len(s.jobs(t)) != want {
			t.Errorf("switched on %v: %d mails", on, s.count(t, "mail WHERE kind = 'welcome'"))
		}
	}
}
