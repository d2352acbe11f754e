package handlers

import (
	"bytes"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"atrium/views"
)

// answer answers one request, and makes sure that nothing of it is taken for the next one on its connection: a proxy in front lets
// the requests of many visitors follow each other on one, and the answer to what somebody wrote into a body would go to whoever
// asked next.
func (s *Site) answer(ctx *fasthttp.RequestCtx) {
	if unclear(ctx.Request.Header.RawHeaders()) {
		unreadable(ctx, nil)
		ctx.SetConnectionClose()
		return
	}
	s.dispatch(ctx)
	body := ctx.RequestBodyStream()
	if body == nil { // there was none, or it was read to its end
		return
	}
	ctx.SetConnectionClose()
	if conn := ctx.Conn(); conn != nil {
		_ = conn.SetReadDeadline(time.Now().Add(leftTime)) // a connection that cannot is closed already
	}
	_, _ = io.CopyN(io.Discard, body, formMost) // so that the browser comes to read the answer
}

// leftTime is how long what is left of a body is taken in.
const leftTime = 2 * time.Second

// unclear says whether the lines of a request's head tell in more than one way where it ends or for whom it is. The server would
// believe one of them and a proxy in front perhaps another (RFC 9112, 6.3 and 3.2).
func unclear(head []byte) bool {
	ends, hosts := 0, 0
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch name = bytes.TrimSpace(name); {
		case bytes.EqualFold(name, []byte(fiber.HeaderContentLength)):
			ends++
		case bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)):
			if ends++; !bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked")) {
				return true
			}
		case bytes.EqualFold(name, []byte(fiber.HeaderHost)):
			hosts++
		}
	}
	return ends > 1 || hosts > 1
}

// harden sets what every answer says to the browser, whoever asked for whatever.
func harden(header *fasthttp.ResponseHeader) {
	header.Set(fiber.HeaderContentSecurityPolicy, views.ContentSecurityPolicy)
	header.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	header.Set(fiber.HeaderReferrerPolicy, "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set(fiber.HeaderCacheControl, "no-store")
}
