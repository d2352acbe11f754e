package stripesim

// PortalSession lets one customer into the billing portal.
type PortalSession struct {
	head
	Configuration string `json:"configuration"`
	Customer      string `json:"customer"`
	Flow          *flow  `json:"flow"`
	Locale        text   `json:"locale"`
	OnBehalfOf    text   `json:"on_behalf_of"`
	ReturnURL     text   `json:"return_url"`
	URL           string `json:"url"`
}

// flow opens the portal for one thing only.
type flow struct {
	AfterCompletion afterCompletion `json:"after_completion"`
	Type            string          `json:"type"`
}

type afterCompletion struct {
	Type string `json:"type"`
}

type portalParams struct {
	Customer string `form:"customer,required"`
	FlowData *struct {
		Type string `form:"type,required"`
	} `form:"flow_data"`
	Locale    text `form:"locale"`
	ReturnURL text `form:"return_url"`
}

func createPortalSession(c *call, p *portalParams) (any, error) {
	if _, err := c.customers.need(p.Customer, "customer", "customer"); err != nil {
		return nil, err
	}
	session := &PortalSession{head: c.newHead("bps", "billing_portal.session"), Configuration: "bpc_00000000000001", Customer: p.Customer, Locale: p.Locale, ReturnURL: p.ReturnURL}
	session.URL = c.s.URL + "/p/session/" + session.ID
	if p.FlowData != nil {
		if p.FlowData.Type != "payment_method_update" {
			return nil, refuse("", "flow_data[type]", "This stand-in has the flow payment_method_update.")
		}
		session.Flow = &flow{afterCompletion{"portal_homepage"}, p.FlowData.Type}
	}
	c.portalSessions.add(session)
	c.emit("billing_portal.session.created", session)
	return session, nil
}
