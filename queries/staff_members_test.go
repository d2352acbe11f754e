package queries_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"atrium/queries"

	"github.com/google/uuid"
)

// member makes somebody of the account who can sign in.
func (a *tenant) member(email string, role queries.StaffRole) (id uuid.UUID) {
	a.t.Helper()
	_, token := a.addStaff(email, role)
	if token != "" {
		_, err := a.setPassword(token, email, "hash", noon)
		check(a.t, err)
	}
	return read[uuid.UUID](a, "SELECT id FROM staff WHERE email = $1", email)
}

func (a *tenant) setRole(by, staff uuid.UUID, role queries.StaffRole) error {
	return a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, err := queries.StaffChange{AccountID: a.id, By: by, StaffID: staff, Now: noon}.SetRole(ctx, q, role)
		return err
	})
}

func (a *tenant) remove(by, staff uuid.UUID) error {
	return a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, err := queries.StaffChange{AccountID: a.id, By: by, StaffID: staff, Now: noon}.Remove(ctx, q)
		return err
	})
}

func (a *tenant) owners() int {
	return read[int](a, "SELECT count(*) FROM staff_membership WHERE account_id = $1 AND role = 'owner'", a.id)
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	maya, ben := a.member("maya@acme.test", queries.StaffRoleOwner), a.member("ben@acme.test", queries.StaffRoleAdmin)
	foreign := lumen.member("tomas@lumen.test", queries.StaffRoleOwner)
	a.addStaff("late@acme.test", queries.StaffRoleOwner) // an owner who has not come yet cannot look after the account
	for _, role := range []queries.StaffRole{queries.StaffRoleSupport, queries.StaffRoleAdmin} {
		wantErr(t, a.setRole(maya, maya, role), queries.ErrLastOwner)
	}
	wantErr(t, a.remove(maya, maya), queries.ErrLastOwner)
	for name, err := range map[string]error{"raises": a.setRole(ben, ben, queries.StaffRoleOwner), "removes": a.remove(ben, maya), "stranger": a.setRole(foreign, ben, queries.StaffRoleOwner)} {
		if !errors.Is(err, queries.ErrNotOwner) {
			t.Errorf("who is no owner %s: %v", name, err)
		}
	}
	wantErr(t, a.setRole(maya, foreign, queries.StaffRoleSupport), queries.ErrNotFound)
	wantErr(t, a.remove(maya, uuid.New()), queries.ErrNotFound)
	check(t, a.setRole(maya, maya, queries.StaffRoleOwner))
	check(t, a.setRole(maya, ben, queries.StaffRoleOwner))
	check(t, a.setRole(ben, maya, queries.StaffRoleSupport))
	wantErr(t, a.setRole(maya, maya, queries.StaffRoleOwner), queries.ErrNotOwner)
	wantErr(t, a.remove(ben, ben), queries.ErrLastOwner)
	check(t, a.remove(ben, maya))
	if n := lumen.owners(); n != 1 {
		t.Errorf("the other account has %d owners", n)
	}
}

// Two owners who demote or remove each other, or step back together, in the same moment leave one.
func TestOwnersGoAtOnce(t *testing.T) {
	t.Parallel()
	first := newTenant(t)
	for round := range 12 {
		a := first.another(fmt.Sprint("acme-", round))
		pair := []uuid.UUID{a.member(fmt.Sprintf("maya%d@acme.test", round), queries.StaffRoleOwner), a.member(fmt.Sprintf("ben%d@acme.test", round), queries.StaffRoleOwner)}
		done := 0
		for _, err := range together(2, func(i int) error {
			by, whom := pair[i], pair[1-i]
			if round%2 == 0 { // or themselves
				whom = by
			}
			if round%3 == 0 {
				return a.remove(by, whom)
			}
			return a.setRole(by, whom, queries.StaffRoleSupport)
		}) {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, queries.ErrLastOwner) && !errors.Is(err, queries.ErrNotOwner):
				t.Fatal(err)
			}
		}
		if n := a.owners(); n != 1 || done != 1 {
			t.Fatalf("round %d: %d changes, %d owners left", round, done, n)
		}
	}
}

