package handlers

import (
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

// Addresses stand on every page as people write them, whoever they are of; they are stored, and go out in files and mails, as DNS knows them.
func TestAddressesAreShownAsWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const stored, written = "@xn--mnchen-3ya.example", "@münchen.example"
	maya := s.person(t, "maya"+stored, queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	other := s.contact(t, s.acme, "other"+stored, "")
	s.exec(t, "UPDATE contact SET name = ''")
	s.exec(t, "UPDATE staff SET name = ''")
	for _, column := range []string{"contact.email", "staff.email", "mail.to_email", "form_submission.email", "email_change.old_email", "email_change.new_email", "offer_claim.email", "contact_import_row.email"} {
		table, name, _ := strings.Cut(column, ".")
		s.exec(t, "UPDATE "+table+" SET "+name+" = split_part("+name+", '@', 1) || $1", stored)
	}
	s.exec(t, "UPDATE account SET support_email = $1, changed_at = changed_at + interval '1 second'", "help"+stored)
	eventually(t, "the new address is served", func() bool { return s.accounts.BySlug("acme").SupportEmail == "help"+stored })
	w.contact.email = strings.Replace(w.contact.email, "@example.com", stored, 1)
	hosts := s.hosted(t, &w, maya)
	owner := hosts[1].somebody()
	owner.send(post, "/acme/contacts/"+other.id.String()+"/tags", url.Values{"_token": {owner.token()}, "tag": {"vip"}}) // a line of the trail about an address
	shown := 0
	for _, host := range hosts {
		for _, b := range []*browser{host.nobody(), host.somebody()} {
			for _, r := range host.routes {
				if r.method != get || isMailFrame(r.path) || strings.HasPrefix(r.path, "/:account/mail-texts") {
					continue
				}
				p := b.get(w.path(r.path))
				if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
					continue
				}
				text := p.words()
				for _, node := range p.all("[aria-label]") {
					text += " " + attr(node, "aria-label")
				}
				if strings.Contains(text, "xn--") {
					at := strings.Index(text, "xn--")
					t.Errorf("%s shows an address as it is stored: …%s", p.asked, text[max(at-80, 0):at+20])
				}
				if strings.Contains(text, written) {
					shown++
				}
			}
		}
	}
	if shown < 40 {
		t.Errorf("%d answers show such an address", shown)
	}
	t.Logf("%d answers show such an address", shown)
}
