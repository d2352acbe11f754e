package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// contactsPerPage is how many contacts a list shows at a time.
const contactsPerPage = 50

// contactsPage is the list of contacts.
type contactsPage struct {
	views.Page
	Search  views.Field
	Filters []filterLink
	List    contactsList
	CanAdd  bool // whether the role includes adding contacts
}

// filterLink is one part of the contacts that can be looked at by itself.
type filterLink struct {
	Label, Href string
	Current     bool
}

// contactsList is the list itself; htmx swaps it while somebody types a search.
type contactsList struct {
	Rows []contactRow
	More contactsMore
	None views.Empty // what to say when there are no rows
}

// contactsMore is one further page: its rows, and the link to the one after it.
type contactsMore struct {
	Href string // empty: there is no more
	Rows []contactRow
}

// contactRow is one line of the list.
type contactRow struct {
	ID      uuid.UUID
	Name    string // or the address
	Email   string // empty when it stands as the name
	Href    string
	State   contactState
	Created views.Moment
	Joined  views.Moment // zero: not yet

	CanInvite bool // neither joined nor bounced
	Invited   bool // at least once
}

// contactState is where a contact is on their way into the portal, in a word with its badge.
type contactState struct {
	Word  string
	Badge string // "", "success", "warning", "error", "info"
	Icon  string
}

func stateOf(row queries.ContactListRow) contactState {
	switch {
	case row.BouncedAt != nil:
		return contactState{"Bounced", "error", "mail-x"}
	case row.JoinedAt != nil:
		return contactState{"Joined", "success", "user-check"}
	case row.InvitedAt != nil:
		return contactState{"Invited", "info", "mail"}
	}
	return contactState{"Not invited", "", "user"}
}

func (s *Site) newContactRow(c *fiber.Ctx, row queries.ContactListRow) contactRow {
	v := at(c)
	r := contactRow{ID: row.ID, Name: orElse(row.Name, row.Email), Href: v.base() + "/contacts/" + row.ID.String(), State: stateOf(row),
		Created: views.Moment{At: row.CreatedAt, Now: v.now}}
	r.CanInvite, r.Invited = row.JoinedAt == nil && row.BouncedAt == nil, row.InvitedAt != nil
	if row.Name != "" {
		r.Email = row.Email
	}
	if row.JoinedAt != nil {
		r.Joined = views.Moment{At: *row.JoinedAt, Now: v.now}
	}
	return r
}

// contactsIndex shows the list, searched or filtered, and as fragments the list while typing and the next page of rows.
func (s *Site) contactsIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.ContactsAsked{AccountID: v.account.ID, Filter: queries.ContactFilter(c.Query("filter")),
		Search: searchText(c.Query("q")), Before: queries.LastID, Size: contactsPerPage, Now: v.now}
	if before, err := uuid.Parse(c.Query("before")); err == nil {
		asked.Before = before
	}
	rows, more, err := queries.ListContacts(c.UserContext(), s.q, asked)
	if err != nil {
		return err
	}
	p := &contactsPage{CanAdd: v.role.Includes(queries.StaffRoleAdmin)}
	for _, row := range rows {
		p.List.Rows = append(p.List.Rows, s.newContactRow(c, row))
	}
	p.List.More.Rows = p.List.Rows
	if more {
		p.List.More.Href = v.base() + "/contacts?" + url.Values{"q": {asked.Search}, "filter": {string(asked.Filter)}, "before": {rows[len(rows)-1].ID.String()}}.Encode()
	}
	p.List.None = noContacts(v, asked, p.CanAdd)
	p.Page = s.page(c, "Contacts")
	p.Search = views.Field{Name: "q", Label: "Search name or address", LabelHidden: true, Type: "search", Value: asked.Search, Placeholder: "Search name or address"}
	for _, f := range []struct {
		label  string
		filter queries.ContactFilter
	}{{"All", ""}, {"Invited", queries.ContactsInvited}, {"Joined", queries.ContactsJoined}, {"Waiting over 7 days", queries.ContactsWaiting}, {"Bounced", queries.ContactsBounced}} {
		href := v.base() + "/contacts"
		if f.filter != "" {
			href += "?filter=" + string(f.filter)
		}
		p.Filters = append(p.Filters, filterLink{f.label, href, f.filter == asked.Filter && asked.Search == ""})
	}
	if asked.Before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "contacts/index", "contacts/_more", &contactsMorePage{p.Page, p.List.More})
	}
	return render(c, views.FrameAdmin, "contacts/index", "contacts/_list", p)
}

// searchText is what is looked for: the words that were typed, without what Postgres does not take for text.
func searchText(typed string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", "")), " ")
}

// contactsMorePage is the next page of rows, sent alone.
type contactsMorePage struct {
	views.Page
	More contactsMore
}

func noContacts(v *visit, asked queries.ContactsAsked, canAdd bool) views.Empty {
	switch {
	case asked.Search != "":
		return views.Empty{Icon: "search", Title: "Nobody fits this search", Text: "Names and addresses are searched, in any part of them."}
	case asked.Filter != "":
		return views.Empty{Icon: "users", Title: "Nobody is here", Text: "No contact is in this part of the list right now."}
	case canAdd:
		return views.Empty{Icon: "users", Title: "No contacts yet", Text: "Contacts are the people you do business with. Add one, or invite somebody and they appear here.",
			Action: "Add contact", Href: v.base() + "/contacts/new"}
	}
	return views.Empty{Icon: "users", Title: "No contacts yet", Text: "Contacts are the people you do business with. Invite somebody and they appear here."}
}
