package handlers

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// contactPage is everything about one contact.
type contactPage struct {
	views.Page
	ID            uuid.UUID
	Path          string // of this page
	Name          string // or the address
	Email         string
	HasName       bool
	Portrait      views.Person
	DeletionAsked views.Moment // zero: the client has not asked for it
	State         contactState
	Source        string
	Created       views.Moment
	JoinedAt      views.Moment // zero: not yet
	Seen          views.Moment // zero: never
	NoMail        views.Moment // when they asked for no more mails; zero: they did not
	NoCourseMail  views.Moment // the same for news of their courses
	NoInvoiceMail views.Moment // and for reminders of invoices
	Bounced       string       // the refusing server's words; empty: mail gets through as far as is known
	HasPassword   bool
	CanChange     bool        // whether the role includes changing contacts
	Correct       views.Field // the form that corrects the address
	Details       []contactDetail
	Tags          contactTags
	InvitePath    string // empty: joined, or bounced
	MagicPath     string // empty: the role does not include it
	LogPath       string // what staff did to the contact; empty: the role does not include it
	Invitation    *invitationRow
	Timeline      timeline
	Links         []linkRow    // those that still work
	Sessions      []sessionRow // those that are open
	Access        []accessRow
	Courses       []courseAccess
	EnrolPath     string // empty: the role does not include it
	Merges        []mergeRow
	Sales         contactSales
	Delete        views.Confirm
	InTheWay      []inTheWay // of deleting them; then it is not asked
	MoreLinks     bool       // there are older open ones
	MoreInTheWay  bool       // there is more than is shown
	OldGrants     int64      // reasons for courses that are over, and not shown
	Refused       bool       // they were to be deleted all the same
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

// linkRow is one magic link.
type linkRow struct {
	Kind       string
	By         string
	Created    views.Moment
	Expires    views.Moment
	State      contactState
	Open       bool
	Fetched    string // who looked at it, in words; empty: nobody
	LastFetch  views.Moment
	LastAgent  string // what looked last
	RevokePath string // empty: it is over
	Token      string
}

// sessionRow is a browser in which the contact is signed in, or a staff person who looks as the contact.
type sessionRow struct {
	device
	CanEnd bool
}

func (s *Site) contactsShow(c *fiber.Ctx) error {
	p, err := s.newContactPage(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.contactMerged(c)
	} else if err != nil {
		return err
	}
	if c.Query("before") != "" && isFragment(c) {
		return render(c, views.FrameAdmin, "contacts/show", "contacts/_events", p)
	}
	return render(c, views.FrameAdmin, "contacts/show", "", p)
}

func (s *Site) newContactPage(c *fiber.Ctx) (*contactPage, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.ErrNotFound
	}
	asked := queries.TimelineAsked{Before: eventBefore(c.Query("before")), Size: eventsPerPage}
	loaded, err := queries.LoadContactPage(c.UserContext(), s.DB, v.account.ID, id, asked, v.now)
	if err != nil {
		return nil, err
	}
	row := loaded.Contact
	p := &contactPage{Page: s.page(c, orElse(row.Name, row.Email)), ID: id, Path: v.base() + "/contacts/" + id.String(),
		Name: orElse(row.Name, row.Email), Email: row.Email, HasName: row.Name != "", Source: sourceWords(row.Source), Created: v.moment(&row.CreatedAt),
		JoinedAt: v.moment(row.JoinedAt), Seen: v.moment(row.LastSeenAt), NoMail: v.moment(row.NoMailAt), Bounced: row.BounceReason,
		NoCourseMail: v.moment(row.NoCourseMailAt), NoInvoiceMail: v.moment(row.NoInvoiceMailAt),
		HasPassword: row.HasPassword, CanChange: v.role.Includes(queries.StaffRoleAdmin),
		Portrait: views.Person{Name: row.Name, Email: row.Email, Photo: avatarPath(v.base(), row.AvatarHash)}, DeletionAsked: v.moment(row.DeletionAskedAt),
		State: stateOf(queries.ContactListRow{InvitedAt: row.InvitedAt, OpenedAt: row.OpenedAt, JoinedAt: row.JoinedAt, BouncedAt: row.BouncedAt}),
		Correct: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: row.Email, Required: true, MaxLength: queries.EmailMax,
			Autocomplete: "off", Hint: "Open invitations, links and sign-ins end, and so does the password: they belong to the old address."},
	}
	if p.CanChange {
		p.MagicPath = v.base() + "/magic-links/new?contact=" + id.String()
		p.LogPath = v.base() + "/audit-log?subject=" + id.String()
		p.EnrolPath = p.Path + "/enrol"
	}
	if row.BouncedAt != nil && p.Bounced == "" {
		p.Bounced = "The mail server refused the address."
	}
	if row.JoinedAt == nil && row.BouncedAt == nil {
		p.InvitePath = p.Path + "/invite"
	}
	p.fill(v, loaded)
	p.Timeline = v.timeline(loaded.Timeline, p, !asked.Before.At.IsZero())
	return p, nil
}

