package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// The log has every mail of the account, newest first, and can be narrowed to a state, a kind and a part of the address.
func TestMailLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme)
	b := s.staff(t, maya)
	if p := b.get("/acme/mail-log").is(http.StatusOK).has(".empty").lacks(".log-filters"); !strings.Contains(p.words(), "No mails yet") {
		t.Error(p.words())
	}
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "Ben Okri")
	for range mailsPerPage {
		s.invited(t, ana)
	}
	s.invited(t, ben)
	s.bounced(t, ben)
	s.exec(t, "UPDATE mail SET state = 'bounced' WHERE contact_id = $1", ben.id)
	s.sentMail(t, s.contact(t, s.lumen, "lena@example.com", "Lena"))
	first := b.get("/acme/mail-log").is(http.StatusOK)
	if rows := first.all("#maillog-list tr.row"); len(rows) != mailsPerPage || !strings.HasPrefix(words(rows[0]), "ben@example.comInvitation") {
		t.Errorf("%d rows, first %s", len(rows), words(rows[0]))
	}
	rest := b.htmx().get(attr(first.one("#maillog-more a"), "href")).lacks("main", "#maillog-more", "#maillog-list").has("[autofocus]")
	if rows := rest.all("a.row-link"); len(rows) != 1 || words(rows[0]) != "ana@example.com" {
		t.Errorf("%d further rows", len(rows))
	}
	for query, want := range map[string]int{"state=bounced": 1, "state=sent": 0, "kind=invitation&q=BEN@": 1, "q=b&state=bounced": 1, "kind=magic_link": 0, "q=example.com&state=queued": 50, "q=lena": 0,
		"q=100%25": 0, "state=x&kind=y&before=z": 50} {
		p := b.htmx().get("/acme/mail-log?" + query).is(http.StatusOK).has("#maillog-list").lacks("main")
		if rows := p.all("tr.row"); len(rows) != want {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
		if want == 0 {
			p.has(".empty")
		}
	}
	b.get("/acme/mail-log?state=bounced").has("option[value=bounced][selected]", "main")
}

// A mail's page says what became of it and shows it as it was sent, where it can do nothing.
func TestMailLogShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	path := "/acme/mail-log/" + s.sentMail(t, ana).String()
	contact := "/acme/contacts/" + ana.id.String()
	b.get(contact).has("a[href='" + path + "']")
	p := b.get(path).is(http.StatusOK).has("a[href='"+contact+"']", "iframe[sandbox][src='"+path+"/copy']")
	var messageID string
	s.scan(t, "SELECT message_id FROM mail", nil, &messageID)
	for _, part := range []string{"Magic link", "Accepted by the mail server", "2.0.0 OK: queued", "Tried once", messageID, "Your link", "Hello in text"} {
		if !strings.Contains(p.words(), part) {
			t.Errorf("the page does not say %q: %s", part, p.words())
		}
	}
	b.get(path+"/copy").framed(s, s.acme).has("p[style='color:red'] b")
	s.exec(t, "UPDATE mail SET attempts = 3, state = 'deferred', answer = 'Later'")
	s.exec(t, "DELETE FROM mail_copy")
	if got := b.get(path).lacks("iframe").words(); !strings.Contains(got, "Tried 3 times") || !strings.Contains(got, "once a mail server has accepted it") {
		t.Error(got)
	}
	b.get(path + "/copy").is(http.StatusNotFound)
	s.exec(t, "UPDATE mail SET attempts = 0, state = 'withdrawn', answer = 'Not wanted'")
	if got := b.get(path).words(); !strings.Contains(got, "Not tried yet") || !strings.Contains(got, "What became of itNot wanted") || !strings.Contains(got, "No copy of it is kept") ||
		strings.Contains(got, "The mail server said") {
		t.Error(got)
	}
	s.exec(t, "UPDATE mail SET attempts = 1, state = 'sent', answer = ''") // nothing was heard of it until its link was used
	if got := b.get(path).words(); !strings.Contains(got, "so it arrived") || !strings.Contains(got, "No copy of it was kept") || strings.Contains(got, "The mail server said") {
		t.Error(got)
	}
}

// Failed jobs are told in words without the error's own, and tried again when asked; only this account's.
func TestJobs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	b.get("/acme/jobs").is(http.StatusOK).has(".empty")
	b.get("/acme/mail-log").has("a[href='/acme/jobs']")
	foreign := s.failedJob(t, s.lumen)
	b.get("/acme/jobs").has(".empty")
	id := s.failedJob(t, s.acme)
	p := b.get("/acme/jobs").lacks(".empty")
	if got := words(p.one(".items")); !strings.HasPrefix(got, "Sending a mailGiven up Something went wrong on our side.") || strings.Contains(p.body, "secret-detail") || len(p.all(".item")) != 1 {
		t.Errorf("the page says %q", got)
	}
	for _, c := range []struct{ set, says string }{
		{"state = 'retryable', finalized_at = NULL, scheduled_at = now() + interval '1 hour'", "Will be tried again"},
		{"state = 'discarded', finalized_at = now(), errors = ARRAY['{\"error\": \"context deadline exceeded\"}'::jsonb]", "It took longer than it may."},
		{"errors = ARRAY['{\"error\": \"failed to connect to host\"}'::jsonb]", "The database could not be reached"},
		{"kind = 'unheard_of', state = 'cancelled'", "Work in the backgroundStopped Whoever runs"},
	} {
		s.exec(t, "UPDATE river.river_job SET "+c.set+" WHERE id = $1", id)
		if got := b.get("/acme/jobs").words(); !strings.Contains(got, c.says) {
			t.Errorf("%s: the page says %q", c.set, got)
		}
	}
	b.follow(b.fill(p, ".item form").leadsTo("/acme/jobs")).has("#notice .flash-success", ".empty")
	s.rows(t, 1, "river.river_job WHERE id = $1 AND state = 'available'", id)
	s.rows(t, 1, "audit WHERE account_id = $1 AND action = 'job.retry' AND subject = 'Work in the background'", s.acme.id)
	b.fill(p, ".item form").is(http.StatusNotFound) // it waits already
	s.rows(t, 1, "river.river_job WHERE id = $1 AND state = 'discarded'", foreign)
}
