package handlers

import (
	"net/url"
	"strings"

	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// eventsPerPage is how much of what happened with a contact is shown at a time.
const eventsPerPage = 30

// timeline is what happened with a contact, newest first.
type timeline struct {
	Events []event
	More   string // where the older ones are; empty: there are none
	Older  bool   // this is not the newest page
}

// event is one thing that happened.
type event struct {
	Icon  string
	Title string
	State *contactState // how far it came; nil: that is all there is to it
	Note  string        // may be empty
	Quote string        // another's words, such as a mail server's; may be empty
	By    string        // the staff person; empty: nobody of staff
	Href  string        // more of it; empty: this is all
	At    views.Moment
}

func (v *visit) timeline(rows []queries.ContactTimelineRow, p *contactPage, older bool) (t timeline) {
	t.Older = older
	if len(rows) > eventsPerPage {
		rows = rows[:eventsPerPage]
		last := rows[eventsPerPage-1]
		t.More = p.Path + "?before=" + url.QueryEscape(cursorText(last.At)+"_"+last.ID.String()+"_"+last.Kind)
	}
	for _, row := range rows {
		e := eventOf(row, p.Email)
		e.At = v.moment(&row.At)
		if row.Kind == "mail" {
			e.Href = v.base() + "/mail-log/" + row.ID.String()
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// eventBefore is the event that a page of the timeline goes on from; the zero value for what is none.
func eventBefore(text string) (row queries.ContactTimelineRow) {
	parts := strings.SplitN(text, "_", 3)
	if len(parts) < 3 {
		return row
	}
	when, found := cursorTime(parts[0])
	id, err := uuid.Parse(parts[1])
	if _, known := eventWords[parts[2]]; !found || err != nil || !known {
		return row
	}
	return queries.ContactTimelineRow{At: when, ID: id, Kind: parts[2]}
}

// eventWords are icon and title of each kind of event; those with an empty title have it made in eventOf.
var eventWords = map[string][2]string{
	"added":             {"user-plus", ""},
	"joined":            {"user-check", "Joined the portal"},
	"invited":           {"mail-plus", "Invited"},
	"mail":              {"mail", ""},
	"fetched":           {"mail-open", ""},
	"fetched_by_filter": {"filter", ""},
	"link":              {"link", "Magic link made"},
	"signed_in":         {"key-round", ""},
	"looked":            {"eye", "Looked at the portal as this client"},
	"signed_out":        {"log-out", ""},
	"address":           {"mail-check", "Changed their own address"},
	"form":              {"file-text", ""},
	"access_given":      {"book-open", ""},
	"access_ended":      {"circle-minus", ""},
	"audit":             {"pencil", ""},
}

func eventOf(row queries.ContactTimelineRow, email string) event {
	words := eventWords[row.Kind]
	e := event{Icon: words[0], Title: words[1]}
	switch row.Kind {
	case "added":
		e.Title = addedWords[queries.ContactSource(row.What)]
	case "invited", "link":
		e.By = row.Who
	case "looked":
		e.By, e.Note = row.Who, row.Note
	case "mail":
		state := mailState(queries.MailState(row.State))
		e.Title, e.State, e.Quote = mailWords(queries.MailKind(row.What)), &state, row.Note
		if !strings.EqualFold(row.Who, email) {
			e.Note = "To " + row.Who
		}
	case "fetched":
		e.Title, e.Note = "Opened the link", linkWords(queries.LinkKind(row.What))+", opened "+times(row.Times)+", last with "+agentWords(row.Agent)
	case "fetched_by_filter":
		e.Title, e.Note = "A mail filter looked at the link", linkWords(queries.LinkKind(row.What))+", "+times(row.Times)+"; not the client"
	case "signed_in":
		e.Title, e.Note = "Signed in "+methodWords(queries.SignInMethod(row.What)), agentWords(row.Agent)
	case "signed_out":
		e.Title, e.Note = signedOutWords[queries.EndReason(row.State)], agentWords(row.Agent)
	case "address":
		e.Note = "From " + row.What + " to " + row.Note
	case "form":
		e.Title = "Filled in the form " + row.What
	case "access_given":
		e.Title, e.Note = "Was given “"+row.What+"”", grantWords(queries.GrantSource(row.State), row.Who, row.Note)
	case "access_ended":
		e.Title, e.Note, e.Quote = "Access to “"+row.What+"” ended", grantEndWords(queries.GrantEnd(row.State), row.Who), row.Note
	case "audit":
		e.Icon, e.Title = auditedWords(row.What)
		e.Note, e.By = row.Note, staffOf(row.Who)
	}
	return e
}

var addedWords = map[queries.ContactSource]string{queries.ContactSourceCheckout: "Came through checkout", queries.ContactSourceForm: "Came by a form",
	queries.ContactSourceImport: "Imported", queries.ContactSourceManual: "Added by hand"}

var signedOutWords = map[queries.EndReason]string{queries.EndReasonSignedOut: "Signed out", queries.EndReasonExpired: "Sign-in ran out",
	queries.EndReasonRevoked: "Signed out by your team", queries.EndReasonPasswordChanged: "Signed out by a new password", queries.EndReasonSuperseded: "Signed in anew"}

// auditedWords are icon and title of a line of the audit log on this contact.
func auditedWords(action string) (icon, title string) {
	if words, known := map[string][2]string{
		"contact.email":        {"mail-check", "Address corrected"},
		"contact.details":      {"pencil", "Details changed"},
		"contact.tag":          {"tag", "Tag added"},
		"contact.untag":        {"tag", "Tag removed"},
		"contact.merge":        {"users", "Merged"},
		"contact.unmerge":      {"rotate-ccw", "Merge undone"},
		"contact.visit_change": {"pencil", "Changed by staff who looked as this client"},
		"contact.end_session":  {"log-out", "Signed out on a device"},
		"contact.revoke_link":  {"ban", "Sign-in link withdrawn"},
		"contact.stop_mails":   {"mail-x", "Asked for no more automatic mails"},
		"contact.want_mails":   {"mail-check", "Wants automatic mails again"},
		"contact.mail_kinds":   {"mail-check", "Chose which automatic mails come"},
	}[action]; known {
		return words[0], words[1]
	}
	word := auditWordOf(action)
	return "activity", word.Lead + "this contact" + word.Tail
}

// staffOf is the name of who did it, as the audit log has it, without the address.
func staffOf(actor string) string {
	name, _, _ := strings.Cut(actor, " <")
	return name
}
