package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium/queries/dbtest"
)

// TestBehindPooler does the main job on a database that is reached through PgBouncer in transaction mode, with fewer connections
// behind it than the program has before it: whatever is left in a session, somebody else finds or nobody does.
func TestBehindPooler(t *testing.T) {
	t.Parallel()
	pooler := startPooler(t, dbtest.URL(t))
	untold := launch(t, map[string]string{"DATABASE_URL": pooler, "DATA_DIR": dataDir(t)}, "migrate")
	if code := untold.code(); code != 1 || !strings.Contains(untold.errs.String(), "set DATABASE_POOLER=transaction") {
		t.Errorf("not told of the pooler: exit code %d, %s", code, untold.errs.String())
	}
	s := startSite(t, nil, "DATABASE_URL="+pooler, "DATABASE_POOLER=transaction")
	s.createAccount("fjord", "Fjord & Fell Retreats", "ingrid@fjord.example")
	until(t, 20*time.Second, "the new account's portal", func() bool { return newVisitor(t).open(s.portal("fjord", "/sign-in")).status == 200 })
	owner := newVisitor(t).open(linkIn(t, s.mail("ingrid@fjord.example"))).send("/l/", "name", "Ingrid Solberg", "password", "nine blue kayaks")
	owner.arrivesAt("/fjord").open(s.admin("/fjord/invitations/new")).send("/fjord/invitations", "people", "Ana Souza <ana@example.com>").arrivesAt("/fjord")
	client := newVisitor(t).open(linkIn(t, s.mail("ana@example.com"))).send("/l/").arrivesAt("/welcome")
	client.send("/welcome", "name", "Ana Souza", "password", "seven quiet harbours").arrivesAt("/")
	until(t, time.Minute, "one invited, one joined", func() bool { return owner.open(s.admin("/fjord")).shows(1, 1) })
	if mails := len(s.box.Messages()); mails != 2 {
		t.Errorf("%d mails have come; want one to the owner and one to the client", mails)
	}
}

// startPooler puts PgBouncer in front of a test's database and returns the address to use instead. It listens on a socket only,
// and ends with the test.
func startPooler(t *testing.T, databaseURL string) string {
	t.Helper()
	path, err := poolerPath()
	if err != nil {
		t.Fatal(err)
	}
	database, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	dir := dataDir(t)
	settings := fmt.Sprintf("[databases]\n* = host=%s port=%s user=%s\n[pgbouncer]\npool_mode = transaction\ndefault_pool_size = 4\nauth_type = any\n"+
		"listen_addr =\nlisten_port = 6432\nunix_socket_dir = %s\n", database.Query().Get("host"), database.Query().Get("port"), database.User.Username(), dir)
	if err := os.WriteFile(filepath.Join(dir, "pgbouncer.ini"), []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "--quiet", filepath.Join(dir, "pgbouncer.ini"))
	said := &logged{}
	command.Stdout, command.Stderr = said, said
	// PgBouncer does not run as root. It runs as whoever runs PostgreSQL, who alone can enter the folder of its socket.
	if owner := ownerOf(t, database.Query().Get("host")); owner.Uid != uint32(os.Getuid()) {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended already
		_ = command.Wait()
	})
	database.RawQuery = url.Values{"host": {dir}, "port": {"6432"}, "sslmode": {"disable"}}.Encode()
	until(t, 10*time.Second, "PgBouncer: "+said.String(), func() bool {
		conn, err := pgx.Connect(t.Context(), database.String())
		return err == nil && conn.Close(t.Context()) == nil
	})
	return database.String()
}

// poolerPath also looks where Debian puts it, which is not on everybody's path.
func poolerPath() (string, error) {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("this test needs PgBouncer; install it with: apt-get install --no-install-recommends pgbouncer")
}

func ownerOf(t *testing.T, path string) *syscall.Stat_t {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t)
}

// TestFleetBehindPooler runs two web servers and two workers behind one PgBouncer in transaction mode, while people read and send forms
// and an invitation goes to many: everything is done once, and the database sees no more connections than the pooler may have.
func TestFleetBehindPooler(t *testing.T) {
	t.Parallel()
	const invited = 20
	box, db, addrs := newMailbox(t), dbtest.New(t), []string{freeAddr(t), freeAddr(t)}
	variables := with(mailVariables(t, box), "DATABASE_URL="+startPooler(t, dbtest.URL(t)), "DATABASE_POOLER=transaction", "SECRET=the same for all four of these programs")
	var programs []*process
	for _, addr := range addrs {
		here := with(variables, "ADDR="+addr, "PUBLIC_PORT="+portOf(addrs[0]), "DATA_DIR="+dataDir(t))
		programs = append(programs, launch(t, here, "serve", "--no-work").ready("Atrium serves"), launch(t, here, "work").ready("Atrium runs"))
	}
	owner := foundAccount(t, with(variables, "ADDR="+addrs[0]), box)
	knows(t, "http://"+addrs[1])
	at := func(v *visitor, n int) *visitor { // the same page on the other of the two
		v.at.Host = strings.Replace(v.at.Host, portOf(v.at.Host), portOf(addrs[n%2]), 1)
		return v.open(v.at.String())
	}
	crowd, people := newCrowd(t), ""
	for n := range invited {
		people += fmt.Sprintf("client%d@example.com\n", n)
	}
	owner.open(owner.at.JoinPath("invitations/new").String()).send("/acme/invitations", "people", people)
	for n := range 4 {
		link, err := url.Parse(linkIn(t, receive(t, box, fmt.Sprintf("client%d@example.com", n))))
		if err != nil {
			t.Fatal(err)
		}
		client := newVisitor(t).open(link.String())
		at(client, n).send("/l/").arrivesAt("/welcome").send("/welcome", "name", fmt.Sprint("Client ", n), "password", "seven quiet harbours").arrivesAt("/")
		crowd.join(client.open(client.at.JoinPath("/profile").String()), "/", "/profile", "POST /profile/name")
	}
	crowd.join(at(owner, 1), "/acme", "/acme/contacts", "/acme/mail-log")
	crowd.until(300)
	crowd.leave()
	for _, failure := range crowd.failed {
		t.Error(failure)
	}
	until(t, 30*time.Second, "every job is done", func() bool {
		var waiting int
		err := db.QueryRow(t.Context(), "SELECT count(*) FROM river.river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled')").Scan(&waiting)
		return err == nil && waiting == 0
	})
	var connections int
	err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Scan(&connections)
	if err != nil || connections > 4 {
		t.Errorf("%d connections of four programs, where the pooler may have 4; %v", connections, err)
	}
	if mails := len(box.Messages()); mails != invited+1 {
		t.Errorf("%d mails have come, want %d", mails, invited+1)
	}
	t.Logf("%d requests to two web servers, %d jobs by two workers, %d connections", len(crowd.times), invited+1, connections)
	for _, p := range programs {
		if text := p.errs.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "is tried again") {
			t.Errorf("%v: %s", p.command.Args[1:], text)
		}
	}
}

func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }
