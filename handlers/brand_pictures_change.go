package handlers

import (
	"context"
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/internal/pictures"
	"atrium/queries"
	"atrium/views"
)

// brandSaveLogo takes a logo and makes the icon from it.
func (s *Site) brandSaveLogo(c *fiber.Ctx) error {
	logo, err := sentPicture(c, "logo", pictures.Logo)
	var icon string
	var sizes []pictures.Picture
	if err == nil {
		icon, sizes, err = pictures.Icon(logo)
	}
	if messageOf(err) != "" {
		return s.refusePicture(c, messageOf(err), theLogo)
	} else if err != nil {
		return err
	}
	return s.setLogo(c, "The new logo is on your pages.", func(ctx context.Context, q *queries.Queries, _ queries.BrandByAccountRow) (string, string, error) {
		return logo.Hash, icon, s.keepPictures(c, q, append(sizes, logo)...)
	})
}

func (s *Site) brandRemoveLogo(c *fiber.Ctx) error {
	return s.setLogo(c, "The logo is removed. Your pages show the name instead.",
		func(context.Context, *queries.Queries, queries.BrandByAccountRow) (string, string, error) {
			return "", "", nil
		})
}

// brandRestoreLogo puts the logo back that was there before the last change.
func (s *Site) brandRestoreLogo(c *fiber.Ctx) error {
	return s.setLogo(c, "The logo you had before is back.",
		func(_ context.Context, _ *queries.Queries, was queries.BrandByAccountRow) (string, string, error) {
			return was.LogoBefore, was.IconBefore, nil
		})
}

// setLogo sets what choose says, of what the brand was.
func (s *Site) setLogo(c *fiber.Ctx, done string,
	choose func(context.Context, *queries.Queries, queries.BrandByAccountRow) (logo, icon string, err error)) error {
	v, ctx := at(c), c.UserContext()
	tell := func(row queries.BrandByAccountRow) any {
		return map[string]string{"logo": row.LogoHash, "icon": row.IconHash}
	}
	err := s.changeBrand(c, "brand.logo", tell, func(q *queries.Queries, was queries.BrandByAccountRow) error {
		logo, icon, err := choose(ctx, q, was)
		if err != nil {
			return err
		}
		return q.BrandSetLogo(ctx, queries.BrandSetLogoParams{AccountID: v.account.ID, LogoHash: logo, IconHash: icon, Now: v.now})
	})
	return s.pictureChanged(c, err, done, theLogo)
}

func (s *Site) brandSavePicture(c *fiber.Ctx) error {
	picture, err := sentPicture(c, "picture", pictures.Photo)
	if messageOf(err) != "" {
		return s.refusePicture(c, messageOf(err), thePicture)
	} else if err != nil {
		return err
	}
	return s.setPicture(c, "The new picture is on your sign-in page.", func(q *queries.Queries, _ queries.BrandByAccountRow) (string, error) {
		return picture.Hash, s.keepPictures(c, q, picture)
	})
}

func (s *Site) brandRemovePicture(c *fiber.Ctx) error {
	return s.setPicture(c, "The picture is removed.", func(*queries.Queries, queries.BrandByAccountRow) (string, error) { return "", nil })
}

// brandRestorePicture puts the picture back that was there before the last change.
func (s *Site) brandRestorePicture(c *fiber.Ctx) error {
	return s.setPicture(c, "The picture you had before is back.",
		func(_ *queries.Queries, was queries.BrandByAccountRow) (string, error) { return was.PictureBefore, nil })
}

func (s *Site) setPicture(c *fiber.Ctx, done string, choose func(*queries.Queries, queries.BrandByAccountRow) (string, error)) error {
	v, ctx := at(c), c.UserContext()
	tell := func(row queries.BrandByAccountRow) any { return map[string]string{"picture": row.PictureHash} }
	err := s.changeBrand(c, "brand.picture", tell, func(q *queries.Queries, was queries.BrandByAccountRow) error {
		hash, err := choose(q, was)
		if err != nil {
			return err
		}
		return q.BrandSetPicture(ctx, queries.BrandSetPictureParams{AccountID: v.account.ID, PictureHash: hash, Now: v.now})
	})
	return s.pictureChanged(c, err, done, thePicture)
}

func theLogo(p *brandPage) *brandPicture    { return &p.Logo }
func thePicture(p *brandPage) *brandPicture { return &p.Picture }

// pictureChanged answers with the picture alone where it can: what is typed in the form beside it is not saved.
func (s *Site) pictureChanged(c *fiber.Ctx, err error, done string, of func(*brandPage) *brandPicture) error {
	if err != nil {
		return err
	}
	if !isFragment(c) {
		s.flash(c, views.FlashSuccess, done)
		return redirect(c, at(c).base()+"/brand")
	}
	p, err := s.savedBrandPage(c)
	if err != nil {
		return err
	}
	of(p).Changed = true
	return write(c, "brand/_pictured", brandPictured{*of(p), views.Flash{Kind: views.FlashSuccess, Text: done}})
}

// sentPicture is the file of the form, made into a picture.
func sentPicture(c *fiber.Ctx, field string, take func(io.Reader) (pictures.Picture, error)) (pictures.Picture, error) {
	_, file, err := at(c).upload.file(field)
	if errors.Is(err, errNoFile) {
		return pictures.Picture{}, queries.Invalid{Field: field, Message: "Choose a file first."}
	} else if err != nil {
		return pictures.Picture{}, err
	}
	picture, err := take(file)
	if err != nil && messageOf(err) == "" {
		err = unreadablePart(err)
	}
	return picture, err
}

// keepPictures writes pictures, each once, however often it is chosen.
func (s *Site) keepPictures(c *fiber.Ctx, q *queries.Queries, all ...pictures.Picture) error {
	for _, p := range all {
		err := q.PictureInsert(c.UserContext(), queries.PictureInsertParams{AccountID: at(c).account.ID, Hash: p.Hash, MediaType: p.MediaType,
			Content: p.Content, Now: at(c).now})
		if err != nil {
			return err
		}
	}
	return nil
}

// refusePicture shows the picture, or the page, with what is wrong with the file.
func (s *Site) refusePicture(c *fiber.Ctx, problem string, of func(*brandPage) *brandPicture) error {
	p, err := s.savedBrandPage(c)
	if err != nil {
		return err
	}
	of(p).Error = problem
	s.leave(c)
	invalid(c)
	if isFragment(c) {
		return write(c, "brand/_pictured", brandPictured{Picture: *of(p)})
	}
	return render(c, views.FrameAdmin, "brand/show", "", p)
}
