package views

import (
	"html/template"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Page is what every page knows; each page's struct embeds it. The zero value renders, as a page of nobody on a portal without a brand.
type Page struct {
	Title       string // of the browser tab, without the account's name; empty: the account's name alone
	Description string // one sentence for search engines and link previews; empty: none
	NoIndex     bool   // asks search engines to leave the page out; for pages behind a secret link

	Account  Account
	Person   Person          // who is signed in; the zero value is nobody
	Nav      []NavItem       // in order; items of one group stand together
	Visit    *Visit          // a staff person looks at the portal as the client; nil: the client themselves
	Accounts []AccountChoice // the accounts a staff member can switch to; empty on portals
	Base     string          // put before every address of the admin side, such as "/acme"; empty on portals

	Token string    // CSRF token; every form carries it as a hidden field _token
	Flash Flash     // one message left by the page before; the zero value is none
	Now   time.Time // the moment of the request in the reader's zone; relative times count from it
	Still bool      // only to be looked at, as a preview: the frame brings no scripts

	Zone   string // the time zone the reader chose, an IANA name; empty: their device's, where a script can ask it
	Locale string // how they want dates and numbers written, one of [LocaleOptions]; empty: en-GB

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
	Scheme       string // "light" or "dark" for a page that is always so; empty: as the reader's system says
	TouchIconURL string // a square picture for the start page of a phone; empty: none
	LargeIconURL string // the icon in 512 pixels where the favicon is one of 32; empty: that has every size
	PictureURL   string // beside the card of signing in; empty: the card stands alone
	SignInTitle  string // heading of the sign-in page; empty: ours
	SignInText   string // below it; empty: none
	Footer       []Link // of the account's own, at the foot
}

// Link is a link of an account's own.
type Link struct{ Label, URL string }

// NewTab is as [NavItem.NewTab].
func (l Link) NewTab() bool { return strings.HasPrefix(l.URL, "https:") }

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
	Photo string // URL of their picture; empty: their initials
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
	return Address(p.Email)
}

// Initials are at most two letters for the round mark.
func (p Person) Initials() string { return initials(p.Display()) }

// Visit is a staff person looking at the portal as a client, for the banner on each of its pages.
type Visit struct {
	Name      string // of the client, or the address
	MayChange bool
	Ends      Moment
}

// AccountChoice is one line of the account switcher.
type AccountChoice struct {
	ID      uuid.UUID
	Name    string
	Href    string
	Role    string // in words; may be empty
	Current bool
}
