package handlers

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// contactPage is everything about one contact.
type contactPage struct {
	views.Page
	ID          uuid.UUID
	Name        string // or the address
	Email       string
	HasName     bool
	State       contactState
	Source      string
	Created     views.Moment
	JoinedAt    views.Moment // zero: not yet
	Bounced     string       // the refusing server's words; empty: mail gets through as far as is known
	HasPassword bool
	CanChange   bool        // whether the role includes changing contacts
	Correct     views.Field // the form that corrects the address
	InvitePath  string      // empty: joined, or bounced
	MagicPath   string      // empty: the role does not include it
	Invitations []invitationRow
	Mails       []mailRow
	Links       []linkRow
	Sessions    []sessionRow
}

// invitationRow is one invitation and how far it came.
type invitationRow struct {
	State   contactState
	Sent    views.Moment // when it was first asked for
	By      string       // the staff person; empty: the program
	Expires views.Moment
	Open    bool   // its links still work
	Note    string // what is worth knowing beside the state; may be empty
}

// mailRow is one mail and what became of it.
type mailRow struct {
	Subject string // what it was for, in words
	To      string
	State   contactState
	Answer  string // the mail server's words; empty before the first try
	Created views.Moment
}

// linkRow is one magic link.
type linkRow struct {
	Kind       string
	By         string
	Created    views.Moment
	Expires    views.Moment
	State      contactState
	Fetched    string // who looked at it, in words; empty: nobody
	LastFetch  views.Moment
	LastAgent  string // what looked last
	RevokePath string // empty: it is over
	Token      string
}

// sessionRow is one sign-in of the contact.
type sessionRow struct {
	device
	Open    bool
	Ended   string // why it is over, in words
	CanEnd  bool
	EndedAt views.Moment
}

func (s *Site) contactsShow(c *fiber.Ctx) error {
	p, err := s.newContactPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "contacts/show", "", p)
}

func (s *Site) newContactPage(c *fiber.Ctx) (*contactPage, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.ErrNotFound
	}
	loaded, err := queries.LoadContactPage(c.UserContext(), s.DB, v.account.ID, id)
	if err != nil {
		return nil, err
	}
	contact := loaded.Contact
	path := v.base() + "/contacts/" + id.String()
	p := &contactPage{Page: s.page(c, orElse(contact.Name, contact.Email)), ID: id, Name: orElse(contact.Name, contact.Email), Email: contact.Email,
		HasName: contact.Name != "", Source: sourceWords(contact.Source), Created: v.moment(&contact.CreatedAt), JoinedAt: v.moment(contact.JoinedAt),
		Bounced: contact.BounceReason, HasPassword: contact.HasPassword, CanChange: v.role.Includes(queries.StaffRoleAdmin),
		State: stateOf(queries.ContactListRow{InvitedAt: contact.InvitedAt, JoinedAt: contact.JoinedAt, BouncedAt: contact.BouncedAt}),
		Correct: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: contact.Email, Required: true, MaxLength: queries.EmailMax,
			Autocomplete: "off", Hint: "Open invitations, links and sign-ins end, and so does the password: they belong to the old address."},
	}
	if p.CanChange {
		p.MagicPath = v.base() + "/magic-links/new?contact=" + id.String()
	}
	if contact.BouncedAt != nil && p.Bounced == "" {
		p.Bounced = "The mail server refused the address."
	}
	if contact.JoinedAt == nil && contact.BouncedAt == nil {
		p.InvitePath = path + "/invite"
	}
	for _, row := range loaded.Invitations {
		p.Invitations = append(p.Invitations, v.invitationRow(row))
	}
	for _, row := range loaded.Mails {
		p.Mails = append(p.Mails, mailRow{Subject: mailWords(row.Kind), To: row.ToEmail, State: mailState(row.State), Answer: row.Answer,
			Created: v.moment(&row.CreatedAt)})
	}
	for _, row := range loaded.Links {
		p.Links = append(p.Links, v.linkRow(row, path, p.Token))
	}
	for _, row := range loaded.Sessions {
		p.Sessions = append(p.Sessions, v.sessionRow(row, path, p.Token, p.CanChange))
	}
	return p, nil
}

func (v *visit) moment(t *time.Time) views.Moment {
	if t == nil {
		return views.Moment{}
	}
	return views.Moment{At: *t, Now: v.now}
}

func (v *visit) invitationRow(row queries.InvitationListOfContactRow) invitationRow {
	r := invitationRow{Sent: v.moment(&row.CreatedAt), By: row.InvitedByName, Expires: v.moment(&row.ExpiresAt)}
	switch {
	case row.JoinedAt != nil:
		r.State = contactState{"Joined", "success", "user-check"}
	case row.EndedAt != nil:
		r.State = contactState{endWords(row.EndedBecause), "", "clock"}
	case !row.ExpiresAt.After(v.now):
		r.State = contactState{"Expired", "", "clock"}
	case row.BouncedAt != nil:
		r.State = contactState{"Bounced", "error", "mail-x"}
	case row.FetchedByPerson > 0:
		r.State = contactState{"Opened", "info", "mail-open"}
	case row.MailState == queries.MailStateFailed:
		r.State = contactState{"Not delivered", "error", "mail-x"}
	case row.MailState == queries.MailStateDeferred:
		r.State = contactState{"Deferred", "warning", "clock"}
	case row.SentAt != nil:
		r.State = contactState{"Sent", "info", "mail-check"}
	default:
		r.State = contactState{"Queued", "", "clock"}
	}
	r.Open = row.EndedAt == nil && row.ExpiresAt.After(v.now)
	r.Note = fetchedWords(row.FetchedByPerson, row.FetchedByFilter)
	return r
}

func (v *visit) linkRow(row queries.MagicLinkListOfContactRow, path, token string) linkRow {
	r := linkRow{Kind: linkWords(row.Kind), By: row.MadeByName, Created: v.moment(&row.CreatedAt), Expires: v.moment(&row.ExpiresAt),
		Fetched: fetchedWords(row.FetchedByPerson, row.FetchedByFilter), Token: token}
	if r.Fetched != "" {
		r.LastFetch, r.LastAgent = v.moment(&row.LastFetchedAt), agentWords(row.LastAgent)
	}
	switch {
	case row.EndedAt != nil:
		r.State = contactState{endWords(row.EndedBecause), "", "clock"}
	case !row.ExpiresAt.After(v.now):
		r.State = contactState{"Expired", "", "clock"}
	default:
		r.State = contactState{"Open", "info", "link"}
		if v.role.Includes(queries.StaffRoleAdmin) {
			r.RevokePath = path + "/links/" + row.ID.String() + "/revoke"
		}
	}
	return r
}

func (v *visit) sessionRow(row queries.SessionListOfContactRow, path, token string, canEnd bool) sessionRow {
	r := sessionRow{device: device{ID: row.ID, Name: agentWords(row.UserAgent), Phone: isPhone(row.UserAgent), IP: row.IP.String(),
		Method: methodWords(row.Method), Began: v.moment(&row.CreatedAt), Seen: v.moment(&row.LastSeenAt),
		EndPath: path + "/sessions/" + row.ID.String() + "/end", Token: token}}
	r.Open = row.EndedAt == nil && row.LastSeenAt.After(v.now.Add(-queries.SessionIdle)) && row.CreatedAt.After(v.now.Add(-queries.SessionMax))
	r.CanEnd = r.Open && canEnd
	if !r.Open {
		r.Ended, r.EndedAt = strings.ToLower(endWords(row.EndedBecause)), v.moment(row.EndedAt)
	}
	return r
}
