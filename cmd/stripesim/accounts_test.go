package stripesim_test

import (
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

func TestAccounts(t *testing.T) {
	s := start(t, stripesim.Options{})
	account := must(s.Accounts.New(&stripe.AccountParams{Type: stripe.String("standard"), Email: stripe.String("maya@acme.example"), BusinessProfile: &stripe.AccountBusinessProfileParams{Name: stripe.String("Acme")},
		Capabilities: &stripe.AccountCapabilitiesParams{CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)}}}))
	is(t, "can charge at first", account.ChargesEnabled, false)
	link := func() string {
		return must(s.AccountLinks.New(&stripe.AccountLinkParams{Account: stripe.String(account.ID), Type: stripe.String("account_onboarding"), ReturnURL: stripe.String("http://acme.test/back"), RefreshURL: stripe.String("http://acme.test/again")})).URL
	}
	b := s.browser()
	b.open(link())
	b.sees("Connect Acme")
	b.press("leave")
	is(t, "left for later", b.at, "http://acme.test/back")
	is(t, "can charge after that", must(s.Accounts.GetByID(account.ID, nil)).ChargesEnabled, false)
	old := link()
	s.advance(day)
	b.open(old)
	is(t, "an old link", b.at, "http://acme.test/again")
	b.open(link())
	b.press("finish")
	is(t, "finished", b.at, "http://acme.test/back")
	done := must(s.Accounts.Update(account.ID, &stripe.AccountParams{Metadata: map[string]string{"account": "7"}}))
	is(t, "can charge", done.ChargesEnabled && done.DetailsSubmitted && done.Capabilities.CardPayments == stripe.AccountCapabilityStatusActive, true)
	platform := must(s.Accounts.Get())
	is(t, "the platform", platform.ID, "acct_platform")
	other := must(s.Accounts.New(&stripe.AccountParams{}))
	s.do(s.server.Onboard(other.ID))
	accounts := s.Accounts.List(&stripe.AccountListParams{})
	accounts.Next()
	is(t, "the newest", accounts.Account().ID, other.ID)
	is(t, "deleted", must(s.Accounts.Del(other.ID, nil)).Deleted, true)
}

// TestPartitions proves that nothing of one connected account can be reached from another or from the platform.
func TestPartitions(t *testing.T) {
	s := start(t, stripesim.Options{})
	a, b := must(s.Accounts.New(&stripe.AccountParams{})), must(s.Accounts.New(&stripe.AccountParams{}))
	params := &stripe.CustomerParams{Email: stripe.String("ada@example.com")}
	params.SetStripeAccount(a.ID)
	customer := must(s.Customers.New(params))
	for _, account := range []string{"", b.ID} {
		look := &stripe.CustomerParams{}
		if account != "" {
			look.SetStripeAccount(account)
		}
		_, err := s.Customers.Get(customer.ID, look)
		refused(t, err, 404, "resource_missing")
		pay := &stripe.PaymentIntentParams{Amount: stripe.Int64(100), Currency: stripe.String("eur"), Customer: stripe.String(customer.ID)}
		pay.Params = look.Params
		_, err = s.PaymentIntents.New(pay)
		refused(t, err, 400, "resource_missing")
	}
	own := &stripe.CustomerParams{}
	own.SetStripeAccount(a.ID)
	is(t, "from its own", must(s.Customers.Get(customer.ID, own)).ID, customer.ID)
	events := &stripe.EventListParams{}
	events.SetStripeAccount(a.ID)
	list := s.Events.List(events)
	is(t, "its event", list.Next() && list.Event().Account == a.ID, true)
	is(t, "events of the platform", len(s.eventTypes()), 0)
	s.do(s.server.Deauthorize(a.ID))
	_, err := s.Customers.Get(customer.ID, own)
	refused(t, err, 403, "account_invalid")
	own.SetStripeAccount("acct_no")
	_, err = s.Customers.Get(customer.ID, own)
	refused(t, err, 403, "account_invalid")
}
