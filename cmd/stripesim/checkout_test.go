package stripesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// checkout opens a session for one of a price.
func (s *sim) checkout(price *stripe.Price, change func(*stripe.CheckoutSessionParams)) *stripe.CheckoutSession {
	s.Helper()
	params := &stripe.CheckoutSessionParams{Mode: stripe.String("payment"), SuccessURL: stripe.String("http://acme.test/return?session={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("http://acme.test/offer"),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(price.ID), Quantity: stripe.Int64(1)}}, ClientReferenceID: stripe.String("order-7"), Metadata: map[string]string{"order": "7"}}
	if price.Recurring != nil {
		params.Mode = stripe.String("subscription")
	}
	if change != nil {
		change(params)
	}
	return must(s.CheckoutSessions.New(params))
}

// session is how one is now, with everything in it.
func (s *sim) session(id string) *stripe.CheckoutSession {
	s.Helper()
	params := &stripe.CheckoutSessionParams{}
	for _, field := range []string{"line_items", "customer", "payment_intent.latest_charge", "subscription.latest_invoice.payment_intent", "invoice"} {
		params.AddExpand(field)
	}
	return must(s.CheckoutSessions.Get(id, params))
}

func TestCheckoutOfAPayment(t *testing.T) {
	s := start(t, stripesim.Options{})
	session := s.checkout(s.price(4900, ""), func(p *stripe.CheckoutSessionParams) {
		p.CustomerCreation = stripe.String("always")
		p.PaymentIntentData = &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{"order": "7"}, SetupFutureUsage: stripe.String("off_session")}
	})
	is(t, "no payment yet", session.PaymentIntent == nil, true)
	b := s.browser()
	b.open(session.URL)
	b.sees("Stripe stand-in", "€49.00", "Course", `href="http://acme.test/offer"`, "Pay €49.00")
	b.press("pay", "email", "nobody")
	is(t, "without an address", b.code, 422)
	b.sees("Enter your e-mail address")
	b.press("decline", "email", "ada@example.com", "name", "Ada <b>")
	b.sees("Your card was declined.", `value="ada@example.com"`, "Ada &lt;b&gt;")
	is(t, "after a decline", s.session(session.ID).Status, stripe.CheckoutSessionStatusOpen)
	b.press("secure", "email", "ada@example.com")
	b.press("refuse")
	b.press("secure", "email", "ada@example.com", "name", "Ada")
	b.press("approve")
	is(t, "after paying", b.at, "http://acme.test/return?session="+session.ID)
	paid := s.session(session.ID)
	is(t, "the state", paid.Status, stripe.CheckoutSessionStatusComplete)
	is(t, "the payment", paid.PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)
	is(t, "the buyer", paid.CustomerDetails.Email+" "+paid.Customer.Name, "ada@example.com Ada")
	is(t, "the money", paid.PaymentIntent.LatestCharge.Amount, 4900)
	is(t, "metadata of the payment", paid.PaymentIntent.Metadata["order"], "7")
	is(t, "what was bought", paid.LineItems.Data[0].Description, "Course")
	is(t, "the address of the page", paid.URL, "")
	is(t, "kept for later", must(s.PaymentMethods.Get(paid.PaymentIntent.PaymentMethod.ID, nil)).Customer.ID, paid.Customer.ID)
	b.open(s.server.URL + "/c/pay/" + session.ID)
	b.sees("Nothing is charged twice")
	lines := s.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: stripe.String(session.ID)})
	is(t, "a line", lines.Next(), true)
	sessions := s.CheckoutSessions.List(&stripe.CheckoutSessionListParams{PaymentIntent: stripe.String(paid.PaymentIntent.ID)})
	is(t, "found by its payment", sessions.Next() && sessions.CheckoutSession().ID == session.ID, true)
	s.happened("payment_intent.created", "charge.failed", "payment_intent.payment_failed", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded", "customer.created", "checkout.session.completed")
}

