package mediatype

import (
	"strings"
	"testing"
)

const zipHead = "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x13\x00\x00\x00"

func TestOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		head, is, sent string
		inline         bool
	}{
		{"%PDF-1.7\n", PDF, PDF, false},
		{"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "image/png", "image/png", true},
		{"\xff\xd8\xff\xe0", "image/jpeg", "image/jpeg", true},
		{"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "image/webp", true},
		{"GIF89a/*<script>*/=1;", "image/gif", Unknown, false},
		{"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", MP4, MP4, true},
		{"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", MP4, MP4, true},
		{"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", QuickTime, Unknown, false},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic", Unknown, false},
		{"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "image/avif", Unknown, false},
		{"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", "audio/mp4", "audio/mp4", false},
		{"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", WebM, WebM, true},
		{"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", Matroska, Unknown, false},
		{"ID3\x04\x00", "audio/mpeg", "audio/mpeg", false},
		{zipHead + "[Content_Types].xml\x00\x00PK\x03\x04word/document.xml", office + "wordprocessingml.document", office + "wordprocessingml.document", false},
		{zipHead + "[Content_Types].xml\x00\x00xl/workbook.xml", office + "spreadsheetml.sheet", office + "spreadsheetml.sheet", false},
		{zipHead + "[Content_Types].xml\x00\x00ppt/slides", office + "presentationml.presentation", office + "presentationml.presentation", false},
		{zipHead + "mimetypeapplication/vnd.oasis.opendocument.textPK\x03\x04", "application/vnd.oasis.opendocument.text", Unknown, false},
		{zipHead + "mimetypetext/html<script>PK", Zip, Zip, false},
		{zipHead + "photo.jpg", Zip, Zip, false},
		{"Hello, world.\nSecond line.", Text, "text/plain; charset=utf-8", false},
		{"<!DOCTYPE html><title>x</title>", HTML, Unknown, false},
		{"\n\n  <script>alert(1)</script>", HTML, Unknown, false},
		{"<foo><html xmlns='http://www.w3.org/1999/xhtml'>", HTML, Unknown, false},
		{"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", SVG, Unknown, false},
		{"\ufeff <SVG onload=alert(1)>", SVG, Unknown, false},
		{"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>", XML, Unknown, false},
		{"MZ\x90\x00\x03\x00", Unknown, Unknown, false},
		{"", Text, "text/plain; charset=utf-8", false},
	} {
		is := Of([]byte(c.head))
		if is != c.is || Sent(is) != c.sent || Inline(is) != c.inline {
			t.Errorf("%q is %s, sent as %s, inline %v", c.head, is, Sent(is), Inline(is))
		}
		if strings.ContainsAny(Words(is), "/+") || Words(is) == "" {
			t.Errorf("%s is called %q", is, Words(is))
		}
	}
}
