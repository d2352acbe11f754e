package handlers

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"atrium/queries"
)

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
func accessOf(contact queries.ContactDetailsRow, chosen []queries.AccountAppChoicesRow, courses []courseAccess) (rows []accessRow) {
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
		case a.app == queries.AppCourses && len(courses) > 0:
			r.Sees, r.Reason = coursesReason(courses)
		case a.app == queries.AppInvoices && contact.HasInvoices:
			r.Sees, r.Reason = true, "There are invoices of theirs"
		case a.app == queries.AppSubscriptions && contact.HasSubscriptions:
			r.Sees, r.Reason = true, "They have, or had, a subscription"
		default:
			r.Reason = "Nothing in it for them yet"
		}
		rows = append(rows, r)
	}
	return rows
}

// coursesReason says whether a contact sees anything among their courses, and why.
func coursesReason(courses []courseAccess) (sees bool, reason string) {
	open, upcoming, hidden := 0, 0, 0
	for _, course := range courses {
		switch {
		case len(course.Hidden) > 0 && course.State != grantEnded:
			hidden++
		case course.State == grantOpen:
			open++
		case course.State == grantUpcoming:
			upcoming++
		}
	}
	switch {
	case open == 1:
		return true, "One course"
	case open > 1:
		return true, fmt.Sprintf("%d courses", open)
	case upcoming > 0:
		return true, "A course that starts later"
	case hidden > 0:
		return false, "What they were given is hidden, see below"
	}
	return false, "What they were given has ended"
}

// courseAccess is a course that a contact was given, with every reason, newest first.
type courseAccess struct {
	ID     uuid.UUID
	Title  string
	Href   string // its people, with this contact looked for; empty: it is deleted
	State  contactState
	Hidden []string // each switch that hides it, whatever they were given
	Grants []grantSpan

	Progress     string // "2 of 3 lessons done"; empty: the course is deleted
	ProgressPath string // the whole way, lesson by lesson
}

// seen says whether the client can use the course now.
func (a courseAccess) seen() bool { return a.State == grantOpen && len(a.Hidden) == 0 }

// coursesOf puts the ledger of a contact together by course: the one that changed last first.
func (v *visit) coursesOf(grants []queries.GrantListOfContactRow, chosen []queries.AccountAppChoicesRow) (courses []courseAccess) {
	off, place := false, map[uuid.UUID]int{}
	for _, choice := range chosen {
		off = off || choice.App == queries.AppCourses && !choice.SwitchedOn
	}
	for _, g := range grants {
		i, known := place[g.CourseID]
		if !known {
			i, place[g.CourseID] = len(courses), len(courses)
			courses = append(courses, courseAccess{ID: g.CourseID, Title: g.Title, State: grantEnded, Hidden: hiddenBy(off, g), Href: v.coursePath(g.CourseID) + "/people"})
			if g.Deleted {
				courses[i].Href = ""
			}
		}
		span, course := v.newGrantSpan(g), &courses[i]
		if g.Deleted {
			span.Revoke = ""
		}
		if span.State == grantOpen || course.State == grantEnded {
			course.State = span.State
		}
		course.Grants = append(course.Grants, span)
	}
	return courses
}

// tellProgress says how far the contact is in each of the courses.
func (p *contactPage) tellProgress(v *visit, rows []queries.ProgressOfContactRow) {
	for _, row := range rows {
		i := slices.IndexFunc(p.Courses, func(course courseAccess) bool { return course.ID == row.CourseID })
		if i < 0 {
			continue // its grants are older than those that are shown
		}
		course := &p.Courses[i]
		course.ProgressPath, course.Progress = v.coursePath(row.CourseID)+"/progress/"+p.ID.String(), "Not begun"
		if row.Opened || row.Done > 0 {
			course.Progress = fmt.Sprintf("%d of %d lessons done", row.Done, row.Lessons)
		}
	}
}

// hiddenBy is every switch that hides a course: turning back one of them shows nothing while another holds.
func hiddenBy(off bool, g queries.GrantListOfContactRow) (why []string) {
	if g.Deleted {
		why = append(why, "The course is deleted")
	}
	if !g.Published {
		why = append(why, "The course is a draft")
	}
	if off {
		why = append(why, "Courses are switched off for everybody")
	}
	return why
}
