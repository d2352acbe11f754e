package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/jobs"
	"atrium/queries"
)

// A link in a mail ends the mails that nobody asked for: looking at it changes nothing, its button does, and that can be taken back.
func TestStop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	s.invited(t, ana)
	inTx(t, s.DB, func(q *queries.Queries) error { // a reminder that waits
		_, err := s.Mails.Mail(t.Context(), q, queries.MailInsertParams{AccountID: s.acme.id, Kind: queries.MailKindReminder, ContactID: &ana.id, ToEmail: ana.email, Now: noon})
		return err
	})
	path := jobs.StopPath(s.Mails.Secret.StopToken(ana.id))
	b := s.portal(t, s.acme)
	before := s.everything(t)
	p := b.get(path).is(http.StatusOK).has("form[action='"+path+"']", "meta[name=robots]").lacks("form[action='" + path + "/undo']")
	s.portal(t, s.acme).send(http.MethodHead, path, nil).is(http.StatusOK)
	if text := p.words(); !strings.Contains(text, queries.MaskEmail(ana.email)) || strings.Contains(p.body, ana.email) || strings.Contains(text, ana.name) {
		t.Errorf("the page tells %s", text)
	}
	if s.everything(t) != before {
		t.Error("looking at it changed something")
	}
	for range 2 { // pressed twice, or sent again by reloading
		b.fill(p, "form[action='"+path+"']").is(http.StatusOK).has("form[action='" + path + "/undo']")
		s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at = $2", ana.id, noon)
	}
	s.rows(t, 1, "mail WHERE kind = 'reminder' AND state = 'withdrawn'")
	s.rows(t, 1, "mail WHERE kind = 'invitation' AND state = 'queued'") // which somebody sent to her alone
	b.follow(b.fill(b.get(path).has("#stop .who"), "form[action='"+path+"/undo']").leadsTo(path)).has("form[action='"+path+"']", "#notice .flash")
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at IS NULL", ana.id)
	for _, action := range []string{"contact.stop_mails", "contact.want_mails"} {
		s.rows(t, 1, "audit WHERE subject_id = $1 AND staff_id IS NULL AND actor = 'Ana Souza <ana@example.com>' AND action = $2", ana.id, action)
	}
	told := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)).get("/acme/contacts/" + ana.id.String()).one("#contacts-timeline")
	if text := words(told); !strings.Contains(text, "Wants automatic mails again") || !strings.Contains(text, "Asked for no more automatic mails") {
		t.Errorf("the timeline tells %s", text)
	}
}

// A mail program posts by itself, without having seen the page (RFC 8058): no cookie, no token, and no redirect for an answer.
func TestStopByMailProgram(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	path := jobs.StopPath(s.Mails.Secret.StopToken(ana.id))
	s.portal(t, s.acme).with("Origin", "https://mail.example").with("Sec-Fetch-Site", "cross-site").
		send(post, path, url.Values{"List-Unsubscribe": {"One-Click"}}).is(http.StatusOK)
	s.rows(t, 1, "contact WHERE id = $1 AND no_mail_at = $2", ana.id, noon)
	s.portal(t, s.acme).send(post, path+"/undo", nil).is(http.StatusForbidden) // only a page of ours takes it back
	s.rows(t, 1, "contact WHERE no_mail_at IS NOT NULL")
}

// What is no link of this host changes nothing and tells nothing.
func TestStopOfNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, foreign := s.contact(t, s.acme, "ana@example.com", ""), s.contact(t, s.lumen, "tom@example.com", "")
	good, theirs := s.Mails.Secret.StopToken(ana.id), s.Mails.Secret.StopToken(foreign.id)
	before := s.everything(t)
	for name, token := range map[string]string{"another account's": theirs, "cut off": good[:len(good)-1], "longer": good + "AAAA", "a mix": good[:22] + theirs[22:],
		"a link's": s.Mails.Secret.LinkToken(ana.id), "a word": "x", "nonsense": "%00%ff"} {
		for _, method := range []string{get, post} {
			if p := s.portal(t, s.acme).send(method, "/stop/"+token, url.Values{}); p.status != http.StatusNotFound || strings.Contains(p.body, "ana") {
				t.Errorf("%s: %s is answered with %d", name, p.asked, p.status)
			}
		}
	}
	if s.everything(t) != before {
		t.Error("something changed")
	}
}
