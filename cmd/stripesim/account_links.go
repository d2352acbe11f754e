package stripesim

// AccountLink leads to the onboarding of an account, once and for five minutes.
type AccountLink struct {
	Created   int64  `json:"created"`
	ExpiresAt int64  `json:"expires_at"`
	Object    string `json:"object"`
	URL       string `json:"url"`
}

type linkState struct {
	account, refreshURL, returnURL string
	expires                        int64
	used                           bool
}

type accountLinkParams struct {
	Account    string `form:"account,required"`
	RefreshURL string `form:"refresh_url,required"`
	ReturnURL  string `form:"return_url,required"`
	Type       string `form:"type,required"`
}

func createAccountLink(c *call, p *accountLinkParams) (any, error) {
	if _, err := c.reachable(p.Account); err != nil {
		return nil, err
	}
	if p.Type != "account_onboarding" {
		return nil, refuse("", "type", "This stand-in has links of the type account_onboarding.")
	}
	token := c.s.newID("link")
	c.s.links[token] = &linkState{p.Account, p.RefreshURL, p.ReturnURL, c.now() + 300, false}
	return &AccountLink{c.now(), c.now() + 300, "account_link", c.s.URL + "/connect/" + token}, nil
}
