package handlers

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// How long a download may take.
const (
	downloadTime  = 30 * time.Minute // in all
	downloadPause = 30 * time.Second // without a byte that the browser takes
)

// sendCSV streams a file that is made while it is sent. When that goes wrong the connection breaks off, so that no browser takes
// half a file for a whole one.
func (s *Site) sendCSV(c *fiber.Ctx, name string, write func(ctx context.Context, w io.Writer) error) error {
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	if c.Method() == fiber.MethodHead { // a stream would end with a blank line that nobody asked for
		return nil
	}
	request, conn := at(c).id, c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithTimeout(s.ending, downloadTime)
		defer cancel()
		if err := errors.Join(unlessPanic(func() error { return write(ctx, paced{w, conn}) }), w.Flush()); err != nil {
			s.Log.Warn("a download broke off", "id", request, "error", err)
			_ = conn.Close() // what remains cannot be sent on it any more, the end of the file included
		}
	})
	return nil
}

// paced gives the connection time anew with everything written, where the server's own limit is for a page.
type paced struct {
	to   io.Writer
	conn net.Conn
}

func (p paced) Write(content []byte) (int, error) {
	_ = p.conn.SetWriteDeadline(time.Now().Add(downloadPause)) // a connection that cannot is closed already
	return p.to.Write(content)
}
