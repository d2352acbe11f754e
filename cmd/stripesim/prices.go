package stripesim

import (
	"strconv"
	"strings"
)

// Price is what one unit of a product costs. Its amount never changes; another amount is another price.
type Price struct {
	head
	Active            bool       `json:"active"`
	BillingScheme     string     `json:"billing_scheme"`
	Currency          string     `json:"currency"`
	LookupKey         text       `json:"lookup_key"`
	Metadata          metadata   `json:"metadata"`
	Nickname          text       `json:"nickname"`
	Product           string     `json:"product"`
	Recurring         *Recurring `json:"recurring"`
	TaxBehavior       string     `json:"tax_behavior"`
	TiersMode         text       `json:"tiers_mode"`
	Type              string     `json:"type"`
	UnitAmount        int64      `json:"unit_amount"`
	UnitAmountDecimal string     `json:"unit_amount_decimal"`
}

// Recurring is how often a price of a subscription is due.
type Recurring struct {
	AggregateUsage  text   `json:"aggregate_usage"`
	Interval        string `json:"interval"`
	IntervalCount   int64  `json:"interval_count"`
	TrialPeriodDays stamp  `json:"trial_period_days,omitempty"`
	UsageType       string `json:"usage_type"`
}

type recurringParams struct {
	Interval      string `form:"interval,required"`
	IntervalCount *int64 `form:"interval_count"`
	UsageType     string `form:"usage_type"`
}

// priceParams are those of a price, and of price_data in a session, an invoice item or a product.
type priceParams struct {
	Active            *bool            `form:"active"`
	Currency          string           `form:"currency"`
	LookupKey         *text            `form:"lookup_key"`
	Metadata          metadataParam    `form:"metadata"`
	Nickname          *text            `form:"nickname"`
	Product           string           `form:"product"`
	ProductData       *productParams   `form:"product_data"`
	Recurring         *recurringParams `form:"recurring"`
	TaxBehavior       *string          `form:"tax_behavior"`
	TransferLookupKey bool             `form:"transfer_lookup_key"`
	UnitAmount        *int64           `form:"unit_amount"`
}

func createPrice(c *call, p *priceParams) (any, error) {
	price, err := c.newPrice(p)
	if err != nil {
		return nil, err
	}
	c.emit("price.created", price)
	return price, nil
}

func (c *call) newPrice(p *priceParams) (*Price, error) {
	if p.Currency == "" {
		return nil, needParam("currency")
	}
	if p.UnitAmount == nil || *p.UnitAmount < 0 {
		return nil, refuse("parameter_missing", "unit_amount", "A price needs a unit_amount of 0 or more.")
	}
	if strings.Contains("bhd jod kwd omr tnd", p.Currency) && *p.UnitAmount%10 != 0 {
		return nil, refuse("", "unit_amount", "Invalid amount: amounts in %s have to be divisible by 10.", p.Currency)
	}
	product, err := c.productOf(p)
	if err != nil {
		return nil, err
	}
	price := &Price{head: c.newHead("price", "price"), Active: true, BillingScheme: "per_unit", Currency: p.Currency, Product: product.ID,
		TaxBehavior: "unspecified", Type: "one_time", UnitAmount: *p.UnitAmount, UnitAmountDecimal: strconv.FormatInt(*p.UnitAmount, 10)}
	if p.Recurring != nil {
		if p.Recurring.UsageType != "" && p.Recurring.UsageType != "licensed" {
			return nil, gap{refuse("", "recurring[usage_type]", "This stand-in does not meter.")}
		}
		price.Type = "recurring"
		price.Recurring = &Recurring{Interval: p.Recurring.Interval, IntervalCount: 1, UsageType: "licensed"}
		set(&price.Recurring.IntervalCount, p.Recurring.IntervalCount)
	}
	if err := p.apply(c, price); err != nil {
		return nil, err
	}
	return c.prices.add(price), nil
}

// productOf is the product a price is for; product_data makes it.
func (c *call) productOf(p *priceParams) (*Product, error) {
	if p.ProductData != nil {
		made, err := createProduct(c, p.ProductData)
		if err != nil {
			return nil, err
		}
		return made.(*Product), nil
	}
	if p.Product == "" {
		return nil, needParam("product")
	}
	return c.products.need(p.Product, "product", "product")
}

func (p *priceParams) apply(c *call, price *Price) error {
	if p.LookupKey != nil && *p.LookupKey != "" {
		for other := range c.prices.all() {
			if other.LookupKey != *p.LookupKey || other.ID == price.ID {
				continue
			}
			if !p.TransferLookupKey {
				return refuse("", "lookup_key", "A price (`%s`) already uses that lookup key.", other.ID)
			}
			other.LookupKey = ""
			c.emit("price.updated", other)
		}
	}
	set(&price.Active, p.Active)
	set(&price.LookupKey, p.LookupKey)
	set(&price.Nickname, p.Nickname)
	set(&price.TaxBehavior, p.TaxBehavior)
	price.Metadata = price.Metadata.with(p.Metadata)
	return nil
}

type priceChange struct {
	Active            *bool         `form:"active"`
	LookupKey         *text         `form:"lookup_key"`
	Metadata          metadataParam `form:"metadata"`
	Nickname          *text         `form:"nickname"`
	TaxBehavior       *string       `form:"tax_behavior"`
	TransferLookupKey bool          `form:"transfer_lookup_key"`
}

func updatePrice(c *call, p *priceChange) (any, error) {
	price, err := c.prices.need(c.id, "price", "id")
	if err != nil {
		return nil, err
	}
	change := priceParams{Active: p.Active, LookupKey: p.LookupKey, Metadata: p.Metadata, Nickname: p.Nickname, TaxBehavior: p.TaxBehavior, TransferLookupKey: p.TransferLookupKey}
	if err := change.apply(c, price); err != nil {
		return nil, err
	}
	c.emit("price.updated", price)
	return price, nil
}

func getPrice(c *call, _ *none) (any, error) { return c.prices.need(c.id, "price", "id") }

type pricesParams struct {
	page
	Active     *bool    `form:"active"`
	Created    *span    `form:"created"`
	Currency   string   `form:"currency"`
	LookupKeys []string `form:"lookup_keys"`
	Product    string   `form:"product"`
	Type       string   `form:"type"`
}

func listPrices(c *call, p *pricesParams) (any, error) {
	return listed(c, p.page, &c.prices, func(price *Price) bool {
		return p.Created.has(price.Created) && (p.Active == nil || *p.Active == price.Active) && oneOf(p.LookupKeys, string(price.LookupKey)) &&
			(p.Product == "" || p.Product == price.Product) && (p.Currency == "" || p.Currency == price.Currency) && (p.Type == "" || p.Type == price.Type)
	})
}

// linePrice is the price a line names, or the one that its price_data makes, which is for that line only.
func (c *call) linePrice(id string, data *priceParams, param string) (*Price, error) {
	if data == nil {
		if id == "" {
			return nil, needParam(param)
		}
		price, err := c.prices.need(id, "price", param)
		if err == nil && !price.Active {
			return nil, refuse("", param, "The price specified is inactive. This field only accepts active prices.")
		}
		if err == nil && !c.products.get(price.Product).Active {
			return nil, refuse("", param, "Price `%s` is not available to be purchased because its product is not active.", id)
		}
		return price, err
	}
	price, err := c.newPrice(data)
	if err != nil {
		return nil, err
	}
	price.Active = false
	return price, nil
}
