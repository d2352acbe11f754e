package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
)

// demoSale is one purchase: how many days ago, by whom, of what.
type demoSale struct {
	days         int
	email, offer string
	alone        bool // it is all that gives the course: what staff had given of it is gone
}

// demoSales are in the order of time. Renewals happen by themselves.
var demoSales = []demoSale{
	{days: 71, email: "ana@example.com", offer: "leaders-circle", alone: true},
	{days: 66, email: "olumide@example.org", offer: "leaders-circle"},
	{days: 58, email: "chiara.rinaldi@example.net", offer: "a-week-that-works"},
	{days: 52, email: "henrik@example.com", offer: "leaders-circle"},
	{days: 40, email: "mateusz@example.net", offer: "a-week-that-works"},
	{days: 33, email: "leila@example.com", offer: "leaders-circle", alone: true},
	{days: 19, email: "kenji.watanabe@example.org", offer: "leaders-circle", alone: true},
	{days: 9, email: "zanele@example.org", offer: "leaders-circle"},
}

// demoBill is an invoice Acme's staff sent, for something beside the offers.
type demoBill struct {
	days, due   int // ago that it was sent; days to pay it
	email, text string
	minor       int64
	pays        string // the button its client has pressed, a day later; empty: none yet
}

var demoBills = []demoBill{
	{30, 14, "ana@example.com", "Strategy session, 90 minutes", 18000, "pay"},
	{12, 7, "chiara.rinaldi@example.net", "Team workshop, half a day", 64000, ""},
	{5, 14, "ana@example.com", "Two coaching sessions in November", 24000, ""},
	{3, 14, "mateusz@example.net", "Offsite preparation", 32000, "debit"},
}

// isFresh says whether there is no account yet.
func (pr *program) isFresh(ctx context.Context) (bool, error) {
	accounts, err := queries.New(pr.database.pool).AccountList(ctx)
	return len(accounts) == 0, err
}

// seller sells for an account of the demo: what clients press at the stand-in is pressed there, what the program does it does by
// its own door and verbs, and what comes of it is what Stripe would say.
type seller struct {
	demoStripe
	pr      *program
	door    *billing.Door
	q       *queries.Queries
	account uuid.UUID
	now     time.Time
	people  map[string]string // Stripe's ids of customers, by address
}

// sell makes the past of what Acme has sold, and has Lumen sell through a Stripe account of its own.
func (d demoStripe) sell(ctx context.Context, pr *program) error {
	s := seller{demoStripe: d, pr: pr, door: pr.stripe(), q: queries.New(pr.database.pool), now: time.Now(), people: map[string]string{}}
	accounts, err := s.q.AccountList(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if s.account = a.ID; strings.EqualFold(a.Slug, demoBusinesses[1].slug) {
			err = s.connect(ctx, a.Name)
		}
		if err == nil {
			err = s.offers(ctx, a.Slug)
		}
		if err != nil {
			return err
		}
	}
	for _, a := range accounts {
		if s.account = a.ID; strings.EqualFold(a.Slug, demoBusinesses[0].slug) {
			if err := s.past(ctx); err != nil {
				return err
			}
		}
	}
	return s.heard(ctx, accounts)
}

