package queries_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
)

// second is a person with a secret, and its codes by the time.
type second struct {
	*tenant
	id uuid.UUID
}

func (a *tenant) second(email string) second {
	a.t.Helper()
	s := second{a, a.member(email, queries.StaffRoleOwner)}
	check(a.t, mails.BeginTwoFactor(a.t.Context(), a.q, s.id))
	return s
}

func (s second) row() queries.StaffTwoFactorRow {
	s.t.Helper()
	row, err := s.q.StaffTwoFactor(s.t.Context(), s.id)
	check(s.t, err)
	return row
}

func (s second) code(at time.Time) string {
	s.t.Helper()
	key, err := mails.TwoFactorKey(s.row())
	check(s.t, err)
	code, err := totp.GenerateCode(key.Secret(), at)
	check(s.t, err)
	return code
}

func (s second) confirm(code string, at time.Time) (codes []string, err error) {
	row := s.row()
	err = s.tx(func(ctx context.Context, q *queries.Queries) error {
		codes, err = mails.ConfirmTwoFactor(ctx, q, row, code, at)
		return err
	})
	return codes, err
}

// use tries a code, in a transaction of its own.
func (s second) use(code string, at time.Time) (recovery bool, err error) {
	err = s.tx(func(ctx context.Context, q *queries.Queries) error {
		row, err := q.StaffTwoFactor(ctx, s.id)
		if err != nil {
			return err
		}
		recovery, err = mails.UseCode(ctx, q, row, code, at)
		return err
	})
	return recovery, err
}

const step = 30 * time.Second

func TestTwoFactorCountsOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.second("maya@acme.test")
	if _, err := s.use(s.code(noon), noon); !errors.Is(err, queries.ErrWrongCode) {
		t.Errorf("a code before it is on: %v", err)
	}
	for _, wrong := range []string{"", "000000", s.code(noon.Add(-2 * step)), s.code(noon.Add(2 * step)), s.code(noon) + "0"} {
		if _, err := s.confirm(wrong, noon); !errors.Is(err, queries.ErrWrongCode) {
			t.Errorf("confirmed with %q: %v", wrong, err)
		}
	}
	stale, old := s.code(noon), s.row()
	check(t, mails.BeginTwoFactor(t.Context(), a.q, s.id)) // begun anew: the picture from before no longer fits
	if _, err := s.confirm(stale, noon); !errors.Is(err, queries.ErrWrongCode) {
		t.Errorf("a code of the secret before: %v", err)
	}
	if _, err := mails.ConfirmTwoFactor(t.Context(), a.q, old, stale, noon); !errors.Is(err, queries.ErrConflict) {
		t.Errorf("two windows: %v", err)
	}
	codes, err := s.confirm(" "+s.code(noon)[:3]+" "+s.code(noon)[3:], noon)
	check(t, err)
	if row := s.row(); len(codes) != queries.RecoveryCodes || row.CodesLeft != queries.RecoveryCodes || !row.TotpConfirmedAt.Equal(noon) {
		t.Errorf("%d codes, row %+v", len(codes), row)
	}
	wantErr(t, mails.BeginTwoFactor(t.Context(), a.q, s.id), queries.ErrConflict)
	if _, err := s.use(s.code(noon), noon); !errors.Is(err, queries.ErrWrongCode) {
		t.Errorf("the first code once more: %v", err)
	}
	check(t, queries.DropTwoFactor(t.Context(), a.q, s.id))
	wantErr(t, queries.DropTwoFactor(t.Context(), a.q, s.id), queries.ErrNotFound)
	if row := s.row(); row.TotpSecret != nil || row.TotpConfirmedAt != nil || row.CodesLeft != 0 {
		t.Errorf("off, it is %+v", row)
	}
}

