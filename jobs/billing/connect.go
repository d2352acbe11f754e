package billing

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// Seller is what Stripe says about an account that money goes to.
type Seller struct {
	ID       string
	Name     string // as its customers see it, else the address it is known by; empty: Stripe has neither
	Country  string // ISO 3166, upper case
	Told     bool   // its owner has told Stripe what it asks for
	Charges  bool   // it can take money
	Payouts  bool   // it can have the money paid out
	Missing  int    // how many things Stripe still wants to know now
	Platform bool   // it is the installation's own
}

// Ready says whether something can be sold through it.
func (s Seller) Ready() bool { return s.Told && s.Charges }

// Seller asks Stripe about an account; empty: the installation's own. ErrNotThere when there is none of that id; a Stripe account
// whose owner took our access away is Refused.
func (d *Door) Seller(ctx context.Context, account string) (Seller, error) {
	var a *stripe.Account
	var err error
	if account == "" { // the library's own call for this takes no context
		a = &stripe.Account{}
		err = d.api.Accounts.B.Call(http.MethodGet, "/v1/account", d.api.Accounts.Key, &stripe.AccountParams{Params: params(ctx, "", "")}, a)
	} else {
		a, err = d.api.Accounts.GetByID(account, &stripe.AccountParams{Params: params(ctx, "", "")})
	}
	if err != nil {
		return Seller{}, kind(err)
	}
	return readSeller(a, account == ""), nil
}

func readSeller(a *stripe.Account, platform bool) Seller {
	s := Seller{ID: a.ID, Name: a.Email, Country: a.Country, Told: a.DetailsSubmitted, Charges: a.ChargesEnabled, Payouts: a.PayoutsEnabled, Platform: platform}
	if a.Settings != nil && a.Settings.Dashboard != nil && a.Settings.Dashboard.DisplayName != "" {
		s.Name = a.Settings.Dashboard.DisplayName
	}
	if a.BusinessProfile != nil && a.BusinessProfile.Name != "" {
		s.Name = a.BusinessProfile.Name
	}
	if a.Requirements != nil {
		s.Missing = len(a.Requirements.CurrentlyDue)
	}
	return s
}

// NewSeller is a Stripe account to be made for one of our accounts.
type NewSeller struct {
	AccountID   uuid.UUID
	Name, Email string // what its owner finds filled in
	URL         string // of the portal
}

// MakeSeller makes a Stripe account. It is a Standard one: its owner has all of Stripe's dashboard, and deals with Stripe about
// disputes and taxes without the installation in between. Asked again within a day it answers the same one.
func (d *Door) MakeSeller(ctx context.Context, n NewSeller) (id string, err error) {
	p := &stripe.AccountParams{Params: params(ctx, "", ""), Type: stripe.String(string(stripe.AccountTypeStandard)),
		BusinessProfile: &stripe.AccountBusinessProfileParams{Name: stripe.String(n.Name), URL: stripe.String(n.URL)}}
	if n.Email != "" {
		p.Email = stripe.String(n.Email)
	}
	p.Metadata = map[string]string{metaAccount: n.AccountID.String()}
	a, err := once("seller-"+n.AccountID.String(), nil, func(key string) (*stripe.Account, error) {
		p.SetIdempotencyKey(key)
		return d.api.Accounts.New(p)
	})
	if err != nil {
		return "", err
	}
	return a.ID, nil
}

// Onboard answers the page of Stripe's where an account's owner tells what Stripe asks for. It can be opened once and for a few
// minutes; who comes later, or a second time, is led to again. back is where they come when they leave it, done or not.
func (d *Door) Onboard(ctx context.Context, account, back, again string) (url string, err error) {
	link, err := d.api.AccountLinks.New(&stripe.AccountLinkParams{Params: params(ctx, "", ""), Account: stripe.String(account), Type: stripe.String("account_onboarding"),
		ReturnURL: stripe.String(back), RefreshURL: stripe.String(again)})
	if err != nil {
		return "", kind(err)
	}
	return link.URL, nil
}
