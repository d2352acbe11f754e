package queries

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

// Secret is what tokens and codes of mails are derived from. Only their hashes (or nothing at all) are stored, and a job
// holds only ids; so neither a copy of the database nor the queue lets anybody in, and a mail that is tried again carries
// the same link as before.
type Secret struct{ key [sha256.Size]byte }

// NewSecret makes the secret from the configured text, of any length.
func NewSecret(text string) Secret { return Secret{sha256.Sum256([]byte("atrium secret\x00" + text))} }

// Fingerprint tells two secrets apart without giving either away.
func (s Secret) Fingerprint() []byte { return s.derive("fingerprint", uuid.Nil) }

// LinkToken is the 256-bit token in the path of a magic link.
func (s Secret) LinkToken(link uuid.UUID) string { return encode(s.derive("magic link", link)) }

// StaffLinkToken is the 256-bit token in the path of a staff link.
func (s Secret) StaffLinkToken(link uuid.UUID) string { return encode(s.derive("staff link", link)) }

// Code is the six-digit code of a sign-in request.
func (s Secret) Code(request uuid.UUID) string {
	// 64 bits over a million: the bias is below one in 10^13.
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(s.derive("code", request))%1_000_000)
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
