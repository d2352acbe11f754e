package main

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
)

type accountCmd struct {
	Create accountCreateCmd `cmd:"" help:"Make an account and mail its owner the link to set up their sign-in."`
}

type accountCreateCmd struct {
	Slug  string `required:"" help:"First label of the portal's host: letters, digits, inner hyphens."`
	Name  string `required:"" help:"Name of the business, up to 60 characters."`
	Owner string `required:"" help:"E-mail address of the owner; also the support address until another is set."`
}

// Run makes the account, its owner and the owner's mail in one transaction, and prints the set-up link too, so that it also
// works before a mail server is set up.
func (cmd *accountCreateCmd) Run(e *env) (err error) {
	slug, err := queries.ParseSlug(cmd.Slug)
	if err != nil {
		return flagFault(err)
	}
	name, err := queries.ParseAccountName(cmd.Name)
	if err != nil {
		return flagFault(err)
	}
	owner, err := queries.ParseEmail(cmd.Owner)
	if err != nil {
		return flagFault(err)
	}
	c, err := e.read()
	if err != nil {
		return err
	}
	pr, err := start(e, c, newLog(c), parts{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.stop(e)) }()
	e.tellMade(pr.database)
	if pr.addresses.PortalHost(slug, "") == pr.addresses.AppHost {
		return flagFault(queries.Invalid{Field: "slug", Message: "The slug " + slug + " would put the portal on the admin host (APP_HOST). Choose another."})
	}
	token, err := pr.createAccount(e, slug, name, owner)
	if err != nil {
		return flagFault(err)
	}
	fmt.Fprintf(e.out, "Account %s is made.\nPortal:      %s\nAdmin side:  %s/%s\n", name, pr.addresses.Portal(slug, ""), pr.addresses.Admin(), slug)
	if token == "" {
		fmt.Fprintf(e.out, "%s signs in as before and finds it among their accounts.\n", owner)
		return nil
	}
	fmt.Fprintf(e.out, "Set-up link for %s, also on its way by mail, good for 7 days:\n%s%s\n", owner, pr.addresses.Admin(), jobs.LinkPath(token))
	return nil
}

func (pr *program) createAccount(e *env, slug, name, owner string) (token string, err error) {
	queue, err := jobs.NewQueue(pr.database.pool, pr.clock.Now)
	if err != nil {
		return "", err
	}
	err = queries.InTx(e, pr.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
		now := pr.clock.Now()
		account, err := queries.NewAccount(e, q, slug, name, owner, now)
		if err != nil {
			return err
		}
		mail, setup, err := pr.mails.AddStaff(e, q, account, owner, queries.StaffRoleOwner, now)
		if err != nil || mail == nil {
			return err
		}
		token = setup
		return queue.Mail(e, tx, account, *mail)
	})
	if errors.Is(err, queries.ErrConflict) { // somebody else took the slug a moment ago
		err = queries.SlugTaken(slug)
	}
	return token, err
}

// flagFault says what is wrong with a flag in one line.
func flagFault(err error) error {
	var wrong queries.Invalid
	if errors.As(err, &wrong) {
		return errors.New(wrong.Message)
	}
	return err
}
