package handlers

import "atrium/views"

// brandPicture is a picture of the account, with the ways to another one.
type brandPicture struct {
	Kind   string // logo or picture
	Path   string // where its forms go
	Title  string
	Text   string // what it is for
	Accept string // the media types a file dialog offers
	URL    string // empty: there is none
	Before string // that of the one before; empty: there was none
	Note   string // what is to know of the one there is; empty: nothing
	Error  string
	Token  string
	Remove views.Confirm

	Changed bool   // just now, while the page stays: the previews are to follow
	Base    string // as views.Page.Base
}

// brandPictured is the answer to a picture alone, which leaves what is typed beside it as it is.
type brandPictured struct {
	Picture brandPicture
	Flash   views.Flash
}

func (p *brandPage) logo(form brandForm) brandPicture {
	b := brandPicture{Kind: "logo", Path: p.Base + "/brand/logo", Title: "Logo", Base: p.Base, Token: p.Token, Accept: "image/png,image/jpeg,image/webp,image/svg+xml",
		Text: "Stands at the top of every page, and of mails, which have the name as text in place of an SVG. The small icon of browser tabs is made from it. PNG, JPEG, WebP or SVG, up to 2 MB and 4096 pixels.",
		Remove: views.Confirm{ID: "logo-remove", Title: "Remove the logo?", Text: "Pages show the name of the business instead, and the icon of browser tabs is its first letter.",
			Verb: "Remove logo", Action: p.Base + "/brand/logo/remove", Token: p.Token, Target: "#brand-logo-part"}}
	b.show(p.Base, "logo-", form.LogoHash, form.LogoBefore)
	if isDrawing(form.LogoHash, form.IconHash) {
		b.Note = "This logo is an SVG, which mail programs do not show. Mails have the name as text; upload a PNG to have the logo there as well."
	}
	return b
}

func (p *brandPage) picture(form brandForm) brandPicture {
	b := brandPicture{Kind: "picture", Path: p.Base + "/brand/picture", Title: "Picture", Base: p.Base, Token: p.Token, Accept: "image/png,image/jpeg,image/webp",
		Text: "Stands beside the form on wide screens; phones leave it out. PNG, JPEG or WebP, up to 2 MB and 4096 pixels.",
		Remove: views.Confirm{ID: "picture-remove", Title: "Remove the picture?", Text: "The sign-in page then shows its form alone.",
			Verb: "Remove picture", Action: p.Base + "/brand/picture/remove", Token: p.Token, Target: "#brand-picture-part"}}
	b.show(p.Base, "picture-", form.PictureHash, form.PictureBefore)
	return b
}

// isDrawing says whether a logo is an SVG, which is its own icon and which mail programs do not show.
func isDrawing(logo, icon string) bool { return logo != "" && logo == icon }

// show sets the picture there is, and the one before where it is another.
func (b *brandPicture) show(base, kind, hash, before string) {
	if hash != "" {
		b.URL = base + "/brand/files/" + kind + hash
	}
	if before != "" && before != hash {
		b.Before = base + "/brand/files/" + kind + before
	}
}
