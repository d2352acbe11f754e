package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// refundPage asks how much is given back, and says before what that ends.
type refundPage struct {
	views.Page
	Back      string // where the page comes from and leads back to
	What      string // an order's title, or an invoice's number
	Who       string
	Currency  string
	PaidMinor int64
	LeftMinor int64 // of it, not given back yet
	Gives     []cancelledCourse
	Renews    string // the subscription that is not ended by it; empty: none
	Once      string
	Problem   string // about the form as a whole; empty: none
	Amount    views.Field
	Reason    views.Select

	account, payment, action string // what is asked of Stripe, and how the trail calls it
	subject                  queries.AuditSubject
}

var refundReasons = []views.Option{{Value: string(billing.RefundRequested), Label: "The client asked for it"}, {Value: string(billing.RefundDuplicate), Label: "It was charged twice"},
	{Value: string(billing.RefundFraudulent), Label: "It was a fraud"}}

// fill puts the fields in, once it is known how much is left.
func (p *refundPage) fill(c *fiber.Ctx) *refundPage {
	p.Once = onceOf(c)
	typed := c.FormValue("amount") // an empty one is none, and never all of it
	if c.Method() != fiber.MethodPost {
		typed = views.TypedMoney(p.LeftMinor, p.Currency)
	}
	p.Amount = views.Field{Name: "amount", Label: "Give back", Value: typed, InputMode: "decimal", MaxLength: 16, Required: true,
		Hint: "Up to " + views.MoneyIn("", p.LeftMinor, p.Currency) + ". It goes back the way it came, within some days."}
	p.Reason = views.Select{Name: "reason", Label: "Reason", Value: orElse(c.FormValue("reason"), refundReasons[0].Value), Options: refundReasons}
	return p
}

func (s *Site) invoiceRefundPage(c *fiber.Ctx) (*refundPage, error) {
	row, err := s.invoiceOfAccount(c)
	if err != nil {
		return nil, err
	}
	if row.OrderID != nil { // the order's refund says what it ends
		return nil, goTo{at(c).base() + "/orders/" + row.OrderID.String() + "/refund"}
	}
	p := &refundPage{Page: s.page(c, "Refund"), Back: at(c).base() + "/invoices/" + row.ID.String(), What: "Invoice " + row.Number, Who: orElse(row.ContactName, row.Email), Currency: row.Currency,
		PaidMinor: row.PaidMinor, LeftMinor: refundableInvoice(row), Renews: row.Subscription, account: row.StripeAccount, payment: row.StripePaymentID, action: "invoice.refund",
		subject: queries.AuditSubject{Kind: "invoice", ID: &row.ID, Name: invoiceWords(row)}}
	return p.fill(c), nil
}

func (s *Site) orderRefundPage(c *fiber.Ctx) (*refundPage, error) {
	row, gives, err := s.orderAsked(c)
	if err != nil {
		return nil, err
	}
	p := &refundPage{Page: s.page(c, "Refund"), Back: at(c).base() + "/orders/" + row.ID.String(), What: row.Title, Who: orElse(row.Name, row.Email), Currency: row.Currency,
		PaidMinor: row.AmountMinor, LeftMinor: refundableOrder(row), account: row.StripeAccount, payment: row.StripePaymentID, action: "order.refund",
		subject: queries.AuditSubject{Kind: "order", ID: &row.ID, Name: row.Title + " of " + row.Email}}
	for _, g := range gives {
		p.Gives = append(p.Gives, cancelledCourse{g.Title, g.Stays})
	}
	return p.fill(c), nil
}

func (s *Site) staffInvoicesRefundShow(c *fiber.Ctx) error {
	p, err := s.invoiceRefundPage(c)
	return s.refundShow(c, p, err)
}

func (s *Site) staffInvoicesRefund(c *fiber.Ctx) error {
	p, err := s.invoiceRefundPage(c)
	return s.refund(c, p, err)
}

func (s *Site) ordersRefundShow(c *fiber.Ctx) error {
	p, err := s.orderRefundPage(c)
	return s.refundShow(c, p, err)
}

func (s *Site) ordersRefund(c *fiber.Ctx) error {
	p, err := s.orderRefundPage(c)
	return s.refund(c, p, err)
}

func (s *Site) refundShow(c *fiber.Ctx, p *refundPage, err error) error {
	if err != nil {
		return err
	} else if p.LeftMinor == 0 {
		return goTo{p.Back}
	}
	return render(c, views.FrameAdmin, "refunds/new", "", p)
}

// refund gives money back and looks at it. What that ends here is written by the look, and only when nothing paid is left.
func (s *Site) refund(c *fiber.Ctx, p *refundPage, err error) error {
	if err != nil {
		return err
	} else if p.LeftMinor == 0 {
		return s.told(c, "Nothing is left to give back.", "", p.Back)
	}
	minor, wrong := readAmount(p.Amount.Value, p.Currency, p.LeftMinor)
	p.Amount.Refuse(wrong)
	if choiceOf(p.Reason.Value, refundReasons) == "" {
		p.Reason.Error = "Choose one of these."
	}
	if p.Amount.Error == "" && p.Reason.Error == "" {
		if p.Problem, err = s.giveBack(c, p, minor); err != nil {
			return err
		} else if p.Problem == "" {
			return s.told(c, "", views.MoneyIn("", minor, p.Currency)+" is given back.", p.Back)
		}
	}
	invalid(c)
	return render(c, views.FrameAdmin, "refunds/new", "", p)
}

func (s *Site) giveBack(c *fiber.Ctx, p *refundPage, minor int64) (problem string, err error) {
	v, ctx := at(c), c.UserContext()
	made, err := s.Stripe.Refund(ctx, billing.NewRefund{Account: p.account, Once: p.Once, Payment: p.payment, AmountMinor: minor, Reason: billing.RefundReason(p.Reason.Value)})
	if err != nil {
		return s.stripeWords(c, err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		e := v.auditEntry(p.action, p.subject)
		e.Note = fmt.Sprintf("%s: %s", views.MoneyIn("", minor, p.Currency), labelOfOption(refundReasons, p.Reason.Value))
		return queries.Audit(ctx, q, e)
	})
	if err != nil {
		return "", err
	}
	if problem, err = s.stripeWords(c, s.lookAt(c, p.account, made)); problem != "" { // it is given back, and the event says so soon
		s.Log.Warn("a refund could not be looked at", "id", v.id, "problem", problem)
		problem = ""
	}
	return problem, err
}

func labelOfOption(options []views.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}
