package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"atrium/cmd/internal/backup"
)

// notWhole is the exit code of a backup that was written without files the storage does not have.
const notWhole = 3

type backupCmd struct {
	To string `arg:"" optional:"" help:"File to write; not there yet. Default: atrium-backup-DATE-TIME.zip in the working directory."`
}

// Help is what stands below the options.
func (*backupCmd) Help() string {
	return "Exit code 3: it was written, but files were missing from the storage or cut short there; they are named on standard error. 1: no backup was written."
}

// Run writes everything of the installation into one file, also while another program serves it.
func (cmd *backupCmd) Run(e *env) error {
	if cmd.To == "" {
		cmd.To = time.Now().UTC().Format("atrium-backup-20060102-150405.zip")
	}
	var m backup.Manifest
	err := e.installation(true, func(p backup.Place) (err error) {
		if m, err = backup.Write(e, p, cmd.To); err != nil {
			err = fmt.Errorf("no backup was written: %w", e.why(err))
		}
		return err
	})
	if err != nil {
		return err
	}
	if m.Missing > 0 {
		fmt.Fprintf(e.out, "%s holds %s, and not everything.\n", cmd.To, told(m))
		e.tellMissing(m)
		return exit(notWhole)
	}
	fmt.Fprintf(e.out, "%s holds %s. Keep it as you would keep the database: it has everything in it.\n", cmd.To, told(m))
	return nil
}

type restoreCmd struct {
	From string `arg:"" help:"File that 'atrium backup' has written."`
}

// Run makes an installation of a backup; nothing may be where it goes.
func (cmd *restoreCmd) Run(e *env) error {
	var m backup.Manifest
	err := e.installation(false, func(p backup.Place) (err error) {
		m, err = backup.Restore(e, p, cmd.From)
		var after *backup.AfterError
		if errors.As(err, &after) {
			return fmt.Errorf("everything was restored, but %w", e.why(err))
		} else if err != nil {
			return fmt.Errorf("nothing was restored: %w", e.why(err))
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Restored %s, as of %s.\n", told(m), m.Begun.Format(time.RFC3339))
	e.tellMissing(m)
	return nil
}

func told(m backup.Manifest) string {
	return fmt.Sprintf("%d accounts with %d contacts, and %d files of %d bytes", m.Accounts, m.Contacts, m.Files, m.FileBytes)
}

// tellMissing names the files that a backup does not have.
func (e *env) tellMissing(m backup.Manifest) {
	if m.Missing == 0 {
		return
	}
	fmt.Fprintf(e.errs, "atrium: %d files were missing from the storage, or cut short there, when the backup was written:\n", m.Missing)
	for _, name := range m.Names {
		fmt.Fprintln(e.errs, " ", name)
	}
	if more := m.Missing - int64(len(m.Names)); more > 0 {
		fmt.Fprintf(e.errs, "  and %d more\n", more)
	}
}

// why is what went wrong, or that somebody stopped it: what went wrong then came of that.
func (e *env) why(err error) error {
	if e.Err() != nil {
		return errors.New("it was stopped")
	}
	return err
}

// installation opens what the configuration leads to, without bringing the database to the newest schema. One that is there is
// only read, and none is made in its place.
func (e *env) installation(there bool, do func(backup.Place) error) (err error) {
	c, err := e.read()
	if err != nil {
		return err
	}
	if there {
		if err := installed(c); err != nil {
			return err
		}
	}
	d, err := openDatabase(e, c, newLog(c), nil, there)
	if err != nil {
		return e.why(err)
	}
	defer func() { err = errors.Join(err, d.close(context.WithoutCancel(e))) }() // cut short, PostgreSQL would have to recover
	e.tellMade(d)
	p := backup.Place{Pool: d.pool, URL: d.url, Secret: c.Secret, Program: version, Now: time.Now}
	if p.Files, err = c.Files(); err != nil {
		return err
	}
	if c.Secret == "" {
		p.SecretFile = secretFile(c)
	}
	return do(p)
}
