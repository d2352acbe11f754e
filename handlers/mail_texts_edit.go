package handlers

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// mailTextPage words one kind of mail, with the mail beside it as it will look.
type mailTextPage struct {
	views.Page
	Name         string
	For          string // when it is sent, a sentence
	Path         string // the page's own
	Own          bool   // saved in the account's own words
	Off          bool   // it is not sent at all
	Subject      views.Field
	Body         views.Field
	Reader       views.Field // the search that chooses whom the preview is for
	Placeholders []views.MailPlaceholder
	Preview      mailPreview
	Reset        views.Confirm

	kind  queries.MailKind
	texts queries.MailTexts
	typed views.MailText // what stands in the form
}

// mailTextKind is the kind of mail that the path names.
func mailTextKind(c *fiber.Ctx) (queries.MailKind, error) {
	kind := strings.ReplaceAll(c.Params("kind"), "-", "_")
	if !slices.Contains(views.MailTextKinds, views.MailKind(kind)) || strings.Contains(c.Params("kind"), "_") {
		return "", queries.ErrNotFound
	}
	return queries.MailKind(kind), nil
}

// newMailTextPage makes the page with the words that are sent now, or with typed ones.
func (s *Site) newMailTextPage(c *fiber.Ctx, typed *views.MailText, reader string) (*mailTextPage, error) {
	v := at(c)
	kind, err := mailTextKind(c)
	if err != nil {
		return nil, err
	}
	p := &mailTextPage{Name: mailWords(kind), For: mailTextFor[kind], Path: v.base() + mailTextPath(kind), Placeholders: views.MailPlaceholders(views.MailKind(kind)), kind: kind}
	reader = searchText(reader)
	if p.texts, err = queries.LoadMailTexts(c.UserContext(), s.DB, v.account.ID, reader); err != nil {
		return nil, err
	}
	own, isOwn := p.texts.Of(kind)
	p.Own, p.Off = isOwn, kind == queries.MailKindWelcome && !p.texts.Account.WelcomeMail
	switch {
	case typed != nil:
		p.typed = *typed
	case isOwn:
		p.typed = views.MailText{Subject: own.Subject, Body: own.Body}
	default:
		p.typed, _ = views.OurMailText(views.MailKind(kind))
	}
	p.Page = s.page(c, "Mail text: "+p.Name)
	p.Subject = views.Field{Name: "subject", Label: "Subject", Value: p.typed.Subject, Required: true, Autocomplete: "off", MaxLength: views.MailSubjectMax}
	p.Body = views.Field{Name: "body", Label: "Text", Type: "textarea", Value: p.typed.Body, Required: true, Rows: 18, MaxLength: views.MailBodyMax,
		Hint: "Markdown: # heading, **bold**, *italic*, - list, [words](https://…). Words in braces are filled in for each client."}
	p.Reader = views.Field{Name: "reader", Label: "Preview with", Type: "search", Value: reader, Placeholder: "Your newest contact"}
	p.Reset = views.Confirm{ID: "reset", Title: "Send " + p.Name + " in our words again?", Text: "Your subject and text for it are deleted.", Verb: "Delete your words",
		Action: p.Path + "/reset", Token: p.Token}
	return p, nil
}

// typedMailText is what a form brings.
func typedMailText(c *fiber.Ctx) *views.MailText {
	body := strings.ReplaceAll(strings.ReplaceAll(c.FormValue("body"), "\r\n", "\n"), "\x00", "")
	return &views.MailText{Subject: searchText(c.FormValue("subject")), Body: strings.TrimSpace(strings.ToValidUTF8(body, ""))}
}

// check puts what is wrong with the words beside them.
func (p *mailTextPage) check() (right bool) {
	subject, body := p.typed.Check(views.MailKind(p.kind))
	p.Subject.Refuse(subject)
	p.Body.Refuse(body)
	return subject == "" && body == ""
}

func (p *mailTextPage) render(c *fiber.Ctx, fragment string) error {
	return render(c, views.FrameAdmin, "mailtexts/edit", fragment, p)
}

func (s *Site) mailTextsEdit(c *fiber.Ctx) error {
	p, err := s.newMailTextPage(c, nil, c.Query("reader"))
	if err != nil {
		return err
	}
	if err := s.showPreview(c, p); err != nil {
		return err
	}
	return p.render(c, "mailtexts/_preview")
}

// mailTextsSave keeps the words. Those that are ours word for word are not the account's own, so that they change with ours.
func (s *Site) mailTextsSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newMailTextPage(c, typedMailText(c), c.FormValue("reader"))
	if err != nil {
		return err
	}
	if !p.check() {
		if err := s.showPreview(c, p); err != nil {
			return err
		}
		invalid(c)
		return p.render(c, "")
	}
	if ours, _ := views.OurMailText(views.MailKind(p.kind)); p.typed == ours {
		return s.mailTextsReset(c)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := q.MailTextSave(ctx, queries.MailTextSaveParams{AccountID: v.account.ID, Kind: p.kind, Subject: p.typed.Subject, Body: p.typed.Body, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "mail_text.change", queries.AuditSubject{Kind: "mail_text", Name: p.Name}, p.before(), auditText(p.typed))
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Saved. Mails that go out from now on say this.")
	return redirect(c, p.Path)
}

// mailTextsReset goes back to our words.
func (s *Site) mailTextsReset(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newMailTextPage(c, nil, "")
	if err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		removed, err := q.MailTextRemove(ctx, queries.MailTextRemoveParams{AccountID: v.account.ID, Kind: p.kind})
		if err != nil || removed == 0 {
			return err
		}
		return v.changed(ctx, q, "mail_text.reset", queries.AuditSubject{Kind: "mail_text", Name: p.Name}, p.before(), nil)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "This mail is sent in our words.")
	return redirect(c, p.Path)
}

// before is the account's own text as it was saved, for the audit log; nil when it was ours.
func (p *mailTextPage) before() any {
	own, isOwn := p.texts.Of(p.kind)
	if !isOwn {
		return nil
	}
	return auditText{own.Subject, own.Body}
}

// auditText is a text as the audit log keeps it.
type auditText struct {
	Subject string `json:"subject"`
	Body    string `json:"body"`
}
