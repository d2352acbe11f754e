package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
)

// staffInvoicesSend makes a draft final and has Stripe mail it to the client, where they read mail now: a draft may have lain for long.
func (s *Site) staffInvoicesSend(c *fiber.Ctx) error {
	return s.changeInvoice(c, "invoice.send", "It is on its way to the client, by Stripe.", queries.InvoiceStateDraft, func(ctx context.Context, account, id, once string) error {
		draft, err := s.Stripe.Invoice(ctx, account, id)
		if err == nil {
			err = s.nameCustomer(c, draft.Customer)
		}
		if err != nil {
			return err
		}
		return s.Stripe.SendInvoice(ctx, account, id, once)
	})
}

// nameCustomer has Stripe know a customer by the name and address they have here, before it is asked to bill or mail them: the job of a
// change may still wait.
func (s *Site) nameCustomer(c *fiber.Ctx, customer string) error {
	ctx := c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		return jobs.NameCustomer(ctx, q, s.Stripe, at(c).account.ID, customer)
	})
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
