package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// stripeEndpoint is whether Stripe reports to us what happens at the Stripe account an account sells through.
type stripeEndpoint struct {
	Address   string
	State     contactState
	Note      string // what is wrong, or what it means; empty: nothing more to say
	Missing   bool   // there is none that fits, so that one can be made
	NoSecret  bool   // whatever is reported is refused: no signing secret is set
	Secret    *views.Copy
	APIWanted string
}

// stripeAddress is where Stripe reports to.
func (s *Site) stripeAddress() string { return s.Addresses.Admin() + "/webhooks/stripe" }

func (s *Site) newStripeEndpoint(connect bool, found []billing.Endpoint, err error) stripeEndpoint {
	r := stripeEndpoint{Address: s.stripeAddress(), NoSecret: len(s.StripeSecrets) == 0, APIWanted: billing.APIVersion}
	found = slices.DeleteFunc(found, func(e billing.Endpoint) bool { return e.Connect != connect })
	i := slices.IndexFunc(found, billing.Endpoint.Fits)
	switch {
	case err != nil:
		r.State, r.Note = contactState{"Not known", "warning", "triangle-alert"}, stripeFault(err)
	case i >= 0:
		r.State = contactState{"Set up", "success", "circle-check"}
	case len(found) == 0:
		r.State, r.Missing = contactState{"Missing", "error", "circle-alert"}, true
		r.Note = "Stripe does not tell us what happens. Purchases still arrive with the buyer, and everything is looked at once an hour."
	default:
		r.State, r.Missing, r.Note = contactState{"Does not fit", "warning", "triangle-alert"}, true, endpointFault(found[0])
	}
	return r
}

// endpointFault says what is wrong with one that reports to us.
func endpointFault(e billing.Endpoint) string {
	switch {
	case !e.Enabled:
		return "It is switched off at Stripe."
	case e.Version != billing.APIVersion:
		return "Its events are written in version " + orElse(e.Version, "of the Stripe account’s choice") + " of Stripe’s API. Make one that fits, and then remove the old one at Stripe."
	}
	return "It does not report everything that matters here. Make one that does, and then remove the old one at Stripe."
}

// stripeMakeEndpoint has Stripe report to us and shows the secret that signs it, this once. The secret opens nothing: an event is
// only a hint to look at an object, and what it says is never believed. So whoever of the accounts makes the endpoint first may.
func (s *Site) stripeMakeEndpoint(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if !s.Stripe.Open() {
		return s.stripeBack(c, views.FlashWarning, stripeClosed)
	}
	is, err := s.q.StripeSettings(ctx, v.account.ID)
	if err != nil {
		return err
	}
	connect := is.StripeAccount != ""
	found, err := s.Stripe.Endpoints(ctx, s.stripeAddress())
	if err != nil {
		return s.stripeFailed(c, err)
	}
	if slices.ContainsFunc(found, func(e billing.Endpoint) bool { return e.Connect == connect && e.Fits() }) {
		return s.stripeBack(c, views.FlashInfo, "There is one already. Stripe shows its signing secret in the dashboard.")
	}
	secret, err := s.Stripe.MakeEndpoint(ctx, s.stripeAddress(), connect, "endpoint-"+v.id)
	if err != nil {
		return s.stripeFailed(c, err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error { return v.did(ctx, q, "stripe.endpoint", v.stripeSubject()) })
	if err != nil {
		return err
	}
	p, err := s.newStripePage(c)
	if err != nil {
		return err
	}
	p.Endpoint.Secret = &views.Copy{Value: secret, Name: "signing secret"}
	return render(c, views.FrameAdmin, "stripe/show", "stripe/_endpoint", p)
}
