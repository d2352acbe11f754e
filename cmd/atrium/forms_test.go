package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
)

// TestFormInsideAnotherSite fills in a form by keyboard inside a page of somebody else's, follows the mail, and finds the new contact
// on the admin side. The other site is of another host, so the form's frame keeps no cookies.
func TestFormInsideAnotherSite(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	admin := browsertest.Open(t, browsertest.Settings{})
	signIn(admin, s.admin(""), maya.email)
	admin.Open(s.admin("/lumen/forms"))
	admin.Follow(`#forms-list a.row-link`)
	code := browsertest.Get[string](admin, `document.querySelectorAll("[data-copy]")[1].dataset.copy`)
	blog := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!doctype html><title>A blog</title><button id="before">Before the form</button>%s
			<script>document.querySelector("iframe").addEventListener("load", () => document.title = "There")</script>`, code)
	}))
	t.Cleanup(blog.Close)

	reader := browsertest.Open(t, browsertest.Settings{})
	reader.Open(blog.URL)
	reader.Until(`document.title === "There"`)
	reader.Press("#before")
	reader.Keys(kb.Tab)
	reader.UntilFocus("iframe")
	reader.Keys("new.reader@example.com" + kb.Tab + "Nadia Reader" + kb.Enter)
	mail := s.mail("new.reader@example.com")
	link := ""
	for _, l := range mail.Links {
		if strings.Contains(l, "/confirm/") {
			link = l
		}
	}
	reader.Open(link)
	reader.Follow(submit("/f/studio-letter/confirm/"))
	if got := reader.Text("main"); !strings.Contains(got, "Your address is confirmed") {
		t.Errorf("after the button it says %q", got)
	}

	admin.Until(`(fetch("/lumen/contacts?q=Nadia").then(answer => answer.text()).then(text => { window.found ||= text.includes("Nadia Reader") }), window.found)`) // the job has run
	admin.Open(s.admin("/lumen/contacts?q=Nadia"))
	if got := admin.Text("#contacts-list"); !strings.Contains(got, "Nadia Reader") {
		t.Errorf("the contacts are %q", got)
	}
}
