package handlers

import (
	"net/url"
	"strings"
	"testing"
)

// Every list that looks for an address finds it by its domain as people write it, as the contacts do.
func TestListsFindDomainsAsWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	for _, address := range []string{"ana@xn--mnchen-3ya.example", "ben@muenchen.example"} {
		c := s.contact(t, s.acme, address, "")
		s.billed(t, c, w.offer, w.course)
		s.invited(t, c)
	}
	for _, list := range []string{"contacts", "orders", "invoices", "subscriptions", "mail-log"} {
		for search, want := range map[string]int{"münchen": 1, "@MÜNCHEN.ex": 1, "xn--mnchen": 1, "ana@münchen": 1, "ben@münchen": 0, "muenchen": 1, "a\x00ü": 0, "ü_": 0} {
			found := maya.htmx().get("/acme/" + list + "?q=" + url.QueryEscape(search))
			if rows := found.all("tr.row"); len(rows) != want || want == 1 && strings.Contains(found.body, "muenchen.example") != (search == "muenchen") {
				t.Errorf("%s: %q finds %d", list, search, len(rows))
			}
		}
	}
}
