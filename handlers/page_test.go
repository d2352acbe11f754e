package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page is an answer.
type page struct {
	t       testing.TB
	asked   string // method and path
	status  int
	header  http.Header
	cookies []*http.Cookie // that the answer sets
	body    string
	parsed  *html.Node // nil until something is looked for in it
}

// is demands a status and returns the page.
func (p *page) is(status int) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: status %d, want %d\n%s", p.asked, p.status, status, p.words())
	}
	return p
}

// leadsTo demands that the answer sends the browser to a path.
func (p *page) leadsTo(path string) *page {
	p.t.Helper()
	p.is(http.StatusSeeOther)
	if to := p.header.Get("Location"); to != path {
		p.t.Fatalf("%s leads to %s, want %s", p.asked, to, path)
	}
	return p
}

// has demands that each selector finds something, and lacks that none does.
func (p *page) has(selectors ...string) *page {
	p.t.Helper()
	for _, selector := range selectors {
		if len(p.all(selector)) == 0 {
			p.t.Errorf("%s: status %d lacks %s\n%s", p.asked, p.status, selector, p.words())
		}
	}
	return p
}

func (p *page) lacks(selectors ...string) *page {
	p.t.Helper()
	for _, selector := range selectors {
		if len(p.all(selector)) > 0 {
			p.t.Errorf("%s: has %s and should not", p.asked, selector)
		}
	}
	return p
}

// one is the first element that a selector finds.
func (p *page) one(selector string) *html.Node {
	p.t.Helper()
	found := p.all(selector)
	if len(found) == 0 {
		p.t.Fatalf("%s: status %d has no %s\n%s", p.asked, p.status, selector, p.words())
	}
	return found[0]
}

func (p *page) all(selector string) []*html.Node {
	p.t.Helper()
	return find(p.t, p.root(), selector)
}

func (p *page) root() *html.Node {
	p.t.Helper()
	if p.parsed == nil {
		var err error
		if p.parsed, err = html.Parse(strings.NewReader(p.body)); err != nil {
			p.t.Fatal(err)
		}
	}
	return p.parsed
}

// words is what a person reads of the page.
func (p *page) words() string { return words(p.root()) }

// form is a form as it would be sent.
type form struct {
	method, action string
	values         url.Values
}

// form takes the form that a selector finds, or the one of the button it finds, and changes fields in it. A person can only
// fill in what is there.
func (p *page) form(selector string, fields ...string) form {
	p.t.Helper()
	found := p.one(selector)
	node := found
	for node != nil && node.Data != "form" {
		node = node.Parent
	}
	if id := attr(found, "form"); id != "" { // which it belongs to, wherever it stands
		node = p.one("form#" + id)
	}
	if node == nil {
		p.t.Fatalf("%s: %s is in no form", p.asked, selector)
	}
	f := form{strings.ToUpper(attr(node, "method")), attr(node, "action"), controls(p.t, node)}
	if found.Data == "button" {
		if to := attr(found, "formaction"); to != "" {
			f.action = to
		}
		if name := attr(found, "name"); name != "" {
			f.values.Set(name, attr(found, "value"))
		}
	}
	for pair := range slices.Chunk(fields, 2) {
		if len(find(p.t, node, "[name="+pair[0]+"]")) == 0 {
			p.t.Fatalf("%s: the form %s has no field %s", p.asked, selector, pair[0])
		}
		f.values.Set(pair[0], pair[1])
	}
	return f
}

// controls are the values of a form that nobody has touched.
func controls(t testing.TB, form *html.Node) url.Values {
	t.Helper()
	values := url.Values{}
	for _, control := range find(t, form, "[name]") {
		name := attr(control, "name")
		switch control.Data {
		case "input":
			if kind := attr(control, "type"); kind != "checkbox" && kind != "radio" || has(control, "checked") {
				values.Add(name, attr(control, "value"))
			}
		case "textarea":
			values.Add(name, text(control))
		case "select":
			for i, option := range find(t, control, "option") {
				if has(option, "selected") || i == 0 {
					values.Set(name, attr(option, "value"))
				}
			}
		}
	}
	return values
}
