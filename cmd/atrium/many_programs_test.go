package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries/dbtest"
)

// TestManyProgramsAreOne runs two web servers and two workers on one database, and lets people meet a different one at each step.
func TestManyProgramsAreOne(t *testing.T) {
	t.Parallel()
	box, db := newMailbox(t), dbtest.New(t)
	addr := freeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all four of these programs", "PUBLIC_PORT="+port)
	other := freeAddr(t)
	for _, program := range []struct{ ready, addr, command, flag string }{
		{"Atrium serves", addr, "serve", "--no-work"}, {"Atrium serves", other, "serve", "--no-work"},
		{"Atrium runs", addr, "work", ""}, {"Atrium runs", other, "work", ""},
	} {
		arguments := strings.Fields(program.command + " " + program.flag)
		launch(t, with(variables, "DATA_DIR="+dataDir(t), "ADDR="+program.addr), arguments...).ready(program.ready)
	}
	_, otherPort, _ := strings.Cut(other, ":")
	onOther := func(address string) string { return strings.Replace(address, ":"+port, ":"+otherPort, 1) }

	create := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "account", "create", "--slug=twin", "--name=Twin Peaks", "--owner=vera@twin.example")
	if code := create.code(); code != 0 {
		t.Fatalf("account create: exit code %d: %s", code, create.errs.String())
	}
	portal := "http://twin.localhost:" + port
	for _, root := range []string{portal, onOther(portal)} {
		until(t, 20*time.Second, root, func() bool { return newVisitor(t).open(root+"/sign-in").status == http.StatusOK })
	}

	owner := newVisitor(t).open(onOther(linkIn(t, receive(t, box, "vera@twin.example")))).send("/l/", "name", "Vera Lund", "password", "nine blue kayaks")
	owner.arrivesAt("/twin")
	admin := "http://app.localhost:" + port
	owner.open(admin+"/twin/invitations/new").send("/twin/invitations", "people", "Ana Souza <ana@example.com>").arrivesAt("/twin")
	link := linkIn(t, receive(t, box, "ana@example.com"))
	client := newVisitor(t).open(onOther(link)).send("/l/").arrivesAt("/welcome")
	client.send("/welcome", "name", "Ana Souza", "password", "seven quiet harbours").arrivesAt("/")
	for _, root := range []string{admin, onOther(admin)} {
		until(t, time.Minute, "one invited, one joined at "+root, func() bool { return owner.open(root+"/twin").shows(1, 1) })
	}
	client.open(portal + "/profile").arrivesAt("/profile") // signed in at one, signed in at the other

	waiting := 1
	until(t, 10*time.Second, "every job is done", func() bool {
		err := db.QueryRow(t.Context(), `SELECT count(*) FROM river.river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled')`).Scan(&waiting)
		return err == nil && waiting == 0
	})
	if mails := len(box.Messages()); mails != 2 {
		t.Errorf("%d mails have come; want one to the owner and one to the client", mails)
	}
}
