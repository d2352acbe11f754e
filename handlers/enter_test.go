package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"atrium/queries"
)

// enterElse are the forms in which Enter does something other than the main button, and why.
var enterElse = map[string]string{
	"lessons-form": "saves the draft, which is less than to save and publish",
	"offer-form":   "applies the coupon, whose field is the only one",
}

// Enter in a field presses the first button of its form, wherever that stands: in each form of all pages it does what the main one does.
func TestEnterPressesTheMainButton(t *testing.T) {
	t.Parallel()
	s, _ := standIn(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	owner := s.staff(t, maya)
	owner.fill(owner.get("/acme/brand"), "#brand-form", "accent", "#ffee88").leadsTo("/acme/brand") // beside which a button takes a better one
	owner.get("/acme/brand").has("#brand-form button[name=use]")
	seen := 0
	for _, host := range s.hosted(t, &w, maya) {
		b := host.somebody()
		paths := map[string][]string{"admin": {"/acme/invoices/new?contact=" + w.contact.id.String(), "/acme/magic-links/new?contact=" + w.contact.id.String(), w.path("/:account/courses/:id/lessons/:lesson/questions/new?kind=single")}}[host.name]
		for _, r := range host.routes {
			if r.method == get {
				paths = append(paths, w.path(r.path))
			}
		}
		for _, path := range paths {
			p := b.get(path)
			if p.status != http.StatusOK || !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
				continue
			}
			for _, form := range p.all("form") {
				buttons := submits(p, form)
				if !typedInto(t, form) || len(buttons) < 2 {
					continue
				}
				seen++
				if _, ok := enterElse[formName(form)]; !ok && !slices.ContainsFunc(buttons, func(b *html.Node) bool { return mainButton(b) && sameButton(b, buttons[0]) }) {
					t.Errorf("%s: Enter in %q presses %q", path, formName(form), words(buttons[0]))
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d forms with several buttons were seen", seen)
	}
}

// submits are the buttons that send a form, in the order of the page.
func submits(p *page, form *html.Node) (buttons []*html.Node) {
	inside := find(p.t, form, "button")
	for _, b := range p.all("button") {
		of := attr(b, "form")
		if attr(b, "type") != "button" && (of == "" && slices.Contains(inside, b) || of != "" && of == attr(form, "id")) {
			buttons = append(buttons, b)
		}
	}
	return buttons
}

// typedInto says whether a form has a field in which Enter sends it.
func typedInto(t *testing.T, form *html.Node) bool {
	return slices.ContainsFunc(find(t, form, "input"), func(input *html.Node) bool {
		return !slices.Contains([]string{"hidden", "checkbox", "radio", "file"}, attr(input, "type"))
	})
}

func mainButton(b *html.Node) bool {
	return slices.Contains(strings.Fields(attr(b, "class")), "btn-primary")
}

// sameButton says whether two buttons send the same to the same place.
func sameButton(a, b *html.Node) bool {
	return !slices.ContainsFunc([]string{"name", "value", "formaction", "hx-post"}, func(name string) bool { return attr(a, name) != attr(b, name) })
}

// formName is the id of a form, or of what it is in.
func formName(form *html.Node) string {
	for node := form; node != nil; node = node.Parent {
		if id := attr(node, "id"); id != "" {
			return id
		}
	}
	return ""
}
