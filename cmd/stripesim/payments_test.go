package stripesim_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// intent makes a payment of 50 euros and tries it with a payment method.
func (s *sim) intent(method string, change func(*stripe.PaymentIntentParams)) (*stripe.PaymentIntent, error) {
	params := &stripe.PaymentIntentParams{Amount: stripe.Int64(5000), Currency: stripe.String("eur"), PaymentMethod: stripe.String(method), Confirm: stripe.Bool(true),
		ReturnURL: stripe.String("http://acme.test/back"), Metadata: map[string]string{"order": "1"}}
	if change != nil {
		change(params)
	}
	return s.PaymentIntents.New(params)
}

func TestPaymentIntents(t *testing.T) {
	s := start(t, stripesim.Options{})
	paid := must(s.intent("pm_card_visa", nil))
	is(t, "a good card", paid.Status, stripe.PaymentIntentStatusSucceeded)
	is(t, "received", paid.AmountReceived, 5000)

	_, err := s.intent("pm_card_visa_chargeDeclined", nil)
	refused(t, err, 402, "card_declined")
	var declined *stripe.Error
	errors.As(err, &declined)
	is(t, "the reason", string(declined.DeclineCode), "generic_decline")
	is(t, "the intent in the error", declined.PaymentIntent.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
	again := must(s.PaymentIntents.Confirm(declined.PaymentIntent.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")}))
	is(t, "with another card", again.Status, stripe.PaymentIntentStatusSucceeded)
	_, err = s.PaymentIntents.Confirm(again.ID, nil)
	refused(t, err, 400, "payment_intent_unexpected_state")

	waiting := must(s.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: stripe.Int64(700), Currency: stripe.String("usd"), AutomaticPaymentMethods: &stripe.PaymentIntentAutomaticPaymentMethodsParams{Enabled: stripe.Bool(true)}}))
	must(s.PaymentIntents.Update(waiting.ID, &stripe.PaymentIntentParams{Amount: stripe.Int64(800), Description: stripe.String("Coffee")}))
	is(t, "the amount", must(s.PaymentIntents.Get(waiting.ID, nil)).Amount, 800)
	is(t, "canceled", must(s.PaymentIntents.Cancel(waiting.ID, &stripe.PaymentIntentCancelParams{CancellationReason: stripe.String("abandoned")})).Status, stripe.PaymentIntentStatusCanceled)

	_, err = s.intent("pm_card_authenticationRequired", func(p *stripe.PaymentIntentParams) { p.OffSession = stripe.Bool(true) })
	refused(t, err, 402, "authentication_required")
	s.happened("payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.failed", "payment_intent.payment_failed", "payment_intent.succeeded", "payment_intent.canceled")
	listed := s.PaymentIntents.List(&stripe.PaymentIntentListParams{})
	listed.Next()
	is(t, "the newest first", listed.PaymentIntent().LastPaymentError.Code, stripe.ErrorCodeAuthenticationRequired)
}

func TestCaptureLater(t *testing.T) {
	s := start(t, stripesim.Options{})
	held := must(s.intent("pm_card_visa", func(p *stripe.PaymentIntentParams) { p.CaptureMethod = stripe.String("manual") }))
	is(t, "held", held.Status, stripe.PaymentIntentStatusRequiresCapture)
	got := must(s.PaymentIntents.Capture(held.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(4000)}))
	is(t, "captured", got.AmountReceived, 4000)
	charge := must(s.Charges.Get(got.LatestCharge.ID, nil))
	is(t, "captured of the charge", charge.AmountCaptured, 4000)
	s.happened("payment_intent.amount_capturable_updated", "charge.captured", "payment_intent.succeeded")
}

func TestSecure(t *testing.T) {
	s := start(t, stripesim.Options{})
	for button, want := range map[string]stripe.PaymentIntentStatus{"approve": stripe.PaymentIntentStatusSucceeded, "refuse": stripe.PaymentIntentStatusRequiresPaymentMethod} {
		intent := must(s.intent("pm_card_threeDSecure2Required", nil))
		is(t, "waiting", intent.Status, stripe.PaymentIntentStatusRequiresAction)
		b := s.browser()
		b.open(intent.NextAction.RedirectToURL.URL)
		b.sees("€50.00")
		b.press(button)
		is(t, "the way back", b.at, "http://acme.test/back")
		is(t, button, must(s.PaymentIntents.Get(intent.ID, nil)).Status, want)
		b.open(intent.NextAction.RedirectToURL.URL)
		b.sees("asks nothing more")
	}
}

