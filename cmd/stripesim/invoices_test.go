package stripesim_test

import (
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// draft makes an invoice over two things, 60 euros.
func (s *sim) draft(customer string, change func(*stripe.InvoiceParams)) *stripe.Invoice {
	s.Helper()
	params := &stripe.InvoiceParams{Customer: stripe.String(customer), Currency: stripe.String("eur"), Metadata: map[string]string{"ours": "1"}}
	if change != nil {
		change(params)
	}
	invoice := must(s.Invoices.New(params))
	must(s.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: stripe.String(customer), Invoice: stripe.String(invoice.ID), Amount: stripe.Int64(5000), Currency: stripe.String("eur"), Description: stripe.String("Workshop")}))
	must(s.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: stripe.String(customer), Invoice: stripe.String(invoice.ID), UnitAmount: stripe.Int64(500), Quantity: stripe.Int64(2), Currency: stripe.String("eur"), Description: stripe.String("Handouts")}))
	return must(s.Invoices.Get(invoice.ID, nil))
}

// sent is an invoice that waits for its customer.
func (s *sim) sent(customer string) *stripe.Invoice {
	s.Helper()
	invoice := s.draft(customer, func(p *stripe.InvoiceParams) {
		p.CollectionMethod, p.DaysUntilDue = stripe.String("send_invoice"), stripe.Int64(14)
	})
	return must(s.Invoices.SendInvoice(invoice.ID, nil))
}

func TestInvoiceLife(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("pm_card_visa")
	invoice := s.draft(customer.ID, nil)
	is(t, "a draft's total", invoice.Total, 6000)
	is(t, "its lines", len(invoice.Lines.Data), 2)
	must(s.Invoices.Update(invoice.ID, &stripe.InvoiceParams{Description: stripe.String("Spring"), Footer: stripe.String("Thank you")}))
	final := must(s.Invoices.FinalizeInvoice(invoice.ID, nil))
	is(t, "final", final.Status, stripe.InvoiceStatusOpen)
	is(t, "the number", final.Number, "SIM00001-0001")
	_, err := s.Invoices.FinalizeInvoice(invoice.ID, nil)
	refused(t, err, 400, "invoice_not_editable")
	paid := must(s.Invoices.Pay(invoice.ID, &stripe.InvoicePayParams{Expand: stripe.StringSlice([]string{"payment_intent.latest_charge", "charge"})}))
	is(t, "paid", paid.Status, stripe.InvoiceStatusPaid)
	is(t, "amount paid", paid.AmountPaid, 6000)
	is(t, "the charge of the payment", paid.PaymentIntent.LatestCharge.ID, paid.Charge.ID)
	_, err = s.Invoices.Pay(invoice.ID, nil)
	refused(t, err, 400, "invoice_not_editable")
	_, err = s.Invoices.VoidInvoice(invoice.ID, nil)
	refused(t, err, 400, "invoice_not_editable")
	s.happened("invoice.created", "invoice.updated", "payment_intent.created", "invoice.finalized", "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded")
}

func TestInvoiceEnds(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("pm_card_chargeCustomerFail")
	void := must(s.Invoices.VoidInvoice(s.sent(customer.ID).ID, &stripe.InvoiceVoidInvoiceParams{Expand: []*string{stripe.String("payment_intent")}}))
	is(t, "void", void.Status, stripe.InvoiceStatusVoid)
	is(t, "its payment", void.PaymentIntent.Status, stripe.PaymentIntentStatusCanceled)
	lost := must(s.Invoices.MarkUncollectible(s.sent(customer.ID).ID, nil))
	is(t, "given up", lost.Status, stripe.InvoiceStatusUncollectible)
	late := must(s.Invoices.Pay(lost.ID, &stripe.InvoicePayParams{PaidOutOfBand: stripe.Bool(true)}))
	is(t, "paid after all", late.PaidOutOfBand && late.Paid && late.AmountPaid == 6000, true)
	declined := s.sent(customer.ID)
	_, err := s.Invoices.Pay(declined.ID, nil)
	refused(t, err, 402, "card_declined")
	is(t, "after a decline", must(s.Invoices.Get(declined.ID, nil)).AttemptCount, 1)
	gone := s.draft(customer.ID, nil)
	is(t, "a draft deleted", must(s.Invoices.Del(gone.ID, nil)).Deleted, true)
	_, err = s.Invoices.Del(declined.ID, nil)
	refused(t, err, 400, "invoice_not_editable")
	_, err = s.Invoices.Pay(s.sent(s.customer("").ID).ID, nil)
	refused(t, err, 400, "")
	var open []string
	for list := s.Invoices.List(&stripe.InvoiceListParams{Customer: stripe.String(customer.ID), Status: stripe.String("open")}); list.Next(); {
		open = append(open, list.Invoice().ID)
	}
	is(t, "what is open", len(open) == 1 && open[0] == declined.ID, true)
	s.happened("invoice.sent", "invoice.voided", "invoice.marked_uncollectible", "invoice.paid", "invoice.payment_failed", "invoice.deleted")
}

