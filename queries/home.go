package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// HomeAsked says what a client's home page shows, which are the apps that they see.
type HomeAsked struct {
	AccountID, ContactID             uuid.UUID
	Courses, Invoices, Subscriptions bool
	Now                              time.Time
}

// Home is what waits for a client.
type Home struct {
	Courses  []LearningCoursesRow
	Invoices []InvoiceWaitingRow     // to be paid
	Unpaid   []SubscriptionUnpaidRow // whose charge failed, or cannot be made
}

// LoadHome reads it in one round trip, or in none when nothing of it is shown.
func LoadHome(ctx context.Context, db DB, a HomeAsked) (h Home, err error) {
	var b batch
	if a.Courses {
		many(&b, &h.Courses, func(q *Queries) ([]LearningCoursesRow, error) {
			return q.LearningCourses(ctx, LearningCoursesParams{AccountID: a.AccountID, ContactID: a.ContactID, Now: a.Now})
		})
	}
	if a.Invoices {
		many(&b, &h.Invoices, func(q *Queries) ([]InvoiceWaitingRow, error) {
			return q.InvoiceWaiting(ctx, InvoiceWaitingParams{AccountID: a.AccountID, ContactID: a.ContactID})
		})
	}
	if a.Subscriptions {
		many(&b, &h.Unpaid, func(q *Queries) ([]SubscriptionUnpaidRow, error) {
			return q.SubscriptionUnpaid(ctx, SubscriptionUnpaidParams{AccountID: a.AccountID, ContactID: a.ContactID})
		})
	}
	if b.Len() == 0 {
		return h, nil
	}
	return h, b.send(ctx, db)
}
