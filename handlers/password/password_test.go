package password

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	const right = "correct horse battery"
	hash, err := h.Hash(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(hash, want) {
		t.Errorf("stored as %s, want %s…", hash, want)
	}
	again, err := h.Hash(t.Context(), right)
	if err != nil || again == hash {
		t.Errorf("hashed twice it is the same: %v", err)
	}
	broken, empty := "$argon2id$v=19$m=19456", ""
	for _, c := range []struct {
		name, typed string
		hash        *string
		right, fail bool
	}{
		{"right", right, &hash, true, false},
		{"right, hashed at another time", right, &again, true, false},
		{"wrong", right + " ", &hash, false, false},
		{"other case", strings.ToUpper(right), &hash, false, false},
		{"empty", "", &hash, false, false},
		{"of somebody without one", right, nil, false, false},
		{"what nobody's is", "nobody has this password", nil, false, false},
		{"a hash that is none", right, &broken, false, true},
		{"an empty hash", right, &empty, false, true},
	} {
		got, err := h.Matches(t.Context(), c.typed, c.hash)
		if got != c.right || (err != nil) != c.fail {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		password string
		taken    bool
	}{
		{"", false}, {"123456789", false}, {"héllö wörl", true}, {"héllö wör", false}, {strings.Repeat("né wö", 40), true}, {strings.Repeat("né wö", 40) + "!", false},
		{"ana.souza@example.com", false}, {"Ana.Souza@Example.COM", false}, {"ana.souza.w", false}, {"ana.souza.w2", true}, {"acme coaching", false}, {"Acme Coaching 2", true},
		{"0123456789\xff", false}, {"correct horse battery", true}, {"welcome-to-atrium", true}, {"seven quiet harbours", true}, {"nine blue kayaks", true}, {"Tr0ub4dor&3", true}, {"пять зелёных", true}, {"春夏秋冬山川草木花鳥", true}, {"🦊🐻 🐼🐨 🦁🐮 🐷", true},
		{"            ", false}, {"aaaaaaaaaaaa", false}, {"éééééééééé", false}, {"AaAaBbBbCcCc", false}, {"seven seven seven", true}, {"a1b2a1b2a1b2", false},
		{"1234567890", false}, {"0987654321", false}, {"12345678901234567890", false}, {"12345123451", false}, {"1234554321", false}, {"112233445566", false}, {"34567890123", false}, {"1234567890!", false},
		{"abcdefghij", false}, {"jihgfedcba", false}, {"AbcdeAbcdeA", false}, {"абвгдежзик", false}, {"qwertyuiop", false}, {"POIUYTREWQ", false}, {"qwertzuiop", false}, {"azertyuiop", false}, {"asdfghjklasdfghjkl", false}, {"zxcvbnmzxcvbnm", false},
		{"qwerty12345", false}, {"1234567890 is a way to count", true}, {"my abcdefgh song", true},
		{strings.Repeat("\u202e", 10), false}, {strings.Repeat("\x00", 12), false}, {"correct\u200bhorse", false}, {"correct\thorse", false}, {"correct\x7fhorse", false}, {"correct horse\u00ad", false}, {"correct\u0085horse", false}, {"correct\u00a0horse", true},
		{"می\u200cخواهم بروم", true}, {"क्\u200dषण भर रुको", true}, {"👩\u200d🚀❤\ufe0f\u200d🔥👩\u200d🌾🦊🐻🐼", true}, {"correct\u200dhorse", true}, {"correct\u200c\u200dhorse", false}, {"correct\u200d\u200dhorse", false},
		{"\u200dcorrect horse", false}, {"correct horse\u200c", false}, {"correct \u200chorse", false}, {"correct\u200c horse", false}, {"correct\u2003\u200dhorse", false}, {"correct\u200c\u200bhorse", false}, {strings.Repeat("\u200d", 12), false},
		{"aé\u200cb\u200cc\u200cd\u200ce\u200cf\u200cg", false}, {"1\u200c2\u200c3\u200c4\u200c5\u200c6\u200c7\u200c8\u200c9\u200c0", false}, {"aaa\u200cbbb\u200dccc\u200cddd", false}, {"ac\u200cme coaching", false}, {"ana.souza\u200d@example.com", false},
		{strings.Repeat("né wö", 36) + strings.Repeat("é\u200cx", 7), false}, {"Ana@B\u200cücher.example", false}, {"Ana@Bücher.example", false}, {"ben@bücher.example", true},
	} {
		if problem := Problem(c.password, "ana.souza@example.com", "Acme Coaching", "ana.souza.w@example.com", "ana@xn--bcher-kva.example"); (problem == "") != c.taken {
			t.Errorf("%q: %q", c.password, problem)
		}
	}
}

// As many are hashed at a time as there are cores, sixteen more a core wait, and whoever comes then is asked to come again.
func TestBusy(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	var leave []func()
	for range runtime.GOMAXPROCS(0) {
		out, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, out)
	}
	waiting, cancel := context.WithCancel(t.Context())
	gaveUp, came := make(chan error), 16*runtime.GOMAXPROCS(0)
	for range came {
		go func() {
			_, err := h.enter(waiting)
			gaveUp <- err
		}()
	}
	for len(h.waiting) < cap(h.waiting) {
		runtime.Gosched()
	}
	if _, err := h.Hash(t.Context(), "correct horse battery"); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond the queue: %v", err)
	}
	if _, err := h.Matches(t.Context(), "correct horse battery", nil); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond the queue: %v", err)
	}
	cancel()
	for range came {
		if err := <-gaveUp; !errors.Is(err, ErrBusy) {
			t.Errorf("who goes while waiting: %v", err)
		}
	}
	for _, out := range leave {
		out()
	}
	if right, err := h.Matches(t.Context(), "correct horse battery", nil); right || err != nil {
		t.Errorf("afterwards: %v, %v", right, err)
	}
}

// An unknown address is compared with a hash like those that are made now.
func TestNobodyCostsWhatOthersDo(t *testing.T) {
	t.Parallel()
	now, salt, key, err := argon2id.DecodeHash(nobody)
	if err != nil || *now != *params {
		t.Errorf("nobody's hash has %+v, others have %+v; %v", now, params, err)
	}
	if len(salt) != int(params.SaltLength) || len(key) != int(params.KeyLength) {
		t.Errorf("%d bytes of salt, %d of key", len(salt), len(key))
	}
	if match, err := argon2id.ComparePasswordAndHash("nobody has this password", nobody); !match || err != nil {
		t.Errorf("the hash is of another password: %v", err)
	}
}

// What an unknown address costs is what a known one costs.
func BenchmarkMatches(b *testing.B) {
	h := NewHasher()
	hash, err := h.Hash(b.Context(), "correct horse battery")
	if err != nil {
		b.Fatal(err)
	}
	for name, stored := range map[string]*string{"known": &hash, "unknown": nil} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.Matches(b.Context(), "not the password", stored); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
