package handlers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// magicLinkPage makes a magic link for one contact: first whom, then where to and for how long, then the link, once.
type magicLinkPage struct {
	views.Page
	Search  views.Field
	Found   []contactRow // each row's Href leads on with this contact
	None    bool         // the search found nobody
	Contact *contactRow  // whom it is for; nil: not chosen yet
	Bounced bool         // mail to the contact is refused, so the link can only be copied
	Problem string       // about the form as a whole; empty: none
	Target  views.Select
	Life    views.Select
	Made    *views.Copy // the link; nil: not made yet
	Expires views.Moment
}

// lifetimes are the choices of how long a link works, in minutes.
var lifetimes = []views.Option{{Value: "15", Label: "15 minutes"}, {Value: "60", Label: "1 hour"}, {Value: "1440", Label: "24 hours"},
	{Value: "4320", Label: "3 days"}, {Value: "10080", Label: "7 days"}}

func (s *Site) newMagicLinkPage(c *fiber.Ctx, contact string) (*magicLinkPage, error) {
	v := at(c)
	p := &magicLinkPage{Page: s.page(c, "Generate Magic Link"),
		Search: views.Field{Name: "q", Label: "Who is it for?", Type: "search", Value: c.Query("q"), Placeholder: "Search name or address", Autofocus: true},
		Target: views.Select{Name: "target", Label: "Where it leads", Value: orElse(c.FormValue("target"), string(queries.AppHome))},
		Life:   views.Select{Name: "life_minutes", Label: "How long it works", Value: orElse(c.FormValue("life_minutes"), "1440"), Options: lifetimes}}
	if contact == "" {
		return p, nil
	}
	id, err := uuid.Parse(contact)
	if err != nil {
		return nil, queries.ErrNotFound
	}
	loaded, err := queries.LoadContactToLink(c.UserContext(), s.DB, v.account.ID, id, v.now)
	if err != nil {
		return nil, err
	}
	p.Target.Options = v.targetsOf(loaded)
	row := loaded.Contact
	found := s.newContactRow(c, queries.ContactListRow{ID: row.ID, Email: row.Email, Name: row.Name, CreatedAt: row.CreatedAt,
		InvitedAt: row.InvitedAt, JoinedAt: row.JoinedAt, BouncedAt: row.BouncedAt})
	p.Contact, p.Bounced = &found, row.BouncedAt != nil
	return p, nil
}

// targetsOf is where a link can lead a contact: into the apps they see, as the account calls them, and to the courses they have.
func (v *visit) targetsOf(l queries.ContactToLink) (options []views.Option) {
	as := &visit{account: v.account, client: &queries.SessionByTokenRow{HasCourses: len(l.Courses) > 0, HasInvoices: l.Contact.HasInvoices,
		HasSubscriptions: l.Contact.HasSubscriptions}}
	for _, choice := range v.account.Apps {
		if portalApps[choice.App].shown(as, choice) {
			options = append(options, views.Option{Value: string(choice.App), Label: v.labelOf(choice.App)})
		}
	}
	for _, course := range l.Courses {
		options = append(options, views.Option{Value: queries.CoursePath(course.ID), Label: "Course: " + course.Title})
	}
	return options
}

func (s *Site) magicLinksNew(c *fiber.Ctx) error {
	p, err := s.newMagicLinkPage(c, c.Query("contact"))
	if err != nil {
		return err
	}
	if p.Found, err = s.findContacts(c, p.Search.Value); err != nil {
		return err
	}
	for i := range p.Found {
		p.Found[i].Href = at(c).base() + "/magic-links/new?contact=" + p.Found[i].ID.String()
	}
	p.None = p.Search.Value != "" && len(p.Found) == 0
	return render(c, views.FrameAdmin, "magiclinks/new", "magiclinks/_found", p)
}

func (s *Site) magicLinksCreate(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newMagicLinkPage(c, c.FormValue("contact"))
	if err != nil {
		return err
	} else if p.Contact == nil {
		return goTo{v.base() + "/magic-links/new"}
	}
	minutes, err := strconv.Atoi(p.Life.Value)
	if err != nil || minutes < int(queries.MagicLinkMin.Minutes()) || minutes > int(queries.MagicLinkMax.Minutes()) {
		p.Life.Error = "Choose between 15 minutes and 7 days."
	}
	target, path := queries.App(p.Target.Value), ""
	if !slices.ContainsFunc(p.Target.Options, func(o views.Option) bool { return o.Value == p.Target.Value }) {
		p.Target.Error = "Choose one of these places."
	}
	if p.Life.Error != "" || p.Target.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "magiclinks/new", "magiclinks/_form", p)
	}
	if strings.HasPrefix(p.Target.Value, "/") {
		target, path = queries.AppCourses, p.Target.Value
	}
	link := queries.MagicLinkInsertParams{AccountID: v.account.ID, ContactID: p.Contact.ID, Kind: queries.LinkKindStaff, Target: target, Path: path,
		MadeBy: &v.staff.StaffID, Now: v.now, ExpiresAt: v.now.Add(time.Duration(minutes) * time.Minute)}
	if c.FormValue("by") == "mail" {
		return s.mailMagicLink(c, p, link)
	}
	var id uuid.UUID
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if id, err = s.Mails.Link(ctx, q, link); err != nil {
			return err
		}
		return v.didToContact(ctx, q, "contact.magic_link", p.Contact.ID)
	})
	if err != nil {
		return err
	}
	p.Made = &views.Copy{Value: s.linkURL(v.account, s.Mails.Secret.LinkToken(id)), Name: "magic link"}
	p.Expires = v.moment(&link.ExpiresAt)
	return render(c, views.FrameAdmin, "magiclinks/new", "magiclinks/_form", p)
}

func (s *Site) mailMagicLink(c *fiber.Ctx, p *magicLinkPage, link queries.MagicLinkInsertParams) error {
	v, ctx := at(c), c.UserContext()
	email := orElse(p.Contact.Email, p.Contact.Name)
	if p.Bounced {
		p.Problem = "Mail to this contact was refused for good. Copy the link instead, or correct the address first."
		invalid(c)
		return render(c, views.FrameAdmin, "magiclinks/new", "magiclinks/_form", p)
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := mayMail(c, q, p.Contact.ID); err != nil {
			return err
		}
		mail, err := s.Mails.MailMagicLink(ctx, q, link, email)
		if err != nil {
			return err
		}
		if err := v.didToContact(ctx, q, "contact.magic_link", p.Contact.ID); err != nil {
			return err
		}
		return s.Queue.Mail(ctx, tx, v.account.ID, mail)
	})
	if p.Problem = messageOf(err); p.Problem != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "magiclinks/new", "magiclinks/_form", p)
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "A magic link is on its way to "+email+".")
	return redirect(c, v.base()+"/contacts/"+p.Contact.ID.String())
}
