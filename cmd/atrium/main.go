// Command atrium is the whole product: the web server, the workers, and what is needed to look after them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"atrium/cmd/internal/config"
)

// version is set by the linker (see Makefile).
var version = "unknown"

// cli is every command; each has a Run method in the file of its name.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Serve all portals and the admin side, and run the jobs."`
	Work    workCmd    `cmd:"" help:"Run the jobs only; for machines beside those that serve."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to the newest schema."`
	Demo    demoCmd    `cmd:"" help:"Serve two made-up businesses with a mailbox of their own, on this machine only."`
	Account accountCmd `cmd:"" help:"Look after accounts."`
	Staff   staffCmd   `cmd:"" help:"Look after the sign-in of staff."`
	Jobs    jobsCmd    `cmd:"" help:"Look at the jobs of all accounts, and try or cancel one."`
	Backup  backupCmd  `cmd:"" help:"Write everything into one file: database, uploaded files, secret."`
	Restore restoreCmd `cmd:"" help:"Make an installation of such a file, where there is none yet."`
	Check   checkCmd   `cmd:"" help:"Check configuration, database and mail server, a line each."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what commands are run with.
type env struct {
	context.Context
	out  io.Writer // for what was asked for; the log goes to standard error
	errs io.Writer // for what somebody has to look at all the same
	read func() (config.Config, error)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, config.Read))
}

// run executes one command line and returns the exit code: 0 done, 1 failed, 2 the command line itself is wrong.
func run(ctx context.Context, args []string, out, errs io.Writer, read func() (config.Config, error)) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("atrium"), kong.Description("A client portal that a business runs under its own name."),
		kong.Writers(out, errs), kong.Exit(func(code int) { exited = code }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errs, "atrium:", err)
		return 1
	}
	chosen, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help has been printed
		return exited
	case err != nil:
		fmt.Fprintf(errs, "atrium: %v. See atrium --help.\n", err)
		return 2
	}
	err = chosen.Run(&env{ctx, out, errs, read})
	var failed exit
	switch {
	case errors.As(err, &failed):
		return int(failed)
	case err != nil:
		fmt.Fprintln(errs, "atrium:", err)
		return 1
	}
	return 0
}

// exit ends the program with a code when all has been said already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }
