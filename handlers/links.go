package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// linkPage is a magic link that can be confirmed: who is about to sign in, and one button.
type linkPage struct {
	views.Page
	Name       string // of the contact; may be empty
	Email      string
	Invitation bool
	Visit      bool   // a staff person is about to look as the contact
	MayChange  bool   // whether they could change anything
	Action     string // what the button's form posts to
}

// linkOverPage is a link that cannot be confirmed any more, or never could.
type linkOverPage struct {
	views.Page
	Heading string
	Text    string
	Masked  string // the address a new link would go to; empty when nobody can tell, and then only signing in helps
	Action  string // what the button for a new link posts to
	Sent    bool   // a new one is on its way
}

// linkShow changes nothing of the link, whoever fetches it and however often; it only remembers that somebody looked. A link that is over
// leads on whoever is signed in as its contact already.
func (s *Site) linkShow(c *fiber.Ctx) error {
	v := at(c)
	link, err := s.linkOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.linkUnknown(c)
	} else if err != nil {
		return err
	}
	if link.Kind == queries.LinkKindVisit {
		return s.linkVisit(c, link)
	}
	if err := s.rememberLook(c, link); err != nil {
		return err
	}
	if !link.Open(v.now) {
		if err := s.checkClient(c, visitor); err != nil {
			return err
		}
		if v.client != nil && v.client.ContactID == link.ContactID && !v.visiting() { // who opens the mail once more to get to the portal
			return goTo{v.arrival(landing(link.Path, link.Target))}
		}
		return s.linkOver(c, link, false)
	}
	p := &linkPage{Page: s.secretPage(c, "Sign in"), Name: link.Name, Email: link.Email, Invitation: link.Kind == queries.LinkKindInvitation,
		Action: "/l/" + c.Params("token")}
	return render(c, views.FrameCard, "links/show", "", p)
}

// rememberLook writes down who looked. The first look at an invitation is a step of its contact, and is counted.
func (s *Site) rememberLook(c *fiber.Ctx, link queries.MagicLinkByTokenRow) error {
	v, ctx, method := at(c), c.UserContext(), c.Method()
	if !link.FirstLook(queries.ByFilter(method, v.from().UserAgent)) {
		return queries.RememberFetch(ctx, s.q, v.account.ID, link.ID, method, v.from())
	}
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := queries.RememberFirstLook(ctx, q, v.account.ID, link.ContactID, link.ID, method, v.from()); err != nil {
			return err
		}
		return s.Queue.Metrics(ctx, tx, v.account.ID)
	})
}

// linkVisit is linkShow for a staff person's link to look as the client; it is nothing that happened with the client.
func (s *Site) linkVisit(c *fiber.Ctx, link queries.MagicLinkByTokenRow) error {
	if !link.Open(at(c).now) {
		return s.linkOver(c, link, false)
	}
	return render(c, views.FrameCard, "links/show", "", &linkPage{Page: s.secretPage(c, "Look as a client"), Name: link.Name, Email: link.Email, Visit: true,
		MayChange: link.StaffMayChange, Action: "/l/" + c.Params("token")})
}

// linkOf reads the link in the path. ErrNotFound on every other account's host.
func (s *Site) linkOf(c *fiber.Ctx) (link queries.MagicLinkByTokenRow, err error) {
	v := at(c)
	link, err = s.q.MagicLinkByToken(c.UserContext(), queries.MagicLinkByTokenParams{AccountID: v.account.ID, TokenHash: queries.TokenHash(c.Params("token"))})
	return link, queries.Kind(err)
}

func (s *Site) linkConfirm(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if err := s.spend(c, queries.Spending{Limit: queries.LimitLinkIP, Subject: v.network()}); err != nil {
		return err
	}
	in := s.signInOf(c, queries.SignInMethodLink)
	var link queries.MagicLinkConsumeRow
	err := s.signedIn(c, in, func(q *queries.Queries) (first bool, err error) {
		link, first, err = queries.Confirm(ctx, q, c.Params("token"), in)
		return first, err
	})
	if errors.Is(err, queries.ErrNotFound) {
		return s.linkNotConfirmed(c)
	} else if err != nil {
		return err
	}
	return redirect(c, v.arrival(landing(link.Path, link.Target)))
}

