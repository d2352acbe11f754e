package handlers

import (
	"context"
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/internal/mediatype"
	"atrium/queries"
	"atrium/views"
)

// anyType takes every file: none is ever shown as a page.
func anyType(string) string { return "" }

// playable takes what browsers play.
func playable(is string) (problem string) {
	switch is {
	case mediatype.MP4, mediatype.WebM:
		return ""
	case mediatype.QuickTime, mediatype.Matroska:
		return "Browsers do not play this kind of video. Save it as MP4, with H.264 video and AAC sound, and upload that."
	}
	return "This is not a video that browsers play. Choose an MP4 or WebM file."
}

// filesUpload gives a lesson one more file, or another one in the place of the one that the form says it replaces.
func (s *Site) filesUpload(c *fiber.Ctx) error {
	return s.takeForLesson(c, "file", anyType, s.filesChanged, func(q *queries.Queries, l queries.Part, f takenFile) (title string, err error) {
		replaces, action := uuid.Nil, "lesson.file_add"
		if sent := at(c).upload.values["replaces"]; sent != "" {
			if replaces, err = uuid.Parse(sent); err != nil {
				return "", queries.ErrNotFound
			}
			action = "lesson.file_replace"
		}
		if title, err = queries.AddLessonFile(c.UserContext(), q, l, f.NewFile, replaces); err != nil {
			return "", err
		}
		return title, at(c).changed(c.UserContext(), q, action, lessonSubject(l.LessonID, title), nil, map[string]string{"file": f.name})
	})
}

// videoUpload gives a lesson a video in the place of the one it has.
func (s *Site) videoUpload(c *fiber.Ctx) error {
	return s.takeForLesson(c, "video", playable, s.videoChanged, func(q *queries.Queries, l queries.Part, f takenFile) (title string, err error) {
		if title, err = queries.SetLessonVideo(c.UserContext(), q, l, f.NewFile); err != nil {
			return "", err
		}
		return title, at(c).changed(c.UserContext(), q, "lesson.video", lessonSubject(l.LessonID, title), nil, map[string]string{"video": f.name})
	})
}

// answer shows the panel again after it was changed, or with the problem why it was not.
type answer func(c *fiber.Ctx, l queries.Part, done, problem string) error

// takeForLesson keeps what is sent and then, in one transaction, has keep say whose it is. The lesson is looked for first: nobody is
// to send two gigabytes to where there is nothing.
func (s *Site) takeForLesson(c *fiber.Ctx, field string, allowed func(string) string, show answer,
	keep func(*queries.Queries, queries.Part, takenFile) (string, error)) error {
	l, err := partOf(c)
	if err == nil {
		_, err = queries.LoadLessonMedia(c.UserContext(), s.DB, l)
	}
	if err != nil {
		s.leave(c)
		return err
	}
	f, problem, err := s.takeFile(c, field, allowed)
	if problem != "" || err != nil {
		s.leave(c)
	}
	if err != nil {
		return err
	} else if problem != "" {
		return show(c, l, "", problem)
	}
	err = queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		_, err := keep(q, l, f)
		return err
	})
	if err != nil {
		s.dropFile(c, f)
	}
	if problem := messageOf(err); problem != "" {
		return show(c, l, "", problem)
	} else if err != nil {
		return err
	}
	return show(c, l, "“"+f.name+"” is uploaded.", "")
}

func (s *Site) filesRemove(c *fiber.Ctx) error {
	return s.changeLesson(c, s.filesChanged, func(ctx context.Context, q *queries.Queries, l queries.Part) (done string, err error) {
		file, err := pathID(c, "attachment")
		if err != nil {
			return "", err
		}
		title, name, err := queries.RemoveLessonFile(ctx, q, l, file, at(c).now)
		if err != nil {
			return "", err
		}
		return "“" + name + "” is removed.", at(c).changed(ctx, q, "lesson.file_remove", lessonSubject(l.LessonID, title), map[string]string{"file": name}, nil)
	})
}

