package pictures

import (
	"slices"
	"strings"
)

// counter says how many elements are drawn in the end: what is referred to is drawn once more each time, so a few lines can
// ask for billions. A reference into itself counts as too many.
type counter struct {
	*svgReader
	known map[*element]int // 0 while it is being counted
}

func (c *counter) drawn(e *element) int {
	if n, seen := c.known[e]; seen {
		if n == 0 {
			return mostDrawn + 1
		}
		return n
	}
	c.known[e] = 0
	n := 1
	for _, child := range e.children {
		n = min(n+c.drawn(child), mostDrawn+1)
	}
	for _, id := range c.refersOf(e) {
		if target := c.byID[id]; target != nil {
			n = min(n+c.drawn(target), mostDrawn+1)
		}
	}
	c.known[e] = n
	return n
}

// refersOf is what an element refers to, by itself and by the style sheets.
func (c *counter) refersOf(e *element) []string {
	refers := append(slices.Clone(e.refers), c.styled[e.name]...)
	for _, attr := range e.attrs {
		switch attr[0] {
		case "id":
			refers = append(refers, c.styled["#"+attr[1]]...)
		case "class":
			for class := range strings.FieldsSeq(attr[1]) {
				refers = append(refers, c.styled["."+class]...)
			}
		}
	}
	return refers
}
