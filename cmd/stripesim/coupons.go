package stripesim

import (
	"math"
	"strings"
)

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

// PromotionCode is what people type to get a coupon.
type PromotionCode struct {
	head
	Active         bool         `json:"active"`
	Code           string       `json:"code"`
	Coupon         *Coupon      `json:"coupon"`
	Customer       ref          `json:"customer"`
	ExpiresAt      stamp        `json:"expires_at"`
	MaxRedemptions stamp        `json:"max_redemptions"`
	Metadata       metadata     `json:"metadata"`
	Restrictions   Restrictions `json:"restrictions"`
	TimesRedeemed  int64        `json:"times_redeemed"`
}

// Restrictions say who may use a promotion code.
type Restrictions struct {
	FirstTimeTransaction  bool  `json:"first_time_transaction" form:"first_time_transaction"`
	MinimumAmount         stamp `json:"minimum_amount" form:"minimum_amount"`
	MinimumAmountCurrency text  `json:"minimum_amount_currency" form:"minimum_amount_currency"`
}

type promotionCodeParams struct {
	Active         *bool         `form:"active"`
	Code           string        `form:"code"`
	Coupon         string        `form:"coupon,required"`
	Customer       ref           `form:"customer"`
	ExpiresAt      stamp         `form:"expires_at"`
	MaxRedemptions stamp         `form:"max_redemptions"`
	Metadata       metadataParam `form:"metadata"`
	Restrictions   Restrictions  `form:"restrictions"`
}

func createPromotionCode(c *call, p *promotionCodeParams) (any, error) {
	coupon, err := c.coupons.need(p.Coupon, "coupon", "coupon")
	if err != nil {
		return nil, err
	}
	code := &PromotionCode{head: c.newHead("promo", "promotion_code"), Active: true, Code: p.Code, Coupon: coupon, Customer: p.Customer, ExpiresAt: p.ExpiresAt, MaxRedemptions: p.MaxRedemptions, Restrictions: p.Restrictions}
	if code.Code == "" {
		code.Code = strings.ToUpper(strings.ReplaceAll(code.ID[len(code.ID)-8:], "_", ""))
	}
	if c.promotionCode(code.Code) != nil {
		return nil, refuse("", "code", "An active promotion code with `code: %s` already exists.", code.Code)
	}
	set(&code.Active, p.Active)
	code.Metadata = code.Metadata.with(p.Metadata)
	c.promotionCodes.add(code)
	c.emit("promotion_code.created", code)
	return code, nil
}

// promotionCode finds an active code as people type it; nil: there is none.
func (b *books) promotionCode(typed string) *PromotionCode {
	for code := range b.promotionCodes.all() {
		if code.Active && strings.EqualFold(code.Code, strings.TrimSpace(typed)) {
			return code
		}
	}
	return nil
}

type promotionCodeChange struct {
	Active   *bool         `form:"active"`
	Metadata metadataParam `form:"metadata"`
}

func updatePromotionCode(c *call, p *promotionCodeChange) (any, error) {
	code, err := c.promotionCodes.need(c.id, "promotion code", "id")
	if err != nil {
		return nil, err
	}
	set(&code.Active, p.Active)
	code.Metadata = code.Metadata.with(p.Metadata)
	c.emit("promotion_code.updated", code)
	return code, nil
}

func getPromotionCode(c *call, _ *none) (any, error) {
	return c.promotionCodes.need(c.id, "promotion code", "id")
}

type promotionCodesParams struct {
	page
	Active  *bool  `form:"active"`
	Code    string `form:"code"`
	Coupon  string `form:"coupon"`
	Created *span  `form:"created"`
}

func listPromotionCodes(c *call, p *promotionCodesParams) (any, error) {
	return listed(c, p.page, &c.promotionCodes, func(code *PromotionCode) bool {
		return p.Created.has(code.Created) && (p.Active == nil || *p.Active == code.Active) && (p.Code == "" || p.Code == code.Code) && (p.Coupon == "" || p.Coupon == code.Coupon.ID)
	})
}
