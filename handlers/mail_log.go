package handlers

import (
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// mailsPerPage is how many mails the log shows at a time.
const mailsPerPage = 50

// mailLogPage is the log of all mails of an account.
type mailLogPage struct {
	views.Page
	Search  views.Field
	State   views.Select
	Kind    views.Select
	Rows    []mailLogRow
	More    string // address of the next page; empty: there is none
	None    views.Empty
	CanJobs bool // whether the role includes the failed jobs
	Any     bool // whether there is something to search in
}

// mailLogRow is one mail.
type mailLogRow struct {
	ID      uuid.UUID
	Href    string
	Subject string // what it was for, in words
	To      string
	State   contactState
	Created views.Moment
}

// mailKinds and mailStates are what the log can be narrowed to, in the order of the choice.
var (
	mailKinds = []queries.MailKind{queries.MailKindInvitation, queries.MailKindReminder, queries.MailKindMagicLink, queries.MailKindSignIn, queries.MailKindWelcome,
		queries.MailKindCourseReady, queries.MailKindLessonsUnlocked, queries.MailKindCertificateReady, queries.MailKindOfferConfirm, queries.MailKindOrderReady, queries.MailKindInvoiceReminder, queries.MailKindPaymentReturned,
		queries.MailKindFormConfirm, queries.MailKindEmailChange, queries.MailKindEmailChanged, queries.MailKindStaffSetup, queries.MailKindStaffAdded, queries.MailKindPasswordReset}
	mailStates = []queries.MailState{queries.MailStateQueued, queries.MailStateSent, queries.MailStateDeferred, queries.MailStateBounced, queries.MailStateFailed,
		queries.MailStateWithdrawn}
)

// sentWords says what a mail was, also when staff sent themselves a client's to test it.
func sentWords(kind queries.MailKind, contact *uuid.UUID) string {
	if contact == nil && slices.Contains(views.MailTextKinds, views.MailKind(kind)) {
		return mailWords(kind) + ", a test"
	}
	return mailWords(kind)
}

// shortMailState is a state in the one word that a list has room for.
func shortMailState(state queries.MailState) contactState {
	short := mailState(state)
	if word, long := map[queries.MailState]string{queries.MailStateSent: "Accepted", queries.MailStateDeferred: "Deferred", queries.MailStateFailed: "Given up",
		queries.MailStateWithdrawn: "Not sent"}[state]; long {
		short.Word = word
	}
	return short
}

func (s *Site) mailLogIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.MailsAsked{AccountID: v.account.ID, State: queries.MailState(c.Query("state")), Kind: queries.MailKind(c.Query("kind")),
		Search: searchText(c.Query("q")), Before: queries.LastID, Size: mailsPerPage}
	if before, err := uuid.Parse(c.Query("before")); err == nil {
		asked.Before = before
	}
	rows, more, err := queries.ListMails(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	p := newMailLogPage(asked, v)
	for _, row := range rows {
		p.Rows = append(p.Rows, mailLogRow{ID: row.ID, Href: v.base() + "/mail-log/" + row.ID.String(), Subject: sentWords(row.Kind, row.ContactID), To: row.ToEmail,
			State: shortMailState(row.State), Created: v.moment(&row.CreatedAt)})
	}
	if more {
		p.More = v.base() + "/mail-log?" + url.Values{"q": {asked.Search}, "state": {p.State.Value}, "kind": {p.Kind.Value}, "before": {rows[len(rows)-1].ID.String()}}.Encode()
	}
	p.Any = len(rows) > 0 || p.narrowed(asked)
	p.Page = s.page(c, "Mail log")
	if asked.Before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "maillog/index", "maillog/_more", p)
	}
	return render(c, views.FrameAdmin, "maillog/index", "maillog/_list", p)
}

func newMailLogPage(asked queries.MailsAsked, v *visit) *mailLogPage {
	p := &mailLogPage{CanJobs: v.role.Includes(queries.StaffRoleAdmin),
		Search: views.Field{Name: "q", Label: "Search address", LabelHidden: true, Type: "search", Value: asked.Search, Placeholder: "Search address"},
		State:  views.Select{Name: "state", Label: "State", Options: []views.Option{{Label: "Any state"}}},
		Kind:   views.Select{Name: "kind", Label: "Kind", Options: []views.Option{{Label: "Any kind"}}}}
	for _, state := range mailStates {
		p.State.Options = append(p.State.Options, views.Option{Value: string(state), Label: shortMailState(state).Word})
	}
	for _, kind := range mailKinds {
		p.Kind.Options = append(p.Kind.Options, views.Option{Value: string(kind), Label: mailWords(kind)})
	}
	if asked.State.Valid() {
		p.State.Value = string(asked.State)
	}
	if asked.Kind.Valid() {
		p.Kind.Value = string(asked.Kind)
	}
	p.None = views.Empty{Icon: "mail", Title: "No mails yet", Text: "Every mail your portal sends is listed here, with what became of it."}
	if p.narrowed(asked) {
		p.None = views.Empty{Icon: "search", Title: "No mail is like that", Text: "Try another state, another kind, or a shorter part of the address."}
	}
	return p
}

// narrowed says whether only some mails are asked for.
func (p *mailLogPage) narrowed(asked queries.MailsAsked) bool {
	return asked.Search != "" || p.State.Value != "" || p.Kind.Value != "" || asked.Before != queries.LastID
}