// Who is removed is out: of everything when they have no other account, and else of this one.
func TestRemoveEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	maya := a.member("maya@acme.test", queries.StaffRoleOwner)
	both, only := a.member("both@acme.test", queries.StaffRoleAdmin), a.member("only@acme.test", queries.StaffRoleAdmin)
	lumen.addStaff("both@acme.test", queries.StaffRoleSupport)
	a.reset("only@acme.test")
	for _, id := range []uuid.UUID{both, only} {
		check(t, a.remove(maya, id))
	}
	for id, open := range map[uuid.UUID]int{maya: 1, both: 1, only: 0} {
		if n := read[int](a, "SELECT count(*) FROM staff_session WHERE staff_id = $1 AND ended_at IS NULL", id); n != open {
			t.Errorf("%d sessions are open, want %d", n, open)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM staff_link WHERE ended_at IS NULL"); n != 0 {
		t.Errorf("%d links are open", n)
	}
	if n := read[int](a, "SELECT count(*) FROM staff_session WHERE staff_id = $1 AND ended_because = 'revoked'", only); n != 1 {
		t.Errorf("%d sessions are revoked", n)
	}
}

func (a *tenant) inviteStaff(by uuid.UUID, email string) (staff uuid.UUID, mail queries.MailForSendingRow, err error) {
	a.t.Helper()
	var id uuid.UUID
	err = a.tx(func(ctx context.Context, q *queries.Queries) error {
		staff, id, err = mails.InviteStaff(ctx, q, queries.StaffChange{AccountID: a.id, By: by, Now: noon}, email, queries.StaffRoleAdmin)
		return err
	})
	if err == nil {
		mail = a.mail(id)
	}
	return staff, mail, err
}

func TestInviteStaff(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	maya, tomas := a.member("maya@acme.test", queries.StaffRoleOwner), lumen.member("tomas@lumen.test", queries.StaffRoleOwner)
	jo, mail, err := a.inviteStaff(maya, "jo@acme.test")
	check(t, err)
	if mail.Kind != queries.MailKindStaffSetup || mail.StaffLinkID == nil || mail.MadeByName != "maya@acme.test" || *mail.StaffID != jo {
		t.Errorf("the mail to somebody new is %+v", mail)
	}
	known, mail, err := a.inviteStaff(maya, "Tomas@lumen.test")
	check(t, err)
	if known != tomas || mail.Kind != queries.MailKindStaffAdded || mail.StaffLinkID != nil || mail.LinkEnded || !mail.LinkExpiresAt.After(noon) {
		t.Errorf("the mail to somebody who can sign in is %+v", mail)
	}
	for _, email := range []string{"JO@acme.test", "tomas@lumen.test", "maya@acme.test"} {
		if _, _, err := a.inviteStaff(maya, email); !errors.Is(err, queries.ErrConflict) {
			t.Errorf("%s once more: %v", email, err)
		}
	}
	if _, _, err := a.inviteStaff(jo, "thief@acme.test"); !errors.Is(err, queries.ErrNotOwner) {
		t.Errorf("by who is no owner: %v", err)
	}
	if n := read[int](a, "SELECT count(*) FROM staff WHERE email = 'thief@acme.test'"); n != 0 {
		t.Error("a refused invitation leaves somebody behind")
	}
	rows, err := a.q.StaffMemberList(t.Context(), a.id)
	check(t, err)
	for _, row := range rows {
		if pending := row.StaffID == jo; row.Pending != pending || (row.MailState == "queued") != pending || (row.AddedByName == "") != (row.StaffID == maya) {
			t.Errorf("the list has %+v", row)
		}
	}
	if len(rows) != 3 || rows[0].StaffID != maya {
		t.Errorf("the list has %d people and begins with %s", len(rows), rows[0].Email)
	}
}

// An invitation withdrawn by one account leaves that of another alone.
func TestWithdrawnInvitation(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	maya, tomas := a.member("maya@acme.test", queries.StaffRoleOwner), lumen.member("tomas@lumen.test", queries.StaffRoleOwner)
	jo, mine, err := a.inviteStaff(maya, "jo@acme.test")
	check(t, err)
	_, theirs, err := lumen.inviteStaff(tomas, "jo@acme.test")
	check(t, err)
	check(t, a.remove(maya, jo))
	if _, err := a.setPassword(mails.Secret.StaffLinkToken(*mine.StaffLinkID), "Jo", "hash", noon); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("the withdrawn link: %v", err)
	}
	token, err := lumen.setPassword(mails.Secret.StaffLinkToken(*theirs.StaffLinkID), "Jo", "hash", noon)
	check(t, err)
	if row, err := a.staffSession(token, noon); err != nil || len(row.AccountIds) != 1 || row.AccountIds[0] != lumen.id {
		t.Errorf("the session is %+v, %v", row, err)
	}
}
