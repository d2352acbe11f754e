package stripesim

import (
	"net/http"
	"strings"
	"time"
)

// portalView is the data of portal.html.
type portalView struct {
	Session       *PortalSession
	Business      text
	Subscriptions []portalSubscription
	Method        string
	Invoices      []*Invoice
}

// portalSubscription is a subscription in words.
type portalSubscription struct {
	ID, Words, State string
	Ends             bool
}

func portalsOf(b *books) *table[*PortalSession] { return &b.portalSessions }

func (s *Server) portalPage(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, portalsOf, func(b *books, session *PortalSession) {
		if session.Created+hour < b.now() {
			show(w, http.StatusGone, "notice.html", noticeView{"This link has expired", "Go back and open your billing anew.", string(session.ReturnURL), "Back"})
			return
		}
		show(w, http.StatusOK, "portal.html", b.portalView(session))
	})
}

func (b *books) portalView(session *PortalSession) portalView {
	view := portalView{Session: session, Business: b.accountName()}
	for _, s := range b.livingSubscriptionsOf(session.Customer) {
		var words []string
		for _, item := range s.Items.all {
			words = append(words, b.products.get(item.Price.Product).Name+", "+money(item.Price.UnitAmount*item.Quantity, s.Currency)+" per "+item.Price.Recurring.Interval)
		}
		row := portalSubscription{ID: s.ID, Words: strings.Join(words, "; "), Ends: s.CancelAt != 0, State: "Renews on " + longDate(s.CurrentPeriodEnd)}
		switch {
		case row.Ends:
			row.State = "Ends on " + longDate(int64(s.CancelAt))
		case s.Status == statusTrialing:
			row.State = "Free until " + longDate(s.CurrentPeriodEnd)
		case s.Status != statusActive:
			row.State = "Payment failed (" + s.Status + ")"
		}
		view.Subscriptions = append(view.Subscriptions, row)
	}
	if method := b.defaultMethod(session.Customer); method != nil {
		view.Method = method.words()
	} else if living := b.livingSubscriptionsOf(session.Customer); len(living) > 0 {
		if method := b.methodForSubscription(living[0]); method != nil {
			view.Method = method.words()
		}
	}
	for invoice := range b.invoices.newest() {
		if string(invoice.Customer) == session.Customer && invoice.Status != draft {
			view.Invoices = append(view.Invoices, invoice)
		}
	}
	return view
}

func longDate(at int64) string { return time.Unix(at, 0).UTC().Format("2 January 2006") }

func (method *PaymentMethod) words() string {
	if method.Card != nil {
		return method.Card.Brand + " •••• " + method.Card.Last4
	}
	return "Bank account •••• " + method.SepaDebit.Last4
}

func (s *Server) portalForm(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, portalsOf, func(b *books, session *PortalSession) {
		do := r.PostFormValue("do")
		c := &call{books: b}
		subscription := b.subscriptions.get(r.PostFormValue("subscription"))
		switch outcome, isMethod := portalMethods[do]; {
		case isMethod:
			b.replaceMethod(session.Customer, outcome)
		case subscription == nil || subscription.Customer != session.Customer || subscription.over():
			s.lostPage(w, r)
			return
		case do == "cancel" || do == "keep":
			atEnd := do == "cancel"
			c.planEnd(subscription, &subscriptionParams{CancelAtPeriodEnd: &atEnd})
			b.emit("customer.subscription.updated", subscription)
		}
		onward(w, r, r.URL.Path)
	})
}

var portalMethods = map[string]Outcome{"good_card": Pays, "bad_card": AttachesThenNo, "secure_card": Authenticates, "debit": Debits}

// replaceMethod gives a customer and their subscriptions another payment method, as the portal does.
func (b *books) replaceMethod(id string, outcome Outcome) {
	customer := b.customers.get(id)
	if customer == nil {
		return
	}
	method := b.method(outcome, &customerDetails{Email: customer.Email, Name: customer.Name})
	method.Customer = ref(id)
	b.emit("payment_method.attached", method)
	customer.InvoiceSettings.DefaultPaymentMethod = ref(method.ID)
	b.emit("customer.updated", customer)
	for _, s := range b.livingSubscriptionsOf(id) {
		if s.DefaultPaymentMethod != "" {
			s.DefaultPaymentMethod = ref(method.ID)
			b.emit("customer.subscription.updated", s)
		}
	}
}
