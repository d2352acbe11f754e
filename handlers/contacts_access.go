package handlers

import "atrium/queries"

// accessRow says whether a client sees one app of the portal, and why.
type accessRow struct {
	Icon   string
	Label  string
	Sees   bool
	Reason string
}

// apps are the apps in their own order, with the words and icons they have unless the account chose others.
var apps = []struct {
	app         queries.App
	icon, label string
}{
	{queries.AppHome, "house", "Home"}, {queries.AppCourses, "book-open", "Courses"}, {queries.AppCommunities, "message-circle", "Communities"},
	{queries.AppInvoices, "receipt", "Invoices"}, {queries.AppDocuments, "file-text", "Documents"}, {queries.AppSubscriptions, "repeat", "Subscriptions"},
	{queries.AppAffiliate, "megaphone", "Affiliate"}, {queries.AppProfile, "user", "Profile"},
}

// accessOf lists each app with what the client sees of it and why. An app is seen when it is switched on and there is
// something in it for this client; home and profile always are.
func accessOf(contact queries.ContactDetailsRow, chosen []queries.AccountAppChoicesRow) (rows []accessRow) {
	for _, a := range apps {
		r, off := accessRow{Icon: a.icon, Label: a.label}, false
		for _, choice := range chosen {
			if choice.App == a.app {
				r.Label, off = orElse(choice.Label, a.label), !choice.SwitchedOn
			}
		}
		switch {
		case a.app == queries.AppHome || a.app == queries.AppProfile:
			r.Sees, r.Reason = true, "Every client has it"
			if contact.JoinedAt == nil {
				r.Reason = "Every client has it, from the first sign-in on"
			}
		case off:
			r.Reason = "Switched off for everybody"
		default:
			r.Reason = "Nothing in it for them yet"
		}
		rows = append(rows, r)
	}
	return rows
}
