package stripesim

import (
	"crypto/sha256"
	"encoding/hex"
)

// WebhookEndpoint is an address that events are sent to. Its secret is answered only when it is made.
type WebhookEndpoint struct {
	head
	APIVersion    text     `json:"api_version"`
	Application   text     `json:"application"`
	Description   text     `json:"description"`
	EnabledEvents []string `json:"enabled_events"`
	Metadata      metadata `json:"metadata"`
	Secret        string   `json:"secret,omitempty"`
	Status        string   `json:"status"`
	URL           string   `json:"url"`

	connect bool     // events of connected accounts, instead of the account's own
	secrets []string // the newest first; more than one while a rotation lasts
}

type webhookEndpointParams struct {
	APIVersion    *text         `form:"api_version"`
	Connect       *bool         `form:"connect"`
	Description   *text         `form:"description"`
	Disabled      *bool         `form:"disabled"`
	EnabledEvents []string      `form:"enabled_events"`
	Metadata      metadataParam `form:"metadata"`
	URL           *string       `form:"url"`
}

func createWebhookEndpoint(c *call, p *webhookEndpointParams) (any, error) {
	if p.URL == nil {
		return nil, needParam("url")
	}
	if len(p.EnabledEvents) == 0 {
		return nil, needParam("enabled_events")
	}
	endpoint := &WebhookEndpoint{head: c.newHead("we", "webhook_endpoint"), Status: "enabled"}
	endpoint.secrets = []string{secretOf(endpoint.ID, 0)}
	set(&endpoint.connect, p.Connect)
	if endpoint.connect {
		endpoint.Application = "ca_00000000000001"
	}
	set(&endpoint.APIVersion, p.APIVersion)
	p.apply(endpoint)
	c.webhookEndpoints.add(endpoint)
	answer := *endpoint
	answer.Secret = endpoint.secrets[0]
	return &answer, nil
}

// secretOf makes the nth secret of an endpoint, the same in every run.
func secretOf(id string, nth byte) string {
	sum := sha256.Sum256(append([]byte(id), nth))
	return "whsec_" + hex.EncodeToString(sum[:16])
}

func (p *webhookEndpointParams) apply(endpoint *WebhookEndpoint) {
	set(&endpoint.Description, p.Description)
	set(&endpoint.URL, p.URL)
	if p.EnabledEvents != nil {
		endpoint.EnabledEvents = p.EnabledEvents
	}
	if p.Disabled != nil {
		endpoint.Status = map[bool]string{true: "disabled", false: "enabled"}[*p.Disabled]
	}
	endpoint.Metadata = endpoint.Metadata.with(p.Metadata)
}

func updateWebhookEndpoint(c *call, p *webhookEndpointParams) (any, error) {
	endpoint, err := c.webhookEndpoints.need(c.id, "webhook endpoint", "id")
	if err != nil {
		return nil, err
	}
	if p.APIVersion != nil || p.Connect != nil {
		return nil, refuse("parameter_unknown", "api_version", "api_version and connect cannot be changed.")
	}
	p.apply(endpoint)
	return endpoint, nil
}

func getWebhookEndpoint(c *call, _ *none) (any, error) {
	return c.webhookEndpoints.need(c.id, "webhook endpoint", "id")
}

func listWebhookEndpoints(c *call, p *page) (any, error) {
	return listed(c, *p, &c.webhookEndpoints, func(*WebhookEndpoint) bool { return true })
}

// deleted is what is left of an object.
type deleted struct {
	name
	Deleted bool `json:"deleted"`
}

func deleteWebhookEndpoint(c *call, _ *none) (any, error) {
	if _, err := c.webhookEndpoints.need(c.id, "webhook endpoint", "id"); err != nil {
		return nil, err
	}
	c.webhookEndpoints.remove(c.id)
	return deleted{name{c.id, "webhook_endpoint"}, true}, nil
}
