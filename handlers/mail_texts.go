package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// mailTextsPage is the mails an account can word itself, and how all of them come.
type mailTextsPage struct {
	views.Page
	Kinds   []mailTextRow
	Sender  views.Field
	Welcome views.Check
}

// mailTextRow is one kind of mail.
type mailTextRow struct {
	Name    string
	For     string // when it is sent, a sentence
	Href    string
	Own     bool         // in the account's own words
	Off     bool         // it is not sent at all
	Changed views.Moment // when the words were changed; zero for ours
}

// mailTextFor says when each kind is sent.
var mailTextFor = map[queries.MailKind]string{
	queries.MailKindInvitation: "To a contact who is invited to the portal.",
	queries.MailKindReminder:   "To a contact who was invited and has not come yet, on the days you chose.",
	queries.MailKindMagicLink:  "To a client for whom you made a sign-in link, or whose link had expired.",
	queries.MailKindWelcome:    "To a client who has just joined, once.",

	queries.MailKindCourseReady:      "To a contact whom you give a course.",
	queries.MailKindCertificateReady: "To a client who has finished a course that gives a certificate.",
	queries.MailKindInvoiceReminder:  "To a client whose invoice is still to be paid, on the days you chose or when you ask for it.",
}

// mailTextPath is the path of a kind's text below the account's.
func mailTextPath(kind queries.MailKind) string {
	return "/mail-texts/" + strings.ReplaceAll(string(kind), "_", "-")
}

func (s *Site) newMailTextsPage(c *fiber.Ctx) (*mailTextsPage, error) {
	v := at(c)
	texts, err := queries.LoadMailTexts(c.UserContext(), s.DB, v.account.ID, "")
	if err != nil {
		return nil, err
	}
	p := &mailTextsPage{Page: s.page(c, "Mail texts"),
		Sender: views.Field{Name: "sender_name", Label: "Sender’s name", Value: texts.Account.SenderName, Placeholder: texts.Account.Name, MaxLength: queries.SenderMax,
			Autocomplete: "off", Hint: "Mails to clients come under this name. Left empty, they come from " + texts.Account.Name + "."},
		Welcome: views.Check{Name: "welcome", Label: "Send a welcome to clients who have joined", Checked: texts.Account.WelcomeMail}}
	for _, kind := range views.MailTextKinds {
		kind := queries.MailKind(kind)
		own, is := texts.Of(kind)
		row := mailTextRow{Name: mailWords(kind), For: mailTextFor[kind], Href: v.base() + mailTextPath(kind), Own: is,
			Off: kind == queries.MailKindWelcome && !texts.Account.WelcomeMail}
		if is {
			row.Changed = v.moment(&own.ChangedAt)
		}
		p.Kinds = append(p.Kinds, row)
	}
	return p, nil
}

func (s *Site) mailTextsIndex(c *fiber.Ctx) error {
	p, err := s.newMailTextsPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "mailtexts/index", "", p)
}

// mailTextsSettings saves under which name mails come, and whether clients are welcomed.
func (s *Site) mailTextsSettings(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	sender, err := queries.ParseSender(c.FormValue("sender_name"))
	if problem := messageOf(err); problem != "" {
		p, err := s.newMailTextsPage(c)
		if err != nil {
			return err
		}
		p.Sender.Value, p.Welcome.Checked = c.FormValue("sender_name"), c.FormValue("welcome") != ""
		p.Sender.Refuse(problem)
		invalid(c)
		return render(c, views.FrameAdmin, "mailtexts/index", "mailtexts/_settings", p)
	}
	type settings struct {
		SenderName  string `json:"sender_name"`
		WelcomeMail bool   `json:"welcome_mail"`
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		was, err := q.AccountMailFacts(ctx, v.account.ID)
		if err != nil {
			return err
		}
		after := settings{sender, c.FormValue("welcome") != ""}
		if err := q.AccountSetMails(ctx, queries.AccountSetMailsParams{ID: v.account.ID, SenderName: after.SenderName, WelcomeMail: after.WelcomeMail, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "account.mails", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name}, settings{was.SenderName, was.WelcomeMail}, after)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Saved. Mails that go out from now on are like this.")
	return redirect(c, v.base()+"/mail-texts")
}
