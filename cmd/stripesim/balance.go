package stripesim

import "math"

// BalanceTransaction is one movement of money on the account: the ledger that everything else must agree with.
type BalanceTransaction struct {
	name
	Amount            int64  `json:"amount"`
	AvailableOn       int64  `json:"available_on"`
	Created           int64  `json:"created"`
	Currency          string `json:"currency"`
	Description       text   `json:"description"`
	Fee               int64  `json:"fee"`
	FeeDetails        []fee  `json:"fee_details"`
	Net               int64  `json:"net"`
	ReportingCategory string `json:"reporting_category"`
	Source            ref    `json:"source"`
	Status            string `json:"status"`
	Type              string `json:"type"`
}

type fee struct {
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"`
	Description string `json:"description"`
	Type        string `json:"type"`
}

// move books an amount; negative: money goes.
func (b *books) move(kind, category, source, currency string, amount, cost int64) *BalanceTransaction {
	entry := &BalanceTransaction{name: name{b.s.newID("txn"), "balance_transaction"}, Amount: amount, AvailableOn: b.now() + 2*day, Created: b.now(), Currency: currency,
		Fee: cost, FeeDetails: []fee{}, Net: amount - cost, ReportingCategory: category, Source: ref(source), Status: "pending", Type: kind}
	if cost != 0 {
		entry.FeeDetails = append(entry.FeeDetails, fee{cost, currency, "Stripe processing fees", "stripe_fee"})
	}
	return b.transactions.add(entry)
}

// book takes the money of a charge, less a fee of 1.5 % and 25 minor units.
func (b *books) book(charge *Charge, amount int64) {
	cost := int64(math.Round(float64(amount)*0.015)) + 25
	charge.BalanceTransaction = ref(b.move("charge", "charge", charge.ID, charge.Currency, amount, cost).ID)
}

func getBalanceTransaction(c *call, _ *none) (any, error) {
	entry, err := c.transactions.need(c.id, "balance transaction", "id")
	if err == nil {
		entry.settle(c.now())
	}
	return entry, err
}

func (entry *BalanceTransaction) settle(now int64) {
	if entry.AvailableOn <= now {
		entry.Status = "available"
	}
}

type balanceTransactionsParams struct {
	page
	Created *span  `form:"created"`
	Source  string `form:"source"`
	Type    string `form:"type"`
}

func listBalanceTransactions(c *call, p *balanceTransactionsParams) (any, error) {
	return listed(c, p.page, &c.transactions, func(entry *BalanceTransaction) bool {
		entry.settle(c.now())
		return p.Created.has(entry.Created) && (p.Source == "" || p.Source == string(entry.Source)) && (p.Type == "" || p.Type == entry.Type)
	})
}