func TestInvoiceItems(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("")
	waiting := must(s.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: stripe.String(customer.ID), Price: stripe.String(s.price(900, "").ID), Quantity: stripe.Int64(3)}))
	is(t, "its amount", waiting.Amount, 2700)
	must(s.InvoiceItems.Update(waiting.ID, &stripe.InvoiceItemParams{Quantity: stripe.Int64(2)}))
	is(t, "its amount after a change", must(s.InvoiceItems.Get(waiting.ID, nil)).Amount, 1800)
	invoice := s.draft(customer.ID, func(p *stripe.InvoiceParams) { p.PendingInvoiceItemsBehavior = stripe.String("include") })
	is(t, "the total with what waited", invoice.Total, 7800)
	must(s.InvoiceItems.Del(waiting.ID, nil))
	is(t, "the total without", must(s.Invoices.Get(invoice.ID, nil)).Total, 6000)
	for range 10 {
		must(s.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: stripe.String(customer.ID), Invoice: stripe.String(invoice.ID), Amount: stripe.Int64(100), Currency: stripe.String("eur")}))
	}
	long := must(s.Invoices.Get(invoice.ID, nil))
	is(t, "lines inside", len(long.Lines.Data), 10)
	is(t, "that there are more", long.Lines.HasMore, true)
	all := 0
	for lines := s.Invoices.ListLines(&stripe.InvoiceListLinesParams{Invoice: stripe.String(invoice.ID)}); lines.Next(); {
		all++
	}
	is(t, "all lines", all, 12)
	items := 0
	for list := s.InvoiceItems.List(&stripe.InvoiceItemListParams{Invoice: stripe.String(invoice.ID)}); list.Next(); {
		items++
	}
	is(t, "all items", items, 12)
}

func TestInvoiceAmounts(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("pm_card_visa")
	vat := must(s.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Inclusive: stripe.Bool(false), Percentage: stripe.Float64(19)}))
	within := must(s.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Inclusive: stripe.Bool(true), Percentage: stripe.Float64(7)}))
	coupon := must(s.Coupons.New(&stripe.CouponParams{AmountOff: stripe.Int64(1001), Currency: stripe.String("eur"), Duration: stripe.String("once")}))
	must(s.Customers.Update(customer.ID, &stripe.CustomerParams{Balance: stripe.Int64(-1000)}))
	invoice := s.draft(customer.ID, func(p *stripe.InvoiceParams) {
		p.DefaultTaxRates = []*string{stripe.String(vat.ID)}
		p.Discounts = []*stripe.InvoiceDiscountParams{{Coupon: stripe.String(coupon.ID)}}
	})
	must(s.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: stripe.String(customer.ID), Invoice: stripe.String(invoice.ID), Amount: stripe.Int64(1070), Currency: stripe.String("eur"), Discountable: stripe.Bool(false), TaxRates: []*string{stripe.String(within.ID)}}))
	final := must(s.Invoices.FinalizeInvoice(invoice.ID, nil))
	is(t, "before all", final.Subtotal, 7070)
	is(t, "taken off", final.TotalDiscountAmounts[0].Amount, 1001)
	is(t, "tax", final.Tax, 949+70)
	is(t, "the total", final.Total, 7070-1001+949)
	is(t, "due after credit", final.AmountDue, final.Total-1000)
	is(t, "credit left", final.EndingBalance, 0)
	is(t, "the customer's credit", must(s.Customers.Get(customer.ID, nil)).Balance, 0)
	must(s.Invoices.VoidInvoice(final.ID, nil))
	is(t, "the customer's credit after voiding", must(s.Customers.Get(customer.ID, nil)).Balance, -1000)
	free := must(s.Invoices.New(&stripe.InvoiceParams{Customer: stripe.String(customer.ID)}))
	is(t, "an invoice over nothing", must(s.Invoices.FinalizeInvoice(free.ID, nil)).Status, stripe.InvoiceStatusPaid)
}

func TestInvoiceAdvances(t *testing.T) {
	s := start(t, stripesim.Options{})
	automatic := s.draft(s.customer("pm_card_visa").ID, func(p *stripe.InvoiceParams) { p.AutoAdvance = stripe.Bool(true) })
	mailed := s.draft(s.customer("").ID, func(p *stripe.InvoiceParams) {
		p.AutoAdvance, p.CollectionMethod, p.DaysUntilDue = stripe.Bool(true), stripe.String("send_invoice"), stripe.Int64(7)
	})
	s.advance(day)
	is(t, "the automatic one", must(s.Invoices.Get(automatic.ID, nil)).Status, stripe.InvoiceStatusPaid)
	is(t, "the mailed one", must(s.Invoices.Get(mailed.ID, nil)).Status, stripe.InvoiceStatusOpen)
}

func TestInvoicePage(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("")
	invoice := s.sent(customer.ID)
	b := s.browser()
	b.open(invoice.HostedInvoiceURL)
	b.sees("Stripe stand-in", "€60.00", "Workshop", "To be paid", "Ada Lovelace")
	b.press("decline")
	is(t, "the page after a decline", b.code, 422)
	b.sees("Your card was declined.")
	b.press("secure")
	b.press("refuse")
	b.press("secure")
	b.press("approve")
	b.sees("<strong>Paid</strong>", "Receipt")
	paid := must(s.Invoices.Get(invoice.ID, nil))
	is(t, "paid", paid.AmountPaid, 6000)
	b.open(must(s.Charges.Get(paid.Charge.ID, nil)).ReceiptURL)
	b.sees("€60.00", "visa")

	debit := s.sent(customer.ID)
	b.open(debit.HostedInvoiceURL)
	b.press("debit")
	b.sees("Your bank is working on it")
	_, err := s.Invoices.Pay(debit.ID, nil)
	refused(t, err, 400, "invoice_payment_intent_requires_action")
	s.do(s.server.Settle(must(s.Invoices.Get(debit.ID, nil)).PaymentIntent.ID, true))
	b.open(debit.HostedInvoiceURL)
	b.sees("<strong>Paid</strong>")

	_, file, _ := answered(b.http.Get(paid.InvoicePDF))
	if !strings.HasPrefix(file, "%PDF-") || !strings.Contains(file, "Workshop") {
		t.Errorf("the PDF is %q", file)
	}
	b.open(s.server.URL + "/i/" + s.draft(customer.ID, nil).ID)
	is(t, "a draft's page", b.code, 404)
}
