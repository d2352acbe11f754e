package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/internal/pictures"
	"atrium/queries"
	"atrium/views"
)

// avatarPath is where a contact's picture is: on their portal, or below the account's base on the admin host. Empty without one.
func avatarPath(base, hash string) string {
	if hash == "" {
		return ""
	}
	return base + "/avatars/" + hash
}

// avatarShow sends a picture to people of the account, clients and staff alike. It may stay in their browser, and nowhere between.
func (s *Site) avatarShow(c *fiber.Ctx) error {
	avatar, err := s.q.AvatarByHash(c.UserContext(), queries.AvatarByHashParams{AccountID: at(c).account.ID, Hash: c.Params("hash")})
	if err != nil {
		return queries.Kind(err)
	}
	if err := sendPicture(c, avatar.MediaType, avatar.Content); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400")
	return nil
}

// profileSaveAvatar takes a picture: checked by its content, cut to a square and encoded anew.
func (s *Site) profileSaveAvatar(c *fiber.Ctx) error {
	_, file, err := at(c).upload.file("picture")
	var picture pictures.Picture
	if err == nil {
		picture, err = pictures.Avatar(file)
	}
	if errors.Is(err, errNoFile) {
		err = queries.Invalid{Field: "picture", Message: "Choose a picture first."}
	}
	if messageOf(err) != "" {
		return s.refuseAvatar(c, messageOf(err))
	} else if err != nil {
		s.leave(c)
		return unreadablePart(err)
	}
	if err := s.setAvatar(c, &queries.Avatar{MediaType: picture.MediaType, Content: picture.Content}); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Your picture is saved.")
	return toProfile(c, "name")
}

// ownPicture is a client's picture as the trail keeps it: what its address ends with; empty: none.
type ownPicture struct {
	Picture string `json:"picture"`
}

// setAvatar gives the client a picture, or none with nil.
func (s *Site) setAvatar(c *fiber.Ctx, to *queries.Avatar) error {
	v, hash := at(c), ""
	if to != nil {
		hash = to.Hash(v.client.ContactID)
	}
	return s.changeOwn(c, visitChange{"Picture", ownPicture{v.client.AvatarHash}, ownPicture{hash}}, func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		return queries.ChangeAvatar(ctx, q, v.account.ID, v.client.ContactID, to, v.now)
	})
}

func (s *Site) refuseAvatar(c *fiber.Ctx, problem string) error {
	s.leave(c)
	p, err := s.newProfilePage(c)
	if err != nil {
		return err
	}
	p.PhotoError = problem
	invalid(c)
	return render(c, views.FramePortal, "profile/index", "profile/_photo", p)
}

func (s *Site) profileRemoveAvatar(c *fiber.Ctx) error {
	if err := s.setAvatar(c, nil); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Your picture is removed.")
	return toProfile(c, "name")
}
