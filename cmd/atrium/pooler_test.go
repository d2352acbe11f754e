package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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
	s := startSite(t, nil, "DATABASE_URL="+startPooler(t, dbtest.URL(t)), "DATABASE_POOLER=transaction")
	s.createAccount("fjord", "Fjord & Fell Retreats", "ingrid@fjord.example")
	until(t, 2*time.Second, "the new account's portal", func() bool { return newVisitor(t).open(s.portal("fjord", "/sign-in")).status == 200 })
	owner := newVisitor(t).open(linkIn(t, s.mail("ingrid@fjord.example"))).send("/l/", "name", "Ingrid Solberg", "password", "nine blue kayaks")
	owner.arrivesAt("/fjord").open(s.admin("/fjord/invitations/new")).send("/fjord/invitations", "people", "Ana Souza <ana@example.com>").arrivesAt("/fjord")
	client := newVisitor(t).open(linkIn(t, s.mail("ana@example.com"))).send("/l/").arrivesAt("/welcome")
	client.send("/welcome", "name", "Ana Souza", "password", "seven quiet harbours").arrivesAt("/")
	until(t, 5*time.Second, "one invited, one joined", func() bool { return owner.open(s.admin("/fjord")).shows(1, 1) })
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
