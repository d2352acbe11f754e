package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"atrium/cmd/internal/config"
	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/queries/localpg"
)

type checkCmd struct{}

// lineBreaks makes one line of an error that has several: pgx continues with a tab, and joined errors begin anew.
var lineBreaks = strings.NewReplacer("\n\t", " ", "\n", "; ")

// Run reports what works and what does not, a line each, and fails when anything does not. It changes nothing: the private
// PostgreSQL it starts it ends again, and the file it keeps it removes.
func (*checkCmd) Run(e *env) error {
	failed := false
	report := func(what string, err error, good string) {
		if err != nil {
			failed = true
			fmt.Fprintf(e.out, "%-14s NOT OK  %s\n", what, lineBreaks.Replace(err.Error()))
			return
		}
		fmt.Fprintf(e.out, "%-14s ok      %s\n", what, good)
	}
	c, err := e.read()
	report("configuration", err, "every variable can be used")
	if err != nil {
		return exit(1)
	}
	ctx, cancel := context.WithTimeout(e, 30*time.Second)
	defer cancel()
	if c.DatabaseURL == "" && !localpg.Made(privateFolder(c)) {
		err := makeDataDir(c)
		if err == nil {
			_, err = localpg.Find()
		}
		report("database", err, "the first start makes one in "+privateFolder(c))
	} else if d, err := openDatabase(ctx, c, newLog(c), nil, true); err == nil {
		good, err := checkDatabase(ctx, d)
		report("database", err, good)
		defer d.close(e)
		good, err = checkClock(ctx, d)
		report("clock", err, good)
		good, err = checkSecret(ctx, c, d)
		report("secret", err, good)
	} else {
		report("database", err, "")
	}
	where := c.FilesFolder()
	if c.S3Endpoint != "" {
		where = c.S3Endpoint + "/" + c.S3Bucket
	}
	files, err := c.Files()
	if err == nil {
		err = files.Check(ctx)
	}
	report("files", err, where+" can be written and read")
	if c.SMTPHost == "" {
		report("mail", fmt.Errorf("SMTP_HOST is not set: mails wait until it is"), "")
	} else {
		report("mail", jobs.CheckMail(ctx, c.MailServer()), fmt.Sprintf("%s:%d answers and lets us in", c.SMTPHost, c.SMTPPort))
	}
	good, err := checkStripe(ctx, c)
	report("Stripe", err, good)
	if failed {
		return exit(1)
	}
	return nil
}

// checkDatabase tells which PostgreSQL it is. A database that is newer than the program is none that it could not work with.
func checkDatabase(ctx context.Context, d *database) (good string, err error) {
	if err := d.pool.QueryRow(ctx, "SHOW server_version").Scan(&good); err != nil {
		return "", err
	}
	good = "PostgreSQL " + good
	newer, err := queries.Newer(ctx, d.pool)
	if newer > 0 {
		good += fmt.Sprintf("; the database is newer than this program, which does not know its migration %d", newer)
	}
	return good, err
}

// checkClock compares this machine's clock with the database's.
func checkClock(ctx context.Context, d *database) (good string, err error) {
	clock, err := queries.NewClock(ctx, d.pool, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	ahead := clock.Ahead().Round(time.Millisecond)
	if ahead > queries.ClockOff {
		return "", fmt.Errorf("this machine's is %s ahead of the database's: set both by NTP", ahead)
	} else if ahead < -queries.ClockOff {
		return "", fmt.Errorf("this machine's is %s behind the database's: set both by NTP", -ahead)
	}
	return fmt.Sprintf("this machine's and the database's differ by %s", ahead.Abs()), nil
}

// checkStripe asks Stripe whose key it is. To sell nothing is no fault; to sell and not to take what Stripe reports is one.
func checkStripe(ctx context.Context, c config.Config) (good string, err error) {
	door := billing.New(billing.Config{Key: c.StripeKey, URL: c.StripeURL, Time: 10 * time.Second})
	if !door.Open() {
		return "STRIPE_SECRET_KEY is not set: nothing can be sold", nil
	}
	seller, err := door.Seller(ctx, "")
	switch {
	case err != nil:
		return "", err
	case len(c.StripeWebhookSecrets) == 0:
		return "", fmt.Errorf("the key is that of %s, and STRIPE_WEBHOOK_SECRETS is not set: what Stripe reports is refused", cmp.Or(seller.Name, seller.ID))
	case !seller.Ready():
		return "", fmt.Errorf("the key is that of %s, which cannot take money yet", cmp.Or(seller.Name, seller.ID))
	}
	return fmt.Sprintf("the key is that of %s, and what is reported can be checked", cmp.Or(seller.Name, seller.ID)), nil
}
