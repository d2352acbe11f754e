package jobs

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// What stands in a copy where the mail had what lets its reader in.
const (
	removedToken = "removed-from-this-copy"
	removedCode  = "••••••"
)

// copyOf is what is kept of a mail for staff to see: all of it but its tokens and code.
func copyOf(account, mail uuid.UUID, rendered views.RenderedMail, words views.Mail) queries.MailCopyInsertParams {
	var pairs []string
	for _, token := range append(tokensIn(words.Link), tokensIn(words.StopURL)...) {
		pairs = append(pairs, token, removedToken)
	}
	if words.Code != "" {
		pairs = append(pairs, words.Code, removedCode)
	}
	blacken := strings.NewReplacer(pairs...)
	return queries.MailCopyInsertParams{AccountID: account, MailID: mail, Subject: blacken.Replace(rendered.Subject), BodyText: blacken.Replace(rendered.Text),
		BodyHtml: blacken.Replace(rendered.HTML)}
}

// shortestToken is below the length of every token there is, and above that of the words in our paths.
const shortestToken = 16

// tokensIn are the parts of an address that can let somebody in: the last of its path, and the values of its query.
func tokensIn(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	parts := []string{path.Base(u.Path)}
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	return slices.DeleteFunc(parts, func(part string) bool { return len(part) < shortestToken || uuid.Validate(part) == nil }) // an id lets nobody in
}
