package handlers

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/handlers/internal/mediatype"
	"atrium/jobs/filestore"
)

// filePolicy lets a file do nothing, whatever it turns out to be: no script, no form, nothing from elsewhere, no origin.
const filePolicy = "sandbox; " + nothing

// shownPolicy is that of pictures and videos, which the browser shows in a page it makes: that has to be of this origin to load them.
const shownPolicy = "sandbox allow-same-origin; " + nothing + "; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"

const nothing = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// sentFile is a file that whoever asks may have.
type sentFile struct {
	account, id uuid.UUID
	name, is    string // is: its media type
	size        int64
	ready       time.Time
}

// sendFile answers with a file or the part of it that was asked for. The browser may keep it, but has to ask each time whether it
// still may show it. Only pictures in pixels and videos are shown by the browser itself; everything else is for saving.
func (s *Site) sendFile(c *fiber.Ctx, f sentFile) error {
	tag := `"` + f.id.String() + `"` // a file never changes; another one has another id
	unchanged := holdsTag(c.Get(fiber.HeaderIfNoneMatch), tag)
	part, all, none := byteRange{0, f.size}, true, false
	if held := c.Get(fiber.HeaderIfRange); c.Method() == get && (held == "" || held == tag) {
		part, all, none = parseRange(c.Get(fiber.HeaderRange), f.size)
	}
	var body io.Reader // opened before anything is said of it, so that a fault is told as one
	if c.Method() == get && !unchanged && !none {
		var err error
		if body, err = s.stream(c, f, part); err != nil {
			return err
		}
	}
	describe(c, f, tag)
	switch {
	case unchanged:
		c.Status(fiber.StatusNotModified)
	case none:
		c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(f.size, 10))
		c.Status(fiber.StatusRequestedRangeNotSatisfiable)
	case body == nil: // HEAD
		c.Response().Header.SetContentLength(int(f.size))
	default:
		if !all {
			c.Set(fiber.HeaderContentRange, part.contentRange(f.size))
			c.Status(fiber.StatusPartialContent)
		}
		c.Context().SetBodyStream(body, int(part.length))
	}
	return nil
}

// describe says what a file is and what may be done with it.
func describe(c *fiber.Ctx, f sentFile, tag string) {
	policy := filePolicy
	if mediatype.Inline(f.is) {
		policy = shownPolicy
	}
	for name, value := range map[string]string{
		fiber.HeaderCacheControl:          "private, no-cache",
		fiber.HeaderETag:                  tag,
		fiber.HeaderLastModified:          f.ready.UTC().Format(http.TimeFormat),
		fiber.HeaderAcceptRanges:          "bytes",
		fiber.HeaderContentSecurityPolicy: policy,
		"Cross-Origin-Resource-Policy":    "same-origin",
		fiber.HeaderContentDisposition:    disposition(f.name, mediatype.Inline(f.is)),
		fiber.HeaderContentType:           mediatype.Sent(f.is),
	} {
		c.Set(name, value)
	}
}

// holdsTag says whether an If-None-Match header names what there is.
func holdsTag(header, tag string) bool {
	for held := range strings.SplitSeq(header, ",") {
		if held = strings.TrimPrefix(strings.TrimSpace(held), "W/"); held == tag || held == "*" {
			return true
		}
	}
	return false
}

// disposition says what a browser is to do with a file, and what it is called: in ASCII for old programs, and as it is (RFC 6266).
func disposition(name string, inline bool) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
	return kind + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// stream is what a download reads: for as long as the browser takes something, and until the program is to stop. The request's own
// deadline is for finding out what to send.
type stream struct {
	io.ReadCloser
	conn   net.Conn // nil in tests without one
	ending context.Context
	end    func()
}

var errStopping = errors.New("the program stops")

func (s *Site) stream(c *fiber.Ctx, f sentFile, part byteRange) (io.Reader, error) {
	ctx, cancel := context.WithCancel(s.ending)
	file, err := s.Files.Open(ctx, filestore.Key{Account: f.account, ID: f.id}, part.from, part.length)
	if err != nil {
		cancel()
		return nil, err // also that it is not there is a fault, since its row says that it is
	}
	st := &stream{file, c.Context().Conn(), s.ending, cancel}
	if st.conn != nil { // who does not read is not waited for
		stop := context.AfterFunc(s.ending, func() { _ = st.conn.SetWriteDeadline(time.Now()) })
		st.end = func() { stop(); cancel() }
	}
	return st, nil
}

func (s *stream) Read(into []byte) (int, error) {
	if s.conn != nil {
		_ = s.conn.SetWriteDeadline(time.Now().Add(downloadPause)) // a connection that cannot is closed already
	}
	if s.ending.Err() != nil { // after the deadline was set: the one that ends it must be the last
		return 0, errStopping
	}
	return s.ReadCloser.Read(into)
}

// Close is called by the server at the end, whichever it is.
func (s *stream) Close() error {
	defer s.end()
	return s.ReadCloser.Close()
}
