package stripesim

import "math"

// TaxRate is a percentage on top of a price or inside of it.
type TaxRate struct {
	head
	Active       bool     `json:"active"`
	Country      text     `json:"country"`
	Description  text     `json:"description"`
	DisplayName  string   `json:"display_name"`
	Inclusive    bool     `json:"inclusive"`
	Jurisdiction text     `json:"jurisdiction"`
	Metadata     metadata `json:"metadata"`
	Percentage   float64  `json:"percentage"`
	State        text     `json:"state"`
	TaxType      text     `json:"tax_type"`
}

type taxRateParams struct {
	Active       *bool         `form:"active"`
	Country      *text         `form:"country"`
	Description  *text         `form:"description"`
	DisplayName  *string       `form:"display_name"`
	Inclusive    *bool         `form:"inclusive"`
	Jurisdiction *text         `form:"jurisdiction"`
	Metadata     metadataParam `form:"metadata"`
	Percentage   *float64      `form:"percentage"`
	State        *text         `form:"state"`
	TaxType      *text         `form:"tax_type"`
}

func createTaxRate(c *call, p *taxRateParams) (any, error) {
	if p.DisplayName == nil || p.Inclusive == nil || p.Percentage == nil {
		return nil, refuse("parameter_missing", "", "A tax rate needs display_name, inclusive and percentage.")
	}
	rate := &TaxRate{head: c.newHead("txr", "tax_rate"), Active: true, Inclusive: *p.Inclusive, Percentage: *p.Percentage}
	p.apply(rate)
	return c.taxRates.add(rate), nil
}

func (p *taxRateParams) apply(rate *TaxRate) {
	set(&rate.Active, p.Active)
	set(&rate.Country, p.Country)
	set(&rate.Description, p.Description)
	set(&rate.DisplayName, p.DisplayName)
	set(&rate.Jurisdiction, p.Jurisdiction)
	set(&rate.State, p.State)
	set(&rate.TaxType, p.TaxType)
	rate.Metadata = rate.Metadata.with(p.Metadata)
}

func updateTaxRate(c *call, p *taxRateParams) (any, error) {
	rate, err := c.taxRates.need(c.id, "tax rate", "id")
	if err != nil {
		return nil, err
	}
	if p.Inclusive != nil || p.Percentage != nil {
		return nil, refuse("parameter_unknown", "percentage", "The percentage of a tax rate cannot be changed.")
	}
	p.apply(rate)
	return rate, nil
}

func getTaxRate(c *call, _ *none) (any, error) { return c.taxRates.need(c.id, "tax rate", "id") }

func listTaxRates(c *call, p *page) (any, error) {
	return listed(c, *p, &c.taxRates, func(*TaxRate) bool { return true })
}

// ratesOf are the tax rates that a parameter names.
func (c *call) ratesOf(ids []string, param string) ([]*TaxRate, error) {
	rates := []*TaxRate{}
	for _, id := range ids {
		rate, err := c.taxRates.need(id, "tax rate", param)
		if err != nil {
			return nil, err
		}
		rates = append(rates, rate)
	}
	return rates, nil
}

// of is the tax on an amount in minor units, rounded half away from zero.
func (r *TaxRate) of(amount int64) int64 {
	if r.Inclusive {
		return amount - int64(math.Round(float64(amount)/(1+r.Percentage/100)))
	}
	return int64(math.Round(float64(amount) * r.Percentage / 100))
}
