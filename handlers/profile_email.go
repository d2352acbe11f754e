package handlers

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// waitingEmail is an address that waits for being confirmed.
type waitingEmail struct {
	Email string
	Until time.Time // in the reader's zone
}

// spendChange uses the limits of mails to addresses that people say are theirs, the narrowest first.
func (s *Site) spendChange(c *fiber.Ctx, email string) error {
	person := queries.Spending{Limit: queries.LimitMailPerson, Subject: at(c).client.ContactID.String()}
	if err := s.spend(c, person); err != nil {
		return err
	}
	return s.spendMail(c, email)
}

// profileAskEmail has a mail sent to the address a client wants. The answer is the same when somebody has it already.
func (s *Site) profileAskEmail(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newProfilePage(c)
	if err != nil {
		return err
	}
	p.NewEmail.Value = strings.TrimSpace(c.FormValue("email"))
	email, err := queries.ParseEmail(p.NewEmail.Value)
	if err == nil && strings.EqualFold(email, v.client.Email) {
		err = queries.Invalid{Field: "email", Message: "This is your address already."}
	}
	problem, fault := s.currentProblem(c)
	if fault != nil {
		return fault
	}
	p.NewEmail.Refuse(messageOf(err))
	p.EmailCurrent.Refuse(problem)
	if err != nil || problem != "" {
		invalid(c)
		return render(c, views.FramePortal, "profile/index", "profile/_email", p)
	}
	if err := s.spendChange(c, email); err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := s.Mails.AskEmailChange(ctx, q, v.account.ID, v.client.ContactID, email, v.now)
		if err != nil {
			return err
		}
		return s.Queue.Mail(ctx, tx, v.account.ID, mail)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "A mail is on its way to "+email+". The link in it makes the address yours.")
	return toProfile(c, "email")
}

// profileMailEmailAgain sends the mail to the new address once more.
func (s *Site) profileMailEmailAgain(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	waiting, err := s.q.EmailChangeWaiting(ctx, queries.EmailChangeWaitingParams{AccountID: v.account.ID, ContactID: v.client.ContactID, Now: v.now})
	if errors.Is(queries.Kind(err), queries.ErrNotFound) {
		s.flash(c, views.FlashInfo, "No new address waits for being confirmed.")
		return toProfile(c, "email")
	} else if err != nil {
		return err
	}
	if err := s.spendChange(c, waiting.NewEmail); err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := s.Mails.MailEmailChange(ctx, q, v.account.ID, v.client.ContactID, waiting, v.now)
		if err != nil {
			return err
		}
		return s.Queue.Mail(ctx, tx, v.account.ID, mail)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The mail to "+waiting.NewEmail+" is sent once more.")
	return toProfile(c, "email")
}

// profileCancelEmail ends the link that went to the new address.
func (s *Site) profileCancelEmail(c *fiber.Ctx) error {
	v := at(c)
	if _, err := s.q.EmailChangeEndWaiting(c.UserContext(), queries.EmailChangeEndWaitingParams{AccountID: v.account.ID, ContactID: v.client.ContactID,
		Now: v.now, EndedBecause: queries.EndReasonRevoked}); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Your address stays "+v.client.Email+".")
	return toProfile(c, "email")
}
