package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"atrium/cmd/internal/config"
	"atrium/cmd/internal/mailboxpage"
	"atrium/jobs/mailbox"
)

type demoCmd struct{}

// mailHost is where the demo's mailbox page is; a reserved slug, so no portal can be there.
const mailHost = "mail.localhost"

// Run serves two made-up businesses from a private database in DATA_DIR, with every mail ending in a mailbox of the demo's own.
// Nothing leaves the machine.
func (*demoCmd) Run(e *env) (err error) {
	c, err := e.read()
	if err != nil {
		return err
	}
	if err := makeDataDir(c); err != nil {
		return fmt.Errorf("DATA_DIR cannot be made: %w", err)
	}
	box, err := mailbox.Start(mailbox.Options{Dir: filepath.Join(c.DataDir, "mailbox")})
	if err != nil {
		return fmt.Errorf("the demo's mailbox: %w", err)
	}
	defer func() { err = errors.Join(err, box.Stop()) }()
	stripe, err := startDemoStripe(filepath.Join(c.DataDir, "stripe"), time.Now())
	if err != nil {
		return fmt.Errorf("the demo's stand-in for Stripe: %w", err)
	}
	defer func() { err = errors.Join(err, stripe.Close()) }()
	return (&env{e, e.out, e.errs, func() (config.Config, error) { return demoConfig(c, box.Addr(), stripe.URL) }}).runUntilStopped(
		parts{web: true, work: true, testOnly: true, hosts: map[string]http.Handler{mailHost: mailboxpage.New(box)}, prepare: stripe.prepare},
		func(pr *program) { fmt.Fprint(e.out, pr.demoWelcome()) })
}

// demoConfig keeps what the demo may be told (where to listen, where to keep its data) and sets the rest.
func demoConfig(c config.Config, mailAddr, stripeURL string) (config.Config, error) {
	host, port, err := splitPort(mailAddr)
	c.DatabaseURL, c.DatabasePooler, c.SMTPHost, c.SMTPPort, c.SMTPTLS, c.SMTPUsername = "", "none", host, port, "none", ""
	c.AppHost, c.PortalDomain, c.PublicScheme, c.PublicPort, c.MailFrom = "app.localhost", "localhost", "http", -1, "portal@atrium.example"
	c.StripeKey, c.StripeURL = demoStripeKey, stripeURL
	return c, err
}

func (pr *program) demoWelcome() string {
	mail := pr.addresses
	mail.AppHost = mailHost
	text := "\nAtrium is ready.\n\n"
	text += fmt.Sprintf("  Admin side    %s\n                %s, password: %s\n", pr.addresses.Admin(), demoBusinesses[0].owner.email, demoPassword)
	for _, b := range demoBusinesses {
		text += fmt.Sprintf("  %-13s %s\n                %s, password: %s\n", b.name, pr.addresses.Portal(b.slug, ""), b.client, demoPassword)
	}
	return text + fmt.Sprintf("  Mailbox       %s\n                every mail the demo sends\n  Stripe        %s\n                a stand-in, where buyers pay and no money moves\n\nCtrl-C ends it; the data stays in %s for the next start.\n", mail.Admin(), pr.c.StripeURL, pr.c.DataDir)
}
