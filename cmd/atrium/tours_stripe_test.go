package main

import (
	"testing"
	"time"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// startDemo starts the demo as it is: with its stand-in for Stripe, and what it has sold.
func startDemo(t *testing.T) *site {
	t.Helper()
	d, err := startDemoStripe("", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("the stand-in: %v", err)
		}
		if unknown := d.Unknown(); len(unknown) > 0 {
			t.Errorf("Stripe was asked what the stand-in does not know: %v", unknown)
		}
	})
	return startSite(t, d.prepare, "STRIPE_SECRET_KEY="+demoStripeKey, "STRIPE_URL="+d.URL)
}

// put writes rows that nothing in the demo leads to.
func (s *site) put(sql string, arguments ...any) {
	s.t.Helper()
	if _, err := s.database.pool.Exec(s.t.Context(), sql, arguments...); err != nil {
		s.t.Fatal(err)
	}
}

// stripeViews are how an account sells: as all is well, with reports that could not be taken, and through a Stripe account of its own.
var stripeViews = []view{
	{"admin-account-stripe", func(s *site, w *browsertest.Window) {
		until(s.t, 20*time.Second, "everything was looked at", func() bool {
			rows, err := queries.New(s.database.pool).StripeReconciliationList(s.t.Context(), s.account("acme"))
			return err == nil && len(rows) > 0 && rows[0].FinishedAt != nil
		})
		w.Open(s.admin("/acme/stripe"))
	}},
	{"admin-account-stripe.refused", func(_ *site, w *browsertest.Window) {
		w.Type(`input[name="grace_days"]`, "a week")
		refused(w, "/acme/stripe/grace")
	}},
	{"admin-account-stripe.failures", func(s *site, w *browsertest.Window) {
		s.put(`INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, problem, about_account_id) VALUES
			('', 'evt_1', 'invoice.paid', 'in_1PQ8fTLkdIwHu7ixZ3bX', now() - interval '3 hours', now(), 'failed', 'It is about a customer who is no contact here.', $1),
			('', 'evt_2', 'charge.refunded', 'ch_3PQ8fTLkdIwHu7ix0a9V', now() - interval '1 day', now(), 'failed', 'Stripe could not be reached for hours.', $1),
			('', 'evt_3', 'customer.subscription.updated', 'sub_1PQ8fTLkdIwHu7ixYd2c', now() - interval '1 minute', now(), 'waiting', '', $1),
			('', 'evt_4', 'customer.created', 'cus_Q', now(), now(), 'ignored', '', $1)`, s.account("acme"))
		s.put(`UPDATE stripe_reconciliation SET differed = 2, report = jsonb_build_array(jsonb_build_object('object', 'in_1PQ8fTLkdIwHu7ixZ3bX', 'why', 'its event never came', 'account', $1::text),
			jsonb_build_object('object', 'sub_1PQ8fTLkdIwHu7ixYd2c', 'why', 'no event of it was taken', 'account', $1::text)) WHERE stripe_account = ''`, s.account("acme").String())
		s.put("INSERT INTO stripe_reconciliation (stripe_account, id, started_at) VALUES ('', $1, now() - interval '2 hours')", queries.NewID())
		w.Open(s.admin("/acme/stripe"))
	}},
	adminPage("admin-account-stripe.connected", "/lumen/stripe"),
}

// buyerViews are what a client sees of what they pay: Ana has an invoice to pay, some that are paid, and a plan that goes on.
var buyerViews = []view{
	portalPage("portal-invoices", "/invoices"),
	{"portal-invoices-id", func(s *site, w *browsertest.Window) {
		w.Open(s.portal("acme", "/invoices"))
		w.Follow("main tr.row a.row-link")
	}},
	portalPage("portal-subscriptions", "/subscriptions"),
	{"portal-subscriptions-id-cancel", func(_ *site, w *browsertest.Window) { w.Follow(`main a[href$="/cancel"]`) }},
	page("portal-checkout-return", func(s *site) string { // somebody comes back to what somebody else has paid
		session := ""
		err := s.database.pool.QueryRow(s.t.Context(), "SELECT k.stripe_session_id FROM checkout k JOIN contact c ON c.account_id = k.account_id AND c.id = k.contact_id WHERE c.email = 'zanele@example.org'").Scan(&session)
		if err != nil {
			s.t.Fatal(err)
		}
		return s.portal("acme", "/checkout/return?session_id="+session)
	}),
}
