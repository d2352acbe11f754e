package handlers

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// find is every element that a selector describes: a tag, #ids, .classes and [attributes] with or without a value, and
// spaces for "inside of", as in CSS.
func find(t testing.TB, root *html.Node, selector string) (found []*html.Node) {
	t.Helper()
	var parts []part
	for _, text := range betweenSpaces.FindAllString(selector, -1) {
		parts = append(parts, parsePart(t, text))
	}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && inside(node, parts) {
			found = append(found, node)
		}
	}
	return found
}

// inside says whether the last part describes the node and the others describe elements around it, in order.
func inside(node *html.Node, parts []part) bool {
	last := len(parts) - 1
	if !parts[last].describes(node) {
		return false
	}
	for around := node.Parent; last > 0 && around != nil; around = around.Parent {
		if parts[last-1].describes(around) {
			last--
		}
	}
	return last == 0
}

// part is one element's part of a selector: an empty tag is any, a nil value any value.
type part struct {
	tag   string
	wants []want
}

type want struct {
	name  string
	value *string
	word  bool // the value is one of several, as of a class
}

var (
	betweenSpaces = regexp.MustCompile(`(?:[^\s\[]|\[[^\]]*\])+`) // a value in brackets may have spaces
	partForm      = regexp.MustCompile(`^([a-z0-9]*)((?:[#.][\w:/-]+|\[[^\]]+\])*)$`)
	wantForm      = regexp.MustCompile(`([#.])([\w:/-]+)|\[([\w-]+)(?:='?([^'\]]*)'?)?(\])`)
)

func parsePart(t testing.TB, text string) part {
	t.Helper()
	form := partForm.FindStringSubmatch(text)
	if form == nil {
		t.Fatalf("%q is not a selector", text)
	}
	p, understood := part{tag: form[1]}, len(form[1])
	for _, m := range wantForm.FindAllStringSubmatch(form[2], -1) {
		understood += len(m[0])
		switch {
		case m[1] == "#":
			p.wants = append(p.wants, want{"id", &m[2], false})
		case m[1] == ".":
			p.wants = append(p.wants, want{"class", &m[2], true})
		case strings.Contains(m[0], "="):
			p.wants = append(p.wants, want{m[3], &m[4], false})
		default:
			p.wants = append(p.wants, want{name: m[3]})
		}
	}
	if understood != len(text) {
		t.Fatalf("%q is not a selector", text)
	}
	return p
}

func (p part) describes(node *html.Node) bool {
	if node.Type != html.ElementNode || p.tag != "" && p.tag != node.Data {
		return false
	}
	for _, w := range p.wants {
		value := attr(node, w.name)
		switch {
		case !has(node, w.name):
			return false
		case w.value == nil:
		case w.word && !strings.Contains(" "+value+" ", " "+*w.value+" "), !w.word && value != *w.value:
			return false
		}
	}
	return true
}

func attr(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	for _, a := range node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// text is all text in a node, as it is written.
func text(node *html.Node) string {
	var all strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			all.WriteString(n.Data)
		}
	}
	return all.String()
}

// words is the text in a node with single spaces.
func words(node *html.Node) string { return strings.Join(strings.Fields(text(node)), " ") }
