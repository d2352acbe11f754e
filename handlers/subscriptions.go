package handlers

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// subscriptionsPage is a client's plans: what goes on, and what is over.
type subscriptionsPage struct {
	views.Page
	Rows []subscriptionCard
	Past []subscriptionCard
	Left int64 // older ones that are over and not shown

	InvoicesPath string // where what they were charged stands; empty: the client sees no invoices
}

// subscriptionCard is one plan in words.
type subscriptionCard struct {
	ID          uuid.UUID
	Title       string
	State       contactState
	Minor       int64
	Currency    string
	Every       string    // every month, every 3 months
	Next        time.Time // of the next charge; zero: there is none
	NextMinor   int64     // what it comes to, as far as Stripe knows now
	Trial       bool      // the next charge is the first
	Given       bool      // nothing is charged until the next charge, because the business gave these days
	Lasts       time.Time // until when access lasts, where it has an end; zero: it goes on
	Unpaid      bool      // a charge failed
	Lapsed      bool      // so long ago that its access has ended
	Ends        time.Time // when one ends that is not paid, or not yet, as was asked for; zero: it was not
	Paused      bool      // its charges are left out
	OnItsWay    bool      // the first money for it; nothing more is asked for
	Before      bool      // so that it gives nothing yet
	Waits       bool      // its trial is over, and there was nothing to charge
	Ended       time.Time // zero: it goes on
	Card        string    // what is charged; empty: not known
	CancelPath  string    // empty: nothing to cancel
	KeepPath    string    // empty: nothing to undo
	StartPath   string    // empty: it does not wait to be started
	PaymentPath string
	PayPath     string // of the charge that failed; empty: none can be paid
	DueMinor    int64  // what that comes to
	Coming      bool   // the money for it is on its way; nothing more is asked for
	Settles     bool   // it is not tried again by itself
	ChargesPath string // what it was charged; empty where that stands on the page
	AgainPath   string // where it can be bought once more; empty: it goes on, or is not sold any more
	Token       string
}

func (s *Site) subscriptionsIndex(c *fiber.Ctx) error {
	v := at(c)
	rows, err := s.q.SubscriptionListOfContact(c.UserContext(), queries.SubscriptionListOfContactParams{AccountID: v.account.ID, ContactID: v.client.ContactID, Now: v.now})
	if err != nil {
		return err
	}
	p := &subscriptionsPage{Page: s.page(c, v.labelOf(queries.AppSubscriptions))}
	for _, row := range rows {
		card := v.subscriptionCard(queries.SubscriptionOfContactRow{ID: row.ID, Title: row.Title, State: row.State, AmountMinor: row.AmountMinor, Currency: row.Currency,
			Charged: row.Charged, Every: row.Every, Card: row.Card, PeriodEndsAt: row.PeriodEndsAt, TrialEndsAt: row.TrialEndsAt, CancelsAt: row.CancelsAt,
			PastDueSince: row.PastDueSince, EndedAt: row.EndedAt, CollectionPaused: row.CollectionPaused, Given: row.Given, NextMinor: row.NextMinor, GraceDays: row.GraceDays, OrderID: row.OrderID, OnItsWay: row.OnItsWay,
			DueID: row.DueID, DueMinor: row.DueMinor, DueOnItsWay: row.DueOnItsWay})
		card.Token, card.ChargesPath = p.Token, "/subscriptions/"+row.ID.String()
		if !card.Ended.IsZero() && row.OfferName != "" {
			card.AgainPath = "/o/" + row.OfferName
		}
		if p.Left = row.InAll - int64(len(rows)); card.Ended.IsZero() {
			p.Rows = append(p.Rows, card)
		} else {
			p.Past = append(p.Past, card)
		}
	}
	if v.sees(queries.AppInvoices) {
		p.InvoicesPath = "/invoices"
	}
	return render(c, views.FramePortal, "subscriptions/index", "", p)
}

