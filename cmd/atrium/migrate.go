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
	if err := queries.Migrate(e, d.url); err != nil {
		return err
	}
	fmt.Fprintln(e.out, "The database has the newest schema.")
	return nil
}
