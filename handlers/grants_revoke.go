package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// grantEndPage asks once more before a grant is ended, and says what becomes of the person.
type grantEndPage struct {
	views.Page
	CourseTitle string
	Path        string // of the course's people
	Action      string
	Name        string
	Contact     string // path of the contact's page
	Grant       grantSpan
	Others      []grantSpan // what keeps them in the course
	Losers      losers      // otherwise
	Reason      views.Field
}

const grantNoteMost = 200

func (s *Site) newGrantEndPage(c *fiber.Ctx) (*grantEndPage, queries.GrantByIDRow, error) {
	v := at(c)
	course, err := courseOf(c)
	if err != nil {
		return nil, queries.GrantByIDRow{}, err
	}
	id, err := uuid.Parse(c.Params("grant"))
	if err != nil {
		return nil, queries.GrantByIDRow{}, queries.ErrNotFound
	}
	loaded, err := queries.LoadGrant(c.UserContext(), s.DB, v.account.ID, course, id, v.now)
	if err != nil {
		return nil, loaded.Grant, err
	}
	g := loaded.Grant
	p := &grantEndPage{Page: s.page(c, "End the access"), CourseTitle: g.Title, Path: v.coursePath(course) + "/people", Action: v.grantPath(course, id) + "/revoke",
		Name: orElse(g.Name, g.Email), Contact: v.base() + "/contacts/" + g.ContactID.String(),
		Reason: views.Field{Name: "reason", Label: "Why", Value: c.FormValue("reason"), MaxLength: grantNoteMost, Autocomplete: "off",
			Hint: "Kept with the access, for your team. Can be left empty."}}
	for _, row := range loaded.Ledger {
		span := v.newGrantSpan(row)
		switch {
		case row.ID == id:
			p.Grant = span
		case span.State == grantOpen:
			p.Others = append(p.Others, span)
		}
	}
	if p.Grant.State == grantOpen && len(p.Others) == 0 {
		p.Losers = newLosers("“"+g.Title+"”", v.base(), []queries.GrantByIDRow{g}, func(g queries.GrantByIDRow) (uuid.UUID, string, string, int64) {
			return g.ContactID, g.Name, g.Email, 1
		})
	}
	return p, g, nil
}

func (s *Site) grantsRevokeShow(c *fiber.Ctx) error {
	p, _, err := s.newGrantEndPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "grants/revoke", "", p)
}

func (s *Site) grantsRevoke(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, g, err := s.newGrantEndPage(c)
	if err != nil {
		return err
	}
	p.Reason.Value = strings.Join(strings.Fields(c.FormValue("reason")), " ")
	if p.Reason.Refuse(messageOf(tellable("reason", p.Reason.Value, grantNoteMost))); p.Reason.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "grants/revoke", "", p)
	}
	if p.Grant.State == grantEnded { // in another window, or its time came
		s.flash(c, views.FlashInfo, "This access had ended already. Nothing was changed.")
		return redirect(c, p.Path)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := queries.Close(ctx, q, v.account.ID, g.ID, queries.Ending{Because: queries.GrantEndRevoked, By: &v.staff.StaffID, Note: p.Reason.Value, Now: v.now}); err != nil {
			return err
		}
		e := v.auditEntry("contact.unenrol", queries.AuditSubject{Kind: "contact", ID: &g.ContactID, Name: g.Email})
		e.Note = strings.TrimSuffix("“"+g.Title+"”: "+p.Reason.Value, ": ")
		return queries.Audit(ctx, q, e)
	})
	if err != nil {
		return err
	}
	said := p.Name + " no longer has “" + g.Title + "”."
	if len(p.Others) > 0 {
		said = "Ended. " + p.Name + " keeps “" + g.Title + "”: " + p.Others[0].Why + "."
	} else if p.Grant.Upcoming() {
		said = "Ended before it began."
	}
	s.flash(c, views.FlashSuccess, said)
	return redirect(c, p.Path)
}
