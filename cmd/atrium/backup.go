package main

import (
	"errors"
	"fmt"
	"time"

	"atrium/cmd/internal/backup"
)

type backupCmd struct {
	To string `arg:"" optional:"" help:"File to write; not there yet. Default: atrium-backup-DATE-TIME.zip in the working directory."`
}

// Run writes everything of the installation into one file, also while another program serves it.
func (cmd *backupCmd) Run(e *env) error {
	if cmd.To == "" {
		cmd.To = time.Now().UTC().Format("atrium-backup-20060102-150405.zip")
	}
	return e.installation(true, func(p backup.Place) error {
		m, err := backup.Write(e, p, cmd.To)
		if err != nil {
			return fmt.Errorf("no backup was written: %w", err)
		}
		fmt.Fprintf(e.out, "%s holds %s. Keep it as you would keep the database: it has everything in it.\n", cmd.To, told(m))
		return nil
	})
}

type restoreCmd struct {
	From string `arg:"" help:"File that 'atrium backup' has written."`
}

// Run makes an installation of a backup; nothing may be where it goes.
func (cmd *restoreCmd) Run(e *env) error {
	return e.installation(false, func(p backup.Place) error {
		m, err := backup.Restore(e, p, cmd.From)
		var after *backup.AfterError
		switch {
		case errors.As(err, &after):
			return fmt.Errorf("everything was restored, but %w", err)
		case err != nil:
			return fmt.Errorf("nothing was restored: %w", err)
		}
		fmt.Fprintf(e.out, "Restored %s, as of %s.\n", told(m), m.Begun.Format(time.RFC3339))
		return nil
	})
}

func told(m backup.Manifest) string {
	return fmt.Sprintf("%d accounts with %d contacts, and %d files of %d bytes", m.Accounts, m.Contacts, m.Files, m.FileBytes)
}

// installation opens what the configuration leads to, without bringing the database to the newest schema.
func (e *env) installation(share bool, do func(backup.Place) error) (err error) {
	c, err := e.read()
	if err != nil {
		return err
	}
	d, err := openDatabase(e, c, newLog(c), nil, share)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close(e)) }()
	p := backup.Place{Pool: d.pool, URL: d.url, Program: version, Now: time.Now}
	if p.Files, err = c.Files(); err != nil {
		return err
	}
	if c.Secret == "" {
		p.SecretFile = secretFile(c)
	}
	return do(p)
}
