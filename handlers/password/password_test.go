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
		{"", false}, {"123456789", false}, {"1234567890", true}, {"éééééééééé", true}, {"ééééééééé", false}, {strings.Repeat("é", 200), true}, {strings.Repeat("a", 201), false},
		{"ana.souza@example.com", false}, {"Ana.Souza@Example.COM", false}, {"ana.souza.w", false}, {"ana.souza.w2", true}, {"acme coaching", false}, {"Acme Coaching 2", true},
		{"0123456789\xff", false}, {"correct horse battery", true}, {"          ", true},
		{"Ana@Bücher.example", false}, {"ben@bücher.example", true},
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
