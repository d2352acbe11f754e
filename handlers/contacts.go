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
	Filter contactsFilter
	List   contactsList
	CanAdd bool // whether the role includes adding contacts
}

// contactsList is the list itself; htmx swaps it while somebody types a search.
type contactsList struct {
	Rows   []contactRow
	More   contactsMore
	None   views.Empty    // what to say when there are no rows
	Fit    contactsFit    // how many the filter fits
	Choose contactsChoose // what can be done with many of them at once
	Next   *contactsNext  // what is to do next with a part of the funnel; nil: nothing in particular
	Rest   *contactsRest  // where all that fit are listed; nil: here
}

// contactsMore is one further page: its rows, and the link to the one after it.
type contactsMore struct {
	Href string // empty: there is no more
	Rest *contactsRest
	Rows []contactRow
}

// contactsRest is the way to contacts that take long to find. A list of which only the first contacts were looked at comes at once, and
// goes this way by itself.
type contactsRest struct {
	Href   string
	Target string // what is replaced by what is there
	Swap   string // how: a list stays the same element, so that what is said in it is heard
}

// contactsFit is how many contacts a filter fits, as far as they were counted.
type contactsFit struct {
	N    int64
	Over bool          // there may be more
	AsOf *views.Moment // when it was counted; nil: now
}

func newContactsFit(v *visit, found queries.ContactsFound) contactsFit {
	fit := contactsFit{N: found.Fit, Over: found.Over}
	if !found.AsOf.IsZero() {
		fit.AsOf = &views.Moment{At: found.AsOf, Now: v.now}
	}
	return fit
}

// contactRow is one line of the list.
type contactRow struct {
	ID      uuid.UUID
	Name    string // or the address
	Email   string // empty when it stands as the name
	Href    string
	State   contactState
	Tags    []string
	Created views.Moment
	Joined  views.Moment // zero: not yet
	Seen    views.Moment // zero: never

	CanInvite bool // neither joined nor bounced
	Invited   bool // at least once
}

// contactState is where a contact is on their way into the portal, in a word with its badge.
type contactState struct {
	Word  string
	Badge string // "", "success", "warning", "error", "info"
	Icon  string
}

// stateOf is the last thing that happened on the way in.
func stateOf(row queries.ContactListRow) contactState {
	switch {
	case row.BouncedAt != nil:
		return contactState{"Bounced", "error", "mail-x"}
	case row.JoinedAt != nil:
		return contactState{"Joined", "success", "user-check"}
	case row.OpenedAt != nil:
		return contactState{"Opened", "info", "mail-open"}
	case row.InvitedAt != nil:
		return contactState{"Invited", "info", "mail"}
	}
	return contactState{"Not invited", "", "user"}
}

func (s *Site) newContactRow(c *fiber.Ctx, row queries.ContactListRow) contactRow {
	v := at(c)
	r := contactRow{ID: row.ID, Name: orElse(row.Name, row.Email), Href: v.base() + "/contacts/" + row.ID.String(), State: stateOf(row),
		Tags: row.Tags, Created: v.moment(&row.CreatedAt), Joined: v.moment(row.JoinedAt), Seen: v.moment(row.LastSeenAt)}
	r.CanInvite, r.Invited = row.JoinedAt == nil && row.BouncedAt == nil, row.InvitedAt != nil
	if row.Name != "" {
		r.Email = row.Email
	}
	return r
}

