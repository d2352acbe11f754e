package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// formConfirmPage asks whoever followed the link in a mail to confirm their address.
type formConfirmPage struct {
	views.Page
	FormTitle string
	Email     string
	Action    string // what the button's form posts to
}

// formConfirmShow changes nothing, whoever fetches it and however often.
func (s *Site) formConfirmShow(c *fiber.Ctx) error {
	v := at(c)
	sent, err := s.submissionOf(c)
	switch {
	case errors.Is(err, queries.ErrNotFound):
		return s.formConfirmUnknown(c)
	case err != nil:
		return err
	case sent.ConfirmedAt != nil || !sent.ExpiresAt.After(v.now):
		return s.formConfirmOver(c, sent)
	}
	p := &formConfirmPage{Page: s.secretPage(c, "Confirm your address"), FormTitle: sent.Title, Email: sent.Email, Action: c.Path()}
	return render(c, views.FrameCard, "forms/confirm", "", p)
}

// submissionOf reads what the link in the path is about. ErrNotFound on every other account's host. The form's name in the path
// decides nothing, so that links go on working when a form gets another.
func (s *Site) submissionOf(c *fiber.Ctx) (queries.FormSubmissionByTokenRow, error) {
	sent, err := s.q.FormSubmissionByToken(c.UserContext(), queries.FormSubmissionByTokenParams{AccountID: at(c).account.ID,
		TokenHash: queries.TokenHash(c.Params("token"))})
	return sent, queries.Kind(err)
}

// formConfirm makes what was sent count; of several at once exactly one does, and the others are told so.
func (s *Site) formConfirm(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if err := s.spend(c, queries.Spending{Limit: queries.LimitLinkIP, Subject: v.network()}); err != nil {
		return err
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		id, err := q.FormSubmissionConfirm(ctx, queries.FormSubmissionConfirmParams{AccountID: v.account.ID, TokenHash: queries.TokenHash(c.Params("token")), Now: v.now})
		if err != nil {
			return err
		}
		return s.Queue.FormSubmission(ctx, tx, v.account.ID, id)
	})
	if err != nil && !errors.Is(err, queries.ErrNotFound) {
		return err
	}
	sent, missing := s.submissionOf(c)
	switch {
	case errors.Is(missing, queries.ErrNotFound):
		return s.formConfirmUnknown(c)
	case missing != nil:
		return missing
	case err != nil:
		return s.formConfirmOver(c, sent)
	}
	p := &formDonePage{Page: s.secretPage(c, "Address confirmed"), Heading: "Your address is confirmed", Text: sent.Thanks}
	return p.render(c)
}

// formConfirmOver says why there is nothing to confirm any more.
func (s *Site) formConfirmOver(c *fiber.Ctx, sent queries.FormSubmissionByTokenRow) error {
	p := &formDonePage{Page: s.secretPage(c, "Confirm your address"), Heading: "Already confirmed",
		Text: "This link was used before, and what you sent counts. There is nothing left to do."}
	if sent.ConfirmedAt == nil {
		p.Heading, p.Text = "This link has expired", "Links that confirm an address work for seven days. What was sent with it does not count."
		if sent.SwitchedOn {
			p.Href = jobs.FormPath(sent.FormName)
		}
	}
	return p.render(c)
}

// formConfirmUnknown answers for links that this host never had, or whose form is gone.
func (s *Site) formConfirmUnknown(c *fiber.Ctx) error {
	p := &formDonePage{Page: s.secretPage(c, "Confirm your address"), Heading: "This link does not work here",
		Text: "It may have been cut off by your mail program, or what it was about is gone. Copy it whole from the mail, or fill in the form again."}
	c.Status(fiber.StatusNotFound)
	return p.render(c)
}