func (v *visit) subscriptionCard(row queries.SubscriptionOfContactRow) subscriptionCard {
	path := "/subscriptions/" + row.ID.String()
	card := subscriptionCard{ID: row.ID, Title: row.Title, Minor: row.AmountMinor, Currency: row.Currency, Every: everyWords(row.Charged, row.Every), Card: row.Card,
		Ended: v.localTime(row.EndedAt), PaymentPath: path + "/payment", NextMinor: row.AmountMinor}
	if row.NextMinor != nil {
		card.NextMinor = *row.NextMinor
	}
	mirrored := queries.MirroredSubscription{State: row.State, PeriodEnds: row.PeriodEndsAt, TrialEnds: row.TrialEndsAt, CancelsAt: row.CancelsAt, PastDueSince: row.PastDueSince}
	until, gone := mirrored.Lasts(int(row.GraceDays))
	card.Lasts = v.localTime(until)
	switch {
	case gone:
		card.State, card.PaymentPath = contactState{"Ended", "", "ban"}, ""
		return card
	case unpaid(row.State): // before its end, which is not what to know first
		card.State, card.Unpaid = contactState{"Payment failed", "error", "circle-alert"}, true
		card.Lapsed, card.DueMinor, card.Coming = until != nil && !until.After(v.now), row.DueMinor, row.DueOnItsWay
		if row.CancelsAt != nil {
			card.Ends, card.KeepPath = v.localTime(row.CancelsAt), path+"/keep"
		}
		if card.Coming { // Stripe's page asks for what is open, and money on its way cannot be called back
			card.State, card.PaymentPath = contactState{"Payment on its way", "info", "clock"}, ""
			return card
		}
		card.PayPath, card.Settles = v.payPath(row.DueID), row.State == queries.SubscriptionStateUnpaid
	case row.State == queries.SubscriptionStatePaused:
		card.State, card.Waits, card.StartPath = contactState{"No payment method", "warning", "circle-alert"}, true, path+"/keep"
	case row.OnItsWay:
		card.State, card.OnItsWay, card.Before, card.PaymentPath = contactState{"Payment on its way", "info", "clock"}, true, row.OrderID == nil, ""
		if row.CancelsAt != nil {
			card.Ends, card.KeepPath = v.localTime(row.CancelsAt), path+"/keep"
			return card
		}
		card.Next = row.PeriodEndsAt.In(v.now.Location())
	case row.CancelsAt != nil:
		card.State, card.KeepPath = contactState{"Ends " + v.dateWords(v.local(*row.CancelsAt)), "warning", "clock"}, path+"/keep"
		return card
	case row.CollectionPaused:
		card.State, card.Paused = contactState{"Paused", "warning", "clock"}, true
	case row.State == queries.SubscriptionStateTrialing && row.Given:
		card.State, card.Given, card.Next = contactState{"Active", "success", "circle-check"}, true, v.localTime(row.TrialEndsAt)
	case row.State == queries.SubscriptionStateTrialing:
		card.State, card.Trial, card.Next = contactState{"Trial", "info", "clock"}, true, v.localTime(row.TrialEndsAt)
	default:
		card.State, card.Next = contactState{"Active", "success", "circle-check"}, row.PeriodEndsAt.In(v.now.Location())
	}
	card.CancelPath = path + "/cancel"
	return card
}

// payPath is where a client pays an invoice; empty: there is none, or they see no invoices.
func (v *visit) payPath(invoice uuid.UUID) string {
	if invoice == uuid.Nil || !v.sees(queries.AppInvoices) {
		return ""
	}
	return "/invoices/" + invoice.String() + "/pay"
}

// unpaid says whether a charge of a subscription is open that failed, which Stripe may try again whatever else is asked for.
func unpaid(state queries.SubscriptionState) bool {
	return state == queries.SubscriptionStatePastDue || state == queries.SubscriptionStateUnpaid
}

// chargesPage is one plan with what it was charged.
type chargesPage struct {
	views.Page
	Card subscriptionCard
	Rows []invoiceRow
	Left bool // there are older charges

	InvoicesPath string // where they stand; empty: the client sees no invoices
}

func (s *Site) subscriptionsShow(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	row, charges, err := queries.LoadCharges(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, id)
	if err != nil {
		return err
	}
	p := &chargesPage{Page: s.page(c, row.Title), Card: v.subscriptionCard(row)}
	p.Card.Token = p.Token
	if charges, p.Left = cut(charges, queries.SubscriptionChargesListed); v.sees(queries.AppInvoices) {
		p.InvoicesPath = "/invoices"
	}
	for _, charge := range charges {
		p.Rows = append(p.Rows, v.invoiceRow(queries.InvoiceListOfContactRow(charge)))
	}
	return render(c, views.FramePortal, "subscriptions/show", "", p)
}

// everyWords says how often something is charged.
func everyWords(charged queries.PriceInterval, every int32) string {
	if every > 1 {
		return fmt.Sprintf("every %d %ss", every, charged)
	}
	return "every " + string(charged)
}

// cut leaves the first most of what may be one more, which only tells that there are others.
func cut[T any](rows []T, most int) (shown []T, more bool) {
	if len(rows) > most {
		return rows[:most], true
	}
	return rows, false
}
