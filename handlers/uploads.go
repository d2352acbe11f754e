package handlers

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/internal/pictures"
	"atrium/queries"
)

// formMost is how many bytes a form may have; only the routes of uploadMost take more.
const formMost = 1 << 20

// uploadMost is how many bytes the routes take that are sent files, by their path.
var uploadMost = map[string]int64{
	"/:account/brand/logo":         pictures.MostBytes,
	"/:account/brand/picture":      pictures.MostBytes,
	"/:account/courses/:id/cover":  pictures.MostBytes,
	"/:account/offers/:id/picture": pictures.MostBytes,
	"/profile/avatar":              pictures.AvatarMostBytes,
	"/:account/contacts/import":    queries.ImportMost,

	"/:account/courses/:id/lessons/:lesson/files": queries.FileMost,
	"/:account/courses/:id/lessons/:lesson/video": queries.FileMost,
}

// How long a file may take to come.
const (
	uploadPause = 30 * time.Second // without a byte
	uploadTime  = 30 * time.Minute // in all
)

// uploadLasts is how long a file that may be so large can take.
func uploadLasts(most int64) time.Duration {
	if most >= queries.FileMost {
		return queries.FileUploadMost
	}
	return uploadTime
}

// tooLarge says that more was sent than the route takes.
type tooLarge struct{ most int64 }

func (t tooLarge) Error() string { return fmt.Sprintf("more than %d bytes", t.most) }

// words is the limit as a person would say it.
func (t tooLarge) words() string {
	if t.most >= 1<<30 {
		return fmt.Sprintf("%d GB", t.most>>30)
	}
	return fmt.Sprintf("%d MB", t.most>>20)
}

// errNoFile says that a form came without the file it asks for.
var errNoFile = errors.New("no file")

// upload is a form with a file, read as it comes: the fields first, then the file, as they stand in the page.
type upload struct {
	parts  *multipart.Reader
	values map[string]string // of the fields before the file
}

// readForm takes in what was sent. The server hands bodies over unread, so that files need no memory; a plain form is read
// here, up to formMost.
func readForm(c *fiber.Ctx) error {
	body := c.Context().RequestBodyStream()
	if body == nil {
		return nil
	}
	if int64(c.Request().Header.ContentLength()) > formMost {
		return tooLarge{formMost}
	}
	read, err := io.ReadAll(io.LimitReader(body, formMost+1))
	switch {
	case err != nil:
		return fiber.ErrBadRequest
	case len(read) > formMost:
		return tooLarge{formMost}
	}
	c.Request().SetBodyRaw(read)
	return nil
}

// readUpload begins to read a form with a file: its first field has to be the form's token. The request may take as long as
// the file does; end gives that time back.
func (s *Site) readUpload(c *fiber.Ctx, most int64) (end context.CancelFunc, err error) {
	ctx, end := context.WithTimeout(context.WithoutCancel(c.UserContext()), uploadLasts(most))
	c.SetUserContext(ctx)
	if conn := c.Context().Conn(); conn != nil { // who sends nothing is not waited for
		stop, cancel := context.AfterFunc(s.ending, func() { _ = conn.SetReadDeadline(time.Now()) }), end
		end = func() { stop(); cancel() }
	}
	_, with, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	body := c.Context().RequestBodyStream()
	switch {
	case err != nil || with["boundary"] == "" || body == nil:
		return end, fiber.ErrBadRequest
	case int64(c.Request().Header.ContentLength()) > most+formMost:
		return end, tooLarge{most}
	}
	u := &upload{parts: multipart.NewReader(&patient{c: c, ending: s.ending, from: body, left: most + formMost, most: most}, with["boundary"]), values: map[string]string{}}
	name, value, err := u.field()
	v := at(c)
	switch {
	case err != nil:
		return end, err
	case name != "_token" || v.browser == "" || !hmac.Equal([]byte(value), []byte(formTokenOf(v.browser))):
		return end, errForeign
	}
	v.upload = u
	return end, nil
}

// field reads the next part as a short text.
func (u *upload) field() (name, value string, err error) {
	part, err := u.parts.NextPart()
	if err != nil {
		return "", "", unreadablePart(err)
	}
	text, err := io.ReadAll(io.LimitReader(part, 64<<10))
	if err != nil {
		return "", "", unreadablePart(err)
	}
	return part.FormName(), string(text), nil
}

// file is the file of the form and the name its sender gave it, which is for showing only. The fields before it are in
// values from then on. errNoFile when none was chosen.
func (u *upload) file(field string) (name string, content io.Reader, err error) {
	for {
		part, err := u.parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return "", nil, errNoFile
		case err != nil:
			return "", nil, unreadablePart(err)
		case part.FormName() == field && part.FileName() != "":
			return part.FileName(), part, nil
		case part.FormName() == field:
			return "", nil, errNoFile
		}
		text, err := io.ReadAll(io.LimitReader(part, 64<<10))
		if err != nil {
			return "", nil, unreadablePart(err)
		}
		u.values[part.FormName()] = string(text)
	}
}

// unreadablePart tells a body that is too large from one that is broken.
func unreadablePart(err error) error {
	var large tooLarge
	if errors.As(err, &large) {
		return large
	}
	return errors.Join(fiber.ErrBadRequest, err)
}

// patient reads a body that may take its time as long as something comes, and not more of it than is allowed.
type patient struct {
	c          *fiber.Ctx
	ending     context.Context // of the program
	from       io.Reader
	left, most int64
}

func (p *patient) Read(into []byte) (int, error) {
	if p.left <= 0 {
		return 0, tooLarge{p.most}
	}
	if conn := p.c.Context().Conn(); conn != nil {
		_ = conn.SetReadDeadline(time.Now().Add(uploadPause)) // a connection that cannot will not hang either: it is closed
	}
	if p.ending.Err() != nil { // after the deadline was set: the one that ends it must be the last
		return 0, errStopping
	}
	n, err := p.from.Read(into[:min(int64(len(into)), p.left)])
	p.left -= int64(n)
	return n, err
}

// leave lets go of what was not read of a refused body: a little of it is taken in, so that the browser comes to read the
// answer, and then the connection is closed.
func (s *Site) leave(c *fiber.Ctx) {
	if body := c.Context().RequestBodyStream(); body != nil {
		c.Context().SetConnectionClose()
		_, _ = io.CopyN(io.Discard, &patient{c: c, ending: s.ending, from: body, left: 8 << 20}, 8<<20) // whatever comes, it is not wanted
	}
}