// heard writes down what the stand-in has to tell of the past as reports that came at once and were taken, as they are from now on.
func (s seller) heard(ctx context.Context, accounts []queries.AccountListRow) error {
	for _, a := range accounts {
		seller, err := s.q.AccountOfStripe(ctx, a.ID)
		if err != nil {
			return err
		}
		events, err := s.door.EventsSince(ctx, seller, s.now.Add(-demoPast))
		if err != nil {
			return err
		}
		err = queries.InTx(ctx, s.pr.database.pool, func(q *queries.Queries, _ pgx.Tx) error {
			for _, e := range events {
				if err := wasTaken(ctx, q, seller, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func wasTaken(ctx context.Context, q *queries.Queries, seller string, e billing.Event) error {
	_, err := q.StripeEventInsert(ctx, queries.StripeEventInsertParams{StripeAccount: seller, ID: e.ID, Type: e.Type, ObjectID: e.Object, CreatedAt: e.Created, Now: e.Created.Add(time.Second)})
	if err != nil {
		return err
	}
	return q.StripeEventSetState(ctx, queries.StripeEventSetStateParams{StripeAccount: seller, ID: e.ID, State: queries.StripeEventStateDone, Now: e.Created.Add(2 * time.Second)})
}

// connect has an account sell through one of its own at Stripe, whose owner has told all.
func (s seller) connect(ctx context.Context, name string) error {
	id, err := s.door.MakeSeller(ctx, billing.NewSeller{AccountID: s.account, Name: name, URL: "https://" + demoBusinesses[1].slug + ".example"})
	if err != nil {
		return err
	}
	if err := s.control(ctx, "onboard", map[string]any{"id": id}); err != nil {
		return err
	}
	return queries.InTx(ctx, s.pr.database.pool, func(q *queries.Queries, _ pgx.Tx) error {
		_, err := queries.SellThrough(ctx, q, s.account, id, s.now)
		return err
	})
}

// control tells the stand-in what only it can know.
func (s seller) control(ctx context.Context, command string, in any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/_control/"+command, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	response, err := demoAsks.Do(r)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", command, response.Status)
	}
	return errors.Join(err, response.Body.Close())
}

// past lets the days go by, from the first offer until now, and then looks at everything once.
func (s seller) past(ctx context.Context) error {
	for day := 72; day >= 0; day-- {
		at := s.now.AddDate(0, 0, -day).Add(-2 * time.Hour)
		if err := s.AdvanceTo(at); err != nil {
			return err
		}
		for _, sale := range demoSales {
			if sale.days == day {
				if err := s.buy(ctx, sale, at); err != nil {
					return fmt.Errorf("%s of %s: %w", sale.offer, sale.email, err)
				}
			}
		}
		for _, bill := range demoBills {
			if bill.days == day {
				if err := s.bill(ctx, bill); err != nil {
					return fmt.Errorf("%s: %w", bill.text, err)
				}
			}
		}
		if err := s.happens(ctx, day); err != nil {
			return err
		}
	}
	return s.look(ctx)
}

// happens is what clients do besides buying: Henrik leaves, and Leila's card stops working before it is charged again.
func (s seller) happens(ctx context.Context, day int) error {
	switch day {
	case 30:
		id, err := s.subscriptionOf(ctx, "henrik@example.com")
		if err != nil {
			return err
		}
		return s.door.CancelAtPeriodEnd(ctx, "", id, "demo-"+id, true)
	case 10:
		var cards struct {
			Data []struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		if err := s.ask(ctx, http.MethodGet, "/v1/customers/"+s.people["leila@example.com"]+"/payment_methods", nil, &cards); err != nil {
			return err
		}
		for _, card := range cards.Data {
			if err := s.control(ctx, "outcome", map[string]any{"id": card.ID, "outcome": "declines"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// buy goes the way of a signed-in client: from the offer to the stand-in's page, and back with the order.
func (s seller) buy(ctx context.Context, sale demoSale, at time.Time) error {
	client, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: sale.email})
	if err != nil {
		return err
	}
	price, err := s.q.OfferPriceByName(ctx, queries.OfferPriceByNameParams{AccountID: s.account, Name: sale.offer, ContactID: client.ID})
	if err != nil {
		return err
	}
	n := billing.NewCheckout{AccountID: s.account, ID: queries.NewID(), Price: price.StripePriceID, Subscribes: price.Charged != queries.PriceIntervalOnce, Invoiced: price.PurchaseInvoices,
		Email: sale.email, Customer: price.Customer, Success: s.pr.addresses.Portal(demoBusinesses[0].slug, "") + "/checkout/return", Cancel: s.pr.addresses.Portal(demoBusinesses[0].slug, "")}
	if err := s.q.CheckoutInsert(ctx, queries.CheckoutInsertParams{AccountID: s.account, ID: n.ID, OfferID: price.OfferID, PriceID: price.ID, ContactID: &client.ID,
		BrowserHash: queries.TokenHash(queries.NewToken()), Now: at}); err != nil {
		return err
	}
	started, err := s.door.StartCheckout(ctx, n)
	if err != nil {
		return err
	}
	if err := s.q.CheckoutSetSession(ctx, queries.CheckoutSetSessionParams{AccountID: s.account, ID: n.ID, StripeSessionID: started.SessionID, Now: at}); err != nil {
		return err
	}
	if err := s.ask(ctx, http.MethodPost, started.URL, url.Values{"do": {"pay"}, "email": {sale.email}, "name": {client.Name}}, nil); err != nil {
		return err
	}
	paid, err := s.door.Checkout(ctx, "", started.SessionID)
	if err != nil {
		return err
	}
	s.people[sale.email] = paid.Customer
	return queries.InTx(ctx, s.pr.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
		_, err := queries.Fulfil(ctx, q, queries.Paid{AccountID: s.account, CheckoutID: n.ID, SessionID: paid.SessionID, Email: sale.email, Name: client.Name,
			AmountMinor: paid.AmountMinor, Currency: paid.Currency, Customer: paid.Customer, Payment: paid.Payment, Subscription: paid.Subscription, Now: at})
		if err == nil && sale.alone {
			_, err = tx.Exec(ctx, "DELETE FROM access_grant g USING offer_course o WHERE g.account_id = $1 AND g.contact_id = $2 AND g.source = 'manual' AND o.account_id = g.account_id AND o.offer_id = $3 AND o.course_id = g.course_id",
				s.account, client.ID, price.OfferID)
		}
		return err
	})
}

// bill sends an invoice, and has its client pay it where they did.
func (s seller) bill(ctx context.Context, b demoBill) error {
	var invoice struct {
		ID        string `json:"id"`
		HostedURL string `json:"hosted_invoice_url"`
	}
	customer := s.people[b.email]
	if err := s.ask(ctx, http.MethodPost, "/v1/invoices", url.Values{"customer": {customer}, "collection_method": {"send_invoice"}, "days_until_due": {strconv.Itoa(b.due)}, "currency": {"eur"},
		"metadata[atrium_account]": {s.account.String()}}, &invoice); err != nil {
		return err
	}
	if err := s.ask(ctx, http.MethodPost, "/v1/invoiceitems", url.Values{"customer": {customer}, "invoice": {invoice.ID}, "amount": {strconv.FormatInt(b.minor, 10)}, "currency": {"eur"},
		"description": {b.text}}, nil); err != nil {
		return err
	}
	if err := s.ask(ctx, http.MethodPost, "/v1/invoices/"+invoice.ID+"/send", nil, &invoice); err != nil || b.pays == "" {
		return err
	}
	return s.ask(ctx, http.MethodPost, invoice.HostedURL, url.Values{"do": {b.pays}}, nil)
}

// subscriptionOf is the one a client has.
func (s seller) subscriptionOf(ctx context.Context, email string) (id string, err error) {
	ids, err := s.list(ctx, "/v1/subscriptions?limit=1&customer="+s.people[email])
	if err != nil || len(ids) == 0 {
		return "", fmt.Errorf("a subscription of %s: %w", email, err)
	}
	return ids[0], nil
}

func (s seller) list(ctx context.Context, path string) (ids []string, err error) {
	var there struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	err = s.ask(ctx, http.MethodGet, path, nil, &there)
	for _, one := range there.Data {
		ids = append(ids, one.ID)
	}
	return ids, err
}

// look has every subscription and invoice written here as it stands there.
func (s seller) look(ctx context.Context) error {
	if err := s.AdvanceTo(s.now); err != nil {
		return err
	}
	queue, err := jobs.NewQueue(s.pr.database.pool, s.pr.clock.Now)
	if err != nil {
		return err
	}
	for _, path := range []string{"/v1/subscriptions?limit=100&status=all", "/v1/invoices?limit=100"} {
		ids, err := s.list(ctx, path)
		if err != nil {
			return err
		}
		for _, id := range ids {
			err := queries.InTx(ctx, s.pr.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
				return queue.LookNow(ctx, q, tx, s.door, "", id, s.now)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