func TestCheckoutOfASubscription(t *testing.T) {
	s := start(t, stripesim.Options{})
	monthly := s.price(1900, "month")
	session := s.checkout(monthly, func(p *stripe.CheckoutSessionParams) {
		p.CustomerEmail = stripe.String("ada@example.com")
		p.LineItems = append(p.LineItems, &stripe.CheckoutSessionLineItemParams{Price: stripe.String(s.price(500, "").ID), Quantity: stripe.Int64(2)})
		p.SubscriptionData = &stripe.CheckoutSessionSubscriptionDataParams{Metadata: map[string]string{"order": "7"}}
	})
	is(t, "the total", session.AmountTotal, 2900)
	b := s.browser()
	b.open(session.URL)
	b.sees("per month", "Subscribe", "readonly")
	b.press("decline", "email", "other@example.com")
	b.sees("declined")
	b.press("secure", "email", "other@example.com")
	b.press("refuse")
	b.press("secure")
	b.press("approve")
	done := s.session(session.ID)
	is(t, "the payment", done.PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)
	is(t, "the subscription", done.Subscription.Status, stripe.SubscriptionStatusActive)
	is(t, "its metadata", done.Subscription.Metadata["order"], "7")
	is(t, "its first invoice", done.Subscription.LatestInvoice.AmountPaid, 2900)
	is(t, "the session's invoice", done.Invoice.ID, done.Subscription.LatestInvoice.ID)
	is(t, "the address", done.Customer.Email, "ada@example.com")
	s.advance(31*day + time.Hour)
	is(t, "the second invoice", s.subscription(done.Subscription.ID).LatestInvoice.AmountPaid, 1900)
	s.happened("customer.created", "payment_method.attached", "customer.subscription.created", "invoice.created", "invoice.finalized", "charge.succeeded", "invoice.paid", "checkout.session.completed")

	trial := s.checkout(monthly, func(p *stripe.CheckoutSessionParams) {
		p.SubscriptionData = &stripe.CheckoutSessionSubscriptionDataParams{TrialPeriodDays: stripe.Int64(7)}
	})
	b.open(trial.URL)
	b.sees("Free until 9 April 2026", "€0.00")
	b.press("pay", "email", "bob@example.com")
	done = s.session(trial.ID)
	is(t, "of a trial", done.PaymentStatus, stripe.CheckoutSessionPaymentStatusNoPaymentRequired)
	is(t, "a trial", done.Subscription.Status, stripe.SubscriptionStatusTrialing)
}

func TestCheckoutByDebit(t *testing.T) {
	s := start(t, stripesim.Options{})
	b := s.browser()
	for _, price := range []*stripe.Price{s.price(4900, ""), s.price(1900, "month")} {
		for _, good := range []bool{true, false} {
			session := s.checkout(price, nil)
			b.open(session.URL)
			b.press("debit", "email", "ada@example.com")
			is(t, "back at once", strings.HasPrefix(b.at, "http://acme.test/return"), true)
			waiting := s.session(session.ID)
			is(t, "before the bank answers", waiting.PaymentStatus, stripe.CheckoutSessionPaymentStatusUnpaid)
			intent := waiting.PaymentIntent
			if price.Recurring != nil {
				intent = waiting.Subscription.LatestInvoice.PaymentIntent
				is(t, "the subscription", waiting.Subscription.Status, stripe.SubscriptionStatusActive)
			}
			s.do(s.server.Settle(intent.ID, good))
			after := s.session(session.ID)
			want := map[bool]stripe.CheckoutSessionPaymentStatus{true: stripe.CheckoutSessionPaymentStatusPaid, false: stripe.CheckoutSessionPaymentStatusUnpaid}
			is(t, "after", after.PaymentStatus, want[good])
			if price.Recurring != nil && !good {
				is(t, "the subscription after", after.Subscription.Status, stripe.SubscriptionStatusPastDue)
			}
		}
	}
	s.happened("checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.completed", "checkout.session.async_payment_failed",
		"checkout.session.completed", "invoice.paid", "checkout.session.async_payment_succeeded", "invoice.payment_failed", "checkout.session.async_payment_failed")
}

func TestCheckoutEndsWithoutPaying(t *testing.T) {
	s := start(t, stripesim.Options{})
	price := s.price(4900, "")
	by := map[string]*stripe.CheckoutSession{"call": s.checkout(price, nil), "button": s.checkout(price, nil), "time": s.checkout(price, nil)}
	must(s.CheckoutSessions.Expire(by["call"].ID, nil))
	b := s.browser()
	b.open(by["button"].URL)
	b.press("expire")
	b.sees("has expired", "http://acme.test/offer")
	s.advance(day)
	for how, session := range by {
		is(t, "expired by "+how, s.session(session.ID).Status, stripe.CheckoutSessionStatusExpired)
	}
	_, err := s.CheckoutSessions.Expire(by["call"].ID, nil)
	refused(t, err, 400, "")
	b.open(by["time"].URL)
	is(t, "the page of an expired one", b.code, 410)
	b.open(s.server.URL + "/c/pay/cs_test_no")
	is(t, "the page of none", b.code, 404)
}

