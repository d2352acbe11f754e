package stripesim

// SubscriptionItem is one price of a subscription and how many of it.
type SubscriptionItem struct {
	name
	Created      int64      `json:"created"`
	Metadata     metadata   `json:"metadata"`
	Price        *Price     `json:"price"`
	Quantity     int64      `json:"quantity"`
	Subscription string     `json:"subscription"`
	TaxRates     []*TaxRate `json:"tax_rates"`
}

type itemParams struct {
	Deleted   bool          `form:"deleted"`
	ID        string        `form:"id"`
	Metadata  metadataParam `form:"metadata"`
	Price     string        `form:"price"`
	PriceData *priceParams  `form:"price_data"`
	Quantity  *int64        `form:"quantity"`
	TaxRates  []string      `form:"tax_rates"`
}

// newItems are the items of a new subscription, which all have to be due at the same times.
func (c *call) newItems(params []itemParams) ([]*SubscriptionItem, error) {
	var items []*SubscriptionItem
	for _, p := range params {
		price, err := c.linePrice(p.Price, p.PriceData, "items[0][price]")
		if err != nil {
			return nil, err
		}
		item, err := c.newItem(price, p)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, sameInterval(items)
}

func sameInterval(items []*SubscriptionItem) error {
	for _, item := range items {
		first, this := items[0].Price, item.Price
		if this.Recurring == nil {
			return refuse("", "items", "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.")
		}
		if this.Recurring.Interval != first.Recurring.Interval || this.Recurring.IntervalCount != first.Recurring.IntervalCount || this.Currency != first.Currency {
			return refuse("", "items", "All prices of a subscription must have the same interval and currency.")
		}
	}
	return nil
}

func (c *call) newItem(price *Price, p itemParams) (*SubscriptionItem, error) {
	rates, err := c.ratesOf(p.TaxRates, "items[0][tax_rates]")
	if err != nil {
		return nil, err
	}
	item := &SubscriptionItem{name: name{c.s.newID("si"), "subscription_item"}, Created: c.now(), Price: price, Quantity: 1, TaxRates: rates}
	set(&item.Quantity, p.Quantity)
	item.Metadata = item.Metadata.with(p.Metadata)
	return item, nil
}

type subscriptionItemsParams struct {
	page
	Subscription string `form:"subscription,required"`
}

func listSubscriptionItems(c *call, p *subscriptionItemsParams) (any, error) {
	s, err := c.subscriptions.need(p.Subscription, "subscription", "subscription")
	if err != nil {
		return nil, err
	}
	return paged(c, p.page, s.Items.all)
}
