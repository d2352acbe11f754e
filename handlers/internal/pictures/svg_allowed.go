package pictures

import (
	"encoding/xml"
	"regexp"
	"strings"
)

// allowedElements are those that stay, and as what: a link and a switch stay as the group they are beside that.
var allowedElements = words(`svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc
	linearGradient radialGradient stop clipPath mask pattern marker style`, map[string]string{"a": "g", "switch": "g"})

// looks are the properties that say how something is drawn; they stand as attributes and in styles.
var looks = words(`fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
	stroke-dasharray stroke-dashoffset opacity color display visibility clip-path clip-rule mask marker-start marker-mid marker-end
	stop-color stop-opacity font-family font-size font-weight font-style font-variant font-stretch letter-spacing word-spacing
	text-anchor text-decoration dominant-baseline alignment-baseline baseline-shift text-rendering shape-rendering color-interpolation
	paint-order vector-effect mix-blend-mode isolation transform transform-origin writing-mode direction overflow enable-background`, nil)

// places are the attributes that say where and how large something is.
var places = words(`x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points width height viewBox preserveAspectRatio transform rotate
	textLength lengthAdjust startOffset offset gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits
	patternTransform clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight refX refY orient pathLength version`, nil)

func words(names string, others map[string]string) map[string]string {
	set := map[string]string{}
	for _, name := range strings.Fields(names) {
		set[name] = name
	}
	for name, becomes := range others {
		set[name] = becomes
	}
	return set
}

var (
	nameForm  = regexp.MustCompile(`^[\pL_][\pL\pN_.:-]*$`)
	classForm = regexp.MustCompile(`^[\pL\pN_ -]+$`)
	valueForm = regexp.MustCompile(`^[\pL\pN\s.,%#()!+-]*$`)
	localForm = regexp.MustCompile(`url\(\s*#([\pL_][\pL\pN_.:-]*)\s*\)`)
	callForm  = regexp.MustCompile(`([\pL\pN_-]*)\s*\(`)
)

// calls are the functions a value may use.
var calls = words("rgb rgba hsl hsla matrix translate translatex translatey scale scalex scaley rotate skewx skewy", nil)

// attribute gives the element an attribute if it may have it.
func (r *svgReader) attribute(e *element, attr xml.Attr) {
	name, value := attr.Name.Local, strings.TrimSpace(attr.Value)
	switch {
	case name == "href" && (attr.Name.Space == "" || attr.Name.Space == xlinkSpace):
		if id, isLocal := strings.CutPrefix(value, "#"); isLocal && nameForm.MatchString(id) {
			e.refers = append(e.refers, id)
			e.set("href", value)
		}
	case attr.Name.Space != "":
	case name == "id" && nameForm.MatchString(value):
		if r.byID[value] == nil {
			r.byID[value] = e
			e.set(name, value)
		}
	case name == "class" && classForm.MatchString(value):
		e.set(name, value)
	case name == "style":
		if kept, refers := declarations(value); kept != "" {
			e.refers = append(e.refers, refers...)
			e.set(name, kept)
		}
	case looks[name] != "" || places[name] != "":
		if kept, refers, ok := safeValue(value); ok {
			e.refers = append(e.refers, refers...)
			e.set(name, kept)
		}
	}
}

func (e *element) set(name, value string) {
	for _, attr := range e.attrs {
		if attr[0] == name { // href of both kinds
			return
		}
	}
	e.attrs = append(e.attrs, [2]string{name, value})
}

// safeValue is the value without quotes, if it is made of words, numbers, colours, the functions in calls and references into
// the drawing itself; and the ids of those.
func safeValue(value string) (kept string, refers []string, ok bool) {
	value = strings.NewReplacer(`"`, "", "'", "").Replace(value)
	for _, found := range localForm.FindAllStringSubmatch(value, -1) {
		refers = append(refers, found[1])
	}
	rest := localForm.ReplaceAllString(value, "")
	if !valueForm.MatchString(rest) {
		return "", nil, false
	}
	for _, call := range callForm.FindAllStringSubmatch(rest, -1) {
		if calls[strings.ToLower(call[1])] == "" {
			return "", nil, false
		}
	}
	return value, refers, true
}