func TestCheckoutCodes(t *testing.T) {
	s := start(t, stripesim.Options{})
	coupon := must(s.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(10), Duration: stripe.String("once")}))
	full := must(s.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(100), Duration: stripe.String("once")}))
	must(s.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: stripe.String(coupon.ID), Code: stripe.String("TEN"), MaxRedemptions: stripe.Int64(1)}))
	rate := must(s.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Inclusive: stripe.Bool(false), Percentage: stripe.Float64(20)}))
	price := s.price(5000, "")
	codes := func(p *stripe.CheckoutSessionParams) {
		p.AllowPromotionCodes = stripe.Bool(true)
		p.LineItems[0].TaxRates = []*string{stripe.String(rate.ID)}
		p.InvoiceCreation = &stripe.CheckoutSessionInvoiceCreationParams{Enabled: stripe.Bool(true)}
	}
	session := s.checkout(price, codes)
	b := s.browser()
	b.open(session.URL)
	b.press("code", "code", "NO")
	b.sees("This code is invalid.", `value="NO"`)
	b.press("code", "code", " ten ")
	b.sees("Discount (TEN)", "−€5.00", "€9.00", "€54.00")
	b.press("pay", "email", "ada@example.com")
	paid := s.session(session.ID)
	is(t, "the total", paid.AmountTotal, 5400)
	is(t, "the discount", paid.TotalDetails.AmountDiscount, 500)
	is(t, "the money", paid.PaymentIntent.AmountReceived, 5400)
	is(t, "the invoice", paid.Invoice.AmountPaid, 5400)
	b.open(s.checkout(price, codes).URL)
	b.press("code", "code", "TEN")
	b.sees("has been used up")
	free := s.checkout(price, func(p *stripe.CheckoutSessionParams) {
		p.Discounts = []*stripe.CheckoutSessionDiscountParams{{Coupon: stripe.String(full.ID)}}
	})
	b.open(free.URL)
	b.press("pay", "email", "ada@example.com")
	is(t, "for nothing", s.session(free.ID).PaymentStatus, stripe.CheckoutSessionPaymentStatusNoPaymentRequired)
}

// A payment gets its invoice once it is paid, after the session says so, and not before a bank has answered; what costs nothing gets none.
func TestCheckoutMakesAnInvoice(t *testing.T) {
	s := start(t, stripesim.Options{})
	free := must(s.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(100), Duration: stripe.String("once")}))
	price := s.price(4900, "")
	creation := func(p *stripe.CheckoutSessionParams) {
		p.InvoiceCreation = &stripe.CheckoutSessionInvoiceCreationParams{Enabled: stripe.Bool(true), InvoiceData: &stripe.CheckoutSessionInvoiceCreationInvoiceDataParams{
			Description: stripe.String("Thank you"), Footer: stripe.String("Acme"), Metadata: map[string]string{"order": "7"}}}
	}
	session := s.checkout(price, creation)
	is(t, "what the session says of it", session.InvoiceCreation.InvoiceData.Description+" "+session.InvoiceCreation.InvoiceData.Metadata["order"], "Thank you 7")
	b := s.browser()
	b.open(session.URL)
	b.press("pay", "email", "ada@example.com")
	paid := s.session(session.ID)
	invoice := paid.Invoice
	is(t, "the invoice", invoice.Status, stripe.InvoiceStatusPaid)
	is(t, "its words", invoice.Description+" "+invoice.Footer+" "+invoice.Metadata["order"], "Thank you Acme 7")
	is(t, "why there is one", invoice.BillingReason, stripe.InvoiceBillingReasonManual)
	is(t, "a subscription", invoice.Subscription == nil, true)
	is(t, "its payment", invoice.PaymentIntent.ID+" "+invoice.Charge.ID, paid.PaymentIntent.ID+" "+paid.PaymentIntent.LatestCharge.ID)
	is(t, "the payment's invoice", paid.PaymentIntent.Invoice.ID+" "+paid.PaymentIntent.LatestCharge.Invoice.ID, invoice.ID+" "+invoice.ID)
	is(t, "the sums", [3]int64{invoice.Total, invoice.AmountPaid, invoice.AmountRemaining}, [3]int64{4900, 4900, 0})
	is(t, "what it is for", invoice.Lines.Data[0].Description, "Course")

	debit := s.checkout(price, creation)
	b.open(debit.URL)
	b.press("debit", "email", "bob@example.com")
	is(t, "an invoice before the bank answers", s.session(debit.ID).Invoice == nil, true)
	s.do(s.server.Settle(s.session(debit.ID).PaymentIntent.ID, true))
	is(t, "after it", s.session(debit.ID).Invoice.AmountPaid, 4900)

	nothing := s.checkout(price, func(p *stripe.CheckoutSessionParams) {
		creation(p)
		p.Discounts = []*stripe.CheckoutSessionDiscountParams{{Coupon: stripe.String(free.ID)}}
	})
	b.open(nothing.URL)
	b.press("pay", "email", "eve@example.com")
	is(t, "an invoice over nothing", s.session(nothing.ID).Invoice == nil, true)
	s.happened("payment_intent.succeeded", "checkout.session.completed", "invoice.created", "invoice.finalized", "invoice.paid", "checkout.session.completed",
		"checkout.session.async_payment_succeeded", "invoice.created", "invoice.paid", "checkout.session.completed")
	_, err := s.CheckoutSessions.New(&stripe.CheckoutSessionParams{Mode: stripe.String("subscription"), SuccessURL: stripe.String("http://acme.test"), InvoiceCreation: &stripe.CheckoutSessionInvoiceCreationParams{Enabled: stripe.Bool(true)},
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(s.price(1900, "month").ID), Quantity: stripe.Int64(1)}}})
	refused(t, err, 400, "")
}

