package queries

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Secret is what tokens and codes of mails are derived from. Only their hashes (or nothing at all) are stored, and a job
// holds only ids; so neither a copy of the database nor the queue lets anybody in, and a mail that is tried again carries
// the same link as before.
type Secret struct{ key [sha256.Size]byte }

// NewSecret makes the secret from the configured text, of any length.
func NewSecret(text string) Secret { return Secret{sha256.Sum256([]byte("atrium secret\x00" + text))} }

// Fingerprint tells two secrets apart without giving either away.
func (s Secret) Fingerprint() []byte { return s.derive("fingerprint", uuid.Nil) }

// KnownFingerprint is that of the secret a database was first used with; nil: it was not used yet, or has no tables of ours.
func KnownFingerprint(ctx context.Context, db DB) ([]byte, error) {
	known, err := New(db).InstallationFingerprint(ctx)
	var refused *pgconn.PgError
	if errors.Is(err, pgx.ErrNoRows) || errors.As(err, &refused) && refused.Code == "42P01" { // undefined_table
		return nil, nil
	}
	return known, err
}

// LinkToken is the 256-bit token in the path of a magic link.
func (s Secret) LinkToken(link uuid.UUID) string { return encode(s.derive("magic link", link)) }

// StaffLinkToken is the 256-bit token in the path of a staff link.
func (s Secret) StaffLinkToken(link uuid.UUID) string { return encode(s.derive("staff link", link)) }

// FormToken is the 256-bit token in the path of the link that confirms a form's submission.
func (s Secret) FormToken(submission uuid.UUID) string { return encode(s.derive("form", submission)) }

// OfferToken is the 256-bit token in the path of the link that gives somebody an offer.
func (s Secret) OfferToken(claim uuid.UUID) string { return encode(s.derive("offer", claim)) }

// StopToken is what stands in the path with which a contact ends the mails nobody asked for. It is good for ever, as the mail it
// stands in may be kept.
func (s Secret) StopToken(contact uuid.UUID) string { return s.proven("stop", contact) }

// ParseStopToken returns the contact of a stop token; ErrNotFound when it is none of ours.
func (s Secret) ParseStopToken(token string) (contact uuid.UUID, err error) {
	return s.parseProven("stop", token)
}

// PayToken is what stands in the path of the page that shows one invoice to whoever has the link. It lets nobody in and is good
// for ever: an invoice stays with who was asked to pay it.
func (s Secret) PayToken(invoice uuid.UUID) string { return s.proven("pay", invoice) }

// ParsePayToken returns the invoice of a pay token; ErrNotFound when it is none of ours.
func (s Secret) ParsePayToken(token string) (invoice uuid.UUID, err error) {
	return s.parseProven("pay", token)
}

// proof is how many bytes prove a token that carries its id: 128 bits.
const proof = 16

// proven is an id with a proof that it came from here, for one use.
func (s Secret) proven(use string, id uuid.UUID) string {
	return encode(append(id[:], s.derive(use, id)[:proof]...))
}

// parseProven compares texts and not what they decode to: base64 passes over line ends and the spare bits of the last letter, which
// would make one token many.
func (s Secret) parseProven(use, token string) (id uuid.UUID, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != len(id)+proof {
		return uuid.Nil, ErrNotFound
	}
	copy(id[:], raw)
	if !hmac.Equal([]byte(token), []byte(s.proven(use, id))) {
		return uuid.Nil, ErrNotFound
	}
	return id, nil
}

// EmailChangeToken is the 256-bit token in the link by which a new address confirms a change to it.
func (s Secret) EmailChangeToken(change uuid.UUID) string {
	return encode(s.derive("email change", change))
}

// EmailUndoToken is the 256-bit token in the link by which an old address undoes a change away from it.
func (s Secret) EmailUndoToken(change uuid.UUID) string {
	return encode(s.derive("email undo", change))
}

// Code is the six-digit code of a sign-in request.
func (s Secret) Code(request uuid.UUID) string {
	// 64 bits over a million: the bias is below one in 10^13.
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(s.derive("code", request))%1_000_000)
}

// Seal encrypts what is kept for a row, so that a copy of the database gives it away as little as the tokens. The id is bound
// to it: moved to another row it does not open.
func (s Secret) Seal(id uuid.UUID, open []byte) ([]byte, error) {
	box, err := s.box()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	rand.Read(nonce) // never fails, see crypto/rand
	return box.Seal(nonce, nonce, open, id[:]), nil
}

// Unseal is the other way round; an error when it was sealed for another row, with another secret, or changed since.
func (s Secret) Unseal(id uuid.UUID, sealed []byte) ([]byte, error) {
	box, err := s.box()
	if err != nil {
		return nil, err
	}
	if len(sealed) < box.NonceSize() {
		return nil, errors.New("too short to have been sealed")
	}
	return box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], id[:])
}

// box is AES-256-GCM.
func (s Secret) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.derive("seal", uuid.Nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (s Secret) derive(use string, id uuid.UUID) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(use))
	mac.Write([]byte{0})
	mac.Write(id[:])
	return mac.Sum(nil)
}

// NewToken makes a random 256-bit token: the value of a session's or browser's cookie.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return encode(b[:])
}

// TokenHash is how a token is stored: its SHA-256.
func TokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
