package directory

import (
	"atrium/queries"
	"atrium/views"
)

// filesRoot stands before the files of a brand on the account's own pages.
const filesRoot = "/brand/"

// Shown is what the account's own pages show of it. It is the same for all of them, and nobody may change what it holds.
func (a *Account) Shown() views.Account {
	if shown := a.shown.Load(); shown != nil {
		return *shown
	}
	shown := Shown(a.AccountListRow, filesRoot)
	a.shown.Store(&shown)
	return shown
}

// Shown is what a page shows of an account; root stands before its files.
func Shown(a queries.AccountListRow, root string) views.Account {
	colors := views.Brand{Accent: a.Accent, Accent2: a.Accent2, Radius: string(a.Corners), Scheme: string(a.Scheme)}
	shown := views.Account{Name: a.Name, SupportEmail: a.SupportEmail, ShowProduct: a.ShowProduct, SignInTitle: a.SignInTitle, SignInText: a.SignInText,
		Stylesheet: root + views.BrandFile(colors), FaviconURL: root + views.BrandIconFile(a.Name, a.Accent)}
	if a.Scheme != queries.ColorSchemeAuto {
		shown.Scheme = string(a.Scheme)
	}
	if a.LogoHash != "" {
		shown.LogoURL = root + "logo-" + a.LogoHash
	}
	switch icon := root + "picture-" + a.IconHash; a.IconHash {
	case "":
	case a.LogoHash: // a drawing, which has every size
		shown.FaviconURL, shown.TouchIconURL = icon, icon
	default:
		shown.FaviconURL, shown.TouchIconURL, shown.LargeIconURL = icon+"-32", icon+"-180", icon+"-512"
	}
	if a.PictureHash != "" {
		shown.PictureURL = root + "picture-" + a.PictureHash
	}
	for _, link := range queries.Links(a.FooterLinks) {
		shown.Footer = append(shown.Footer, views.Link(link))
	}
	return shown
}