// linkNotConfirmed says why a link could not be used.
func (s *Site) linkNotConfirmed(c *fiber.Ctx) error {
	link, err := s.linkOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.linkUnknown(c)
	} else if err != nil {
		return err
	}
	return s.linkOver(c, link, false)
}

// linkRenew mails a new link in place of one that is over, to the address the old one was for and no other.
func (s *Site) linkRenew(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	link, err := s.linkOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.linkUnknown(c)
	} else if err != nil {
		return err
	}
	if link.Open(v.now) {
		return goTo{"/l/" + c.Params("token")}
	}
	if link.Kind == queries.LinkKindVisit {
		return s.linkOver(c, link, false)
	}
	if err := s.spendMail(c, link.Email); err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := s.Mails.Renew(ctx, q, v.account.ID, link, v.now)
		if err != nil {
			return err
		}
		if link.Kind == queries.LinkKindInvitation && link.JoinedAt == nil { // invited again, so they wait from now
			if err := s.Queue.Metrics(ctx, tx, v.account.ID); err != nil {
				return err
			}
		}
		return s.Queue.Mail(ctx, tx, v.account.ID, mail)
	})
	switch {
	case messageOf(err) != "": // the address is known to refuse mail
		return s.linkUnreachable(c, link)
	case errors.Is(err, queries.ErrJoined): // a moment ago, in another window
		return goTo{"/sign-in"}
	case err != nil:
		return err
	}
	return s.linkOver(c, link, true)
}

func (s *Site) linkOver(c *fiber.Ctx, link queries.MagicLinkByTokenRow, sent bool) error {
	p := &linkOverPage{Page: s.secretPage(c, "Sign-in link"), Masked: queries.MaskEmail(views.Address(link.Email)), Action: "/l/" + c.Params("token") + "/renew", Sent: sent}
	why := queries.EndReasonExpired
	if link.EndedAt != nil {
		why = *link.EndedBecause
	}
	if link.Kind == queries.LinkKindVisit {
		p.Masked, p.Heading, p.Text = "", "This way in is over", "It works once and for a minute. Go back to the contact's page on the admin side and sign in as the client again."
		return p.render(c)
	}
	switch why {
	case queries.EndReasonUsed:
		p.Heading, p.Text = "This link was used already", "Each link signs in once. If that was you, sign in with your password, or have a new link sent."
	case queries.EndReasonSuperseded:
		p.Heading, p.Text = "This link is no longer needed", "The invitation was accepted already. Sign in with your password, or have a new link sent."
	case queries.EndReasonRevoked:
		p.Heading, p.Text = "This link was withdrawn", "It no longer signs anybody in. You can have a new one sent."
	default:
		p.Heading, p.Text = "This link has expired", "Links work for a limited time, for your safety. You can have a new one sent."
	}
	return p.render(c)
}

// linkUnreachable is honest with somebody who would wait for a mail in vain.
func (s *Site) linkUnreachable(c *fiber.Ctx, link queries.MagicLinkByTokenRow) error {
	p := &linkOverPage{Page: s.secretPage(c, "Sign-in link"), Heading: "Mail does not reach you",
		Text: "The mail server of " + queries.MaskEmail(views.Address(link.Email)) + " refuses our mail, so a new link would not arrive. Write to " +
			at(c).account.SupportEmail + " and tell them which address works."}
	invalid(c)
	return p.render(c)
}

// linkUnknown answers for links that this host never had; it has nobody to mail a new one to.
func (s *Site) linkUnknown(c *fiber.Ctx) error {
	p := &linkOverPage{Page: s.secretPage(c, "Sign-in link"), Heading: "This link does not work here",
		Text: "It may have been cut off by your mail program, or be meant for another place. Copy it whole from the mail, or sign in with your address."}
	c.Status(fiber.StatusNotFound)
	return p.render(c)
}

func (p *linkOverPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "links/over", "links/_over", p)
}
