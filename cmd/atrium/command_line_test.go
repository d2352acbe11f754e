package main

import (
	"cmp"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"

	"atrium/cmd/stripesim"
	"atrium/queries/dbtest"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	create := func(slug, name, owner string) []string {
		return []string{"account", "create", "--slug=" + slug, "--name=" + name, "--owner=" + owner}
	}
	for _, run := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"version"}, 0, "atrium v0.0.0-test (go1."},
		{nil, 2, "atrium --help"},
		{[]string{"dance"}, 2, "dance"},
		{[]string{"serve", "--fast"}, 2, "--fast"},
		{[]string{"account", "create", "--slug", "acme"}, 2, "--name"},
		{create("-acme-", "Acme", "maya@acme.example"), 1, "atrium: A slug has 1 to 40 letters"},
		{create("mail", "Acme", "maya@acme.example"), 1, "atrium: The slug mail is reserved"},
		{create("acme", " ", "maya@acme.example"), 1, "atrium: Enter the name of the business"},
		{create("acme", strings.Repeat("x", 61), "maya@acme.example"), 1, "atrium: The name of a business has at most 60"},
		{create("acme", "Acme", "maya at acme"), 1, "atrium: An address has"},
	} {
		p := launch(t, nil, run.arguments...)
		if code := p.code(); code != run.code {
			t.Errorf("%v: exit code %d, want %d", run.arguments, code, run.code)
		}
		if said := p.out.String() + p.errs.String(); !strings.Contains(said, run.says) {
			t.Errorf("%v: no %q in %q", run.arguments, run.says, said)
		}
		if run.code == 1 {
			p.oneLine()
		}
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&cli{}, kong.Name("atrium"))
	if err != nil {
		t.Fatal(err)
	}
	commands := parser.Model.Leaves(false)
	if len(commands) < 7 {
		t.Fatalf("only %d commands", len(commands))
	}
	for _, command := range commands {
		path := strings.Fields(command.Path())
		p := launch(t, nil, append(path, "--help")...)
		if code := p.code(); code != 0 {
			t.Errorf("%v --help: exit code %d: %s", path, code, p.errs.String())
		}
		said := p.out.String()
		for _, part := range append([]string{"Usage: atrium " + command.Path()}, flagNames(command)...) {
			if !strings.Contains(said, part) {
				t.Errorf("%v --help: no %q in %q", path, part, said)
			}
		}
		if command.Help == "" || !strings.Contains(strings.Join(strings.Fields(said), " "), command.Help) {
			t.Errorf("%v --help does not say what it does: %q", path, said)
		}
	}
}

func flagNames(command *kong.Node) (names []string) {
	for _, flag := range command.Flags {
		names = append(names, "--"+flag.Name)
	}
	return names
}

// TestWrongVariables starts the program with one wrong variable at a time. Whoever reads the message can mend it, and nobody else
// learns a secret from it.
func TestWrongVariables(t *testing.T) {
	t.Parallel()
	for _, wrong := range []struct{ name, value, shown, allowed string }{
		{"ADDR", "everywhere", "everywhere", "host:port"},
		{"PORTAL_DOMAIN", "Portal.Example:80", "Portal.Example:80", "a domain in lower case"},
		{"PUBLIC_SCHEME", "gopher", "gopher", "http, https"},
		{"SMTP_TLS", "ssl", "ssl", "starttls, implicit, none"},
		{"SMTP_PORT", "99999", "99999", "1 to 65535"},
		{"DATABASE_CONNECTIONS", "many", "many", "4 to 262143"},
		{"DATABASE_POOLER", "session", "session", "none, transaction"},
		{"REQUEST_TIMEOUT", "soon", "soon", "a duration"},
		{"TRUSTED_PROXIES", "the one", "the one", "networks"},
		{"MAIL_FROM", "nobody", "nobody", "an e-mail address"},
		{"SECRET", "hush-hush", "••••", "32 characters"},
		{"DATABASE_URL", "mysql://root:hush-hush@localhost/", "••••", "postgres://"},
		{"DATABASE_URL", "postgres://root:hush-hush@localhost/atrium?sslmode=perhaps", "••••", "sslmode is invalid"},
		{"DATABASE_URL", "postgres://root:hush-hush@localhost/atrium?pool_min_conns=perhaps", "••••", "postgres://"},
		{"SMTP_PASSWORD_FILE", "/nowhere", "/nowhere", "a file that can be read"},
	} {
		p := launch(t, map[string]string{wrong.name: wrong.value}, "serve")
		if code := p.code(); code != 1 {
			t.Errorf("%s: exit code %d", wrong.name, code)
		}
		line := p.oneLine()
		for _, part := range []string{wrong.name, wrong.shown, wrong.allowed} {
			if !strings.Contains(line, part) {
				t.Errorf("%s: no %q in %q", wrong.name, part, line)
			}
		}
		if strings.Contains(line, "hush-hush") {
			t.Errorf("%s: the secret is told: %q", wrong.name, line)
		}
	}
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, command := range []string{"serve", "demo"} {
		p := launch(t, map[string]string{"ADDR": taken.Addr().String(), "DATA_DIR": dataDir(t)}, command)
		if code := p.code(); code != 1 {
			t.Errorf("%s: exit code %d", command, code)
		}
		if line := p.oneLine(); !strings.Contains(line, taken.Addr().String()+" is taken") || !strings.Contains(line, "ADDR") {
			t.Errorf("%s: %q", command, line)
		}
	}
}