// fileOrder is a lesson's files by name as the audit log keeps them.
type fileOrder struct {
	Files []string `json:"files"`
}

// filesMove moves a file one place: up, or down.
func (s *Site) filesMove(c *fiber.Ctx) error {
	return s.changeLesson(c, s.filesChanged, func(ctx context.Context, q *queries.Queries, l queries.Part) (done string, err error) {
		file, err := pathID(c, "attachment")
		by := map[string]int{"up": -1, "down": 1}[c.FormValue("to")]
		if err != nil {
			return "", err
		}
		done = "The files are in their new order."
		m, err := queries.MoveLessonFile(ctx, q, l, file, by, at(c).now)
		if err != nil || slices.Equal(m.Was, m.Is) {
			return done, err
		}
		return done, at(c).changed(ctx, q, "lesson.file_move", lessonSubject(l.LessonID, m.Title), fileOrder{m.Was}, fileOrder{m.Is})
	})
}

func (s *Site) videoRemove(c *fiber.Ctx) error {
	return s.changeLesson(c, s.videoChanged, func(ctx context.Context, q *queries.Queries, l queries.Part) (done string, err error) {
		title, was, err := queries.RemoveLessonVideo(ctx, q, l, at(c).now)
		if err != nil || was == "" {
			return "The video is removed.", err
		}
		return "The video is removed.", at(c).changed(ctx, q, "lesson.video_remove", lessonSubject(l.LessonID, title), map[string]string{"video": was}, nil)
	})
}

// changeLesson does something to a lesson in one transaction.
func (s *Site) changeLesson(c *fiber.Ctx, show answer, do func(context.Context, *queries.Queries, queries.Part) (done string, err error)) error {
	l, err := partOf(c)
	if err != nil {
		return err
	}
	var done string
	err = queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		done, err = do(c.UserContext(), q, l)
		return err
	})
	if err != nil {
		return err
	}
	return show(c, l, done, "")
}

// filesChanged answers with the panel, or, without scripts, leads back to the lesson with what there is to say.
func (s *Site) filesChanged(c *fiber.Ctx, l queries.Part, done, problem string) error {
	return s.lessonChanged(c, l, done, problem, func(v *visit, p views.Page, m queries.LessonMedia) (string, any) {
		panel := newFilesPanel(v, p, v.lessonPath(l), m.Files)
		panel.Done, panel.Error = done, problem
		return "files/_files", panel
	})
}

// videoChanged is as filesChanged, for the video. Where the editor's form still has the address of one that is gone, it is filled anew;
// what was typed the browser has kept.
func (s *Site) videoChanged(c *fiber.Ctx, l queries.Part, done, problem string) error {
	if u := at(c).upload; problem == "" && u != nil && u.values["elsewhere"] != "" {
		s.flash(c, views.FlashSuccess, done)
		return redirect(c, at(c).lessonPath(l))
	}
	return s.lessonChanged(c, l, done, problem, func(v *visit, p views.Page, m queries.LessonMedia) (string, any) {
		panel := newVideoPanel(v, p, v.lessonPath(l), m.Video)
		panel.Done, panel.Error = done, problem
		return "files/_video", panel
	})
}

func (s *Site) lessonChanged(c *fiber.Ctx, l queries.Part, done, problem string, fill func(*visit, views.Page, queries.LessonMedia) (string, any)) error {
	v := at(c)
	if !isFragment(c) {
		if problem != "" {
			s.flash(c, views.FlashError, problem)
		} else {
			s.flash(c, views.FlashSuccess, done)
		}
		return redirect(c, v.lessonPath(l))
	}
	m, err := queries.LoadLessonMedia(c.UserContext(), s.DB, l)
	if errors.Is(err, queries.ErrNotFound) {
		return goTo{v.coursePath(l.CourseID)} // deleted a moment ago
	} else if err != nil {
		return err
	}
	if problem != "" {
		invalid(c)
	}
	fragment, panel := fill(v, s.page(c, ""), m)
	return write(c, fragment, panel)
}
