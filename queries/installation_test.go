package queries_test

import (
	"bytes"
	"testing"

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
