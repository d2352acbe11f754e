package handlers

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// contactDetail is one value that staff keep of a contact, changed where it stands.
type contactDetail struct {
	Name      string // of the field
	Label     string
	Value     string // empty: not known
	Field     views.Field
	Action    string
	Token     string
	CanChange bool
	Saved     bool // just now: takes the focus back
}

// noteMost is how many characters a note may have.
const noteMost = 10_000

func (p *contactPage) details(row queries.ContactDetailsRow) []contactDetail {
	detail := func(f views.Field) contactDetail {
		f.ID, f.LabelHidden, f.Autocomplete = "detail-"+f.Name, true, "off"
		return contactDetail{Name: f.Name, Label: f.Label, Value: f.Value, Field: f, Action: p.Path + "/details", Token: p.Token, CanChange: p.CanChange}
	}
	return []contactDetail{
		detail(views.Field{Name: "name", Label: "Name", Value: row.Name, MaxLength: 120}),
		detail(views.Field{Name: "phone", Label: "Phone", Value: row.Phone, Type: "tel", MaxLength: 40}),
		detail(views.Field{Name: "company", Label: "Company", Value: row.Company, MaxLength: 120}),
		detail(views.Field{Name: "note", Label: "Note", Value: row.Note, Type: "textarea", MaxLength: noteMost, Hint: "Only your team sees it."}),
	}
}

// contactsSaveDetail saves one of the details, the one that was sent.
func (s *Site) contactsSaveDetail(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newContactPage(c)
	if err != nil {
		return err
	}
	d := p.sentDetail(c)
	if d == nil {
		return fiber.ErrBadRequest
	}
	was := d.Value
	d.Field.Value = c.FormValue(d.Name)
	value, err := parseDetail(d.Name, d.Field.Value)
	if d.Field.Error = messageOf(err); d.Field.Error != "" {
		invalid(c)
		return s.renderDetail(c, p, d)
	} else if err != nil {
		return err
	}
	if value != was {
		if err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
			save := queries.ContactSetDetailsParams{AccountID: v.account.ID, ID: p.ID, Now: v.now}
			*map[string]**string{"name": &save.Name, "phone": &save.Phone, "company": &save.Company, "note": &save.Note}[d.Name] = &value
			if _, err := q.ContactSetDetails(ctx, save); err != nil {
				return err
			}
			if save.Name != nil {
				if err := s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, p.ID); err != nil {
					return err
				}
			}
			e := v.auditEntry("contact.details", p.subject())
			e.Note, e.Before, e.After = d.Label, map[string]string{d.Name: was}, map[string]string{d.Name: value}
			return queries.Audit(ctx, q, e)
		}); err != nil {
			return err
		}
	}
	if isFragment(c) && d.Name != "name" { // which stands at the head of the page too
		d.Value, d.Field.Value, d.Saved = value, value, true
		return s.renderDetail(c, p, d)
	}
	s.flash(c, views.FlashSuccess, d.Label+" saved.")
	return redirect(c, p.Path)
}

// sentDetail is the detail whose form was sent; nil for a form of no page.
func (p *contactPage) sentDetail(c *fiber.Ctx) *contactDetail {
	for i := range p.Details {
		if c.Context().PostArgs().Has(p.Details[i].Name) {
			return &p.Details[i]
		}
	}
	return nil
}

// renderDetail answers with the one detail, or with the whole page.
func (s *Site) renderDetail(c *fiber.Ctx, p *contactPage, d *contactDetail) error {
	if isFragment(c) {
		return write(c, "contacts/_detail", *d)
	}
	return render(c, views.FrameAdmin, "contacts/show", "", p)
}

// subject is the contact in the audit log.
func (p *contactPage) subject() queries.AuditSubject {
	return queries.AuditSubject{Kind: "contact", ID: &p.ID, Name: p.Email}
}

// parseDetail checks a detail and returns it without space around it.
func parseDetail(name, typed string) (string, error) {
	switch name {
	case "name":
		return queries.ParseName(typed)
	case "note":
		text := strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
		return text, tellable(name, text, noteMost)
	case "phone":
		text := strings.Join(strings.Fields(typed), " ")
		return text, tellable(name, text, 40)
	}
	text := strings.Join(strings.Fields(typed), " ")
	return text, tellable(name, text, 120)
}

// tellable says what is wrong with a text of one's own words.
func tellable(name, text string, most int) error {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return queries.Invalid{Field: name, Message: "This contains characters that cannot be shown."}
	case utf8.RuneCountInString(text) > most:
		return queries.Invalid{Field: name, Message: fmt.Sprintf("Up to %d characters can be kept here.", most)}
	}
	return nil
}
