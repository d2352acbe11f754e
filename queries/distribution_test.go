package queries_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"atrium/queries/dbtest"
)

// undistributed is what of the schema does not fit tables that are distributed by account_id, each with what would become of it. The
// README tells the same, under "Beyond one PostgreSQL".
var undistributed = map[string]string{
	"table account":               "copied to every node",
	"table goose_db_version":      "stays with the coordinator",
	"table installation":          "stays with the coordinator",
	"table staff":                 "copied to every node",
	"table staff_link":            "copied to every node",
	"table staff_recovery_code":   "stays with the coordinator, as do the sessions of staff",
	"table staff_reset":           "stays with the coordinator",
	"table staff_session":         "stays with the coordinator",
	"table stripe_event":          "stays with the coordinator: an event is taken before anybody knows whose it is",
	"table stripe_reconciliation": "stays with the coordinator",
	"unique domain_verified_host": "a host is one account's in the whole installation: a copied table of hosts keeps that",
	"trigger domain_changed":      "goes with the table of hosts",
	"trigger audit_stays":         "made on every shard, or the role is not given the right",
	"trigger access_grant_stays":  "made on every shard",
}

// Every table of accounts can be distributed by account_id: it leads the primary key and is part of whatever is unique and of every
// reference to another such table. What is not so is listed, with a reason, and nothing is listed that is so.
func TestTablesCanBeDistributedByAccount(t *testing.T) {
	t.Parallel()
	found := pairs(t, dbtest.New(t), `
		WITH ours AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'),
		shared AS (SELECT oid, relname FROM ours WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = ours.oid AND a.attname = 'account_id' AND NOT a.attisdropped)),
		own AS (SELECT ours.oid, ours.relname, a.attnum FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attname = 'account_id' AND NOT a.attisdropped)
		SELECT 'table ' || relname, 'no account_id' FROM shared
		UNION ALL SELECT 'table ' || relname, 'no primary key that account_id leads' FROM own
			WHERE NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = own.oid AND x.indisprimary AND x.indkey[0] = own.attnum)
		UNION ALL SELECT 'unique ' || i.relname, pg_get_indexdef(i.oid) FROM own JOIN pg_index x ON x.indrelid = own.oid AND x.indisunique JOIN pg_class i ON i.oid = x.indexrelid
			WHERE own.attnum <> ALL (x.indkey)
		UNION ALL SELECT 'reference ' || c.conname, pg_get_constraintdef(c.oid) FROM own JOIN pg_constraint c ON c.conrelid = own.oid AND c.contype = 'f'
			WHERE c.confrelid NOT IN (SELECT oid FROM shared) AND own.attnum <> ALL (c.conkey)
		UNION ALL SELECT 'reference ' || c.conname, pg_get_constraintdef(c.oid) FROM shared JOIN pg_constraint c ON c.conrelid = shared.oid AND c.contype = 'f'
			WHERE c.confrelid IN (SELECT oid FROM own)
		UNION ALL SELECT 'trigger ' || tgname, pg_get_triggerdef(t.oid) FROM own JOIN pg_trigger t ON t.tgrelid = own.oid WHERE NOT tgisinternal`)
	for _, what := range slices.Sorted(maps.Keys(found)) {
		if undistributed[what] == "" {
			t.Errorf("%s could not be distributed by account_id: %s", what, found[what])
		}
	}
	readme, err := os.ReadFile("../README.md")
	check(t, err)
	_, section, _ := strings.Cut(string(readme), "\n### Beyond one PostgreSQL\n")
	section, _, _ = strings.Cut(section, "\n### ")
	for _, what := range slices.Sorted(maps.Keys(undistributed)) {
		if found[what] == "" {
			t.Errorf("%s is listed and fits", what)
		}
		if _, name, _ := strings.Cut(what, " "); !strings.Contains(section, "`"+name+"`") {
			t.Errorf("README does not tell of the %s", what)
		}
	}
}
