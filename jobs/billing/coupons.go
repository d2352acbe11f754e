package billing

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// Coupon is what somebody types to pay less: a promotion code at Stripe with what its coupon takes off.
type Coupon struct {
	ID          string // Stripe's id of the code
	Code        string // as it is written there
	PartsOff    int64  // ten thousandths of the amount; 0: it takes off an amount
	OffMinor    int64
	Currency    string // of OffMinor, ISO 4217, lower case
	Lasts       CouponLasts
	Months      int   // of those that last some months
	FromMinor   int64 // what has to be bought for at least; 0: nothing
	FromMoney   string
	products    []string  // of Stripe's, which it is for; empty: for all
	customer    string    // the only one who may use it; empty: anybody
	expires     time.Time // zero: never
	usedUp, off bool
}

// CouponLasts is how much of a subscription a coupon makes cheaper.
type CouponLasts string

// For how long; all the same for what is paid once.
const (
	CouponOnce    CouponLasts = "once"
	CouponSome    CouponLasts = "repeating" // for some months
	CouponForever CouponLasts = "forever"
)

// couponMost is how long a code can be that is asked for; Stripe's are shorter.
const couponMost = 100

// Coupon asks Stripe for the code somebody typed. ErrNotThere when there is none, or it is not for now.
func (d *Door) Coupon(ctx context.Context, account, code string, now time.Time) (Coupon, error) {
	if code = strings.TrimSpace(code); code == "" || len(code) > couponMost {
		return Coupon{}, ErrNotThere
	}
	p := &stripe.PromotionCodeListParams{ListParams: listed(ctx, account), Code: stripe.String(code), Active: stripe.Bool(true)}
	p.AddExpand("data.coupon.applies_to")
	list := d.api.PromotionCodes.List(p)
	for list.Next() {
		c := readCoupon(list.PromotionCode())
		if !c.off && !c.usedUp && (c.expires.IsZero() || c.expires.After(now)) {
			return c, nil
		}
	}
	if err := list.Err(); err != nil {
		return Coupon{}, kind(err)
	}
	return Coupon{}, ErrNotThere
}

func readCoupon(p *stripe.PromotionCode) Coupon {
	c := Coupon{ID: p.ID, Code: p.Code, off: !p.Active || !p.Coupon.Valid, usedUp: p.MaxRedemptions > 0 && p.TimesRedeemed >= p.MaxRedemptions,
		PartsOff: parts(p.Coupon.PercentOff), OffMinor: p.Coupon.AmountOff, Currency: string(p.Coupon.Currency),
		Lasts: CouponLasts(p.Coupon.Duration), Months: int(p.Coupon.DurationInMonths)}
	if p.ExpiresAt > 0 {
		c.expires = time.Unix(p.ExpiresAt, 0)
	}
	if p.Customer != nil {
		c.customer = p.Customer.ID
	}
	if p.Restrictions != nil {
		c.FromMinor, c.FromMoney = p.Restrictions.MinimumAmount, string(p.Restrictions.MinimumAmountCurrency)
	}
	if p.Coupon.AppliesTo != nil {
		c.products = p.Coupon.AppliesTo.Products
	}
	return c
}

// parts is a share as ten thousandths, which is as fine as Stripe's are.
func parts(percent float64) int64 { return int64(math.Round(percent * 100)) }

// Off is how much the coupon takes off an amount, and whether it is for what costs that; Stripe, which is asked last, decides.
func (c Coupon) Off(product, customer string, minor int64, currency string) (off int64, is bool) {
	switch {
	case len(c.products) > 0 && !slices.Contains(c.products, product), c.customer != "" && c.customer != customer,
		c.FromMinor > 0 && (c.FromMoney != currency || minor < c.FromMinor):
		return 0, false
	case c.PartsOff > 0:
		return (minor*c.PartsOff + 5000) / 10000, true
	case c.Currency != currency:
		return 0, false
	}
	return min(c.OffMinor, minor), true
}

// GiveUpCheckout has Stripe close the page of a checkout, so that nobody pays on it any more. Refused when it was paid, or is closed
// already.
func (d *Door) GiveUpCheckout(ctx context.Context, account, session string) error {
	p := &stripe.CheckoutSessionExpireParams{Params: params(ctx, account, "")}
	_, err := once("expire-"+session, nil, func(key string) (*stripe.CheckoutSession, error) {
		p.SetIdempotencyKey(key)
		return d.api.CheckoutSessions.Expire(session, p)
	})
	return err
}
