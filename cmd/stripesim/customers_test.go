package stripesim_test

import (
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

func TestCustomers(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := must(s.Customers.New(&stripe.CustomerParams{Email: stripe.String("ada@example.com"), Phone: stripe.String("+49 30 1"), PreferredLocales: []*string{stripe.String("de")},
		Address:  &stripe.AddressParams{City: stripe.String("Berlin"), Country: stripe.String("DE")},
		Shipping: &stripe.CustomerShippingParams{Name: stripe.String("Ada"), Address: &stripe.AddressParams{Line1: stripe.String("Street 1")}}}))
	is(t, "the first id", customer.ID, "cus_00000000000001")
	is(t, "the city", customer.Address.City, "Berlin")
	changed := must(s.Customers.Update(customer.ID, &stripe.CustomerParams{Name: stripe.String("Ada"), Balance: stripe.Int64(-500)}))
	is(t, "the balance", changed.Balance, -500)
	_, err := s.Customers.New(&stripe.CustomerParams{Email: stripe.String("nobody")})
	refused(t, err, 400, "email_invalid")
	must(s.Customers.New(&stripe.CustomerParams{Email: stripe.String("bob@example.com")}))
	found := s.Customers.List(&stripe.CustomerListParams{Email: stripe.String("ada@example.com")})
	found.Next()
	is(t, "the one with the address", found.Customer().ID, customer.ID)
	is(t, "another", found.Next(), false)

	subscription := must(s.Subscriptions.New(&stripe.SubscriptionParams{Customer: stripe.String(customer.ID), TrialPeriodDays: stripe.Int64(7),
		Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(s.price(1900, "month").ID)}}}))
	with := must(s.Customers.Get(customer.ID, &stripe.CustomerParams{Expand: []*string{stripe.String("subscriptions")}}))
	is(t, "the customer's subscription", with.Subscriptions.Data[0].ID, subscription.ID)
	is(t, "deleted", must(s.Customers.Del(customer.ID, nil)).Deleted, true)
	is(t, "deleted when asked again", must(s.Customers.Get(customer.ID, nil)).Deleted, true)
	is(t, "the subscription", must(s.Subscriptions.Get(subscription.ID, nil)).Status, stripe.SubscriptionStatusCanceled)
	_, err = s.Customers.Update(customer.ID, &stripe.CustomerParams{Name: stripe.String("x")})
	refused(t, err, 404, "resource_missing")
	s.happened("customer.created", "customer.updated", "customer.subscription.deleted", "customer.deleted")
}

func TestPaymentMethods(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("")
	card := must(s.PaymentMethods.New(&stripe.PaymentMethodParams{Type: stripe.String("card"), Card: &stripe.PaymentMethodCardParams{Token: stripe.String("tok_visa")},
		BillingDetails: &stripe.PaymentMethodBillingDetailsParams{Email: stripe.String("ada@example.com")}}))
	is(t, "the card", card.Card.Last4, "4242")
	bank := must(s.PaymentMethods.New(&stripe.PaymentMethodParams{Type: stripe.String("sepa_debit"), SEPADebit: &stripe.PaymentMethodSEPADebitParams{IBAN: stripe.String("DE89370400440532013000")}}))
	for _, method := range []string{card.ID, bank.ID} {
		must(s.PaymentMethods.Attach(method, &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer.ID)}))
	}
	must(s.PaymentMethods.Update(card.ID, &stripe.PaymentMethodParams{Card: &stripe.PaymentMethodCardParams{ExpYear: stripe.Int64(2040), ExpMonth: stripe.Int64(1)}}))
	is(t, "the year", must(s.PaymentMethods.Get(card.ID, nil)).Card.ExpYear, 2040)
	cards := s.PaymentMethods.List(&stripe.PaymentMethodListParams{Customer: stripe.String(customer.ID), Type: stripe.String("card")})
	is(t, "a card", cards.Next(), true)
	is(t, "a second card", cards.Next(), false)
	_, err := s.PaymentMethods.Attach("pm_card_chargeDeclined", &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer.ID)})
	refused(t, err, 402, "card_declined")
	_, err = s.PaymentMethods.Attach(card.ID, &stripe.PaymentMethodAttachParams{Customer: stripe.String(s.customer("").ID)})
	refused(t, err, 400, "")
	detached := must(s.PaymentMethods.Detach(card.ID, nil))
	is(t, "its customer", detached.Customer == nil, true)
	s.happened("payment_method.attached", "payment_method.updated", "payment_method.detached")
}
