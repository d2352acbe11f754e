package queries_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	// Each role includes those before it, and one there is not includes nothing.
	order := []queries.StaffRole{"", queries.StaffRoleSupport, queries.StaffRoleAdmin, queries.StaffRoleOwner}
	for i, has := range order {
		for j, needs := range order[1:] {
			if got := has.Includes(needs); got != (i > j) {
				t.Errorf("%q includes %q: %v", has, needs, got)
			}
		}
	}
	if all := queries.AllStaffRoleValues(); len(all) != len(order)-1 {
		t.Errorf("the roles are %v", all)
	}
}

// addStaff gives a person a role; the mail is nil for somebody who can sign in already.
func (a *tenant) addStaff(email string, role queries.StaffRole) (mail *uuid.UUID, token string) {
	a.t.Helper()
	mail, token, err := mails.AddStaff(a.t.Context(), a.q, a.id, email, role, noon)
	check(a.t, err)
	return mail, token
}

// setPassword uses a staff link up, in a transaction of its own.
func (a *tenant) setPassword(token, name, hash string, at time.Time) (session string, err error) {
	s := queries.StaffSignIn{Token: queries.NewToken(), OldToken: "is not looked at", Visit: a.signIn(at).Visit}
	return s.Token, a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, err := queries.SetPasswordByLink(ctx, q, token, name, hash, s)
		return err
	})
}

func (a *tenant) staffSession(token string, at time.Time) (queries.StaffSessionByTokenRow, error) {
	row, err := a.q.StaffSessionByToken(a.t.Context(), queries.StaffSessionByTokenParams{TokenHash: queries.TokenHash(token), Now: at, IdleSince: at.Add(-queries.SessionIdle)})
	return row, queries.Kind(err)
}

func TestAddStaff(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	id, token := a.addStaff("maya@acme.test", queries.StaffRoleOwner)
	mail := a.mail(*id)
	if mail.Kind != queries.MailKindStaffSetup || mail.ToEmail != "maya@acme.test" || mail.StaffID == nil || mail.ContactID != nil ||
		mails.Secret.StaffLinkToken(*mail.StaffLinkID) != token || !mail.LinkExpiresAt.Equal(noon.Add(queries.StaffSetupLife)) || mail.LinkEnded {
		t.Errorf("the mail is %+v", mail)
	}
	if again, other := lumen.addStaff("MAYA@acme.test", queries.StaffRoleSupport); again == nil || other == token {
		t.Error("somebody who has not set up their sign-in gets no link of their own in another account")
	}
	session, err := a.setPassword(token, "Maya", "hash", noon)
	check(t, err)
	if none, token := lumen.addStaff("maya@acme.test", queries.StaffRoleAdmin); none != nil || token != "" {
		t.Error("somebody who can sign in is mailed a set-up link")
	}
	row, err := a.staffSession(session, noon)
	if err != nil || row.StaffID != *mail.StaffID || row.Name != "Maya" || row.Email != "maya@acme.test" {
		t.Errorf("the session is %+v, %v", row, err)
	}
	first, second := a.id, lumen.id
	if second.String() < first.String() {
		t.Fatal("the second account's id is the smaller one")
	}
	if !slices.Equal(row.AccountIds, []uuid.UUID{first, second}) || !slices.Equal(row.Roles, []string{"owner", "admin"}) {
		t.Errorf("the roles are %v in %v", row.Roles, row.AccountIds)
	}
}

func TestSetPasswordByLink(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	_, token := a.addStaff("maya@acme.test", queries.StaffRoleOwner)
	_, other := a.addStaff("maya@acme.test", queries.StaffRoleOwner)
	_, bens := a.addStaff("ben@acme.test", queries.StaffRoleAdmin)
	old, err := a.setPassword(token, "Maya", "first hash", noon)
	check(t, err)
	for name, token := range map[string]string{"used": token, "of the same person": other, "never made": queries.NewToken(), "empty": ""} {
		if _, err := a.setPassword(token, "Thief", "hash", noon); !errors.Is(err, queries.ErrNotFound) {
			t.Errorf("a link that is %s: %v", name, err)
		}
	}
	reset := a.reset("maya@acme.test")
	at := noon.Add(queries.PasswordResetLife)
	if _, err := a.setPassword(reset, "", "hash", at); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("a link at its end: %v", err)
	}
	fresh, err := a.setPassword(reset, "", "second hash", at.Add(-time.Microsecond))
	check(t, err)
	if _, err := a.staffSession(old, at); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("the session from before: %v", err)
	}
	row, err := a.staffSession(fresh, at)
	if err != nil || row.Name != "Maya" { // an empty name keeps the one there is
		t.Errorf("the new session: %+v, %v", row, err)
	}
	if hash, err := a.q.StaffPasswordHash(t.Context(), row.StaffID); err != nil || *hash != "second hash" {
		t.Errorf("the password is %v, %v", hash, err)
	}
	if _, err := a.setPassword(bens, "Ben", "hash", noon); err != nil {
		t.Errorf("somebody else's link: %v", err)
	}
	if why := read[string](a, "SELECT string_agg(ended_because::text, ' ' ORDER BY id) FROM staff_session WHERE staff_id = $1", row.StaffID); why != "password_changed" {
		t.Errorf("sessions are over because %s", why)
	}
}

