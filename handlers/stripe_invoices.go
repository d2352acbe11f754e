package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// invoicesAre is the setting as the audit log keeps it.
type invoicesAre struct {
	PurchaseInvoices bool `json:"purchase_invoices"`
}

// stripeSaveInvoices sets whether what is bought once has an invoice. It holds for pages for paying that are opened from now on.
func (s *Site) stripeSaveInvoices(c *fiber.Ctx) error {
	v, ctx, on := at(c), c.UserContext(), c.FormValue("invoices") != ""
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		was, err := q.StripeSettingsLock(ctx, v.account.ID)
		if err != nil || was.PurchaseInvoices == on {
			return err
		}
		if err := q.StripeSetPurchaseInvoices(ctx, queries.StripeSetPurchaseInvoicesParams{ID: v.account.ID, PurchaseInvoices: on, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "stripe.invoices", v.stripeSubject(), invoicesAre{was.PurchaseInvoices}, invoicesAre{on})
	})
	if err != nil {
		return err
	}
	told := "Purchases have no invoice from now on."
	if on {
		told = "Each purchase has an invoice from now on."
	}
	return s.stripeBack(c, views.FlashSuccess, told)
}
