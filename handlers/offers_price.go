package handlers

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// trialMost is how long something can be tried for nothing, in days; Stripe takes no more than two years.
const trialMost = 730

// setPrice makes a price the one an offer is sold for, and has it made at Stripe; nil makes the offer free.
func (s *Site) setPrice(c *fiber.Ctx, q *queries.Queries, tx pgx.Tx, offer uuid.UUID, p *queries.Price) error {
	v, ctx := at(c), c.UserContext()
	made, err := queries.SetPrice(ctx, q, v.account.ID, offer, p, v.now)
	if err != nil || made == nil {
		return err
	}
	return s.Queue.OfferPrice(ctx, tx, v.account.ID, *made)
}

// typedPrice is the price as somebody would type it.
func (t *typedOffer) typedPrice() {
	t.currency, t.charged = views.Currencies[0].Code, string(queries.PriceIntervalOnce)
	if p := t.Price; p != nil {
		t.price, t.currency, t.charged = views.TypedMoney(p.AmountMinor, p.Currency), p.Currency, string(p.Charged)
		if p.TrialDays > 0 {
			t.trial = strconv.Itoa(p.TrialDays)
		}
	}
}

// readPrice takes the fields of the price apart; without an amount the offer is free.
func (t *typedOffer) readPrice(c *fiber.Ctx) {
	t.price, t.currency, t.charged, t.trial = queries.OneLine(c.FormValue("price")), c.FormValue("currency"), c.FormValue("charged"), queries.OneLine(c.FormValue("trial"))
	if !views.KnownCurrency(t.currency) {
		t.currency = views.Currencies[0].Code
	}
	charged := queries.PriceInterval(t.charged)
	if !charged.Valid() {
		charged = queries.PriceIntervalOnce
	}
	t.charged = string(charged)
	if t.price == "" {
		return
	}
	minor, wrong := readAmount(t.price, t.currency, amountMost)
	if wrong != "" {
		t.wrong["price"] = wrong + " Left empty, the offer is free."
		return
	}
	t.Price = &queries.Price{AmountMinor: minor, Currency: t.currency, Charged: charged}
	if t.trial == "" || charged == queries.PriceIntervalOnce {
		return
	}
	days, err := strconv.Atoi(t.trial)
	if err != nil || days < 0 || days > trialMost {
		t.wrong["trial"] = "Enter a whole number of days up to 730, or nothing."
	}
	t.Price.TrialDays = days
}

// priceFields are the fields of the price; canSell says whether Stripe is set up.
func (p *offerEditPage) priceFields(t typedOffer, canSell bool) {
	p.Price = views.Field{Name: "price", Label: "Price", Value: t.price, InputMode: "decimal", Autocomplete: "off", Hint: "Left empty, the offer is free."}
	if !canSell {
		p.Price.Hint = "Left empty, the offer is free. Nothing can be sold until this installation has a key of Stripe's."
	}
	p.Currency = views.Select{Name: "currency", Label: "Currency", Value: t.currency}
	for _, c := range views.Currencies {
		p.Currency.Options = append(p.Currency.Options, views.Option{Value: c.Code, Label: strings.ToUpper(c.Code) + ", " + c.Name})
	}
	p.Charged = views.Select{Name: "charged", Label: "Charged", Value: t.charged, Options: []views.Option{{Value: "once", Label: "Once"}, {Value: "week", Label: "Every week"},
		{Value: "month", Label: "Every month"}, {Value: "year", Label: "Every year"}}}
	p.Trial = views.Field{Name: "trial", Label: "Days to try it for nothing", Value: t.trial, InputMode: "numeric", Autocomplete: "off",
		Hint: "Only of what is charged again and again. Left empty, none."}
}
