package stripesim

import "slices"

// buyer is what somebody types on the checkout page.
type buyer struct{ Email, Name string }

// checkOut pays a session, as the outcome says. Without an error it is paid, or waits for 3-D Secure or for the bank.
func (b *books) checkOut(session *CheckoutSession, who buyer, outcome Outcome) error {
	if session.Status != "open" {
		return refuse("", "", "This checkout is %s.", session.Status)
	}
	if customer := b.customers.get(string(session.Customer)); customer != nil && customer.Email != "" {
		who.Email = string(customer.Email)
	}
	if session.CustomerEmail != "" {
		who.Email = string(session.CustomerEmail)
	}
	if outcome == Debits && !session.takesDebits() {
		return refuse("", "", "This checkout does not take bank debits.")
	}
	if !likeMail(who.Email) {
		return refuse("email_invalid", "email", "Enter your e-mail address, such as ada@example.com.")
	}
	session.CustomerDetails = &customerDetails{Email: text(who.Email), Name: text(who.Name), TaxExempt: "none", TaxIDs: []string{}}
	if session.Mode == "subscription" {
		return b.subscribe(session, outcome)
	}
	return b.buy(session, outcome)
}

func (session *CheckoutSession) takesDebits() bool {
	return slices.Contains(session.PaymentMethodTypes, "sepa_debit")
}

// method is what the buyer pays with.
func (b *books) method(outcome Outcome, who *customerDetails) *PaymentMethod {
	var method *PaymentMethod
	switch outcome {
	case Debits:
		method = b.newDebit()
	case Declines:
		method = b.newCard("0002", outcome)
	case NoFunds:
		method = b.newCard("9995", outcome)
	case Authenticates:
		method = b.newCard("3220", outcome)
	default:
		method = b.newCard("4242", outcome)
	}
	method.BillingDetails = BillingDetails{Email: who.Email, Name: who.Name}
	return method
}

// buy is a session of one payment. The intent stays from try to try.
func (b *books) buy(session *CheckoutSession, outcome Outcome) error {
	if session.AmountTotal == 0 {
		b.bringCustomer(session)
		b.completeSession(session, "no_payment_required")
		return nil
	}
	intent := b.paymentIntents.get(string(session.PaymentIntent))
	if intent == nil {
		intent = b.newIntent(session.AmountTotal, session.Currency, string(session.Customer))
		data := session.ask.PaymentIntentData
		intent.ApplicationFeeAmount, intent.Metadata, intent.session = data.ApplicationFeeAmount, intent.Metadata.with(data.Metadata), session.ID
		intent.PaymentMethodTypes = session.PaymentMethodTypes
		set(&intent.Description, data.Description)
		set(&intent.ReceiptEmail, data.ReceiptEmail)
		set(&intent.SetupFutureUsage, data.SetupFutureUsage)
		set(&intent.StatementDescriptor, data.StatementDescriptor)
		session.PaymentIntent = ref(intent.ID)
		b.emit("payment_intent.created", intent)
	}
	intent.Amount = session.AmountTotal // a code can be typed after a try
	return b.collect(intent, b.method(outcome, session.CustomerDetails), false)
}

// bringCustomer makes the customer of a session if it needs one.
func (b *books) bringCustomer(session *CheckoutSession) *Customer {
	if customer := b.customers.get(string(session.Customer)); customer != nil {
		if update := session.ask.CustomerUpdate; update != nil && update.Name == "auto" && session.CustomerDetails.Name != "" {
			customer.Name = session.CustomerDetails.Name
			b.emit("customer.updated", customer)
		}
		return customer
	}
	future := session.ask.PaymentIntentData.SetupFutureUsage
	needed := session.Mode == "subscription" || session.CustomerCreation == "always" || session.InvoiceCreation != nil && session.InvoiceCreation.Enabled || future != nil && *future != ""
	if !needed {
		return nil
	}
	customer := b.newCustomer()
	customer.Email, customer.Name = session.CustomerDetails.Email, session.CustomerDetails.Name
	b.customers.add(customer)
	b.emit("customer.created", customer)
	session.Customer = ref(customer.ID)
	return customer
}

