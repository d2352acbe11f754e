package queries_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// Programs with different secrets may start at once on a new database: one secret stands, and all of them see which.
func TestInstallationClaim(t *testing.T) {
	t.Parallel()
	a, seen := newTenant(t), make([][]byte, 10)
	for i, err := range together(len(seen), func(i int) (err error) {
		fingerprint := queries.NewSecret(string(rune('a' + i%3))).Fingerprint()
		seen[i], err = a.q.InstallationClaim(t.Context(), queries.InstallationClaimParams{SecretFingerprint: fingerprint, Now: noon})
		return err
	}) {
		if err != nil || !bytes.Equal(seen[i], seen[0]) || len(seen[0]) == 0 {
			t.Errorf("program %d sees %x, the first %x, %v", i, seen[i], seen[0], err)
		}
	}
}

// The figure for alarms counts a mail from when it was made until it is sent or given up, whatever its account, and forgets what no job
// is left for.
func TestOldestMail(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	waits := func(want time.Duration) {
		t.Helper()
		state, err := queries.ReadInstallation(t.Context(), a.pool, noon.Add(999))
		if err != nil || state.Waits != want {
			t.Errorf("waits %v, %v; want %v", state.Waits, err, want)
		}
	}
	waits(0)
	for ago, is := range map[time.Duration]string{time.Minute: "queued", 3 * time.Minute: "deferred", 5 * time.Hour: "sent", 8 * 24 * time.Hour: "queued"} {
		of, made := a.another(is+fmt.Sprint(int(ago.Minutes()))), noon.Add(-ago)
		id := uuid.Must(uuid.NewV7())
		binary.BigEndian.PutUint64(id[:8], uint64(made.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(id[6:8])))
		of.exec("INSERT INTO mail (account_id, id, kind, contact_id, to_email, message_id, state, created_at, changed_at) VALUES ($1, $2, 'welcome', $3, 'ana@example.com', $2::uuid::text, $4, $5, $5)",
			of.id, id, of.contact("ana@example.com"), is, made)
	}
	waits(3 * time.Minute)
	a.exec("UPDATE mail SET state = 'failed' WHERE state = 'deferred'")
	waits(time.Minute)
	a.exec("UPDATE mail SET state = 'sent'")
	waits(0)
}
