package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// staffInvoicesSend makes a draft final and has Stripe mail it to the client.
func (s *Site) staffInvoicesSend(c *fiber.Ctx) error {
	return s.changeInvoice(c, "invoice.send", "It is on its way to the client, by Stripe.", queries.InvoiceStateDraft, s.Stripe.SendInvoice)
}

// staffInvoicesRemind has Stripe mail an open invoice once more. Stripe's own mail says what is asked, so we send none beside it.
func (s *Site) staffInvoicesRemind(c *fiber.Ctx) error {
	return s.changeInvoice(c, "invoice.remind", "Stripe mails it to the client once more.", queries.InvoiceStateOpen, s.Stripe.SendInvoice)
}

func (s *Site) staffInvoicesVoid(c *fiber.Ctx) error {
	return s.changeInvoice(c, "invoice.void", "It is void and asks for nothing any more.", queries.InvoiceStateOpen, s.Stripe.VoidInvoice)
}

func (s *Site) staffInvoicesPaid(c *fiber.Ctx) error {
	return s.changeInvoice(c, "invoice.paid_outside", "It is marked as paid.", queries.InvoiceStateOpen, s.Stripe.PaidOutside)
}

// changeInvoice has something done with the invoice in the path, when it stands at Stripe as the page showed it: it is looked at
// before, since a client may have paid in the meantime, and after, so that the page shows what Stripe says.
func (s *Site) changeInvoice(c *fiber.Ctx, action, done string, from queries.InvoiceState, do func(ctx context.Context, account, id, once string) error) error {
	v := at(c)
	row, err := s.invoiceOfAccount(c)
	if err != nil {
		return err
	}
	path := v.base() + "/invoices/" + row.ID.String()
	if problem, err := s.stripeWords(c, s.lookNow(c, row.StripeID)); problem != "" || err != nil {
		if err != nil {
			return err
		}
		return s.told(c, problem, "", path)
	}
	if row, err = s.invoiceOfAccount(c); err != nil {
		return err
	}
	if row.State != from || row.Payment == queries.PaymentStateProcessing {
		return s.told(c, "It has changed since you opened the page, so nothing was done. This is how it stands now.", "", path)
	}
	problem, err := s.atStripe(c, row.StripeID, func() error {
		if err := do(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c)); err != nil {
			return err
		}
		return s.didToInvoice(c, action, row) // before the look, which may fail of itself
	})
	if err != nil {
		return err
	}
	return s.told(c, problem, done, path)
}

// staffInvoicesDiscard takes a draft away, at Stripe and then here.
func (s *Site) staffInvoicesDiscard(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	row, err := s.invoiceOfAccount(c)
	if err != nil {
		return err
	}
	path := v.base() + "/invoices/" + row.ID.String()
	if row.State != queries.InvoiceStateDraft {
		return s.told(c, "It is no draft any more, so it stays.", "", path)
	}
	problem, err := s.stripeWords(c, s.Stripe.DiscardInvoice(ctx, row.StripeAccount, row.StripeID, onceOf(c)))
	if err != nil {
		return err
	} else if problem != "" {
		return s.told(c, problem, "", path)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if _, err := q.InvoiceDraftDelete(ctx, queries.InvoiceDraftDeleteParams{AccountID: v.account.ID, ID: row.ID}); err != nil {
			return err
		}
		return v.did(ctx, q, "invoice.discard", queries.AuditSubject{Kind: "invoice", ID: &row.ID, Name: invoiceWords(row)})
	})
	if err != nil {
		return err
	}
	return s.told(c, "", "The draft is gone.", v.base()+"/invoices")
}

// didToInvoice writes into the trail what staff had done, once Stripe did it.
func (s *Site) didToInvoice(c *fiber.Ctx, action string, row queries.InvoiceOfAccountRow) error {
	ctx := c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		return at(c).did(ctx, q, action, queries.AuditSubject{Kind: "invoice", ID: &row.ID, Name: invoiceWords(row)})
	})
}

// invoiceWords is how the trail calls an invoice: by its number, and whose it is.
func invoiceWords(row queries.InvoiceOfAccountRow) string {
	return orElse(row.Number, "a draft") + " of " + row.Email
}
