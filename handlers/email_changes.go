package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// emailChangePage asks the reader of a mailbox for one press of a button: to make the address theirs, or to take theirs back.
type emailChangePage struct {
	views.Page
	Name   string // of the contact; may be empty
	Own    string // the address the link was mailed to
	Other  string // the one it replaces or is replaced by, masked
	Undo   bool
	Action string // what the button's form posts to
}

// emailAddress is what the trail says an address was and is.
type emailAddress struct {
	Email string `json:"email"`
}

// emailChangeShow changes nothing, whoever fetches it and however often.
func (s *Site) emailChangeShow(c *fiber.Ctx) error {
	v := at(c)
	change, err := s.emailChangeOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.emailUnknown(c)
	} else if err != nil {
		return err
	}
	if change.ConfirmedAt != nil || change.EndedAt != nil || !change.ExpiresAt.After(v.now) {
		return s.emailChangeOver(c, change)
	}
	p := &emailChangePage{Page: s.secretPage(c, "Confirm your address"), Name: change.Name, Own: change.NewEmail,
		Other: queries.MaskEmail(views.Address(change.OldEmail)), Action: jobs.EmailChangePath(c.Params("token"))}
	return render(c, views.FrameCard, "emailchanges/show", "", p)
}

func (s *Site) emailChangeOf(c *fiber.Ctx) (queries.EmailChangeByTokenRow, error) {
	change, err := s.q.EmailChangeByToken(c.UserContext(), queries.EmailChangeByTokenParams{AccountID: at(c).account.ID,
		TokenHash: queries.TokenHash(c.Params("token"))})
	return change, queries.Kind(err)
}

// emailChangeConfirm makes the address theirs. The link is the proof, so it needs no session; if this browser has one of the
// client's, it is the one that stays.
func (s *Site) emailChangeConfirm(c *fiber.Ctx) error {
	v := at(c)
	if err := s.spend(c, queries.Spending{Limit: queries.LimitLinkIP, Subject: v.network()}); err != nil {
		return err
	}
	change, err := s.emailChangeOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.emailUnknown(c)
	} else if err != nil {
		return err
	}
	keep, next := uuid.Nil, "/sign-in"
	if v.client != nil && v.client.ContactID == change.ContactID {
		keep, next = v.client.ID, "/profile#email"
	}
	switch err := s.emailConfirmed(c, change, keep); {
	case errors.Is(err, queries.ErrNotFound): // over, or confirmed a moment ago
		if change, err = s.emailChangeOf(c); err != nil {
			return err
		}
		return s.emailChangeOver(c, change)
	case errors.Is(err, queries.ErrConflict):
		return s.emailOver(c, "This address is in use", change.NewEmail+" signs somebody in here already, so it cannot replace "+
			queries.MaskEmail(views.Address(change.OldEmail))+". Nothing has changed.", fiber.StatusUnprocessableEntity)
	case err != nil:
		return err
	}
	s.flash(c, views.FlashSuccess, "Your address is "+change.NewEmail+" now. Sign in with it from here on.")
	return redirect(c, next)
}

func (s *Site) emailConfirmed(c *fiber.Ctx, change queries.EmailChangeByTokenRow, keep uuid.UUID) error {
	v, ctx := at(c), c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := s.Mails.ConfirmEmailChange(ctx, q, v.account.ID, change, keep, v.now)
		if err != nil {
			return err
		}
		if err := v.clientChanged(ctx, q, "contact.email_change", change.ContactID, change.Name, change.NewEmail,
			emailAddress{change.OldEmail}, emailAddress{change.NewEmail}); err != nil {
			return err
		}
		return errors.Join(s.Queue.Mail(ctx, tx, v.account.ID, mail), s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, change.ContactID), s.Queue.Metrics(ctx, tx, v.account.ID))
	})
}

func (s *Site) emailChangeOver(c *fiber.Ctx, change queries.EmailChangeByTokenRow) error {
	if change.ConfirmedAt != nil {
		return s.emailOver(c, "This address was confirmed already", "There is nothing left to do. Sign in with the address you confirmed.", fiber.StatusOK)
	}
	return s.emailOver(c, "This link is over", "The change was cancelled or replaced by another one, or a day has passed. Your address is what it was; "+
		"on your profile you can ask for the change once more.", fiber.StatusOK)
}

// emailUnknown answers for links that this host never had.
func (s *Site) emailUnknown(c *fiber.Ctx) error {
	return s.emailOver(c, "This link does not work here", "It may have been cut off by your mail program, or be meant for another place. Copy it whole from the mail.",
		fiber.StatusNotFound)
}

func (s *Site) emailOver(c *fiber.Ctx, heading, text string, status int) error {
	c.Status(status)
	return (&linkOverPage{Page: s.secretPage(c, "Your address"), Heading: heading, Text: text}).render(c)
}
