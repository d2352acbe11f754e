package stripesim

import "strings"

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
		return p.Created.has(code.Created) && (p.Active == nil || *p.Active == code.Active) && (p.Code == "" || strings.EqualFold(p.Code, code.Code)) && (p.Coupon == "" || p.Coupon == code.Coupon.ID)
	})
}
