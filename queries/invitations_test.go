package queries_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
)

func (a *tenant) bounce(contact uuid.UUID, email string) {
	a.t.Helper()
	check(a.t, a.q.ContactSetBounced(a.t.Context(), queries.ContactSetBouncedParams{AccountID: a.id, ID: contact, Email: email,
		BounceReason: "No such user", Now: noon}))
}

func (a *tenant) byID(contact uuid.UUID) queries.ContactByIDRow {
	a.t.Helper()
	row, err := a.q.ContactByID(a.t.Context(), queries.ContactByIDParams{AccountID: a.id, ID: contact})
	check(a.t, err)
	return row
}

func (a *tenant) invitations(contact uuid.UUID) []queries.InvitationListOfContactRow {
	a.t.Helper()
	rows, err := a.q.InvitationListOfContact(a.t.Context(), queries.InvitationListOfContactParams{AccountID: a.id, ContactID: contact})
	check(a.t, err)
	return rows
}

func (a *tenant) staff(email string) uuid.UUID {
	a.t.Helper()
	row, err := a.q.StaffUpsert(a.t.Context(), queries.StaffUpsertParams{ID: queries.NewID(), Email: email, Name: "Maya", Now: noon})
	check(a.t, err)
	return row.ID
}

func TestInvite(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact, maya := a.contact("ana@example.com"), a.staff("maya@acme.test")
	check(t, a.q.ContactSetName(t.Context(), queries.ContactSetNameParams{AccountID: a.id, ID: contact, Name: "Ana", Now: noon}))
	id, err := mails.Invite(t.Context(), a.q, queries.InvitationOf{AccountID: a.id, ContactID: contact, By: &maya, Now: noon})
	check(t, err)
	mail, end := a.mail(id), noon.Add(queries.InvitationLife)
	if mail.Kind != queries.MailKindInvitation || mail.State != queries.MailStateQueued || mail.ToEmail != "ana@example.com" ||
		mail.ToName != "Ana" || mail.MadeByName != "Maya" || mail.MessageID != id.String()+"@atrium.test" || !mail.LinkExpiresAt.Equal(end) || mail.LinkEnded {
		t.Errorf("the mail is %+v", mail)
	}
	list := a.invitations(contact)
	if len(list) != 1 || list[0].ID != *mail.InvitationID || list[0].EndedAt != nil || list[0].InvitedByName != "Maya" || !list[0].ExpiresAt.Equal(end) {
		t.Errorf("the invitations are %+v", list)
	}
	if at := a.byID(contact).InvitedAt; at == nil || !at.Equal(noon) {
		t.Errorf("invited at %v", at)
	}
	link := a.byToken(mails.Secret.LinkToken(*mail.LinkID))
	if link.Kind != queries.LinkKindInvitation || link.Target != queries.AppHome || link.ContactID != contact {
		t.Errorf("the link is %+v", link)
	}
}

func TestInviteAgain(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact, day := a.contact("ana@example.com"), 24*time.Hour
	first := a.invite(contact, noon)
	second := a.invite(contact, noon.Add(20*day))
	list := a.invitations(contact)
	if end := noon.Add(20*day + queries.InvitationLife); len(list) != 1 || !list[0].ExpiresAt.Equal(end) {
		t.Errorf("the invitations are %+v, want one until %v", list, end)
	}
	if first == second {
		t.Error("both mails carry the same link")
	}
	if at := a.byID(contact).InvitedAt; !at.Equal(noon) {
		t.Errorf("first invited at %v", at)
	}
	// Past the first mail's own end, both links still lead in, and one of them ends both.
	at := noon.Add(45 * day)
	for _, token := range []string{first, second} {
		if !a.byToken(token).Open(at) {
			t.Error("a link of the living invitation is over")
		}
	}
	if _, joined, err := a.confirm(first, a.signIn(at)); err != nil || !joined {
		t.Fatalf("joined %v, %v", joined, err)
	}
	if why := a.ended(second); why != queries.EndReasonSuperseded {
		t.Errorf("the other link is over because %q", why)
	}
	if list := a.invitations(contact); list[0].EndedBecause == nil || *list[0].EndedBecause != queries.EndReasonUsed || !list[0].JoinedAt.Equal(at) {
		t.Errorf("after the join the invitation is %+v", list[0])
	}
}

// A link whose time has passed stays over although nobody has closed it yet: it is the mailbox that is asked again.
func TestInviteAgainRevivesNoLink(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	old := a.invite(contact, noon)
	end := noon.Add(queries.InvitationLife)
	a.invite(contact, end)
	if a.byToken(old).Open(end) {
		t.Error("the link lives again")
	}
}

func TestInviteRefuses(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen, joined, bounced := a.another("lumen"), a.contact("joined@example.com"), a.contact("bounced@example.com")
	_, _, err := a.confirm(a.invite(joined, noon), a.signIn(noon))
	check(t, err)
	a.bounce(bounced, "bounced@example.com")
	for name, c := range map[string]struct {
		who     *tenant
		contact uuid.UUID
		want    func(error) bool
	}{
		"joined": {a, joined, func(err error) bool { return errors.Is(err, queries.ErrJoined) }},
		"bounced": {a, bounced, func(err error) bool {
			return isInvalid(err, "email") && strings.Contains(err.Error(), "bounced@example.com")
		}},
		"another account's contact": {lumen, bounced, func(err error) bool { return errors.Is(err, queries.ErrNotFound) }},
		"nobody":                    {a, queries.NewID(), func(err error) bool { return errors.Is(err, queries.ErrNotFound) }},
	} {
		before := read[string](a, "SELECT (SELECT count(*) FROM invitation) || ' ' || (SELECT count(*) FROM magic_link) || ' ' || (SELECT count(*) FROM mail)")
		_, err := mails.Invite(t.Context(), c.who.q, queries.InvitationOf{AccountID: c.who.id, ContactID: c.contact, Now: noon})
		if !c.want(err) {
			t.Errorf("%s: got %v", name, err)
		}
		if after := read[string](a, "SELECT (SELECT count(*) FROM invitation) || ' ' || (SELECT count(*) FROM magic_link) || ' ' || (SELECT count(*) FROM mail)"); after != before {
			t.Errorf("%s: rows before %s, after %s", name, before, after)
		}
	}
}

func TestInviteAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	for _, err := range together(10, func(int) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := mails.Invite(ctx, q, queries.InvitationOf{AccountID: a.id, ContactID: contact, Now: noon})
			return err
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if got := read[string](a, "SELECT (SELECT count(*) FROM invitation) || ' ' || (SELECT count(DISTINCT invitation_id) FROM magic_link) || ' ' || (SELECT count(*) FROM mail)"); got != "1 1 10" {
		t.Errorf("invitations, those with links, mails: %s", got)
	}
}
