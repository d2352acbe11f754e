package queries

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// patternOf is what is looked for as a LIKE pattern; nil for everything. ascii is one as well, for addresses, whose domains are stored in
// ASCII; nil where it is the same there. ok is false for what no text of Postgres is like.
func patternOf(search string) (pattern, ascii *string, ok bool) {
	if search == "" {
		return nil, nil, true
	}
	if !utf8.ValidString(search) || strings.Contains(search, "\x00") {
		return nil, nil, false
	}
	text := "%" + likeText.Replace(strings.ToLower(search)) + "%"
	if domain := inDomain(search); domain != "" {
		ascii = &domain
	}
	return &text, ascii, true
}

// InvoicesAsked is one page of an account's invoices.
type InvoicesAsked struct {
	AccountID uuid.UUID
	Shown     string // a state as staff know it; empty: all
	Search    string // a part of number, name or address
	BeforeAt  time.Time
	BeforeID  uuid.UUID // with BeforeAt where the page before ended; LastID for the first
	Size      int32
	Now       time.Time
}

// ListInvoices answers one page, newest first, whether there are more, and what is outstanding in all.
func ListInvoices(ctx context.Context, db DB, a InvoicesAsked) (rows []InvoiceListRow, more bool, sums []InvoiceSumsRow, err error) {
	var b batch
	many(&b, &sums, func(q *Queries) ([]InvoiceSumsRow, error) {
		return q.InvoiceSums(ctx, InvoiceSumsParams{AccountID: a.AccountID, Now: a.Now})
	})
	if pattern, ascii, ok := patternOf(a.Search); ok {
		many(&b, &rows, func(q *Queries) ([]InvoiceListRow, error) {
			return q.InvoiceList(ctx, InvoiceListParams{AccountID: a.AccountID, Shown: a.Shown, Pattern: pattern, Ascii: ascii, BeforeAt: a.BeforeAt, BeforeID: a.BeforeID, PageSize: a.Size + 1, Now: a.Now})
		})
	}
	err = b.send(ctx, db)
	if len(rows) > int(a.Size) {
		return rows[:a.Size], true, sums, err
	}
	return rows, false, sums, err
}

// ListInvoicesOfContact answers one page of a client's invoices, as InvoiceListOfContact, and how many of all of them are to be paid.
func ListInvoicesOfContact(ctx context.Context, db DB, a InvoiceListOfContactParams) (rows []InvoiceListOfContactRow, toPay int64, err error) {
	var b batch
	many(&b, &rows, func(q *Queries) ([]InvoiceListOfContactRow, error) { return q.InvoiceListOfContact(ctx, a) })
	one(&b, &toPay, func(q *Queries) (int64, error) {
		return q.InvoiceToPayCount(ctx, InvoiceToPayCountParams{AccountID: a.AccountID, ContactID: a.ContactID})
	})
	return rows, toPay, b.send(ctx, db)
}

// SubscriptionsAsked is one page of an account's subscriptions.
type SubscriptionsAsked struct {
	AccountID uuid.UUID
	Shown     string    // a state as staff know it; empty: all
	Search    string    // a part of title, name or address
	Before    uuid.UUID // the last id of the page before; LastID for the first
	Size      int32
	Since     time.Time // from when on those are counted that began and ended
	Now       time.Time
}

// SubscriptionPage is such a page with its figures.
type SubscriptionPage struct {
	Rows    []SubscriptionListRow
	More    bool
	Figures SubscriptionFiguresRow
	Revenue []SubscriptionRevenueRow
}

// ListSubscriptions answers one page, newest first.
func ListSubscriptions(ctx context.Context, db DB, a SubscriptionsAsked) (p SubscriptionPage, err error) {
	var b batch
	one(&b, &p.Figures, func(q *Queries) (SubscriptionFiguresRow, error) {
		return q.SubscriptionFigures(ctx, SubscriptionFiguresParams{AccountID: a.AccountID, Since: a.Since})
	})
	many(&b, &p.Revenue, func(q *Queries) ([]SubscriptionRevenueRow, error) {
		return q.SubscriptionRevenue(ctx, SubscriptionRevenueParams{AccountID: a.AccountID, Now: a.Now})
	})
	if pattern, ascii, ok := patternOf(a.Search); ok {
		many(&b, &p.Rows, func(q *Queries) ([]SubscriptionListRow, error) {
			return q.SubscriptionList(ctx, SubscriptionListParams{AccountID: a.AccountID, Shown: a.Shown, Pattern: pattern, Ascii: ascii, Before: a.Before, PageSize: a.Size + 1})
		})
	}
	err = b.send(ctx, db)
	if p.More = len(p.Rows) > int(a.Size); p.More {
		p.Rows = p.Rows[:a.Size]
	}
	return p, err
}

// How many charges of a subscription stand on its page, for staff and for its client; one more is read where there are more.
const (
	SubscriptionChargesShown  = 24
	SubscriptionChargesListed = 60
)

// SubscriptionLoaded is one subscription for staff, with what it was charged and what ends with it.
type SubscriptionLoaded struct {
	SubscriptionOfAccountRow
	Invoices []SubscriptionInvoicesRow
	Ends     []SubscriptionEndsRow
}

