package handlers

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// What happened is told newest first, from all the rows there are.
func TestContactsTimeline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	later := func() { s.clock.move(time.Minute) }
	later()
	b, page := s.staff(t, maya), "/acme/contacts/"+ana.id.String()
	b.fill(b.get(page), "form[action='"+page+"/invite']")
	later()
	s.exec(t, "UPDATE mail SET state = 'deferred', answer = '451 greylisted', to_email = 'old@example.com'")
	var id uuid.UUID
	s.scan(t, "SELECT id FROM magic_link", nil, &id)
	link := "/l/" + s.Mails.Secret.LinkToken(id)
	s.portal(t, s.acme).with("User-Agent", "Slackbot").get(link)
	later()
	client := s.portal(t, s.acme)
	client.get(link)
	later()
	client.confirm(link)
	later()
	b.fill(b.get(page), "#contacts-tags form.tag-add", "tag", "VIP")
	later()
	client.send(post, "/sign-out", map[string][]string{"_token": {client.token()}}).leadsTo("/sign-in")
	later()
	s.exec(t, "INSERT INTO email_change (account_id, id, contact_id, old_email, new_email, token_hash, undo_token_hash, created_at, expires_at, confirmed_at) VALUES ($1, $2, $3, 'a@example.com', 'ana@example.com', 'x', 'x', $4, $4, $4)",
		s.acme.id, queries.NewID(), ana.id, s.clock.now())

	var told []string
	for _, node := range b.get(page).all("#contacts-timeline .event") {
		told = append(told, words(node))
	}
	want := []string{"Changed their own address From a@example.com to ana@example.com", "Signed out", "Tag added VIP · by Maya Lindqvist", "Signed in by invitation", "Opened the link", "Joined the portal",
		"A mail filter looked at the link", "Invitation Deferred, will be tried again To old@example.com", "Invited by Maya Lindqvist", "Added by hand"}
	rest := strings.Join(told, "\n")
	for _, line := range want { // in this order, whatever stands between them
		_, after, found := strings.Cut(rest, line)
		if !found {
			t.Fatalf("%q is missing or too late in\n%s", line, strings.Join(told, "\n"))
		}
		rest = after
	}
	if !strings.Contains(strings.Join(told, "\n"), "451 greylisted") {
		t.Error("the server's answer is missing")
	}
	if len(told) != len(want) {
		t.Errorf("%d events are told, want %d:\n%s", len(told), len(want), strings.Join(told, "\n"))
	}
}

// Page by page each event is told exactly once, and the way to the next page is a link.
func TestContactsTimelinePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	visit := queries.Visit{At: s.clock.now(), IP: netip.MustParseAddr("192.0.2.1"), UserAgent: "x"}
	inTx(t, s.DB, func(q *queries.Queries) error {
		for i := range 40 { // all ended in the same moment, so that the time alone does not order them
			if err := q.SessionInsert(t.Context(), queries.SessionInsertParams{AccountID: s.acme.id, ID: queries.NewID(), ContactID: ana.id, Method: queries.SignInMethodLink,
				TokenHash: []byte{byte(i)}, UserAgent: "x", IP: visit.IP, Now: visit.At, ExpiresAt: visit.At.Add(time.Hour)}); err != nil {
				return err
			}
		}
		_, err := q.SessionEndOthers(t.Context(), queries.SessionEndOthersParams{AccountID: s.acme.id, ContactID: ana.id, Now: visit.At, EndedBecause: queries.EndReasonSignedOut})
		return err
	})
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	path, events, pages := "/acme/contacts/"+ana.id.String(), 0, 0
	for p := b.get(path); ; p = b.htmx().get(path) {
		pages++
		events += len(p.is(http.StatusOK).all(".event"))
		more := p.all("#timeline-more a")
		if len(more) == 0 {
			break
		}
		path = attr(more[0], "href")
		b.get(path).has("h1", "#contacts-timeline .seam .sr-only[autofocus]")
		b.htmx().get(path).has(".seam").lacks("main", "h1")
	}
	if events != 81 || pages != 3 {
		t.Errorf("%d events on %d pages, want 81 on 3", events, pages)
	}
	for _, nonsense := range []string{"x", "1_2_3", "1_" + ana.id.String() + "_nothing", "999999999999999999999_" + ana.id.String() + "_mail"} {
		if n := len(b.get("/acme/contacts/" + ana.id.String() + "?before=" + nonsense).all(".event")); n != eventsPerPage {
			t.Errorf("before %s: %d events", nonsense, n)
		}
	}
}

// An action that this page has no words for is told in those of the audit log.
func TestAuditedWords(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{"contact.tag": "Tag added", "contact.invite": "Invited this contact to the portal", "contact.sent_gift": "Contact sent gift: this contact"} {
		if _, title := auditedWords(action); title != want {
			t.Errorf("%s is told as %q", action, title)
		}
	}
}