// contactsIndex shows the list, searched, filtered and sorted as the URL says, and as fragments the list while typing and the
// next page of rows.
func (s *Site) contactsIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := contactsAsked(c)
	found, err := queries.LoadContacts(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	p := &contactsPage{Page: s.page(c, "Contacts"), CanAdd: v.role.Includes(queries.StaffRoleAdmin), Filter: newContactsFilter(asked, found.Tags)}
	for _, row := range found.Rows {
		p.List.Rows = append(p.List.Rows, s.newContactRow(c, row))
	}
	p.List.More.Rows = p.List.Rows
	switch next := v.base() + "/contacts?" + contactsQuery(nextContacts(asked, found)); {
	case found.More:
		p.List.More.Href = next
	case found.Near && asked.After.ID == uuid.Nil:
		p.List.Rest = &contactsRest{next, "#contacts-list", "outerMorph"}
	case found.Near:
		p.List.More.Rest = &contactsRest{next, "#contacts-more", "outerHTML"}
	}
	p.List.Fit, p.List.None = newContactsFit(v, found), noContacts(v, asked.Filter, p.CanAdd)
	p.List.Choose = newContactsChoose(v, asked.Filter, p.List.Fit, p.Token)
	p.List.Next = newContactsNext(v, asked.Filter.State)
	if asked.After.ID != uuid.Nil && isFragment(c) {
		return render(c, views.FrameAdmin, "contacts/index", "contacts/_more", &contactsMorePage{p.Page, p.List.More})
	}
	return render(c, views.FrameAdmin, "contacts/index", "contacts/_list", p)
}

// contactsMorePage is the next page of rows, sent alone.
type contactsMorePage struct {
	views.Page
	More contactsMore
}

// contactsAsked reads the filters, the order and the place in the list from the URL.
func contactsAsked(c *fiber.Ctx) queries.ContactsAsked {
	v := at(c)
	a := queries.ContactsAsked{AccountID: v.account.ID, Filter: contactFilter(func(name string) string { return c.Query(name) }),
		Sort: queries.ContactSort(oneOf(c.Query("sort"), string(queries.SortName), string(queries.SortSeen))), Through: c.Query("through") == "on", Size: contactsPerPage, Now: v.now}
	if id, err := uuid.Parse(c.Query("after")); err == nil {
		a.After = queries.ContactCursor{ID: id, Name: searchText(c.Query("name"))}
		if seen, found := cursorTime(c.Query("at")); found {
			a.After.Seen = &seen
		}
	}
	return a
}

// nextContacts asks for the page after one; where only the first contacts were looked at, for all that fit.
func nextContacts(asked queries.ContactsAsked, found queries.ContactsFound) queries.ContactsAsked {
	if n := len(found.Rows); n > 0 && (found.More || asked.After.ID != uuid.Nil) {
		asked.After = queries.CursorOf(found.Rows[n-1])
	}
	asked.Through = asked.Through || found.Near
	return asked
}

// contactsQuery is the query of the URL that asks for a list.
func contactsQuery(a queries.ContactsAsked) string {
	q := filterQuery(a.Filter)
	if a.Sort != "" {
		q.Set("sort", string(a.Sort))
	}
	if a.Through {
		q.Set("through", "on")
	}
	if a.After.ID != uuid.Nil {
		q.Set("after", a.After.ID.String())
	}
	switch {
	case a.After.ID == uuid.Nil:
	case a.Sort == queries.SortName:
		q.Set("name", a.After.Name)
	case a.Sort == queries.SortSeen && a.After.Seen != nil:
		q.Set("at", cursorText(*a.After.Seen))
	}
	return q.Encode()
}

// searchText is what is looked for: the words that were typed, without what Postgres does not take for text.
func searchText(typed string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\x00", "")), " ")
}

func noContacts(v *visit, f queries.ContactFilter, canAdd bool) views.Empty {
	switch {
	case f != queries.ContactFilter{}:
		return views.Empty{Icon: "search", Title: "Nobody fits", Text: "No contact fits this search and these filters. Names, addresses, companies and tags are searched.",
			Action: "Show all contacts", Href: v.base() + "/contacts"}
	case canAdd:
		return views.Empty{Icon: "users", Title: "No contacts yet", Text: "Contacts are the people you do business with. Add one, or invite somebody and they appear here.",
			Action: "Add contact", Href: v.base() + "/contacts/new"}
	}
	return views.Empty{Icon: "users", Title: "No contacts yet", Text: "Contacts are the people you do business with. Invite somebody and they appear here."}
}

// filterQuery is a filter as the URL's query.
func filterQuery(f queries.ContactFilter) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Search, "state": string(f.State), "source": string(f.Source), "tag": f.Tag, "seen": f.Seen, "bounced": f.Bounced} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}
