package main

import (
	"fmt"

	"atrium/queries"
)

type migrateCmd struct{}

// Run migrates; serve and work do the same when they start.
func (*migrateCmd) Run(e *env) error {
	c, err := e.read()
	if err != nil {
		return err
	}
	d, err := openDatabase(e, c, newLog(c), nil, true)
	if err != nil {
		return err
	}
	defer d.close(e)
	e.tellMade(d)
	if err := queries.Migrate(e, d.url); err != nil {
		return err
	}
	newer, err := queries.Newer(e, d.pool)
	switch {
	case err != nil:
		return err
	case newer > 0:
		fmt.Fprintf(e.out, "The database is newer than this program, which does not know its migration %d. Nothing was left to do.\n", newer)
	default:
		fmt.Fprintln(e.out, "The database has the newest schema.")
	}
	return nil
}
