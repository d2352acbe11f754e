package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"atrium/jobs/mailbox"
	"atrium/queries/dbtest"
)

// TestLogOfAWalk sets up an account and a client, who sign in by every way there is, with all that can be logged switched on, and
// something broken at last. Each line says of which request or job it is, and nothing that opens something is in any.
func TestLogOfAWalk(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"DATABASE_URL": "database-hunter2", "SECRET": "installation-hunter2-installation-hunter2", "SMTP_PASSWORD": "mail-hunter2",
		"STRIPE_SECRET_KEY": "sk_test_" + "hunter2hunter2", "STRIPE_WEBHOOK_SECRETS": "whsec_" + "hunter2hunter2"}
	box, err := mailbox.Start(mailbox.Options{Username: "atrium", Password: secrets["SMTP_PASSWORD"]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Stop() })
	db := dbtest.New(t)
	database, err := url.Parse(dbtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	database.User = url.UserPassword(database.User.Username(), secrets["DATABASE_URL"])
	variables := with(mailVariables(t, box), "SMTP_USERNAME=atrium", "STRIPE_URL=http://"+freeAddr(t), "ADDR="+freeAddr(t), "SLOW_QUERY=1ns", "LOG_LEVEL=debug", "LOG_FORMAT=json")
	for name, value := range secrets {
		variables[name] = value
	}
	variables["DATABASE_URL"] = database.String()
	web := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "serve", "--no-work").ready("Atrium serves")
	worker := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "work").ready("Atrium runs")

	owner := foundAccount(t, variables, box)
	owner.open(owner.at.JoinPath("invitations/new").String()).send("/acme/invitations", "people", "ana@example.com").arrivesAt("/acme")
	client := newVisitor(t).open(linkIn(t, receive(t, box, "ana@example.com"))).send("/l/").arrivesAt("/welcome")
	client.send("/welcome", "name", "Ana Souza", "password", "seven quiet harbours").arrivesAt("/")
	portal := client.at
	client.open(portal.JoinPath("profile").String()).send("/profile/password", "current", "seven quiet harbours", "password", "eight loud harbours").arrivesAt("/profile")
	signIn := newVisitor(t).open(portal.JoinPath("sign-in").String()).send("/sign-in", "email", "ana@example.com", "password", "not my harbour")
	signIn.send("/sign-in", "email", "ana@example.com", "password", "eight loud harbours").arrivesAt("/")
	asking := newVisitor(t).open(portal.JoinPath("sign-in").String())
	asking.page = strings.Replace(asking.page, `action="/sign-in"`, `action="/sign-in/link"`, 1) // what its second button does
	asking.send("/sign-in/link", "email", "ana@example.com")
	mailed, err := box.Wait(t.Context(), "ana@example.com", func(m mailbox.Message) bool { return m.Code != "" })
	if err != nil {
		t.Fatal(err)
	}
	asking.send("/sign-in/code", "code", mailed.Code).arrivesAt("/")
	newVisitor(t).open(linkIn(t, mailed) + "?utm_source=mail")
	lock := lockTables(t, db, "magic_link")
	if _, err := lock.Exec(t.Context(), "ALTER TABLE magic_link RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	if err := lock.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if broken := newVisitor(t).open(linkIn(t, mailed)); broken.status != http.StatusInternalServerError {
		t.Errorf("a link without its table: %d", broken.status)
	}

	for name, word := range map[string]string{"a password": "seven quiet harbours", "another": "eight loud harbours", "a wrong one": "not my harbour", "the owner's": "nine blue kayaks", "a code": mailed.Code} {
		secrets[name] = word
	}
	for _, m := range box.Messages() {
		for _, link := range m.Links {
			if strings.Contains(link, "/l/") || strings.Contains(link, "/stop/") {
				secrets["the link "+link] = link[strings.LastIndexByte(link, '/')+1:]
			}
		}
	}
	for who, v := range map[string]*visitor{"the owner": owner, "the client": client, "who had the password": signIn, "who had the code": asking} {
		for _, cookie := range v.client.Jar.Cookies(v.at) {
			secrets["the cookie "+cookie.Name+" of "+who] = cookie.Value
		}
	}
	if len(secrets) < 5+5+3+4*2 { // the links are those of owner, invitation and sign-in
		t.Errorf("there are too few secrets to look for: %v", secrets)
	}
	web.signal(syscall.SIGTERM)
	worker.signal(syscall.SIGTERM)
	log := web.errs.String() + worker.errs.String() // whole, as both have ended
	for name, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %s", name)
		}
	}
	readLog(t, log, map[string]string{"request": "id", "request failed": "id", "slow query id": "id", "slow query job": "job"})
}

// readLog fails for a line that is no JSON, and for a message that never comes with the attribute it should have.
func readLog(t *testing.T, log string, wanted map[string]string) {
	t.Helper()
	found := map[string]int{}
	for text := range strings.Lines(log) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil || line["msg"] == "" || line["time"] == "" || line["level"] == "" {
			t.Errorf("a line is not to be read: %v: %s", err, text)
		}
		if took, there := line["took"]; there {
			if words, _ := took.(string); words == "" {
				t.Errorf("a time is not in words: %s", text)
			}
		}
		for message, attribute := range wanted {
			if said, _ := line["msg"].(string); (said == message || said+" "+attribute == message) && line[attribute] != nil {
				found[message]++
			}
		}
	}
	for message, attribute := range wanted {
		if found[message] == 0 {
			t.Errorf("no line %q has the attribute %s", message, attribute)
		}
	}
}
