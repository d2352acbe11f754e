package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
)

// videoShow sends the video of a lesson to staff.
func (s *Site) videoShow(c *fiber.Ctx) error {
	l, err := partOf(c)
	if err != nil {
		return err
	}
	row, err := s.q.FileVideoOfLesson(c.UserContext(), queries.FileVideoOfLessonParams{AccountID: l.AccountID, CourseID: l.CourseID, ID: l.LessonID})
	if err != nil {
		return queries.Kind(err)
	}
	return s.sendVideo(c, row.VideoUrl, row.VideoFileID, sentFile{account: l.AccountID, name: row.Name, is: row.MediaType, size: row.SizeBytes, ready: row.ReadyAt})
}

// videoShowToClient sends the video of a lesson that is open to the client at this moment. Each part that a player asks for is
// asked for anew, so it ends where the access does.
func (s *Site) videoShowToClient(c *fiber.Ctx) error {
	l, err := partOf(c)
	if err != nil {
		return err
	}
	row, err := s.q.FileVideoOfOpenLesson(c.UserContext(), queries.FileVideoOfOpenLessonParams{AccountID: l.AccountID, ContactID: at(c).client.ContactID,
		Now: at(c).now, CourseID: l.CourseID, LessonID: l.LessonID})
	if err != nil {
		return queries.Kind(err)
	}
	return s.sendVideo(c, row.VideoUrl, row.VideoFileID, sentFile{account: l.AccountID, name: row.Name, is: row.MediaType, size: row.SizeBytes, ready: row.ReadyAt})
}

// sendVideo sends a video of ours, and leads to one that is elsewhere.
func (s *Site) sendVideo(c *fiber.Ctx, elsewhere string, id *uuid.UUID, f sentFile) error {
	switch {
	case elsewhere != "":
		return c.Redirect(elsewhere, fiber.StatusSeeOther)
	case id == nil:
		return queries.ErrNotFound
	}
	f.id = *id
	return s.sendFile(c, f)
}
