package stripesim_test

import (
	"fmt"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

func TestProductsAndPrices(t *testing.T) {
	s := start(t, stripesim.Options{})
	product := must(s.Products.New(&stripe.ProductParams{Name: stripe.String("Course"), Description: stripe.String("Six weeks"), Metadata: map[string]string{"offer": "7"},
		DefaultPriceData: &stripe.ProductDefaultPriceDataParams{Currency: stripe.String("eur"), UnitAmount: stripe.Int64(4900)}}))
	is(t, "the name", product.Name, "Course")
	got := must(s.Products.Get(product.ID, &stripe.ProductParams{Expand: []*string{stripe.String("default_price")}}))
	is(t, "the default price", got.DefaultPrice.UnitAmount, 4900)
	changed := must(s.Products.Update(product.ID, &stripe.ProductParams{Name: stripe.String("Course 2"), Active: stripe.Bool(false), Metadata: map[string]string{"offer": "", "kept": "yes"}}))
	is(t, "the name after a change", changed.Name, "Course 2")
	is(t, "the metadata after a change", fmt.Sprint(changed.Metadata), "map[kept:yes]")
	if _, err := s.Products.Del(product.ID, nil); err == nil {
		t.Error("a product with a price was deleted")
	}
	other := must(s.Products.New(&stripe.ProductParams{Name: stripe.String("Other")}))
	is(t, "deleted", must(s.Products.Del(other.ID, nil)).Deleted, true)

	price := must(s.Prices.New(&stripe.PriceParams{Product: stripe.String(product.ID), Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1900), LookupKey: stripe.String("monthly"),
		Recurring: &stripe.PriceRecurringParams{Interval: stripe.String("month")}}))
	is(t, "the interval", price.Recurring.Interval, stripe.PriceRecurringIntervalMonth)
	_, err := s.Prices.New(&stripe.PriceParams{Product: stripe.String(product.ID), Currency: stripe.String("eur"), UnitAmount: stripe.Int64(2900), LookupKey: stripe.String("monthly")})
	refused(t, err, 400, "")
	newer := must(s.Prices.New(&stripe.PriceParams{Product: stripe.String(product.ID), Currency: stripe.String("eur"), UnitAmount: stripe.Int64(2900), LookupKey: stripe.String("monthly"), TransferLookupKey: stripe.Bool(true)}))
	prices := s.Prices.List(&stripe.PriceListParams{LookupKeys: []*string{stripe.String("monthly")}})
	prices.Next()
	is(t, "the price with the key", prices.Price().ID, newer.ID)
	must(s.Prices.Update(price.ID, &stripe.PriceParams{Active: stripe.Bool(false)}))
	is(t, "still active", must(s.Prices.Get(price.ID, nil)).Active, false)
	_, err = s.Prices.Get("price_no", nil)
	refused(t, err, 404, "resource_missing")
	products := s.Products.List(&stripe.ProductListParams{Active: stripe.Bool(false)})
	products.Next()
	is(t, "the product that is off", products.Product().ID, product.ID)
	s.happened("product.created", "price.created", "product.updated", "product.updated", "product.created", "product.deleted", "price.created", "price.updated")
}

func TestTaxRates(t *testing.T) {
	s := start(t, stripesim.Options{})
	rate := must(s.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Inclusive: stripe.Bool(false), Percentage: stripe.Float64(19), Country: stripe.String("DE")}))
	must(s.TaxRates.Update(rate.ID, &stripe.TaxRateParams{Active: stripe.Bool(false)}))
	is(t, "active", must(s.TaxRates.Get(rate.ID, nil)).Active, false)
	rates := s.TaxRates.List(&stripe.TaxRateListParams{})
	is(t, "listed", rates.Next(), true)
}

func TestCouponsAndCodes(t *testing.T) {
	s := start(t, stripesim.Options{})
	coupon := must(s.Coupons.New(&stripe.CouponParams{ID: stripe.String("SPRING"), PercentOff: stripe.Float64(12.5), Duration: stripe.String("once"), MaxRedemptions: stripe.Int64(1)}))
	is(t, "the id", coupon.ID, "SPRING")
	must(s.Coupons.Update("SPRING", &stripe.CouponParams{Name: stripe.String("Spring")}))
	is(t, "the name", must(s.Coupons.Get("SPRING", nil)).Name, "Spring")
	code := must(s.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: stripe.String("SPRING"), Code: stripe.String("Hello")}))
	_, err := s.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: stripe.String("SPRING"), Code: stripe.String("HELLO")})
	refused(t, err, 400, "")
	codes := s.PromotionCodes.List(&stripe.PromotionCodeListParams{Code: stripe.String("Hello"), Active: stripe.Bool(true)})
	codes.Next()
	is(t, "the code", codes.PromotionCode().ID, code.ID)
	is(t, "active", must(s.PromotionCodes.Update(code.ID, &stripe.PromotionCodeParams{Active: stripe.Bool(false)})).Active, false)
	is(t, "the coupon of the code", must(s.PromotionCodes.Get(code.ID, nil)).Coupon.ID, "SPRING")
	customer := must(s.Customers.New(&stripe.CustomerParams{Coupon: stripe.String("SPRING")}))
	is(t, "the customer's discount", customer.Discount.Coupon.PercentOff, 12.5)
	_, err = s.Customers.New(&stripe.CustomerParams{Coupon: stripe.String("SPRING")})
	refused(t, err, 400, "coupon_expired")
	coupons := s.Coupons.List(&stripe.CouponListParams{})
	coupons.Next()
	is(t, "valid", coupons.Coupon().Valid, false)
	is(t, "deleted", must(s.Coupons.Del("SPRING", nil)).Deleted, true)
}