// With a pause between, the invoice is a draft first and then open, though its payment is paid.
func TestCheckoutMakesAnInvoiceInSteps(t *testing.T) {
	s := start(t, stripesim.Options{ReceiptPause: time.Minute})
	session := s.checkout(s.price(4900, ""), func(p *stripe.CheckoutSessionParams) {
		p.InvoiceCreation = &stripe.CheckoutSessionInvoiceCreationParams{Enabled: stripe.Bool(true)}
	})
	b := s.browser()
	b.open(session.URL)
	b.press("pay", "email", "ada@example.com")
	is(t, "an invoice at once", s.session(session.ID).Invoice == nil, true)
	for _, want := range []stripe.InvoiceStatus{stripe.InvoiceStatusDraft, stripe.InvoiceStatusOpen, stripe.InvoiceStatusPaid} {
		s.advance(time.Minute)
		is(t, "the invoice", s.session(session.ID).Invoice.Status, want)
	}
	s.advance(day)
	is(t, "later", s.session(session.ID).Invoice.AmountPaid, 4900)
}

func TestCheckoutRefuses(t *testing.T) {
	s := start(t, stripesim.Options{})
	price := s.price(4900, "")
	for what, change := range map[string]func(*stripe.CheckoutSessionParams){
		"no address to go to":  func(p *stripe.CheckoutSessionParams) { p.SuccessURL = nil },
		"nothing to buy":       func(p *stripe.CheckoutSessionParams) { p.LineItems = nil },
		"a price that is gone": func(p *stripe.CheckoutSessionParams) { p.LineItems[0].Price = stripe.String("price_no") },
		"the wrong mode":       func(p *stripe.CheckoutSessionParams) { p.Mode = stripe.String("subscription") },
		"no such customer":     func(p *stripe.CheckoutSessionParams) { p.Customer = stripe.String("cus_no") },
		"a bad address":        func(p *stripe.CheckoutSessionParams) { p.CustomerEmail = stripe.String("no") },
		"expires too soon":     func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = stripe.Int64(monday.Unix() + 60) },
		"a coupon that is gone": func(p *stripe.CheckoutSessionParams) {
			p.Discounts = []*stripe.CheckoutSessionDiscountParams{{Coupon: stripe.String("NO")}}
		},
	} {
		params := &stripe.CheckoutSessionParams{Mode: stripe.String("payment"), SuccessURL: stripe.String("http://acme.test"), LineItems: []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(price.ID), Quantity: stripe.Int64(1)}}}
		change(params)
		if _, err := s.CheckoutSessions.New(params); err == nil {
			t.Errorf("%s: it was not refused", what)
		}
	}
	b := s.browser()
	cards := s.checkout(price, func(p *stripe.CheckoutSessionParams) {
		p.PaymentMethodTypes, p.Customer = stripe.StringSlice([]string{"card"}), stripe.String(s.customer("").ID)
		p.CustomerUpdate = &stripe.CheckoutSessionCustomerUpdateParams{Name: stripe.String("auto")}
	})
	b.open(cards.URL)
	is(t, "a button for debits", strings.Contains(b.page, `value="debit"`), false)
	b.page += `value="debit"` // somebody presses it nevertheless
	b.press("debit")
	b.sees("does not take bank debits")
	b.press("pay", "name", "Ada King")
	is(t, "the customer's new name", s.session(cards.ID).Customer.Name, "Ada King")
	inline := s.checkout(price, func(p *stripe.CheckoutSessionParams) {
		p.LineItems = []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(3), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{Currency: stripe.String("usd"), UnitAmount: stripe.Int64(700),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("Tea")}}}}
	})
	is(t, "a price of the session's own", inline.AmountTotal, 2100)
}
