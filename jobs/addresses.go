package jobs

import "strings"

// Addresses knows where the installation's hosts are reached from outside; links in mails and pages are made by it.
type Addresses struct {
	Scheme       string // "http" or "https"
	Port         string // with its colon, ":8080"; empty for the scheme's own
	AppHost      string // the admin host, without port
	PortalDomain string // portals are on SLUG.PortalDomain unless they have a domain of their own
}

// Admin is the root of the admin host, without a slash at its end.
func (a Addresses) Admin() string { return a.Scheme + "://" + a.AppHost + a.Port }

// Portal is the root of an account's portal, without a slash at its end; domain is the account's own host, or empty.
func (a Addresses) Portal(slug, domain string) string {
	return a.Scheme + "://" + a.PortalHost(slug, domain) + a.Port
}

// PortalHost is the host name of an account's portal, without port.
func (a Addresses) PortalHost(slug, domain string) string {
	if domain != "" {
		return strings.ToLower(domain)
	}
	return strings.ToLower(slug) + "." + a.PortalDomain
}

// Secure says whether visitors come over TLS.
func (a Addresses) Secure() bool { return a.Scheme == "https" }

// EmailChangePath is the path on a portal host of the link by which a new address confirms a change to it.
func EmailChangePath(token string) string { return "/email/" + token }

// EmailUndoPath is that of the link by which an old address undoes a change away from it.
func EmailUndoPath(token string) string { return "/email/undo/" + token }

// LinkPath is the path of a magic link on a portal host, and of a staff link on the admin host.
func LinkPath(token string) string { return "/l/" + token }

// FormPath is the path of a public form on a portal host.
func FormPath(name string) string { return "/f/" + name }

// FormConfirmPath is the path of the link that confirms what was sent by a form. Only the token says which; the name is there for
// people to read.
func FormConfirmPath(name, token string) string { return FormPath(name) + "/confirm/" + token }

// OfferPath is the path of a free offer on a portal host.
func OfferPath(name string) string { return "/o/" + name }

// OfferConfirmPath is the path of the link that gives somebody an offer. As with FormConfirmPath, only the token says which.
func OfferConfirmPath(name, token string) string { return OfferPath(name) + "/confirm/" + token }

// CertificatePath is the path of the page on a portal host that says whether a certificate is right.
func CertificatePath(number string) string { return "/certificates/" + number }

// PayPath is the path on a portal host that shows one invoice to whoever has its link.
func PayPath(token string) string { return "/pay/" + token }

// StopPath is the path on a portal host that ends the mails a client did not ask for.
func StopPath(token string) string { return "/stop/" + token }
