package stripesim

import "math"

// Coupon takes something off.
type Coupon struct {
	head
	AmountOff        *int64   `json:"amount_off"`
	Currency         text     `json:"currency"`
	Duration         string   `json:"duration"`
	DurationInMonths stamp    `json:"duration_in_months"`
	MaxRedemptions   stamp    `json:"max_redemptions"`
	Metadata         metadata `json:"metadata"`
	Name             text     `json:"name"`
	PercentOff       *float64 `json:"percent_off"`
	RedeemBy         stamp    `json:"redeem_by"`
	TimesRedeemed    int64    `json:"times_redeemed"`
	Valid            bool     `json:"valid"`
}

type couponParams struct {
	ID               string        `form:"id"`
	AmountOff        *int64        `form:"amount_off"`
	Currency         text          `form:"currency"`
	Duration         string        `form:"duration"`
	DurationInMonths stamp         `form:"duration_in_months"`
	MaxRedemptions   stamp         `form:"max_redemptions"`
	Metadata         metadataParam `form:"metadata"`
	Name             text          `form:"name"`
	PercentOff       *float64      `form:"percent_off"`
	RedeemBy         stamp         `form:"redeem_by"`
}

func createCoupon(c *call, p *couponParams) (any, error) {
	if (p.AmountOff == nil) == (p.PercentOff == nil) {
		return nil, refuse("parameter_missing", "percent_off", "You must pass either percent_off or amount_off.")
	}
	if p.AmountOff != nil && p.Currency == "" {
		return nil, needParam("currency")
	}
	if (p.Duration == "repeating") != (p.DurationInMonths > 0) {
		return nil, refuse("", "duration_in_months", "duration_in_months belongs to the duration repeating.")
	}
	coupon := &Coupon{head: c.newHead("coupon", "coupon"), AmountOff: p.AmountOff, Currency: p.Currency, Duration: p.Duration, DurationInMonths: p.DurationInMonths,
		MaxRedemptions: p.MaxRedemptions, Name: p.Name, PercentOff: p.PercentOff, RedeemBy: p.RedeemBy, Valid: true}
	if coupon.Duration == "" {
		coupon.Duration = "once"
	}
	if p.ID != "" {
		coupon.ID = p.ID
	}
	if c.coupons.get(coupon.ID) != nil {
		return nil, refuse("resource_already_exists", "id", "Coupon already exists.")
	}
	coupon.Metadata = coupon.Metadata.with(p.Metadata)
	c.coupons.add(coupon)
	c.emit("coupon.created", coupon)
	return coupon, nil
}

type couponChange struct {
	Metadata metadataParam `form:"metadata"`
	Name     *text         `form:"name"`
}

func updateCoupon(c *call, p *couponChange) (any, error) {
	coupon, err := c.coupons.need(c.id, "coupon", "id")
	if err != nil {
		return nil, err
	}
	set(&coupon.Name, p.Name)
	coupon.Metadata = coupon.Metadata.with(p.Metadata)
	c.emit("coupon.updated", coupon)
	return coupon, nil
}

func getCoupon(c *call, _ *none) (any, error) {
	coupon, err := c.coupons.need(c.id, "coupon", "id")
	if err != nil {
		return nil, err
	}
	coupon.Valid = coupon.redeemable(c.now())
	return coupon, nil
}

// deleteCoupon leaves the discounts that were given with it as they are.
func deleteCoupon(c *call, _ *none) (any, error) {
	coupon, err := c.coupons.need(c.id, "coupon", "id")
	if err != nil {
		return nil, err
	}
	c.emit("coupon.deleted", coupon)
	c.coupons.remove(c.id)
	return deleted{name{c.id, "coupon"}, true}, nil
}

type couponsParams struct {
	page
	Created *span `form:"created"`
}

func listCoupons(c *call, p *couponsParams) (any, error) {
	return listed(c, p.page, &c.coupons, func(coupon *Coupon) bool { return p.Created.has(coupon.Created) })
}

func (coupon *Coupon) redeemable(now int64) bool {
	return (coupon.RedeemBy == 0 || int64(coupon.RedeemBy) > now) && (coupon.MaxRedemptions == 0 || coupon.TimesRedeemed < int64(coupon.MaxRedemptions))
}

// off is what the coupon takes off an amount, never more than the amount.
func (coupon *Coupon) off(amount int64, currency string) int64 {
	if amount <= 0 {
		return 0
	}
	if coupon.PercentOff != nil {
		return int64(math.Round(float64(amount) * *coupon.PercentOff / 100))
	}
	if string(coupon.Currency) != currency {
		return 0
	}
	return min(amount, *coupon.AmountOff)
}