// elsewhen has the database's clock be an hour ahead for whoever has that in their search path.
func elsewhen(t *testing.T, database string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), `CREATE SCHEMA elsewhen; CREATE FUNCTION elsewhen.clock_timestamp() RETURNS timestamptz LANGUAGE sql
		AS $$SELECT pg_catalog.clock_timestamp() + interval '1 hour'$$`); err != nil {
		t.Fatal(err)
	}
}

// TestCheck gives the command a good configuration, and then one with a single fault at a time: the line of that, and no other,
// says so.
func TestCheck(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	sim, err := stripesim.Start(stripesim.Options{SecretKey: stripeKey})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	database := dbtest.URL(t)
	elsewhen(t, database)
	good := with(mailVariables(t, box), "DATABASE_URL="+database, "DATA_DIR="+dataDir(t))
	for _, run := range []struct {
		variables map[string]string
		bad       string // how its line begins; empty: all is well
	}{
		{good, ""},
		{with(good, "SMTP_PORT=1"), "mail"},
		{with(good, "SMTP_HOST="), "mail"},
		{with(good, "DATABASE_URL=postgres://nobody@127.0.0.1:1/none"), "database"},
		{with(good, "DATABASE_URL="+database+"&search_path=elsewhen,public,pg_catalog"), "clock"},
		{with(good, "FILES_DIR=/dev/null/files"), "files"},
		{with(good, "S3_ENDPOINT=http://127.0.0.1:1", "S3_BUCKET=atrium", "S3_REGION=us-east-1", "S3_ACCESS_KEY=key", "S3_SECRET_KEY=secret"), "files"},
		{with(good, "LOG_LEVEL=loud"), "configuration"},
		{with(good, "STRIPE_SECRET_KEY="+stripeKey, "STRIPE_WEBHOOK_SECRETS=whsec_x", "STRIPE_URL="+sim.URL), ""},
		{with(good, "STRIPE_SECRET_KEY="+stripeKey, "STRIPE_URL="+sim.URL), "Stripe"}, // nothing signs what is reported
		{with(good, "STRIPE_SECRET_KEY=sk_test_another", "STRIPE_WEBHOOK_SECRETS=whsec_x", "STRIPE_URL="+sim.URL), "Stripe"},
		{with(good, "STRIPE_SECRET_KEY="+stripeKey, "STRIPE_WEBHOOK_SECRETS=whsec_x", "STRIPE_URL=http://127.0.0.1:1"), "Stripe"},
	} {
		p := launch(t, run.variables, "check")
		if code := p.code(); (code == 0) != (run.bad == "") {
			t.Errorf("%s: exit code %d", run.bad, code)
		}
		lines := strings.Split(strings.TrimSpace(p.out.String()), "\n")
		if want := map[string]int{"configuration": 1, "database": 5}[run.bad]; len(lines) != cmp.Or(want, 7) {
			t.Errorf("%s: want a line for each of seven that can be looked at: %q", run.bad, lines)
		}
		for _, line := range lines {
			bad := run.bad != "" && strings.HasPrefix(line, run.bad)
			if strings.Contains(line, "NOT OK") != bad {
				t.Errorf("%s: %q", run.bad, line)
			}
		}
	}
	if mails := box.Messages(); len(mails) != 0 {
		t.Errorf("checking sent %d mails", len(mails))
	}
}
