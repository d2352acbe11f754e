package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// contactTags are the tags of a contact, and the form that adds one.
type contactTags struct {
	Tags      []string
	Known     []string // what the account uses and this contact has not
	Add       views.Field
	Full      bool // no more can be added
	Action    string
	Token     string
	CanChange bool
	Saved     bool // just now: the field takes the focus back
}

func (p *contactPage) tags(has, known []string) contactTags {
	t := contactTags{Tags: has, Full: len(has) >= queries.TagsMax, Action: p.Path + "/tags", Token: p.Token, CanChange: p.CanChange,
		Add: views.Field{Name: "tag", Label: "Add a tag", LabelHidden: true, Placeholder: "Add a tag", MaxLength: queries.TagMax, Autocomplete: "off"}}
	for _, name := range known {
		if !slices.Contains(has, name) {
			t.Known = append(t.Known, name)
		}
	}
	return t
}

// contactsTag gives the contact a tag; one that it has already is no mistake.
func (s *Site) contactsTag(c *fiber.Ctx) error {
	p, err := s.newContactPage(c)
	if err != nil {
		return err
	}
	p.Tags.Add.Value = c.FormValue("tag")
	name, err := queries.ParseTag(p.Tags.Add.Value)
	hasIt := slices.ContainsFunc(p.Tags.Tags, func(tag string) bool { return strings.EqualFold(tag, name) })
	if err == nil && p.Tags.Full && !hasIt {
		err = queries.Invalid{Field: "tag", Message: fmt.Sprintf("A contact has at most %d tags. Remove one first.", queries.TagsMax)}
	}
	if p.Tags.Add.Error = messageOf(err); p.Tags.Add.Error != "" {
		invalid(c)
		return p.renderTags(c)
	}
	return s.changeTags(c, p, "contact.tag", name, queries.TagContacts)
}

func (s *Site) contactsUntag(c *fiber.Ctx) error {
	p, err := s.newContactPage(c)
	if err != nil {
		return err
	}
	name, err := queries.ParseTag(c.FormValue("tag"))
	if err != nil { // no page of ours has such a tag, so it is gone already
		return redirect(c, p.Path)
	}
	return s.changeTags(c, p, "contact.untag", name, queries.UntagContacts)
}

// changeOfTags is queries.TagContacts or queries.UntagContacts.
type changeOfTags func(ctx context.Context, q *queries.Queries, account uuid.UUID, ids []uuid.UUID, name string, now time.Time) ([]uuid.UUID, error)

// changeTags does one of the two to the contact, in the trail when it changed something, and answers with the tags there are now.
func (s *Site) changeTags(c *fiber.Ctx, p *contactPage, action, name string, change changeOfTags) error {
	v, ctx := at(c), c.UserContext()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		changed, err := change(ctx, q, v.account.ID, []uuid.UUID{p.ID}, name, v.now)
		if err != nil || len(changed) == 0 {
			return err
		}
		e := v.auditEntry(action, p.subject())
		e.Note = name
		return queries.Audit(ctx, q, e)
	})
	if err != nil {
		return err
	}
	if !isFragment(c) {
		return redirect(c, p.Path+"#tags")
	}
	if p, err = s.newContactPage(c); err != nil {
		return err
	}
	p.Tags.Saved = true
	return p.renderTags(c)
}

func (p *contactPage) renderTags(c *fiber.Ctx) error {
	if isFragment(c) {
		return write(c, "contacts/_tags", p.Tags)
	}
	return render(c, views.FrameAdmin, "contacts/show", "", p)
}
