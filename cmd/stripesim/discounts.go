package stripesim

import "time"

// Discount is a coupon given to somebody: to a customer, a subscription, an invoice or a checkout session.
type Discount struct {
	name
	CheckoutSession text    `json:"checkout_session"`
	Coupon          *Coupon `json:"coupon"`
	Customer        ref     `json:"customer"`
	End             stamp   `json:"end"`
	Invoice         text    `json:"invoice"`
	InvoiceItem     text    `json:"invoice_item"`
	PromotionCode   ref     `json:"promotion_code"`
	Start           int64   `json:"start"`
	Subscription    text    `json:"subscription"`
}

type discountParams struct {
	Coupon        string `form:"coupon"`
	Discount      string `form:"discount"`
	PromotionCode string `form:"promotion_code"`
}

// discountFor redeems a coupon or a promotion code for a customer. Neither: there is no discount.
func (b *books) discountFor(couponID, codeID, customer string) (*Discount, error) {
	discount, err := b.promised(couponID, codeID, customer)
	if discount != nil {
		b.redeem(discount)
	}
	return discount, err
}

// redeem counts a discount as used.
func (b *books) redeem(discount *Discount) {
	if code := b.promotionCodes.get(string(discount.PromotionCode)); code != nil {
		code.TimesRedeemed++
	}
	discount.Coupon.TimesRedeemed++
	discount.Coupon.Valid = discount.Coupon.redeemable(b.now())
}

// promised is as discountFor, and counts nothing yet: a checkout redeems once it is complete.
func (b *books) promised(couponID, codeID, customer string) (*Discount, error) {
	if couponID == "" && codeID == "" {
		return nil, nil
	}
	discount := &Discount{name: name{b.s.newID("di"), "discount"}, Customer: ref(customer), Start: b.now()}
	if codeID != "" {
		code, err := b.promotionCodes.need(codeID, "promotion code", "promotion_code")
		if err != nil {
			return nil, err
		}
		if why := b.unusable(code, customer); why != "" {
			return nil, refuse("promotion_code_invalid", "promotion_code", "%s", why)
		}
		discount.PromotionCode, couponID = ref(code.ID), code.Coupon.ID
	}
	coupon, err := b.coupons.need(couponID, "coupon", "coupon")
	if err != nil {
		return nil, err
	}
	if !coupon.redeemable(b.now()) {
		return nil, refuse("coupon_expired", "coupon", "Coupon expired: %s", coupon.ID)
	}
	discount.Coupon = coupon
	if coupon.Duration == "repeating" {
		discount.End = stamp(time.Unix(b.now(), 0).UTC().AddDate(0, int(coupon.DurationInMonths), 0).Unix())
	}
	return b.discounts.add(discount), nil
}

// unusable says in a sentence why a promotion code is refused; empty: it is not.
func (b *books) unusable(code *PromotionCode, customer string) string {
	switch {
	case !code.Active:
		return "This promotion code is no longer active."
	case code.ExpiresAt != 0 && int64(code.ExpiresAt) <= b.now():
		return "This promotion code has expired."
	case code.MaxRedemptions != 0 && code.TimesRedeemed >= int64(code.MaxRedemptions):
		return "This promotion code has been used up."
	case code.Customer != "" && string(code.Customer) != customer:
		return "This promotion code is for another customer."
	case code.Restrictions.FirstTimeTransaction && b.hasPaid(customer):
		return "This promotion code is for first purchases."
	case !code.Coupon.redeemable(b.now()):
		return "The coupon of this promotion code has expired."
	}
	return ""
}

func (b *books) hasPaid(customer string) bool {
	for charge := range b.charges.all() {
		if customer != "" && string(charge.Customer) == customer && charge.Status == "succeeded" {
			return true
		}
	}
	return false
}

// oneDiscount reads the discounts parameter, of which this stand-in takes one; give is what makes one of a coupon.
func (b *books) oneDiscount(params []discountParams, customer string, give func(couponID, codeID, customer string) (*Discount, error)) (*Discount, error) {
	switch len(params) {
	case 0:
		return nil, nil
	case 1:
		if params[0].Discount != "" {
			return b.discounts.need(params[0].Discount, "discount", "discounts[0][discount]")
		}
		return give(params[0].Coupon, params[0].PromotionCode, customer)
	}
	return nil, refuse("", "discounts", "This stand-in takes one discount at a time.")
}
