package main

import (
	"net"
	"strings"
	"testing"
)

// freeAddr is an address that was free a moment ago, for programs that have to know it before they listen.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestAccountCreateBesideServe makes an account while a server has the data folder and its PostgreSQL.
func TestAccountCreateBesideServe(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	variables := with(mailVariables(t, box), "ADDR="+freeAddr(t), "DATA_DIR="+dataDir(t))
	launch(t, variables, "serve").ready("Atrium serves")
	create := func(slug, owner string) *process {
		return launch(t, variables, "account", "create", "--slug="+slug, "--name=Harbour Yoga", "--owner="+owner)
	}
	made := create("harbour", "vera@harbour.example")
	if code := made.code(); code != 0 {
		t.Fatalf("exit code %d: %s", code, made.errs.String())
	}
	link := linkIn(t, receive(t, box, "vera@harbour.example"))
	if !strings.Contains(made.out.String(), link+"\n") {
		t.Errorf("the link of the mail, %s, is not the one that is printed: %s", link, made.out.String())
	}
	newVisitor(t).open(link).send("/l/", "name", "Vera Lund", "password", "nine blue kayaks").arrivesAt("/harbour")

	taken := create("harbour", "somebody@else.example")
	if code := taken.code(); code != 1 || !strings.Contains(taken.oneLine(), "The slug harbour is taken") {
		t.Errorf("a taken slug: exit code %d, %s", code, taken.errs.String())
	}
	again := create("lagoon", "vera@harbour.example")
	if code := again.code(); code != 0 || strings.Contains(again.out.String(), "/l/") {
		t.Errorf("for somebody who can sign in already: exit code %d, %s%s", code, again.out.String(), again.errs.String())
	}
	if mails := len(box.Messages()); mails != 1 {
		t.Errorf("%d mails have come, want one", mails)
	}
}
