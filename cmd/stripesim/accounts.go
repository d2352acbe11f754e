package stripesim

import "fmt"

// Account is a business on the platform, or the platform itself.
type Account struct {
	name
	BusinessProfile  businessProfile   `json:"business_profile"`
	BusinessType     text              `json:"business_type"`
	Capabilities     map[string]string `json:"capabilities"`
	ChargesEnabled   bool              `json:"charges_enabled"`
	Country          string            `json:"country"`
	Created          int64             `json:"created"`
	DefaultCurrency  string            `json:"default_currency"`
	DetailsSubmitted bool              `json:"details_submitted"`
	Email            text              `json:"email"`
	Metadata         metadata          `json:"metadata"`
	PayoutsEnabled   bool              `json:"payouts_enabled"`
	Requirements     requirements      `json:"requirements"`
	Type             string            `json:"type"`

	deauthorized bool
}

type businessProfile struct {
	MCC                text `json:"mcc" form:"mcc"`
	Name               text `json:"name" form:"name"`
	ProductDescription text `json:"product_description" form:"product_description"`
	SupportEmail       text `json:"support_email" form:"support_email"`
	SupportPhone       text `json:"support_phone" form:"support_phone"`
	SupportURL         text `json:"support_url" form:"support_url"`
	URL                text `json:"url" form:"url"`
}

type requirements struct {
	CurrentlyDue   []string `json:"currently_due"`
	DisabledReason text     `json:"disabled_reason"`
	EventuallyDue  []string `json:"eventually_due"`
	PastDue        []string `json:"past_due"`
}

type requested struct {
	Requested bool `form:"requested"`
}

type accountParams struct {
	BusinessProfile *businessProfile `form:"business_profile"`
	BusinessType    *text            `form:"business_type"`
	Capabilities    *struct {
		CardPayments      *requested `form:"card_payments"`
		SepaDebitPayments *requested `form:"sepa_debit_payments"`
		Transfers         *requested `form:"transfers"`
	} `form:"capabilities"`
	Country         *string       `form:"country"`
	DefaultCurrency *string       `form:"default_currency"`
	Email           *text         `form:"email"`
	Metadata        metadataParam `form:"metadata"`
	Type            string        `form:"type"`
}

// unfinished are what a new account still has to say.
var unfinished = []string{"business_profile.url", "external_account", "tos_acceptance.date"}

func (s *Server) newAccount(id string) *Account {
	account := &Account{name: name{id, "account"}, Capabilities: map[string]string{}, Country: "US", Created: s.now(), DefaultCurrency: "usd", Type: "standard"}
	account.Requirements = requirements{CurrentlyDue: unfinished, EventuallyDue: unfinished, PastDue: []string{}, DisabledReason: "requirements.past_due"}
	return account
}

func createAccount(c *call, p *accountParams) (any, error) {
	if c.account != "" {
		return nil, refuse("", "", "Only the platform makes accounts.")
	}
	account := c.s.newAccount(c.s.newID("acct"))
	if p.Type != "" {
		account.Type = p.Type
	}
	p.apply(account)
	c.s.accounts.add(account)
	c.s.books[account.ID] = newBooks(c.s, account.ID)
	return account, nil
}

func (p *accountParams) apply(account *Account) {
	if p.BusinessProfile != nil {
		account.BusinessProfile = *p.BusinessProfile
	}
	if p.Capabilities != nil {
		for name, wanted := range map[string]*requested{"card_payments": p.Capabilities.CardPayments, "sepa_debit_payments": p.Capabilities.SepaDebitPayments, "transfers": p.Capabilities.Transfers} {
			if wanted != nil && wanted.Requested {
				account.Capabilities[name] = account.capable()
			}
		}
	}
	set(&account.BusinessType, p.BusinessType)
	set(&account.Country, p.Country)
	set(&account.DefaultCurrency, p.DefaultCurrency)
	set(&account.Email, p.Email)
	account.Metadata = account.Metadata.with(p.Metadata)
}

func (account *Account) capable() string {
	if account.ChargesEnabled {
		return "active"
	}
	return "inactive"
}

// reachable is an account that has not gone.
func (c *call) reachable(id string) (*Account, error) {
	account := c.s.accounts.get(id)
	if account == nil || account.deauthorized {
		_, err := c.s.booksOf(id)
		return nil, err
	}
	return account, nil
}

func getAccount(c *call, _ *none) (any, error) { return c.reachable(c.id) }

// getOwnAccount is of whoever asks: the connected account of the header, else the platform.
func getOwnAccount(c *call, _ *none) (any, error) {
	if c.account != "" {
		return c.reachable(c.account)
	}
	platform := c.s.newAccount("acct_platform")
	platform.onboard()
	platform.BusinessProfile.Name = text(c.s.options.Business)
	return platform, nil
}

func updateAccount(c *call, p *accountParams) (any, error) {
	account, err := c.reachable(c.id)
	if err != nil {
		return nil, err
	}
	p.apply(account)
	c.s.books[account.ID].emit("account.updated", account)
	return account, nil
}

func deleteAccount(c *call, _ *none) (any, error) {
	if _, err := c.reachable(c.id); err != nil {
		return nil, err
	}
	c.s.accounts.remove(c.id)
	delete(c.s.books, c.id)
	return deleted{name{c.id, "account"}, true}, nil
}

type accountsParams struct {
	page
	Created *span `form:"created"`
}

func listAccounts(c *call, p *accountsParams) (any, error) {
	return listed(c, p.page, &c.s.accounts, func(account *Account) bool {
		return p.Created.has(account.Created) && !account.deauthorized
	})
}

// onboard is what the hosted onboarding does when it is finished.
func (account *Account) onboard() {
	account.ChargesEnabled, account.PayoutsEnabled, account.DetailsSubmitted = true, true, true
	account.Requirements = requirements{CurrentlyDue: []string{}, EventuallyDue: []string{}, PastDue: []string{}}
	account.Capabilities["card_payments"], account.Capabilities["transfers"] = "active", "active"
	for name := range account.Capabilities {
		account.Capabilities[name] = "active"
	}
}

// accountName is what invoices say whose they are.
func (b *books) accountName() text {
	if account := b.s.accounts.get(b.account); account != nil && account.BusinessProfile.Name != "" {
		return account.BusinessProfile.Name
	}
	return text(b.s.options.Business)
}

// Deauthorize is what the owner of a connected account does in their dashboard: the platform has no access any more.
func (s *Server) Deauthorize(account string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.accounts.get(account)
	if known == nil || known.deauthorized {
		return fmt.Errorf("stripesim: there is no account %s", account)
	}
	known.deauthorized = true
	s.books[account].emit("account.application.deauthorized", &application{name{"ca_00000000000001", "application"}, "Atrium"})
	return nil
}

type application struct {
	name
	Name string `json:"name"`
}

// Onboard finishes the onboarding of an account, as its owner does on the hosted page.
func (s *Server) Onboard(account string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.accounts.get(account)
	if known == nil {
		return fmt.Errorf("stripesim: there is no account %s", account)
	}
	known.onboard()
	s.books[account].emit("account.updated", known)
	return nil
}
