package queries_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// The limits are promised in README, so it has to tell those there are.
func TestReadmeTellsTheLimits(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	check(t, err)
	var table strings.Builder
	table.WriteString("| action | times | per |\n| --- | --- | --- |\n")
	for _, limit := range queries.Limits {
		fmt.Fprintf(&table, "| %s | %d | %s |\n", limit.Action, limit.Times, inWords(limit.Per))
	}
	if !strings.Contains(string(readme), "\n"+table.String()+"\n") {
		t.Errorf("README lacks this table of the limits, as it is here:\n\n%s", table.String())
	}
}

func inWords(d time.Duration) string {
	if d == time.Hour {
		return "1 hour"
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}

// The order of README is the order of Limits; each of them is told once.
func TestLimits(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, limit := range queries.Limits {
		if seen[limit.Action] {
			t.Errorf("%s stands there twice: the two would count as one", limit.Action)
		}
		if seen[limit.Action] = true; limit.Times < 1 || limit.Per < time.Second || limit.Per%(time.Duration(limit.Times)*time.Microsecond) != 0 {
			t.Errorf("%+v cannot be counted in whole microseconds", limit)
		}
	}
}