// LoadSubscription reads it; ErrNotFound without it in the account.
func LoadSubscription(ctx context.Context, db DB, account, id uuid.UUID, now time.Time) (l SubscriptionLoaded, err error) {
	var b batch
	one(&b, &l.SubscriptionOfAccountRow, func(q *Queries) (SubscriptionOfAccountRow, error) {
		return q.SubscriptionOfAccount(ctx, SubscriptionOfAccountParams{AccountID: account, ID: id})
	})
	many(&b, &l.Invoices, func(q *Queries) ([]SubscriptionInvoicesRow, error) {
		return q.SubscriptionInvoices(ctx, SubscriptionInvoicesParams{AccountID: account, SubscriptionID: id})
	})
	many(&b, &l.Ends, func(q *Queries) ([]SubscriptionEndsRow, error) {
		return q.SubscriptionEnds(ctx, SubscriptionEndsParams{AccountID: account, ID: id, Now: now})
	})
	return l, b.send(ctx, db)
}

// PlansLoaded is what a subscription can change to, and what another plan brings and takes.
type PlansLoaded struct {
	SubscriptionOfAccountRow
	Plans   []SubscriptionPlansRow
	Courses []SubscriptionPlanCoursesRow // with the price that was asked about
}

// LoadPlans reads it; ErrNotFound without such a subscription in the account.
func LoadPlans(ctx context.Context, db DB, account, id, price uuid.UUID, now time.Time) (l PlansLoaded, err error) {
	var b batch
	one(&b, &l.SubscriptionOfAccountRow, func(q *Queries) (SubscriptionOfAccountRow, error) {
		return q.SubscriptionOfAccount(ctx, SubscriptionOfAccountParams{AccountID: account, ID: id})
	})
	many(&b, &l.Plans, func(q *Queries) ([]SubscriptionPlansRow, error) {
		return q.SubscriptionPlans(ctx, SubscriptionPlansParams{AccountID: account, ID: id})
	})
	many(&b, &l.Courses, func(q *Queries) ([]SubscriptionPlanCoursesRow, error) {
		return q.SubscriptionPlanCourses(ctx, SubscriptionPlanCoursesParams{AccountID: account, ID: id, PriceID: price, Now: now})
	})
	return l, b.send(ctx, db)
}

// LoadSubscriptionOfContact reads a client's own with the courses it gives; ErrNotFound when it is not theirs.
func LoadSubscriptionOfContact(ctx context.Context, db DB, account, contact, id uuid.UUID, now time.Time) (row SubscriptionOfContactRow, gives []SubscriptionGivesRow, err error) {
	var b batch
	one(&b, &row, func(q *Queries) (SubscriptionOfContactRow, error) {
		return q.SubscriptionOfContact(ctx, SubscriptionOfContactParams{AccountID: account, ContactID: contact, ID: id})
	})
	many(&b, &gives, func(q *Queries) ([]SubscriptionGivesRow, error) {
		return q.SubscriptionGives(ctx, SubscriptionGivesParams{AccountID: account, ContactID: contact, ID: id, Now: now})
	})
	return row, gives, b.send(ctx, db)
}

// LoadCharges reads a client's own subscription with what it was charged; ErrNotFound when it is not theirs.
func LoadCharges(ctx context.Context, db DB, account, contact, id uuid.UUID) (row SubscriptionOfContactRow, charges []SubscriptionChargesRow, err error) {
	var b batch
	one(&b, &row, func(q *Queries) (SubscriptionOfContactRow, error) {
		return q.SubscriptionOfContact(ctx, SubscriptionOfContactParams{AccountID: account, ContactID: contact, ID: id})
	})
	many(&b, &charges, func(q *Queries) ([]SubscriptionChargesRow, error) {
		return q.SubscriptionCharges(ctx, SubscriptionChargesParams{AccountID: account, ContactID: contact, SubscriptionID: id})
	})
	return row, charges, b.send(ctx, db)
}

// OrdersAsked is one page of an account's orders.
type OrdersAsked struct {
	AccountID uuid.UUID
	Shown     string    // paid, refunded or free; empty: all
	Search    string    // a part of title, name or address
	Before    uuid.UUID // the last id of the page before; LastID for the first
	Size      int32
}

// ListOrders answers one page, newest first, and whether there are more.
func ListOrders(ctx context.Context, q *Queries, a OrdersAsked) (rows []OrderListRow, more bool, err error) {
	pattern, ascii, ok := patternOf(a.Search)
	if !ok {
		return nil, false, nil
	}
	rows, err = q.OrderList(ctx, OrderListParams{AccountID: a.AccountID, Shown: a.Shown, Pattern: pattern, Ascii: ascii, Before: a.Before, PageSize: a.Size + 1})
	if len(rows) > int(a.Size) {
		return rows[:a.Size], true, err
	}
	return rows, false, err
}

// LoadOrder reads one with the courses it gives; ErrNotFound without it in the account.
func LoadOrder(ctx context.Context, db DB, account, id uuid.UUID, now time.Time) (row OrderOfAccountRow, gives []OrderGivesRow, err error) {
	var b batch
	one(&b, &row, func(q *Queries) (OrderOfAccountRow, error) {
		return q.OrderOfAccount(ctx, OrderOfAccountParams{AccountID: account, ID: id})
	})
	many(&b, &gives, func(q *Queries) ([]OrderGivesRow, error) {
		return q.OrderGives(ctx, OrderGivesParams{AccountID: account, ID: id, Now: now})
	})
	return row, gives, b.send(ctx, db)
}