// A code counts one step before and after its own, and no step counts twice, nor one before it.
func TestTwoFactorCodes(t *testing.T) {
	t.Parallel()
	s := newTenant(t).second("maya@acme.test")
	_, err := s.confirm(s.code(noon), noon)
	check(t, err)
	for _, c := range []struct {
		of, at time.Duration
		right  bool
	}{
		{0, step, false}, {2 * step, 0, false}, {step, 0, true}, {step, step, false}, {0, step, false},
		{3 * step, 4 * step, true}, {2 * step, 3 * step, false}, {10 * step, 12 * step, false}, {12 * step, 12*step + 29*time.Second, true},
	} {
		recovery, err := s.use(s.code(noon.Add(c.of)), noon.Add(c.at))
		if recovery || (err == nil) != c.right || err != nil && !errors.Is(err, queries.ErrWrongCode) {
			t.Errorf("the code of %v at %v: %v", c.of, c.at, err)
		}
	}
	at := noon.Add(time.Hour)
	once, right := s.code(at), 0
	for _, err := range together(8, func(int) error { _, err := s.use(once, at); return err }) {
		if err == nil {
			right++
		}
	}
	if right != 1 {
		t.Errorf("one code counted %d times", right)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, other := a.second("maya@acme.test"), a.second("ben@acme.test")
	codes, err := s.confirm(s.code(noon), noon)
	check(t, err)
	theirs, err := other.confirm(other.code(noon), noon)
	check(t, err)
	if n := read[int](a, "SELECT count(*) FROM staff_recovery_code WHERE length(code_hash) <> 32 OR code_hash = ANY($1)", [][]byte{[]byte(codes[0])}); n != 0 {
		t.Error("a code is stored as it is")
	}
	for code, right := range map[string]bool{codes[0]: true, strings.ToUpper(strings.ReplaceAll(codes[1], "-", "")): true, " " + strings.ReplaceAll(codes[2], "-", " "): true,
		theirs[0]: false, "aaaa-aaaa-aaaa-aaaa": false, codes[3][:18]: false} {
		recovery, err := s.use(code, noon)
		if right != (recovery && err == nil) || err != nil && !errors.Is(err, queries.ErrWrongCode) {
			t.Errorf("%q: %v, %v", code, recovery, err)
		}
		if _, err := s.use(code, noon); !errors.Is(err, queries.ErrWrongCode) {
			t.Errorf("%q once more: %v", code, err)
		}
	}
	if row := s.row(); row.CodesLeft != queries.RecoveryCodes-3 {
		t.Errorf("%d codes are left", row.CodesLeft)
	}
	right := 0
	for _, err := range together(8, func(int) error { _, err := s.use(codes[4], noon); return err }) {
		if err == nil {
			right++
		}
	}
	if right != 1 {
		t.Errorf("one code counted %d times", right)
	}
	fresh, err := queries.RenewRecoveryCodes(t.Context(), a.q, s.id)
	check(t, err)
	if _, err := s.use(codes[5], noon); !errors.Is(err, queries.ErrWrongCode) {
		t.Errorf("a replaced code: %v", err)
	}
	_, err = s.use(fresh[0], noon)
	check(t, err)
}

// The secret is of no use to whoever has only the rows, nor in another row.
func TestTwoFactorSecretIsSealed(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, other := a.second("maya@acme.test"), a.second("ben@acme.test")
	row, theirs := s.row(), other.row()
	if len(row.TotpSecret) != 12+20+16 {
		t.Errorf("%d bytes are stored", len(row.TotpSecret))
	}
	moved, changed := row, row
	moved.ID = theirs.ID
	changed.TotpSecret = append([]byte{row.TotpSecret[0] ^ 1}, row.TotpSecret[1:]...)
	for name, row := range map[string]queries.StaffTwoFactorRow{"moved": moved, "changed": changed, "none": {ID: row.ID}} {
		if _, err := mails.TwoFactorKey(row); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
	if _, err := (queries.MailMaker{Secret: queries.NewSecret("another secret")}).TwoFactorKey(row); err == nil {
		t.Error("it opens with another SECRET")
	}
	key, err := mails.TwoFactorKey(row)
	if err != nil || key.Issuer() != "Atrium" || key.AccountName() != "maya@acme.test" || len(key.Secret()) != 32 {
		t.Errorf("the key is %v, %v", key, err)
	}
}

// A proof without the second factor of whoever has one opens a session that waits, and not for long; a new password is no way
// around it.
func TestSessionsWaitForTheSecondFactor(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.second("maya@acme.test")
	in := func(given bool) (queries.StaffSessionByTokenRow, string) {
		t.Helper()
		si := queries.StaffSignIn{StaffID: s.id, Token: queries.NewToken(), CodeGiven: given, Visit: a.signIn(noon).Visit}
		waits, err := queries.SignInStaff(t.Context(), a.q, si)
		check(t, err)
		row, err := a.staffSession(si.Token, noon)
		check(t, err)
		if waits != row.WaitsForCode {
			t.Errorf("told %v, the row says %v", waits, row.WaitsForCode)
		}
		return row, si.Token
	}
	if row, _ := in(false); row.WaitsForCode || row.TwoFactor { // begun, and not confirmed
		t.Errorf("a secret without a first code is asked for: %+v", row)
	}
	_, err := s.confirm(s.code(noon), noon)
	check(t, err)
	if row, _ := in(true); row.WaitsForCode || !row.TwoFactor {
		t.Errorf("with both factors: %+v", row)
	}
	row, token := in(false)
	if !row.WaitsForCode {
		t.Error("with one factor it does not wait")
	}
	if _, err := a.staffSession(token, noon.Add(queries.CodeWait)); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("it waits too long: %v", err)
	}
	token, err = a.setPassword(a.reset("maya@acme.test"), "", "another hash", noon)
	check(t, err)
	if row, err := a.staffSession(token, noon); err != nil || !row.WaitsForCode {
		t.Errorf("after a new password: %+v, %v", row, err)
	}
}

// Whoever lost phone and codes is let in again by who runs the installation, and each account they are in can read so.
func TestDropLostTwoFactor(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.second("maya@acme.test")
	a.another("lumen").addStaff("maya@acme.test", queries.StaffRoleAdmin)
	drop := func(email string) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			return queries.DropLostTwoFactor(ctx, q, email, noon)
		})
	}
	for _, email := range []string{"nobody@acme.test", "maya@acme.test"} { // begun, and not on
		wantErr(t, drop(email), queries.ErrNotFound)
	}
	_, err := s.confirm(s.code(noon), noon)
	check(t, err)
	check(t, drop("MAYA@acme.test"))
	if row := s.row(); row.TotpConfirmedAt != nil || row.CodesLeft != 0 {
		t.Errorf("it is %+v", row)
	}
	if n := read[int](a, "SELECT count(*) FROM audit WHERE action = 'staff.two_factor_off' AND staff_id IS NULL AND subject_id = $1", s.id); n != 2 {
		t.Errorf("%d lines in the trails of two accounts", n)
	}
	if n := read[int](a, "SELECT count(*) FROM staff_session WHERE ended_at IS NULL"); n != 0 {
		t.Errorf("%d sessions stay open", n)
	}
}
