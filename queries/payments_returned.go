package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// ReturnedForget is how long after their payment came back the address of somebody who is no contact is kept, for staff to see in the
// mail log what they were told.
const ReturnedForget = FormForget

// ReturnedPayment says what a bank did not pay: one of the two.
type ReturnedPayment struct {
	AccountID  uuid.UUID
	CheckoutID *uuid.UUID // something bought, which then is not
	InvoiceID  *uuid.UUID // an invoice, which is open again
	Now        time.Time
}

// PaymentReturned writes the mail that tells a client, or who wanted to become one, that their bank did not pay, and how to pay again. It
// returns the mail's id, for whose sending the caller inserts the job in the same transaction; nil when they were told already, their
// address refuses mail, or it is paid meanwhile. It goes also to who wants no automatic mails: they wait for what they paid for.
func (m MailMaker) PaymentReturned(ctx context.Context, q *Queries, r ReturnedPayment) (*uuid.UUID, error) {
	mail := MailInsertParams{AccountID: r.AccountID, Kind: MailKindPaymentReturned, CheckoutID: r.CheckoutID, InvoiceID: r.InvoiceID, Now: r.Now}
	var err error
	if r.CheckoutID != nil {
		var row CheckoutReturnedRow
		row, err = q.CheckoutReturned(ctx, CheckoutReturnedParams{AccountID: r.AccountID, ID: *r.CheckoutID})
		mail.ToEmail, mail.ContactID = row.Email, row.ContactID
	} else {
		var row InvoiceReturnedRow
		row, err = q.InvoiceReturned(ctx, InvoiceReturnedParams{AccountID: r.AccountID, ID: *r.InvoiceID})
		mail.ToEmail, mail.ContactID = row.Email, &row.ContactID
	}
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	id, err := m.Mail(ctx, q, mail)
	return &id, err
}
