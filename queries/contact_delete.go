package queries

import (
	"context"
	"strings"

	"github.com/google/uuid"
)

// InTheWayShown is how much of what is in the way of deleting a contact is said at once.
const InTheWayShown = 20

// DeleteContact removes a contact with everything that is theirs, and returns their address. ErrNotFound without such a contact; Invalid, with
// what to end first, while money can still be taken from them: they would be charged without a portal to end it in.
func DeleteContact(ctx context.Context, q *Queries, account, id uuid.UUID) (email string, err error) {
	// What goes along is locked in the order of locks.
	if _, err := q.SignInRequestLockOfContact(ctx, SignInRequestLockOfContactParams{AccountID: account, ContactID: id}); err != nil {
		return "", err
	}
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: id}); err != nil { // so that nothing new comes after the look
		return "", Kind(err)
	}
	rows, err := q.ContactInTheWay(ctx, ContactInTheWayParams{AccountID: account, ContactID: id})
	if err != nil {
		return "", err
	} else if len(rows) > 0 {
		words := make([]string, len(rows))
		for i, row := range rows {
			words[i] = row.Words()
		}
		return "", Invalid{Message: "Money can still be taken from them. " + strings.Join(words, " ")}
	}
	row, err := q.ContactDelete(ctx, ContactDeleteParams{AccountID: account, ID: id})
	return row.Email, Kind(err)
}

// Words say what has to be done about it, in a sentence.
func (r ContactInTheWayRow) Words() string {
	switch {
	case r.Kind == "subscription":
		return "End the subscription “" + r.Title + "” now."
	case r.Kind == "checkout":
		return "Wait until the payment of “" + r.Title + "” has come or failed."
	case r.Coming:
		return "Wait until the payment of invoice " + r.Title + " has come or failed."
	}
	return "Void invoice " + r.Title + ", or have it paid."
}
