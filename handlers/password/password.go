// Package password hashes and checks passwords with argon2id, never more at a time than there are cores, so that a flood
// of sign-ins costs the rest of the site its memory and processors no more than a bounded queue does. Handlers use it, and
// the commands that make demo people.
package password

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"atrium/queries"
)

// Length of a password, in characters.
const (
	Min = 10
	Max = 200
)

// different is how many characters of a password have to be different ones.
const different = 5

// rows are characters that are neighbours on keyboards; those of alphabets need no list.
var rows = []string{"1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn"}

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
// one of the given words: the person's address, the account's name. Those that are stored already are not asked.
func Problem(password string, not ...string) string {
	seen := joiners.Replace(password)
	switch {
	case !utf8.ValidString(password) || unseen(password):
		return "This password contains characters that cannot be seen or typed again."
	case utf8.RuneCountInString(seen) < Min:
		return "Use at least 10 characters. A few words in a row are easy to remember."
	case utf8.RuneCountInString(password) > Max:
		return "Use at most 200 characters."
	case fewDifferent(seen):
		return "Use at least 5 different characters. A few words in a row are easy to remember."
	case neighbours(seen):
		return "Use something other than neighbouring characters, such as 1234567890 or qwertyuiop. A few words in a row are easy to remember."
	}
	address, err := queries.ParseEmail(seen) // addresses are kept in another form than they may be typed in
	for _, word := range not {
		word = joiners.Replace(word)
		local, _, _ := strings.Cut(word, "@")
		if strings.EqualFold(seen, word) || strings.EqualFold(seen, local) || err == nil && strings.EqualFold(address, word) {
			return "Choose something other than your address or the name of this place: it is the first thing anybody would try."
		}
	}
	return ""
}

// joiners takes out the two invisible characters that may stand in a password; what remains is what the other rules ask about.
var joiners = strings.NewReplacer("\u200c", "", "\u200d", "")

// unseen says whether a password contains what cannot be seen. The two joiners can, between visible characters: Persian and Hindi
// are written with them, and emoji are put together by them.
func unseen(password string) bool {
	last := ' '
	for _, r := range password + " " {
		joins := last == '\u200c' || last == '\u200d'
		switch {
		case r == '\u200c' || r == '\u200d':
			if joins || unicode.IsSpace(last) {
				return true
			}
		case unicode.In(r, unicode.Cc, unicode.Cf) || joins && unicode.IsSpace(r):
			return true
		}
		last = r
	}
	return false
}

// fewDifferent says whether a password repeats the same few characters, small or capital.
func fewDifferent(password string) bool {
	seen := map[rune]bool{}
	for _, r := range strings.ToLower(password) {
		seen[r] = true
	}
	return len(seen) < different
}

// neighbours says whether a password is a run of neighbours, forwards or backwards, once or again and again. Such a run of different
// characters begins anew after five at the earliest, so no more than one step in five leads elsewhere; with words it is most of them.
func neighbours(password string) bool {
	n, elsewhere, last := 0, 0, rune(0)
	for _, r := range strings.ToLower(password) {
		if n > 0 && !beside(last, r) {
			elsewhere++
		}
		n, last = n+1, r
	}
	return elsewhere*different < n
}

// beside says whether characters are the same, or neighbours in an alphabet or a row.
func beside(a, b rune) bool {
	near := func(i, j rune) bool { return -1 <= i-j && i-j <= 1 }
	return near(a, b) || slices.ContainsFunc(rows, func(row string) bool {
		i, j := strings.IndexRune(row, a), strings.IndexRune(row, b)
		return i >= 0 && j >= 0 && near(rune(i), rune(j))
	})
}