// sessionCollected is told when the payment of a session has gone well, or is on its way to the bank.
func (b *books) sessionCollected(session *CheckoutSession, intent *PaymentIntent) {
	if session.Status == "complete" { // the bank's answer
		session.PaymentStatus = "paid"
		b.emit("checkout.session.async_payment_succeeded", session)
		b.planReceipt(session)
		return
	}
	if customer := b.bringCustomer(session); customer != nil && intent.Customer == "" {
		intent.Customer = ref(customer.ID)
		b.charges.get(string(intent.LatestCharge)).Customer = ref(customer.ID)
		b.keepMethod(intent)
	}
	if intent.Status == Processing {
		b.completeSession(session, "unpaid")
		return
	}
	b.completeSession(session, "paid")
	b.planReceipt(session)
}

func (b *books) completeSession(session *CheckoutSession, payment string) {
	session.Status, session.PaymentStatus, session.URL = "complete", payment, ""
	if session.discount != nil {
		b.redeem(session.discount)
	}
	b.emit("checkout.session.completed", session)
}

// subscribe is a session of a subscription. What is refused leaves nothing behind.
func (b *books) subscribe(session *CheckoutSession, outcome Outcome) error {
	until := b.sessionTrial(session)
	switch outcome {
	case Declines, NoFunds, Expired:
		return declined(&PaymentMethod{outcome: outcome}, nil)
	case Authenticates:
		session.waiting = outcome
		return nil
	}
	session.waiting = ""
	customer := b.bringCustomer(session)
	method := b.method(outcome, session.CustomerDetails)
	if session.AmountTotal == 0 && session.PaymentMethodCollection == "if_required" {
		method = nil
	} else {
		method.Customer = ref(customer.ID)
		b.emit("payment_method.attached", method)
	}
	s, extra := b.sessionSubscription(session, customer, method)
	b.start(s, until)
	session.Subscription = ref(s.ID)
	invoice := b.firstInvoice(s, extra)
	session.Invoice = ref(invoice.ID)
	if invoice.Status == open {
		if err := b.tryInvoice(invoice, method, false); err != nil {
			return err
		}
	}
	switch {
	case invoice.AmountDue == 0:
		b.completeSession(session, "no_payment_required")
	case invoice.Status == paid:
		b.completeSession(session, "paid")
	default:
		b.paymentIntents.get(string(invoice.PaymentIntent)).session = session.ID
		b.completeSession(session, "unpaid")
	}
	return nil
}

// sessionSubscription makes the subscription of a session, and the lines of what is bought once with it.
func (b *books) sessionSubscription(session *CheckoutSession, customer *Customer, method *PaymentMethod) (*Subscription, []*InvoiceLine) {
	var items []*SubscriptionItem
	var extra []*InvoiceLine
	for _, line := range session.lines {
		if line.Price.Recurring == nil {
			once := b.lineFor(line.Price, line.Quantity, Period{b.now(), b.now()})
			once.TaxRates = line.rates
			extra = append(extra, once)
			continue
		}
		items = append(items, &SubscriptionItem{name: name{b.s.newID("si"), "subscription_item"}, Created: b.now(), Price: line.Price, Quantity: line.Quantity, TaxRates: line.rates})
	}
	s := b.newSubscription(customer, items)
	data := session.ask.SubscriptionData
	s.Metadata = s.Metadata.with(data.Metadata)
	set(&s.Description, data.Description)
	if data.TrialSettings != nil {
		s.TrialSettings = data.TrialSettings
	}
	if method != nil {
		s.DefaultPaymentMethod = ref(method.ID)
	}
	b.giveDiscount(s, session.discount)
	return s, extra
}
