package stripesim

import (
	"fmt"
	"iter"
	"strings"
)

// books are all objects of one account: of the platform, or of one connected account. Nothing points from one to another.
type books struct {
	s       *Server
	account string // empty: the platform

	customers        table[*Customer]
	products         table[*Product]
	prices           table[*Price]
	taxRates         table[*TaxRate]
	coupons          table[*Coupon]
	promotionCodes   table[*PromotionCode]
	discounts        table[*Discount]
	paymentMethods   table[*PaymentMethod]
	paymentIntents   table[*PaymentIntent]
	charges          table[*Charge]
	refunds          table[*Refund]
	disputes         table[*Dispute]
	transactions     table[*BalanceTransaction]
	invoices         table[*Invoice]
	invoiceItems     table[*InvoiceItem]
	subscriptions    table[*Subscription]
	sessions         table[*CheckoutSession]
	portalSessions   table[*PortalSession]
	webhookEndpoints table[*WebhookEndpoint]
	events           table[*Event]

	seen map[string]map[string]any // each object as its last event showed it, for previous_attributes
}

func newBooks(s *Server, account string) *books {
	return &books{s: s, account: account, seen: map[string]map[string]any{}}
}

func (b *books) now() int64 { return b.s.now() }

// name is what every object begins with.
type name struct {
	ID     string `json:"id"`
	Object string `json:"object"`
}

func (n *name) key() string { return n.ID }

// head is what nearly every object begins with.
type head struct {
	name
	Created  int64 `json:"created"`
	Livemode bool  `json:"livemode"`
}

// newHead names a new object, by a counter, so that the same calls give the same ids.
func (b *books) newHead(prefix, kind string) head {
	return head{name: name{b.s.newID(prefix), kind}, Created: b.now()}
}

func (s *Server) newID(prefix string) string {
	s.counters[prefix]++
	return fmt.Sprintf("%s_%014d", prefix, s.counters[prefix])
}

// object is what a table holds.
type object interface{ key() string }

// table keeps objects in the order they were made.
type table[T object] struct {
	ids  []string
	rows map[string]T
}

func (t *table[T]) add(row T) T {
	if t.rows == nil {
		t.rows = map[string]T{}
	}
	if _, there := t.rows[row.key()]; !there {
		t.ids = append(t.ids, row.key())
	}
	t.rows[row.key()] = row
	return row
}

// get finds a row; nil where there is none.
func (t *table[T]) get(id string) T { return t.rows[id] }

func (t *table[T]) remove(id string) { delete(t.rows, id) }

// all goes from the oldest to the newest. Rows made meanwhile are not among them.
func (t *table[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, id := range t.ids[:len(t.ids):len(t.ids)] {
			if row, there := t.rows[id]; there && !yield(row) {
				return
			}
		}
	}
}

// newest goes the other way round, as lists do.
func (t *table[T]) newest() iter.Seq[T] {
	return func(yield func(T) bool) {
		for n := len(t.ids) - 1; n >= 0; n-- {
			if row, there := t.rows[t.ids[n]]; there && !yield(row) {
				return
			}
		}
	}
}

// need is the row, or the error that Stripe answers for an id it does not know. The kind is written as Stripe writes it: customer.
func (t *table[T]) need(id, kind, param string) (T, error) {
	row, there := t.rows[id]
	if !there {
		return row, missing(kind, id, param)
	}
	return row, nil
}

// find looks an id up for an expansion; nil where there is none.
func (b *books) find(id string) any {
	prefix := id[:max(0, strings.LastIndex(id, "_"))]
	for _, place := range []struct {
		prefix string
		get    func(string) (any, bool)
	}{
		{"cus", look(&b.customers)}, {"price", look(&b.prices)}, {"txr", look(&b.taxRates)}, {"promo", look(&b.promotionCodes)},
		{"di", look(&b.discounts)}, {"pm", look(&b.paymentMethods)}, {"pi", look(&b.paymentIntents)}, {"ch", look(&b.charges)},
		{"py", look(&b.charges)}, {"re", look(&b.refunds)}, {"dp", look(&b.disputes)}, {"txn", look(&b.transactions)},
		{"in", look(&b.invoices)}, {"ii", look(&b.invoiceItems)}, {"sub", look(&b.subscriptions)}, {"cs_test", look(&b.sessions)},
		{"acct", look(&b.s.accounts)},
	} {
		if place.prefix == prefix {
			row, _ := place.get(id)
			return row
		}
	}
	row, _ := look(&b.products)(id) // whose ids can be anything
	return row
}

func look[T object](t *table[T]) func(string) (any, bool) {
	return func(id string) (any, bool) {
		if row, there := t.rows[id]; there {
			return row, true
		}
		return nil, false
	}
}
