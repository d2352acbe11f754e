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

// unclear says whether the lines of a request's head tell in more than one way where it ends or for whom it is, or can be read in
// more than one. The server would believe one of them and a proxy in front perhaps another (RFC 9112, 6.3, 5 and 3.2). It takes no
// line end but CR LF and passes over nothing but blanks and tabs, while the server takes whatever is no "identity" for chunks.
func unclear(head []byte) bool {
	ends, hosts := 0, 0
	for line := range bytes.Lines(head) {
		line, whole := bytes.CutSuffix(line, []byte("\r\n"))
		if whole && len(line) == 0 {
			break // the end of the head
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		switch {
		case !whole || !found || !isToken(name) || hasControls(value):
			return true
		case bytes.EqualFold(name, []byte(fiber.HeaderContentLength)):
			ends++
		case bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)):
			if ends++; !bytes.EqualFold(bytes.Trim(value, " \t"), []byte("chunked")) {
				return true
			}
		case bytes.EqualFold(name, []byte(fiber.HeaderHost)):
			hosts++
		}
	}
	return ends > 1 || hosts > 1
}

// inToken says of each byte whether it may stand in a header's name (RFC 9110, 5.6.2).
var inToken = func() (is [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		is[c] = true
	}
	return is
}()

// isToken says whether a header can have that name.
func isToken(name []byte) bool {
	for _, c := range name {
		if !inToken[c] {
			return false
		}
	}
	return len(name) > 0
}

// hasControls says whether a header's value has a control character other than a tab, which it must not (RFC 9110, 5.5).
func hasControls(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// harden sets what every answer says to the browser, whoever asked for whatever.
func harden(header *fasthttp.ResponseHeader) {
	header.Set(fiber.HeaderContentSecurityPolicy, views.ContentSecurityPolicy)
	header.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	header.Set(fiber.HeaderReferrerPolicy, "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set(fiber.HeaderCacheControl, "no-store")
}
