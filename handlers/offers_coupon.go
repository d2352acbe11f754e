package handlers

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// couponMost is how long a coupon can be that is typed.
const couponMost = 60

// offerCoupon is what a coupon makes of a price.
type offerCoupon struct {
	Code  string
	Words string // 20% off the first payment
	Minor int64  // what is left to pay
}

// couponField is where a coupon is typed; a link can bring one along.
func couponField(typed string) views.Field {
	return views.Field{Name: "coupon", Label: "Coupon", Value: typed, Autocomplete: "off", MaxLength: couponMost}
}

// sentCoupon is the coupon somebody typed, followed a link with, or came back with from Stripe's page.
func sentCoupon(c *fiber.Ctx) string {
	typed := queries.OneLine(orElse(sentValue(c, "coupon"), strings.ToValidUTF8(c.Query("coupon"), "")))
	if len(typed) > couponMost {
		return ""
	}
	return typed
}

// couponOf asks Stripe for the coupon that was typed and says what is wrong with it, a sentence; nil without one.
func (s *Site) couponOf(c *fiber.Ctx, price queries.OfferPriceByNameRow, typed string) (coupon *billing.Coupon, problem string, err error) {
	if typed == "" {
		return nil, "", nil
	}
	v := at(c)
	err = s.spend(c, queries.Spending{Limit: queries.LimitCouponIP, Subject: v.network()})
	var many tooMany
	if errors.As(err, &many) {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(many.wait.Seconds()))))
		return nil, "Many coupons were tried just now. Please wait " + many.waitWords() + ", or go on without one.", nil
	} else if err != nil {
		return nil, "", err
	}
	found, err := s.Stripe.Coupon(c.UserContext(), price.StripeAccount, typed, v.now)
	switch {
	case errors.Is(err, billing.ErrNotThere):
		return nil, "There is no such coupon, or its time is over. Check how it is written, or leave this empty.", nil
	case err != nil:
		s.Log.Warn("a coupon could not be looked up", "id", v.id, "error", err)
		return nil, "Coupons cannot be checked right now. Try again in a minute, or go on without one.", nil
	}
	if _, is := found.Off(price.StripeProductID, price.Customer, price.AmountMinor, price.Currency); !is {
		return nil, couponNotFor(found, price), nil
	}
	return &found, "", nil
}

// couponNotFor says why a coupon that there is cannot be used here.
func couponNotFor(found billing.Coupon, price queries.OfferPriceByNameRow) string {
	if found.FromMinor > 0 && found.FromMoney == price.Currency && price.AmountMinor < found.FromMinor {
		return "This coupon is for purchases from " + views.MoneyWords(found.FromMinor, found.FromMoney) + " on."
	}
	return "This coupon is not for this offer."
}

// couponShown is what a coupon makes of a price, as its page says it.
func couponShown(found billing.Coupon, price queries.OfferPriceByNameRow) *offerCoupon {
	off, _ := found.Off(price.StripeProductID, price.Customer, price.AmountMinor, price.Currency)
	words := views.MoneyWords(off, price.Currency) + " off"
	if found.PartsOff > 0 {
		words = strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%02d", found.PartsOff/100, found.PartsOff%100), "0"), ".") + "% off"
	}
	if price.Charged != queries.PriceIntervalOnce {
		switch found.Lasts {
		case billing.CouponForever:
			words += " every payment"
		case billing.CouponSome:
			words += " the payments of the first " + counted(int64(found.Months), "month", "months")
		default:
			words += " the first payment"
		}
	}
	return &offerCoupon{Code: found.Code, Words: words, Minor: price.AmountMinor - off}
}
