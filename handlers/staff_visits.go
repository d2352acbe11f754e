package handlers

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffVisitPage asks a staff person why they want to look at the portal as a client.
type staffVisitPage struct {
	views.Page
	Path      string // of the contact's page
	Name      string // or the address
	Joined    bool
	MayChange bool // whether changes are allowed there
	Reason    views.Field
}

func (s *Site) staffVisitsNew(c *fiber.Ctx) error {
	p, _, err := s.newStaffVisitPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "staffvisits/new", "", p)
}

func (s *Site) newStaffVisitPage(c *fiber.Ctx) (*staffVisitPage, queries.ContactForVisitRow, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.ContactForVisitRow{}, queries.ErrNotFound
	}
	row, err := s.q.ContactForVisit(c.UserContext(), queries.ContactForVisitParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return nil, row, queries.Kind(err)
	}
	allowFormTo(c, s.portalURL(v.account)) // where the form leads
	return &staffVisitPage{Page: s.page(c, "Sign in as "+orElse(row.Name, row.Email)), Path: v.base() + "/contacts/" + id.String(),
		Name: orElse(row.Name, row.Email), Joined: row.JoinedAt != nil, MayChange: row.StaffMayChange,
		Reason: views.Field{Name: "reason", Label: "Why do you need to?", Type: "textarea", Rows: 3, Required: true, MaxLength: reasonMost, Autofocus: true,
			Hint: "It is kept in the audit log, with your name. The client sees that your team looked, not why."}}, row, nil
}

// How long a reason is.
const (
	reasonLeast = 3
	reasonMost  = 200
)

// staffVisitsCreate makes the link into the portal, which works once and for a minute, and goes there.
func (s *Site) staffVisitsCreate(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, contact, err := s.newStaffVisitPage(c)
	if err != nil {
		return err
	}
	p.Reason.Value = strings.Join(strings.Fields(c.FormValue("reason")), " ")
	err = tellable("reason", p.Reason.Value, reasonMost)
	if err == nil && utf8.RuneCountInString(p.Reason.Value) < reasonLeast {
		err = queries.Invalid{Field: "reason", Message: "Say in a few words why, such as the question the client asked."}
	}
	if p.Reason.Error = messageOf(err); p.Reason.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "staffvisits/new", "", p)
	}
	var link uuid.UUID
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		link, err = s.Mails.Link(ctx, q, queries.MagicLinkInsertParams{AccountID: v.account.ID, ContactID: contact.ID, Kind: queries.LinkKindVisit,
			Target: queries.AppHome, MadeBy: &v.staff.StaffID, Reason: p.Reason.Value, Now: v.now, ExpiresAt: v.now.Add(queries.VisitLinkLife)})
		if err != nil {
			return err
		}
		e := v.auditEntry("contact.visit", queries.AuditSubject{Kind: "contact", ID: &contact.ID, Name: contact.Email})
		e.Note = p.Reason.Value
		return queries.Audit(ctx, q, e)
	})
	if err != nil {
		return err
	}
	return redirect(c, s.linkURL(v.account, s.Mails.Secret.LinkToken(link)))
}

// allowFormTo lets a form of this answer lead to another of our hosts; browsers hold redirects after a form to its page's policy.
func allowFormTo(c *fiber.Ctx, root string) {
	c.Set(fiber.HeaderContentSecurityPolicy, strings.Replace(c.GetRespHeader(fiber.HeaderContentSecurityPolicy), "form-action 'self'", "form-action 'self' "+root, 1))
}

// errNoChanges and errClientsOwn refuse what a staff person who looks as a client may not do.
var (
	errNoChanges  = errors.New("staff who look as a client change nothing")
	errClientsOwn = errors.New("this is for the client alone")
)

// visitEnds are the forms of the portal that end a visit.
var visitEnds = map[string]bool{"/visit/end": true, "/sign-out": true}

// clientsOwn are the forms that only the client ever sends, also where staff may change things: how they sign in, where
// they are signed in, what they accept, what they have learned, what they buy and cancel. Each stands for what is below it too.
var clientsOwn = []string{"/welcome", "/profile/password", "/profile/email", "/profile/devices", "/profile/mails", "/profile/data", "/profile/deletion", "/email", "/courses",
	"/subscriptions", "/o/:name/buy"}

// checkVisit refuses the forms that a staff person who looks as a client may not send.
func checkVisit(v *visit, r route) error {
	if r.method == get || !v.visiting() || visitEnds[r.path] {
		return nil
	}
	for _, path := range clientsOwn {
		if r.path == path || strings.HasPrefix(r.path, path+"/") {
			return errClientsOwn
		}
	}
	if !v.client.MayChange {
		return errNoChanges
	}
	return nil
}

// visiting says whether it is a staff person who looks as the client.
func (v *visit) visiting() bool { return v.client != nil && v.client.StaffID != nil }

// visitChange is what a staff person who looks as a client changed of theirs, as the trail keeps it.
type visitChange struct {
	Note          string // for the contact's timeline
	Before, After any
}

// changeOwn changes something of the client's in one transaction; all that staff may change as they goes through it, or calls
// visitChanged in a transaction of its own.
func (s *Site) changeOwn(c *fiber.Ctx, is visitChange, change func(context.Context, *queries.Queries, pgx.Tx) error) error {
	v, ctx := at(c), c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := change(ctx, q, tx); err != nil {
			return err
		}
		return v.visitChanged(ctx, q, is)
	})
}

// visitChanged writes into the trail that it was a staff person who changed something of the client's. What clients change of their
// own leaves no line.
func (v *visit) visitChanged(ctx context.Context, q *queries.Queries, is visitChange) error {
	if !v.visiting() {
		return nil
	}
	by, err := q.StaffMember(ctx, queries.StaffMemberParams{AccountID: v.account.ID, StaffID: *v.client.StaffID})
	if err != nil {
		return queries.Kind(err)
	}
	return queries.Audit(ctx, q, queries.AuditEntry{AccountID: v.account.ID, At: v.now, StaffID: &by.StaffID, Actor: queries.ActorWords(by.Name, by.Email),
		Action: "contact.visit_change", On: queries.AuditSubject{Kind: "contact", ID: &v.client.ContactID, Name: v.client.Email},
		Note: is.Note, IP: v.ip, Before: is.Before, After: is.After})
}

// visitBanner is what the portal's pages say then.
func (v *visit) visitBanner() *views.Visit {
	return &views.Visit{Name: orElse(v.client.Name, v.client.Email), MayChange: v.client.MayChange, Ends: views.Moment{At: v.client.ExpiresAt, Now: v.now}}
}

// staffVisitsEnd ends it and goes back to the contact's page.
func (s *Site) staffVisitsEnd(c *fiber.Ctx) error {
	v := at(c)
	if !v.visiting() {
		return goTo{"/"}
	}
	if _, err := s.q.SessionEnd(c.UserContext(), queries.SessionEndParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: v.client.ID,
		Now: v.now, EndedBecause: queries.EndReasonSignedOut}); err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	return redirect(c, s.Addresses.Admin()+v.base()+"/contacts/"+v.client.ContactID.String())
}
