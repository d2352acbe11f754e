package queries

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// CodeWait is how long after the right password a session waits for the second factor.
const CodeWait = 10 * time.Minute

// RecoveryCodes is how many recovery codes somebody gets at a time.
const RecoveryCodes = 10

const (
	codePeriod = 30 // seconds that a code counts for, of RFC 6238
	codeSkew   = 1  // steps that a clock may be off by, both ways
)

// ErrWrongCode says that a code is not that of the second factor, or was used before.
var ErrWrongCode = errors.New("wrong code")

// BeginTwoFactor gives a person a new secret, which counts only once a first code of it was right. ErrConflict when they have a
// second factor on already.
func (m MailMaker) BeginTwoFactor(ctx context.Context, q *Queries, staff uuid.UUID) error {
	secret := make([]byte, 20) // as RFC 4226 recommends
	rand.Read(secret)          // never fails, see crypto/rand
	sealed, err := m.Secret.Seal(staff, secret)
	if err != nil {
		return err
	}
	n, err := q.StaffSetTwoFactorSecret(ctx, StaffSetTwoFactorSecretParams{ID: staff, TotpSecret: sealed})
	if err == nil && n == 0 {
		return ErrConflict
	}
	return err
}

// TwoFactorKey is a person's secret as authenticator apps take it. Error when there is none, or SECRET has changed.
func (m MailMaker) TwoFactorKey(row StaffTwoFactorRow) (*otp.Key, error) {
	secret, err := m.Secret.Unseal(row.ID, row.TotpSecret)
	if err != nil {
		return nil, err
	}
	return totp.Generate(totp.GenerateOpts{Issuer: "Atrium", AccountName: row.Email, Secret: secret})
}

// ConfirmTwoFactor turns the second factor on when the code is right, and returns the recovery codes, which nobody sees again.
func (m MailMaker) ConfirmTwoFactor(ctx context.Context, q *Queries, row StaffTwoFactorRow, code string, now time.Time) (codes []string, err error) {
	step, err := m.step(row, code, now)
	if err != nil {
		return nil, err
	}
	n, err := q.StaffConfirmTwoFactor(ctx, StaffConfirmTwoFactorParams{ID: row.ID, TotpSecret: row.TotpSecret, Step: step, Now: now})
	if err != nil {
		return nil, err
	} else if n == 0 {
		return nil, ErrConflict
	}
	return RenewRecoveryCodes(ctx, q, row.ID)
}

// UseCode uses up a code of a person whose second factor is on: one of their app, or a recovery code. ErrWrongCode otherwise.
func (m MailMaker) UseCode(ctx context.Context, q *Queries, row StaffTwoFactorRow, code string, now time.Time) (recovery bool, err error) {
	if row.TotpConfirmedAt == nil {
		return false, ErrWrongCode
	}
	var n int64
	if recovery = isRecoveryCode(code); recovery {
		n, err = q.StaffRecoveryCodeUse(ctx, StaffRecoveryCodeUseParams{StaffID: row.ID, CodeHash: recoveryHash(row.ID, code), Now: now})
	} else {
		var step int64
		if step, err = m.step(row, code, now); err != nil {
			return false, err
		}
		n, err = q.StaffUseTwoFactorStep(ctx, StaffUseTwoFactorStepParams{ID: row.ID, Step: step})
	}
	if err == nil && n == 0 {
		err = ErrWrongCode
	}
	return recovery, err
}

// step is the 30-second step that a code is of; ErrWrongCode when it is of none that counts now.
func (m MailMaker) step(row StaffTwoFactorRow, code string, now time.Time) (int64, error) {
	key, err := m.TwoFactorKey(row)
	if err != nil {
		return 0, err
	}
	code = strings.Join(strings.Fields(code), "")
	current := now.Unix() / codePeriod
	for step := current - codeSkew; step <= current+codeSkew; step++ {
		right, err := totp.GenerateCodeCustom(key.Secret(), time.Unix(step*codePeriod, 0),
			totp.ValidateOpts{Period: codePeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, err
		}
		if step > row.TotpStep && subtle.ConstantTimeCompare([]byte(code), []byte(right)) == 1 {
			return step, nil
		}
	}
	return 0, ErrWrongCode
}

// RenewRecoveryCodes replaces a person's recovery codes by new ones.
func RenewRecoveryCodes(ctx context.Context, q *Queries, staff uuid.UUID) (codes []string, err error) {
	hashes := make([][]byte, RecoveryCodes)
	for i := range hashes {
		codes = append(codes, newRecoveryCode())
		hashes[i] = recoveryHash(staff, codes[i])
	}
	if err := q.StaffRecoveryCodeDelete(ctx, staff); err != nil {
		return nil, err
	}
	return codes, q.StaffRecoveryCodeInsert(ctx, StaffRecoveryCodeInsertParams{StaffID: staff, CodeHashes: hashes})
}

// DropTwoFactor turns a person's second factor off. ErrNotFound when it was not on.
func DropTwoFactor(ctx context.Context, q *Queries, staff uuid.UUID) error {
	n, err := q.StaffDropTwoFactor(ctx, staff)
	if err != nil {
		return err
	} else if n == 0 {
		return ErrNotFound
	}
	return q.StaffRecoveryCodeDelete(ctx, staff)
}

var recoveryForm = regexp.MustCompile(`^[a-z2-7]{16}$`)

// plainRecoveryCode is a recovery code as it counts, however it was typed.
func plainRecoveryCode(typed string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r == '-' || r == ' ' }), ""))
}

func isRecoveryCode(typed string) bool { return recoveryForm.MatchString(plainRecoveryCode(typed)) }

// newRecoveryCode is 80 random bits in four groups, such as k3jw-7qzn-a2dm-x5ty.
func newRecoveryCode() string {
	var b [10]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	text := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
}

// recoveryHash is how a recovery code is stored; 80 random bits need no slow hash.
func recoveryHash(staff uuid.UUID, code string) []byte {
	sum := sha256.Sum256([]byte(staff.String() + " " + plainRecoveryCode(code)))
	return sum[:]
}

// DropLostTwoFactor turns off the second factor of somebody who lost it, on the word of whoever runs the installation, and ends
// their sessions. ErrNotFound when nobody has the address, or no second factor.
func DropLostTwoFactor(ctx context.Context, q *Queries, email string, now time.Time) error {
	person, err := q.StaffByEmail(ctx, email)
	if err != nil {
		return err
	}
	if err := DropTwoFactor(ctx, q, person.ID); err != nil {
		return err
	}
	if _, err := q.StaffSessionEndOthers(ctx, StaffSessionEndOthersParams{StaffID: person.ID, But: uuid.Nil, Now: now, EndedBecause: EndReasonRevoked}); err != nil {
		return err
	}
	accounts, err := q.StaffAccountList(ctx, person.ID)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := Audit(ctx, q, AuditEntry{AccountID: account, At: now, Actor: "Atrium, on the command line", Action: "staff.two_factor_off",
			On: AuditSubject{Kind: "staff", ID: &person.ID, Name: cmp.Or(person.Name, person.Email)}}); err != nil {
			return err
		}
	}
	return nil
}
