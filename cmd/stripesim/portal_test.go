package stripesim_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

func TestPortal(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer.ID, nil)
	session := must(s.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Customer: stripe.String(customer.ID), ReturnURL: stripe.String("http://acme.test/subscriptions")}))
	b := s.browser()
	b.open(session.URL)
	b.sees("€19.00 per month", "Renews on 2 April 2026", "visa •••• 4242", "SIM00001-0001", `href="http://acme.test/subscriptions"`)
	b.press("cancel", "subscription", sub.ID)
	b.sees("Ends on 2 April 2026")
	is(t, "canceled at the end", s.subscription(sub.ID).CancelAtPeriodEnd, true)
	b.press("keep", "subscription", sub.ID)
	is(t, "kept", s.subscription(sub.ID).CancelAtPeriodEnd, false)
	b.press("bad_card")
	b.sees("•••• 4242")
	s.advance(31*day + time.Hour)
	is(t, "with the bad card", s.subscription(sub.ID).Status, stripe.SubscriptionStatusPastDue)
	b.open(session.URL)
	is(t, "an old link", b.code, 410)
	flow := must(s.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Customer: stripe.String(customer.ID), FlowData: &stripe.BillingPortalSessionFlowDataParams{Type: stripe.String("payment_method_update")}}))
	b.open(flow.URL)
	b.press("good_card")
	s.advance(3 * day)
	is(t, "with a good one", s.subscription(sub.ID).Status, stripe.SubscriptionStatusActive)
	other := s.subscribe(s.customer("pm_card_visa").ID, nil)
	fresh := must(s.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Customer: stripe.String(customer.ID)}))
	b.open(fresh.URL)
	b.press("cancel", "subscription", other.ID)
	is(t, "somebody else's", b.code, 404)
}
