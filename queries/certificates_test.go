package queries_test

import (
	"regexp"
	"testing"

	"atrium/queries"
)

func TestCertificateNumbers(t *testing.T) {
	t.Parallel()
	form, seen := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$`), map[string]bool{}
	for range 2000 {
		n := queries.NewCertificateNumber()
		if seen[n] || !form.MatchString(n) || queries.ParseCertificateNumber(n) != n {
			t.Errorf("%s is not a number, or not a new one", n)
		}
		seen[n] = true
	}
	for typed, want := range map[string]string{
		"7kq4-m2zd-9f": "7KQ4-M2ZD-9F", " 7KQ4 M2ZD 9F ": "7KQ4-M2ZD-9F", "7KQ4M2ZD9F": "7KQ4-M2ZD-9F", "OIL4-M2ZD-9F": "0114-M2ZD-9F",
		"": "????-????-??", "7KQ4-M2ZD-9": "????-????-??", "7KQ4-M2ZD-9FF": "????-????-??", "7KQ4-M2ZD-9U": "????-????-??", "7KQ4_M2ZD_9F": "????-????-??", "\x00": "????-????-??",
	} {
		if got := queries.ParseCertificateNumber(typed); got != want {
			t.Errorf("%q is read as %s, want %s", typed, got, want)
		}
	}
}

// Whatever comes to point at stored files has to be looked at by file_shown, or the clean-up takes its files away.
func TestEverythingThatShowsFilesIsKnown(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	rows, err := a.pool.Query(t.Context(), "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid = 'stored_file'::regclass ORDER BY conname")
	check(t, err)
	defer rows.Close()
	known := map[string]bool{"lesson_file_file_fkey": true, "lesson_video_file_fkey": true}
	for rows.Next() {
		var name string
		check(t, rows.Scan(&name))
		if !known[name] {
			t.Errorf("%s points at stored files, and file_shown does not ask it", name)
		}
		delete(known, name)
	}
	if check(t, rows.Err()); len(known) > 0 {
		t.Errorf("not found: %v", known)
	}
}