// Both mails of one person opened at once: one password is set, and the other link is over.
func TestSetPasswordByTwoLinksAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for round := range 20 {
		email := fmt.Sprintf("maya%d@acme.test", round)
		tokens, set := make([]string, 2), 0
		for i := range tokens {
			_, tokens[i] = a.addStaff(email, queries.StaffRoleOwner)
		}
		for _, err := range together(4, func(i int) error {
			_, err := a.setPassword(tokens[i%2], "Maya", fmt.Sprint("hash ", i), noon)
			return err
		}) {
			switch {
			case err == nil:
				set++
			case !errors.Is(err, queries.ErrNotFound):
				t.Fatal(err)
			}
		}
		if n := read[int](a, "SELECT count(*) FROM staff_session WHERE ended_at IS NULL"); set != 1 || n != round+1 {
			t.Fatalf("round %d: set %d times, %d sessions", round, set, n)
		}
	}
}

// reset asks for a new password, lets the job answer and returns the token in the mail; empty when there is none.
func (a *tenant) reset(email string) (token string) {
	a.t.Helper()
	id := queries.NewID()
	check(a.t, a.q.StaffResetInsert(a.t.Context(), queries.StaffResetInsertParams{ID: id, Email: email, Now: noon}))
	account, mail, err := mails.MailPasswordReset(a.t.Context(), a.q, id, noon)
	check(a.t, err)
	if mail != nil {
		if account != a.id {
			a.t.Errorf("the mail is of account %s", account)
		}
		token = mails.Secret.StaffLinkToken(*a.mail(*mail).StaffLinkID)
	}
	if _, again, err := mails.MailPasswordReset(a.t.Context(), a.q, id, noon); again != nil || err != nil {
		a.t.Errorf("the second time: %v, %v", again, err)
	}
	return token
}

func TestMailPasswordReset(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.addStaff("maya@acme.test", queries.StaffRoleOwner)
	a.another("lumen").addStaff("maya@acme.test", queries.StaffRoleOwner)
	a.contact("ana@example.com") // clients have a way of their own
	former := a.staff("former@acme.test")
	for email, known := range map[string]bool{"maya@acme.test": true, "MAYA@Acme.test": true, "ana@example.com": false, "nobody@acme.test": false, "former@acme.test": false} {
		if token := a.reset(email); (token != "") != known {
			t.Errorf("%s: a link %v", email, token != "")
		}
	}
	if n := read[int](a, "SELECT count(*) FROM mail WHERE kind = 'password_reset' AND staff_id <> $1", former); n != 2 {
		t.Errorf("%d mails", n)
	}
	if n := read[int](a, "SELECT count(*) FROM staff_reset"); n != 0 {
		t.Errorf("%d requests stay", n)
	}
}

func TestSignInStaffReplacesTheBrowsersSession(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	maya := a.staff("maya@acme.test")
	in := func(old string) string {
		s := queries.StaffSignIn{StaffID: maya, Token: queries.NewToken(), OldToken: old, Visit: a.signIn(noon).Visit}
		check(t, a.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := queries.SignInStaff(ctx, q, s)
			return err
		}))
		return s.Token
	}
	elsewhere, old := in(""), in("")
	fresh := in(old)
	for token, want := range map[string]error{elsewhere: nil, old: queries.ErrNotFound, fresh: nil} {
		if row, err := a.staffSession(token, noon); !errors.Is(err, want) || want == nil && (row.StaffID != maya || len(row.Roles) != 0) {
			t.Errorf("got %+v, %v; want %v", row, err, want)
		}
	}
	for after, want := range map[time.Duration]error{queries.SessionIdle - time.Microsecond: nil, queries.SessionIdle: queries.ErrNotFound} {
		if _, err := a.staffSession(in(""), noon.Add(after)); !errors.Is(err, want) {
			t.Errorf("after %v: %v, want %v", after, err, want)
		}
	}
}