// fill puts the lists of the page into words.
func (p *contactPage) fill(v *visit, loaded queries.ContactPage) {
	p.Details = p.details(loaded.Contact)
	p.Tags = p.tags(loaded.Contact.Tags, loaded.Tags)
	if p.Courses = v.coursesOf(loaded.Grants, loaded.Apps); len(loaded.Grants) > 0 {
		p.OldGrants = loaded.Grants[0].InAll - int64(len(loaded.Grants))
	}
	p.tellProgress(v, loaded.Progress)
	p.Access = accessOf(loaded.Contact, loaded.Apps, p.Courses)
	p.Merges = v.mergeRows(loaded.Merges, p)
	p.Sales = v.contactSales(loaded, p)
	p.Delete = p.deletion()
	loaded.InTheWay, p.MoreInTheWay = cut(loaded.InTheWay, queries.InTheWayShown)
	for _, row := range loaded.InTheWay {
		p.InTheWay = append(p.InTheWay, v.inTheWay(row))
	}
	if len(loaded.Invitations) > 0 {
		newest := v.invitationRow(loaded.Invitations[0])
		p.Invitation = &newest
	}
	for _, row := range loaded.Links {
		if link := v.linkRow(row, p.Path, p.Token); link.Open {
			p.Links = append(p.Links, link)
			p.MoreLinks = row.InAll > int64(len(loaded.Links))
		}
	}
	for _, row := range loaded.Sessions {
		if sessionOpen(row, v.now) {
			p.Sessions = append(p.Sessions, v.sessionRow(row, p))
		}
	}
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
		r.State, r.Open = contactState{"Open", "info", "link"}, true
		if v.role.Includes(queries.StaffRoleAdmin) {
			r.RevokePath = path + "/links/" + row.ID.String() + "/revoke"
		}
	}
	return r
}

// sessionOpen says whether somebody is signed in by a session, also before the job that closes it ran.
func sessionOpen(row queries.SessionListOfContactRow, now time.Time) bool {
	return row.EndedAt == nil && row.ExpiresAt.After(now) && row.LastSeenAt.After(now.Add(-queries.SessionIdle))
}

func (v *visit) sessionRow(row queries.SessionListOfContactRow, p *contactPage) sessionRow {
	r := sessionRow{CanEnd: p.CanChange, device: device{ID: row.ID, Name: agentWords(row.UserAgent), Phone: isPhone(row.UserAgent), IP: row.IP.String(),
		Method: "Signed in " + methodWords(row.Method), Began: v.moment(&row.CreatedAt), Seen: v.moment(&row.LastSeenAt),
		EndPath: p.Path + "/sessions/" + row.ID.String() + "/end", Token: p.Token}}
	if row.StaffID != nil {
		r.Name, r.Method = row.StaffName, "Looks at the portal as this client"
	}
	return r
}
