// Package password hashes and checks passwords with argon2id, never more at a time than there are cores, so that a flood
// of sign-ins costs the rest of the site its memory and processors no more than a bounded queue does. Handlers use it, and
// the commands that make demo people.
package password

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"atrium/queries"
)

// Length of a password, in characters.
const (
	Min = 10
	Max = 200
)

// ErrBusy says that too many passwords wait to be checked already; the person may try again in a moment.
var ErrBusy = errors.New("password: too many at once")

// params are those of OWASP's password storage cheat sheet for argon2id: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobody is what the password of an unknown address is compared with, so that it takes as long as a known one's. It stands here
// because making it cost every start of the program, and every command, as much as a sign-in does.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$KKQvbEn9mDIqz5vXxlhhCQ$ASwOfLsAcfxi9iOhYMg3m83kbIekf4zrrT147xKkO+Y"

// Hasher limits how many passwords are hashed at a time.
type Hasher struct {
	working, waiting chan struct{}
}

// NewHasher makes a hasher that works on one password a core; 16 more a core wait, and beyond that ErrBusy is the answer.
func NewHasher() *Hasher {
	cores := runtime.GOMAXPROCS(0)
	return &Hasher{working: make(chan struct{}, cores), waiting: make(chan struct{}, 17*cores)}
}

func (h *Hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.waiting <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case h.working <- struct{}{}:
		return func() { <-h.working; <-h.waiting }, nil
	case <-ctx.Done():
		<-h.waiting
		return nil, ErrBusy
	}
}

// Hash is how a password is stored.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return argon2id.CreateHash(password, params)
}

// Matches says whether the password is the hashed one. With a nil hash (an unknown address, or somebody who signs in by link
// only) it takes the same time and says no.
func (h *Hasher) Matches(ctx context.Context, password string, hash *string) (bool, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	against := nobody
	if hash != nil {
		against = *hash
	}
	match, err := argon2id.ComparePasswordAndHash(password, against)
	return match && hash != nil, err
}

// Problem says what is wrong with a new password, in a sentence for the person; empty when it can be taken. It may not be
// one of the given words: the person's address, the account's name.
func Problem(password string, not ...string) string {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "This password contains characters that cannot be typed again."
	case n < Min:
		return "Use at least 10 characters. A few words in a row are easy to remember."
	case n > Max:
		return "Use at most 200 characters."
	}
	address, err := queries.ParseEmail(password) // addresses are kept in another form than they may be typed in
	for _, word := range not {
		local, _, _ := strings.Cut(word, "@")
		if strings.EqualFold(password, word) || strings.EqualFold(password, local) || err == nil && strings.EqualFold(address, word) {
			return "Choose something other than your address or the name of this place: it is the first thing anybody would try."
		}
	}
	return ""
}
