package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/internal/pictures"
	"atrium/queries"
	"atrium/views"
)

// coverPrefix marks the pictures that are covers, so that those no course shows are removed in the night.
const coverPrefix = "cover-"

// coursesCover sends the picture of a course to staff. Its address changes with it.
func (s *Site) coursesCover(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	cover, err := s.q.CourseCover(c.UserContext(), queries.CourseCoverParams{AccountID: p.AccountID, ID: p.CourseID})
	if err != nil {
		return queries.Kind(err)
	}
	if err := sendPicture(c, cover.MediaType, cover.Content); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400")
	return nil
}

// coursesSaveCover takes a picture: checked by its content and encoded anew.
func (s *Site) coursesSaveCover(c *fiber.Ctx) error {
	k, err := s.courseInPath(c)
	if err != nil {
		s.leave(c)
		return err
	}
	picture, err := sentPicture(c, "cover", pictures.Photo)
	if messageOf(err) != "" {
		page := s.newCourseEditPage(c, k, k.Draft(), nil)
		page.Picture.Error = messageOf(err)
		s.leave(c)
		invalid(c)
		return render(c, views.FrameAdmin, "courses/edit", "", page) // the form has a file, so it is sent without htmx
	} else if err != nil {
		return err
	}
	picture.Hash = coverPrefix + picture.Hash
	return s.setCover(c, picture.Hash, "The new cover is on the course.", func(q *queries.Queries) error {
		return q.CourseCoverInsert(c.UserContext(), queries.CourseCoverInsertParams{AccountID: at(c).account.ID, Hash: picture.Hash, MediaType: picture.MediaType, Content: picture.Content, Now: at(c).now})
	})
}

// coursesRemoveCover goes back to the cover that is drawn.
func (s *Site) coursesRemoveCover(c *fiber.Ctx) error {
	return s.setCover(c, "", "The picture is removed. The course has a drawn cover again.", func(*queries.Queries) error { return nil })
}

// coverIs is a course's cover as the audit log keeps it; empty: a drawn one.
type coverIs struct {
	Cover string `json:"cover"`
}

func (s *Site) setCover(c *fiber.Ctx, hash, done string, keep func(*queries.Queries) error) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := keep(q); err != nil {
			return err
		}
		set, err := q.CourseSetCover(ctx, queries.CourseSetCoverParams{AccountID: p.AccountID, ID: p.CourseID, CoverHash: hash, Now: at(c).now})
		if err != nil {
			return queries.Kind(err)
		}
		return at(c).changed(ctx, q, "course.cover", courseSubject(p.CourseID, set.Title), coverIs{set.CoverWas}, coverIs{hash})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, done)
	return redirect(c, at(c).coursePath(p.CourseID)+"/edit")
}
