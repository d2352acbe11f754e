package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/handlers/internal/mediatype"
	"atrium/queries"
	"atrium/views"
)

// filesPanel is the part of a lesson's editor where its files are: "files/_files".
type filesPanel struct {
	Path      string // of the lesson; what files do goes below it
	Token     string
	Rows      []fileRow
	CanChange bool
	Full      bool   // it has all it may have
	Most      string // how large a file may be, in words
	Bytes     int64  // and in bytes, for the browser to look at before it sends
	Error     string // why the last file was not taken; empty: it was
	Done      string // what was just done, in a sentence; empty: nothing
	Sending   uploadBar
}

// uploadBar is what that shows how much of a file is sent, which a script fills.
type uploadBar struct{ Label string }

// fileRow is one file of a lesson.
type fileRow struct {
	ID          uuid.UUID
	Path        string // of the file; also where it is opened
	Lesson      string // path of the lesson
	Token       string
	Name        string
	Kind        string // what it is, in words
	Size        string
	By          string // empty: somebody who is gone
	Added       views.Moment
	CanChange   bool
	First, Last bool
	Bytes       int64 // as of the panel
	Sending     uploadBar
}

// videoPanel is the part of a lesson's editor where an uploaded video is: "files/_video".
type videoPanel struct {
	Path      string // of the lesson
	Token     string
	CanChange bool
	Uploaded  bool   // there is one of ours
	Elsewhere string // address of a video that is not ours; empty: it is, or there is none
	Version   string // changes with the file, so that a browser does not go on with another one's parts
	Name      string
	Size      string
	By        string
	Added     views.Moment
	Most      string
	Bytes     int64
	Error     string
	Done      string
	Sending   uploadBar
}

// newFilesPanel fills the panel of a lesson's files; a page that shows it has read the rows. The path is that of the lesson.
func newFilesPanel(v *visit, p views.Page, path string, rows []queries.FileListOfLessonRow) filesPanel {
	panel := filesPanel{Path: path, Token: p.Token, CanChange: v.role.Includes(queries.StaffRoleAdmin), Full: len(rows) >= queries.FilesMost,
		Most: tooLarge{queries.FileMost}.words(), Bytes: queries.FileMost, Sending: uploadBar{"Upload of a file"}}
	for i, row := range rows {
		panel.Rows = append(panel.Rows, fileRow{ID: row.ID, Path: path + "/files/" + row.ID.String(), Lesson: path, Token: p.Token, Name: row.Name,
			Kind: mediatype.Words(row.MediaType), Size: sizeWords(row.SizeBytes), By: row.UploadedByName, Added: v.moment(&row.ReadyAt),
			CanChange: panel.CanChange, First: i == 0, Last: i == len(rows)-1, Bytes: queries.FileMost, Sending: uploadBar{"Upload in place of " + row.Name}})
	}
	return panel
}

// newVideoPanel fills the panel of a lesson's video; a page that shows it has read the row.
func newVideoPanel(v *visit, p views.Page, path string, row queries.FileVideoOfLessonRow) videoPanel {
	panel := videoPanel{Path: path, Token: p.Token, CanChange: v.role.Includes(queries.StaffRoleAdmin), Elsewhere: row.VideoUrl,
		Most: tooLarge{queries.FileMost}.words(), Bytes: queries.FileMost, Sending: uploadBar{"Upload of the video"}}
	if row.VideoFileID != nil {
		panel.Uploaded, panel.Version, panel.Name, panel.Size, panel.By = true, row.VideoFileID.String(), row.Name, sizeWords(row.SizeBytes), row.UploadedByName
		panel.Added = v.moment(&row.ReadyAt)
	}
	return panel
}

// lessonPath is a lesson's page on the admin side.
func (v *visit) lessonPath(l queries.Part) string {
	return v.coursePath(l.CourseID) + "/lessons/" + l.LessonID.String()
}

// filesShow sends a file to staff.
func (s *Site) filesShow(c *fiber.Ctx) error {
	l, file, err := lessonFile(c)
	if err != nil {
		return err
	}
	row, err := s.q.FileOfLesson(c.UserContext(), queries.FileOfLessonParams{AccountID: l.AccountID, CourseID: l.CourseID, LessonID: l.LessonID, ID: file})
	if err != nil {
		return queries.Kind(err)
	}
	return s.sendFile(c, sentFile{l.AccountID, row.ID, row.Name, row.MediaType, row.SizeBytes, row.ReadyAt})
}

// filesShowToClient sends a file of a lesson that is open to the client at this moment.
func (s *Site) filesShowToClient(c *fiber.Ctx) error {
	l, file, err := lessonFile(c)
	if err != nil {
		return err
	}
	row, err := s.q.FileOfOpenLesson(c.UserContext(), queries.FileOfOpenLessonParams{AccountID: l.AccountID, ContactID: at(c).client.ContactID, Now: at(c).now,
		CourseID: l.CourseID, LessonID: l.LessonID, ID: file})
	if err != nil {
		return queries.Kind(err)
	}
	return s.sendFile(c, sentFile{l.AccountID, row.ID, row.Name, row.MediaType, row.SizeBytes, row.ReadyAt})
}

// lessonFile is the lesson in the path and the file of it.
func lessonFile(c *fiber.Ctx) (l queries.Part, file uuid.UUID, err error) {
	if l, err = partOf(c); err == nil {
		file, err = pathID(c, "attachment")
	}
	return l, file, err
}
