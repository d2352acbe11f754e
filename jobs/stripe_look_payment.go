package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// payment looks at what a payment intent is to pay: an invoice, which Stripe does not report when its money is on its way, or an
// order, of which some may have gone back.
func (l stripeLook) payment(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	p, err := l.door.Payment(ctx, account, id)
	switch {
	case err != nil:
		return false, err
	case p.Invoice != "":
		return l.object(ctx, q, tx, account, p.Invoice)
	case p.Charge != "":
		return l.object(ctx, q, tx, account, p.Charge)
	}
	return false, nil
}

// charge looks at money that was taken, and of which some may have gone back. An invoice's says the invoice. A try that failed says nothing of
// the order: of the charge that paid it money may have gone back, whichever of the two is looked at last.
func (l stripeLook) charge(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	c, err := l.door.Charge(ctx, account, id)
	switch {
	case err != nil:
		return false, err
	case c.Invoice != "":
		return l.object(ctx, q, tx, account, c.Invoice)
	case !c.Ours:
		return false, nil
	}
	if mine, err := l.mine(ctx, q, c.AccountID, account, c.Payment, uuid.Nil); err != nil || !mine || !c.Paid {
		return mine, err
	}
	return true, queries.TakeBack(ctx, q, c.AccountID, account, c.Payment, queries.MoneyBack(c.Back), l.now())
}

func (l stripeLook) refund(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	charge, err := l.door.ChargeOfRefund(ctx, account, id)
	if err != nil {
		return false, err
	}
	return l.object(ctx, q, tx, account, charge)
}

func (l stripeLook) dispute(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	charge, err := l.door.ChargeOfDispute(ctx, account, id)
	if err != nil {
		return false, err
	}
	return l.object(ctx, q, tx, account, charge)
}
