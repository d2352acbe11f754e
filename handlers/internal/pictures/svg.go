package pictures

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
)

// How much a drawing may be.
const (
	mostElements = 20_000
	mostDepth    = 64
	mostDrawn    = 100_000 // elements, with those that are drawn again by reference
)

// element is a part of a drawing that may stay.
type element struct {
	name     string
	attrs    [][2]string // name and value, as they are to be written
	text     string      // character data before the children; of text and style only
	children []*element
	refers   []string // ids of what is drawn again here, or used to draw it
}

// sanitize writes an SVG anew from what is allowed in one, and drops the rest: scripts, handlers, links, other people's
// pictures and fonts, HTML. Refused is what is no SVG, what defines entities, and what draws itself over and over.
func sanitize(content []byte) ([]byte, error) {
	r := &svgReader{decoder: xml.NewDecoder(bytes.NewReader(content)), byID: map[string]*element{}, styled: map[string][]string{}}
	root, err := r.document()
	if err != nil {
		return nil, err
	}
	if (&counter{r, map[*element]int{}}).drawn(root) > mostDrawn {
		return nil, refuse("This drawing repeats parts of itself too often. Save it with fewer references.")
	}
	if !root.draws() {
		return nil, refuse("Nothing of this drawing is left without scripts, links and pictures from elsewhere. Save it as a PNG.")
	}
	var out strings.Builder
	root.write(&out)
	return []byte(out.String()), nil
}

// svgReader reads a drawing into elements.
type svgReader struct {
	decoder *xml.Decoder
	byID    map[string]*element
	styled  map[string][]string // ids that a style sheet has the elements of a selector refer to
	count   int
}

// document reads down to the end of the root.
func (r *svgReader) document() (*element, error) {
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, errMarkup(err)
		}
		switch t := token.(type) {
		case xml.Directive:
			if bytes.ContainsAny(t, "[") || bytes.Contains(bytes.ToUpper(t), []byte("ENTITY")) {
				return nil, refuse("This drawing defines entities of its own, which cannot be taken. Save it as plain SVG.")
			}
		case xml.StartElement:
			if t.Name.Local != "svg" || t.Name.Space != svgSpace && t.Name.Space != "" {
				return nil, refuse("This file is no PNG, JPEG, WebP or SVG picture, whatever its name says. Choose another one.")
			}
			return r.element(t, 1)
		}
	}
}

// element reads to the end of what has just begun; nil when it may not stay.
func (r *svgReader) element(start xml.StartElement, depth int) (*element, error) {
	name, ok := allowedElements[start.Name.Local]
	if !ok || start.Name.Space != svgSpace && start.Name.Space != "" {
		return nil, r.skip()
	}
	if r.count++; r.count > mostElements || depth > mostDepth {
		return nil, refuse("This drawing has more parts than can be used. Save it simpler, or as a PNG.")
	}
	e := &element{name: name}
	for _, attr := range start.Attr {
		r.attribute(e, attr)
	}
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, errMarkup(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := r.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			if child != nil {
				e.children = append(e.children, child)
			}
		case xml.CharData:
			e.takeText(string(t))
		case xml.EndElement:
			if e.name == "style" {
				e.text = r.styleSheet(e.text)
			}
			return e, nil
		}
	}
}

// skip reads over an element with all that is in it.
func (r *svgReader) skip() error {
	if err := r.decoder.Skip(); err != nil {
		return errMarkup(err)
	}
	return nil
}

// takeText keeps the words of elements that have some. In one with children, words become an element of their own, so that
// they stay in their place.
func (e *element) takeText(words string) {
	switch e.name {
	case "style", "title", "desc":
		e.text += words
	case "text", "tspan", "textPath":
		e.children = append(e.children, &element{text: words})
	}
}

// errMarkup is for a drawing that cannot be read to its end.
func errMarkup(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) && strings.Contains(syntax.Msg, "entity") {
		return refuse("This drawing uses entities that cannot be taken. Save it as plain SVG.")
	}
	if errors.Is(err, io.EOF) || errors.As(err, &syntax) {
		return refuse("This drawing is damaged or cut off, so it cannot be read. Save it again and try once more.")
	}
	return refuse("This drawing is not written in UTF-8, so it cannot be read. Save it again and try once more.")
}

// draws says whether anything is to be seen of it.
func (e *element) draws() bool {
	switch e.name {
	case "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "use":
		return true
	}
	for _, child := range e.children {
		if child.draws() {
			return true
		}
	}
	return false
}

// write appends the element as XML.
func (e *element) write(out *strings.Builder) {
	if e.name == "" { // words alone
		escape(out, e.text)
		return
	}
	out.WriteString("<" + e.name)
	if e.name == "svg" {
		out.WriteString(` xmlns="` + svgSpace + `"`)
	}
	for _, attr := range e.attrs {
		out.WriteString(" " + attr[0] + `="`)
		escape(out, attr[1])
		out.WriteByte('"')
	}
	out.WriteByte('>')
	escape(out, e.text)
	for _, child := range e.children {
		child.write(out)
	}
	out.WriteString("</" + e.name + ">")
}

func escape(out *strings.Builder, text string) {
	_ = xml.EscapeText(out, []byte(text)) // a strings.Builder takes everything
}
