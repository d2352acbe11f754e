package billing

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// MakeCustomer makes a customer who is a contact; asked again it answers the same one.
func (d *Door) MakeCustomer(ctx context.Context, account string, accountID, contactID uuid.UUID, email, name string) (customer string, err error) {
	return d.makeCustomer(ctx, account, accountID, contactID.String(), email, name)
}

// ReplaceCustomer is as MakeCustomer, for a contact whose customer was deleted at Stripe. It has a key of its own: by the other one Stripe
// would answer the customer that is gone, for a day.
func (d *Door) ReplaceCustomer(ctx context.Context, account string, accountID uuid.UUID, gone, email, name string) (customer string, err error) {
	return d.makeCustomer(ctx, account, accountID, "after-"+gone, email, name)
}

func (d *Door) makeCustomer(ctx context.Context, account string, accountID uuid.UUID, which, email, name string) (customer string, err error) {
	p := &stripe.CustomerParams{Params: params(ctx, account, ""), Email: stripe.String(email)}
	if name != "" {
		p.Name = stripe.String(name)
	}
	p.Metadata = map[string]string{metaAccount: accountID.String()}
	c, err := once("customer-"+which+"-"+digest(email, name), nil, func(key string) (*stripe.Customer, error) {
		p.SetIdempotencyKey(key)
		return d.api.Customers.New(p)
	})
	if err != nil {
		return "", err
	}
	return c.ID, nil
}

// NameCustomer has Stripe call a customer what they are called here, and write to where they read mail; an empty name leaves the one it
// has. It says how things are to be, so twice is harmless, and it has no key: Stripe answers a key for a day as it did first, and would do
// nothing when somebody takes back what they changed. ErrNoCustomer when they were deleted there.
func (d *Door) NameCustomer(ctx context.Context, account, customer, email, name string) error {
	p := &stripe.CustomerParams{Params: params(ctx, account, ""), Email: stripe.String(email)}
	if name != "" {
		p.Name = stripe.String(name)
	}
	_, err := d.api.Customers.Update(customer, p)
	if err = kind(err); errors.Is(err, ErrNotThere) {
		err = errors.Join(ErrNoCustomer, err)
	}
	return err
}
