package mailbox

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// headers is what a whole mail and a part of one have in common.
type headers interface{ Get(name string) string }

// content is how a body is to be read.
type content struct {
	mediaType string
	boundary  string
	encoding  string
}

// contentOf reads the Content- headers. Default: plain text as it stands.
func contentOf(header headers) content {
	c := content{mediaType: "text/plain", encoding: strings.ToLower(header.Get("Content-Transfer-Encoding"))}
	if mediaType, parameters, err := mime.ParseMediaType(header.Get("Content-Type")); err == nil {
		c.mediaType, c.boundary = mediaType, parameters["boundary"]
	}
	return c
}

// readBody takes the first text and the first HTML part out of a body,
// however deep they are.
func (m *Message) readBody(c content, body io.Reader) {
	if strings.HasPrefix(c.mediaType, "multipart/") {
		parts := multipart.NewReader(body, c.boundary)
		for {
			// NextRawPart leaves the transfer encoding to decode, so that
			// single and multiple parts take the same way.
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.readBody(contentOf(part.Header), part)
		}
	}
	switch {
	case c.mediaType == "text/plain" && m.Text == "":
		m.Text = c.read(body)
	case c.mediaType == "text/html" && m.HTML == "":
		m.HTML = c.read(body)
	}
}

// read decodes a body into text with \n at the ends of lines. Of a damaged
// one it returns what could be read.
func (c content) read(body io.Reader) string {
	switch c.encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, _ := io.ReadAll(body)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// decoded is a header's value with its encoded words written out.
func decoded(value string) string {
	decoder := mime.WordDecoder{}
	if text, err := decoder.DecodeHeader(value); err == nil {
		return text
	}
	return value
}
