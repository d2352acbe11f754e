package config_test

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	"atrium/cmd/internal/config"
)

// README promises what can be set, so it has to tell all there is and nothing else. The message is the table to paste.
func TestReadmeTellsTheVariables(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	table := readmeTable()
	if !strings.Contains(string(readme), "\n"+table+"\n") {
		t.Errorf("README lacks this table of the configuration, as it is here:\n\n%s", table)
	}
}

// readmeTable is a line for each variable: its name, unit and default, a dash where it has none, and its meaning, with the
// values there are, and marked when it can come as a file.
func readmeTable() string {
	var table strings.Builder
	table.WriteString("| name | unit | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, v := range config.Variables() {
		initial, meaning := "—", v.Meaning
		if v.Default != "" {
			initial = "`" + v.Default + "`"
		}
		if v.Allowed != "" {
			meaning += " One of `" + strings.ReplaceAll(v.Allowed, ", ", "`, `") + "`."
		}
		if v.Secret {
			meaning += " *secret*"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", v.Name, cmp.Or(v.Unit, "—"), initial, meaning)
	}
	return table.String()
}

// What the table is made of.
func TestEveryVariableIsDocumented(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range config.Variables() {
		if v.Name == "" || seen[v.Name] || strings.ToUpper(v.Name) != v.Name {
			t.Errorf("%q is no name, or stands there twice", v.Name)
		}
		seen[v.Name] = true
		if !strings.HasSuffix(v.Meaning, ".") || strings.ContainsAny(v.Meaning, "|\n") {
			t.Errorf("%s: %q is not a sentence for a table", v.Name, v.Meaning)
		}
		if v.Allowed != "" && !strings.Contains(", "+v.Allowed+",", ", "+v.Default+",") {
			t.Errorf("%s: the default %q is not one of %s", v.Name, v.Default, v.Allowed)
		}
	}
}