func TestDebitWaitsForTheBank(t *testing.T) {
	s := start(t, stripesim.Options{})
	good, bad := must(s.intent("pm_sepaDebit", nil)), must(s.intent("pm_sepaDebit", nil))
	is(t, "before the bank answers", good.Status, stripe.PaymentIntentStatusProcessing)
	s.advance(30 * day)
	is(t, "a month later", must(s.PaymentIntents.Get(good.ID, nil)).Status, stripe.PaymentIntentStatusProcessing)
	s.do(s.server.Settle(good.ID, true))
	s.do(s.server.Settle(bad.ID, false))
	if s.server.Settle(bad.ID, true) == nil || s.server.Settle("pi_no", true) == nil {
		t.Error("settled twice, or out of nothing")
	}
	is(t, "the good one", must(s.PaymentIntents.Get(good.ID, nil)).Status, stripe.PaymentIntentStatusSucceeded)
	is(t, "the bad one", must(s.PaymentIntents.Get(bad.ID, nil)).Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
	s.happened("payment_intent.processing", "payment_intent.processing", "charge.succeeded", "charge.failed")
}

func TestRefunds(t *testing.T) {
	s := start(t, stripesim.Options{})
	intent := must(s.intent("pm_card_visa", nil))
	part := must(s.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(intent.ID), Amount: stripe.Int64(2000), Reason: stripe.String("requested_by_customer")}))
	charge := must(s.Charges.Get(intent.LatestCharge.ID, &stripe.ChargeParams{Expand: stripe.StringSlice([]string{"refunds", "balance_transaction"})}))
	is(t, "given back", charge.AmountRefunded, 2000)
	is(t, "in full", charge.Refunded, false)
	is(t, "its refunds", charge.Refunds.Data[0].ID, part.ID)
	is(t, "what is left of it", charge.BalanceTransaction.Net, 5000-75-25)
	_, err := s.Refunds.New(&stripe.RefundParams{Charge: stripe.String(charge.ID), Amount: stripe.Int64(3001)})
	refused(t, err, 400, "")
	rest := must(s.Refunds.New(&stripe.RefundParams{Charge: stripe.String(charge.ID)}))
	is(t, "the rest", rest.Amount, 3000)
	_, err = s.Refunds.New(&stripe.RefundParams{Charge: stripe.String(charge.ID)})
	refused(t, err, 400, "charge_already_refunded")
	must(s.Refunds.Update(part.ID, &stripe.RefundParams{Metadata: map[string]string{"why": "kind"}}))
	is(t, "metadata", must(s.Refunds.Get(part.ID, nil)).Metadata["why"], "kind")
	refunds := s.Refunds.List(&stripe.RefundListParams{Charge: stripe.String(charge.ID)})
	refunds.Next()
	is(t, "the newest", refunds.Refund().ID, rest.ID)
	s.do(s.server.FailRefund(rest.ID))
	charges := s.Charges.List(&stripe.ChargeListParams{PaymentIntent: stripe.String(intent.ID)})
	charges.Next()
	is(t, "refunded after one came back", charges.Charge().AmountRefunded, 2000)
	must(s.Charges.Update(charge.ID, &stripe.ChargeParams{Description: stripe.String("x")}))
	s.happened("refund.created", "charge.refunded", "refund.created", "charge.refunded", "charge.refund.updated", "charge.updated")
}

func TestDisputes(t *testing.T) {
	s := start(t, stripesim.Options{})
	ids := map[string]string{}
	for _, name := range []string{"won", "lost", "closed"} {
		ids[name] = must(s.server.Dispute(must(s.intent("pm_card_visa", nil)).LatestCharge.ID, "fraudulent"))
	}
	must(s.Disputes.Update(ids["won"], &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String("winning_evidence")}, Submit: stripe.Bool(true)}))
	is(t, "won", must(s.Disputes.Get(ids["won"], nil)).Status, stripe.DisputeStatusWon)
	s.do(s.server.CloseDispute(ids["lost"], false))
	is(t, "closed", must(s.Disputes.Close(ids["closed"], nil)).Status, stripe.DisputeStatusLost)
	lost := must(s.Disputes.Get(ids["lost"], nil))
	_, err := s.Refunds.New(&stripe.RefundParams{Charge: stripe.String(lost.Charge.ID)})
	refused(t, err, 400, "charge_disputed")
	if _, err := s.server.Dispute(lost.Charge.ID, "fraudulent"); err == nil {
		t.Error("a charge was disputed twice")
	}
	var all int
	for list := s.Disputes.List(&stripe.DisputeListParams{}); list.Next(); {
		all++
	}
	is(t, "the disputes", all, 3)
	var moved int64
	for list := s.BalanceTransactions.List(&stripe.BalanceTransactionListParams{}); list.Next(); {
		moved += must(s.BalanceTransactions.Get(list.BalanceTransaction().ID, nil)).Amount
	}
	is(t, "money left", moved, 5000)
	s.happened("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed")
}
