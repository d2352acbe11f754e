package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/internal/pictures"
	"atrium/queries"
	"atrium/views"
)

// offerPrefix marks the pictures of offers, so that those no offer shows are removed in the night.
const offerPrefix = "offer-"

// offerPicture is the picture of an offer with the form that changes it.
type offerPicture struct {
	views.Page
	Path  string
	URL   string // of the picture; empty: there is none
	Error string
}

// offerPictureURL is the address of an offer's picture, below root; empty for none. It tells its content, so it may be kept for ever.
func offerPictureURL(root, hash string) string {
	if hash == "" {
		return ""
	}
	return root + hash
}

// offersSavePicture takes a picture: checked by its content and encoded anew.
func (s *Site) offersSavePicture(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	loaded, err := s.loadOffer(c, queries.LastID, 1)
	if err != nil {
		s.leave(c)
		return err
	}
	picture, err := sentPicture(c, "picture", pictures.Photo)
	if messageOf(err) != "" {
		page := s.newOfferEditPage(c, typedOf(loaded.Offer.Draft()), loaded.Offer.ID, loaded.Courses)
		page.showPicture(c, loaded.Offer.PictureHash)
		page.Picture.Error = messageOf(err)
		s.leave(c)
		invalid(c)
		return render(c, views.FrameAdmin, "offers/edit", "", page)
	} else if err != nil {
		return err
	}
	picture.Hash = offerPrefix + picture.Hash
	return s.setOfferPicture(c, picture.Hash, "The new picture is on the offer.", func(q *queries.Queries) error {
		return q.CourseCoverInsert(ctx, queries.CourseCoverInsertParams{AccountID: v.account.ID, Hash: picture.Hash, MediaType: picture.MediaType, Content: picture.Content, Now: v.now})
	})
}

// offersRemovePicture leaves the offer's page without one.
func (s *Site) offersRemovePicture(c *fiber.Ctx) error {
	return s.setOfferPicture(c, "", "The picture is removed.", func(*queries.Queries) error { return nil })
}

// offerPictureIs is an offer's picture as the audit log keeps it; empty: none.
type offerPictureIs struct {
	Picture string `json:"picture"`
}

func (s *Site) setOfferPicture(c *fiber.Ctx, hash, done string, keep func(*queries.Queries) error) error {
	v, ctx := at(c), c.UserContext()
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := keep(q); err != nil {
			return err
		}
		set, err := q.OfferSetPicture(ctx, queries.OfferSetPictureParams{AccountID: v.account.ID, ID: id, PictureHash: hash, Now: v.now})
		if err != nil {
			return queries.Kind(err)
		}
		return v.changed(ctx, q, "offer.picture", queries.AuditSubject{Kind: "offer", ID: &id, Name: set.Title}, offerPictureIs{set.PictureWas}, offerPictureIs{hash})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, done)
	return redirect(c, v.base()+"/offers/"+c.Params("id")+"/edit")
}

// showPicture puts the picture of the offer on the page where it is edited.
func (p *offerEditPage) showPicture(c *fiber.Ctx, hash string) {
	p.Picture = &offerPicture{Page: p.Page, Path: p.Action, URL: offerPictureURL(at(c).base()+"/brand/files/", hash)}
}
