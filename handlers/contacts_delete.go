package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// deletion is the question before a contact is deleted: it names what is lost.
func (p *contactPage) deletion() views.Confirm {
	text := "Their details, tags, invitations, mails and everything that happened with them are removed for good, and they are signed out and cannot come in any more. " +
		"The audit log keeps that you did it."
	if courses := p.coursesSeen(); len(courses) > 0 {
		text = "They lose " + strings.Join(courses, ", ") + ". " + text
	}
	if len(p.Merges) > 0 {
		text = "The merge into this contact cannot be undone any more. " + text
	}
	return views.Confirm{ID: "delete", Title: "Delete " + p.Name + "?", Text: text, Verb: "Delete contact", Action: p.Path + "/delete", Token: p.Token}
}

// coursesSeen are the titles of the courses they can use now.
func (p *contactPage) coursesSeen() (titles []string) {
	for _, course := range p.Courses {
		if course.seen() {
			titles = append(titles, "“"+course.Title+"”")
		}
	}
	return titles
}

// inTheWay is what has to end before a contact can be deleted.
type inTheWay struct {
	Words string
	Href  string // where that is done; empty: there is nothing to do but wait
}

func (v *visit) inTheWay(row queries.ContactInTheWayRow) inTheWay {
	way := inTheWay{Words: row.Words()}
	switch row.Kind {
	case "subscription":
		way.Href = v.base() + "/subscriptions/" + row.ID.String()
	case "invoice":
		way.Href = v.base() + "/invoices/" + row.ID.String()
	}
	return way
}

func (s *Site) contactsDelete(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	var email string
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		if email, err = queries.DeleteContact(ctx, q, v.account.ID, id); err != nil {
			return err
		}
		if err := v.did(ctx, q, "contact.delete", queries.AuditSubject{Kind: "contact", ID: &id, Name: email}); err != nil {
			return err
		}
		return s.Queue.Metrics(ctx, tx, v.account.ID)
	})
	if messageOf(err) != "" {
		p, err := s.newContactPage(c)
		if err != nil {
			return err
		}
		p.Refused = true
		invalid(c)
		return render(c, views.FrameAdmin, "contacts/show", "contacts/_intheway", p)
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, email+" is deleted.")
	return redirect(c, v.base()+"/contacts")
}
