package main

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

type staffCmd struct {
	DropTwoFactor staffDropTwoFactorCmd `cmd:"" name:"drop-two-factor" help:"Turn off the second factor of somebody who has lost it and their recovery codes."`
}

type staffDropTwoFactorCmd struct {
	Email string `arg:"" help:"E-mail address they sign in with. Make sure that it is them who asks."`
}

// Run turns it off, signs them out everywhere and writes a line into the trail of each account they are in. Only whoever runs
// the installation can: an owner could take over somebody's sign-in to other accounts by it.
func (cmd *staffDropTwoFactorCmd) Run(e *env) (err error) {
	email, err := queries.ParseEmail(cmd.Email)
	if err != nil {
		return flagFault(err)
	}
	c, err := e.read()
	if err != nil {
		return err
	}
	if err := installed(c); err != nil {
		return err
	}
	pr, err := start(e, c, newLog(c), parts{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.stop(e)) }()
	err = queries.InTx(e, pr.database.pool, func(q *queries.Queries, _ pgx.Tx) error {
		return queries.DropLostTwoFactor(e, q, email, pr.clock.Now())
	})
	if errors.Is(err, queries.ErrNotFound) {
		return fmt.Errorf("nobody signs in as %s with a second factor", email)
	} else if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s signs in with the password alone from now on, and is signed out everywhere.\n", email)
	return nil
}
