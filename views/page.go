package views

import (
	"html/template"
	"time"
)

// Page is what every page knows; each page's struct embeds it. The zero value renders, as a page of nobody on a portal without a brand.
type Page struct {
	Title       string // of the browser tab, without the account's name; empty: the account's name alone
	Description string // one sentence for search engines and link previews; empty: none
	NoIndex     bool   // asks search engines to leave the page out; for pages behind a secret link

	Account  Account
	Person   Person          // who is signed in; the zero value is nobody
	Nav      []NavItem       // in order; items of one group stand together
	Accounts []AccountChoice // the accounts a staff member can switch to; empty on portals
	Base     string          // put before every address of the admin side, such as "/acme"; empty on portals

	Token string    // CSRF token; every form carries it as a hidden field _token
	Flash Flash     // one message left by the page before; the zero value is none
	Now   time.Time // the moment of the request in the reader's zone; relative times count from it

	Body template.HTML // the rendered page; only the engine sets it
}

func (p Page) framed() Page { return p }

// Heading is the text of <title>: page and account, as far as they are known.
func (p Page) Heading() string {
	if p.Title == "" || p.Account.Name == "" {
		return p.Title + p.Account.Name
	}
	return p.Title + " · " + p.Account.Name
}

// Account is what a page may show of the account it belongs to.
type Account struct {
	Name         string
	LogoURL      string // empty: the name is shown, with its initials as a mark
	LogoAlt      string // empty: the name
	Stylesheet   string // URL of the brand's stylesheet ([BrandStylesheet]); empty: the neutral theme
	FaviconURL   string // empty: a neutral one
	SupportEmail string // empty: no address is offered
	ShowProduct  bool   // whether the software's own name stands at the foot; off by default
}

// Alt is the text that stands for the logo.
func (a Account) Alt() string {
	if a.LogoAlt != "" {
		return a.LogoAlt
	}
	return a.Name
}

// Favicon is the URL of the page's icon, the neutral one unless the account has its own.
func (a Account) Favicon() string {
	if a.FaviconURL != "" {
		return a.FaviconURL
	}
	return AssetPath("favicon.svg")
}

// Person is the signed-in client or staff member.
type Person struct {
	Name  string // empty until set up; the address is shown then
	Email string
	Role  string // of staff, in words ("Owner"); empty on portals
	Href  string // of their own profile page; empty: no link
}

// Known tells whether somebody is signed in.
func (p Person) Known() bool { return p.Email != "" }

// Display is the name, or the address of somebody who has not set one.
func (p Person) Display() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

// Initials are at most two letters for the round mark.
func (p Person) Initials() string { return initials(p.Display()) }

// AccountChoice is one line of the account switcher.
type AccountChoice struct {
	Name    string
	Href    string
	Role    string // in words; may be empty
	Current bool
}
