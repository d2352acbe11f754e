package views

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
)

// Encoded is the body to send to a client with that Accept-Encoding and the Content-Encoding to name, which is empty for the plain body.
// Answers differ by header, so send Vary: Accept-Encoding. Each form is made at its first use and then kept.
func (a *Asset) Encoded(accept string) (body []byte, encoding string) {
	smaller := func(b []byte) bool { return len(b) < len(a.Body) }
	if Accepts(accept, "br") && smaller(a.brotli()) {
		return a.brotli(), "br"
	}
	if Accepts(accept, "gzip") && smaller(a.gzip()) {
		return a.gzip(), "gzip"
	}
	return a.Body, ""
}

// Accepts tells whether an Accept-Encoding names the coding and does not refuse it with q=0.
func Accepts(header, coding string) bool {
	for _, part := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q := strings.TrimSpace(params)
		return q != "q=0" && !(strings.HasPrefix(q, "q=0.") && strings.Trim(q[4:], "0") == "")
	}
	return false
}

func gzipped(body []byte) []byte {
	return compressed(body, func(w io.Writer) io.WriteCloser {
		z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			panic("views: gzip refuses its own best level: " + err.Error())
		}
		return z
	})
}

// brotliLevel is the highest whose making nobody waits for who asks first: the player of 390 KB takes 54 ms, the stylesheet 21. The two above
// save 5 to 8 in a hundred bytes and take 780 and 165 ms.
const brotliLevel = 9

func brotlied(body []byte) []byte {
	return compressed(body, func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotliLevel) })
}

// compressed runs body through a coder that writes to memory; memory does not fail, so an error is a fault of the coder.
func compressed(body []byte, coder func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := coder(&out)
	_, err := w.Write(body)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("views: compress: " + err.Error())
	}
	return out.Bytes()
}
