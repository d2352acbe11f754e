package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// offerConfirmPage asks whoever followed the link in a mail whether they want the offer.
type offerConfirmPage struct {
	views.Page
	OfferTitle string
	Email      string
	Action     string // what the button's form posts to
}

// offerConfirmShow changes nothing, whoever fetches it and however often.
func (s *Site) offerConfirmShow(c *fiber.Ctx) error {
	claim, err := s.claimOf(c)
	switch {
	case errors.Is(err, queries.ErrNotFound):
		return s.offerConfirmUnknown(c)
	case err != nil:
		return err
	case claim.ConfirmedAt != nil || !claim.ExpiresAt.After(at(c).now):
		return s.offerConfirmOver(c, claim)
	}
	p := &offerConfirmPage{Page: s.secretPage(c, claim.Title), OfferTitle: claim.Title, Email: claim.Email, Action: c.Path()}
	return render(c, views.FrameCard, "offers/confirm", "", p)
}

// claimOf reads what the link in the path is about. ErrNotFound on every other account's host. The offer's name in the path decides
// nothing, so that links go on working when an offer gets another.
func (s *Site) claimOf(c *fiber.Ctx) (queries.OfferClaimByTokenRow, error) {
	claim, err := s.q.OfferClaimByToken(c.UserContext(), queries.OfferClaimByTokenParams{AccountID: at(c).account.ID, TokenHash: queries.TokenHash(c.Params("token"))})
	return claim, queries.Kind(err)
}

// offerConfirm gives the offer and signs in; of several at once exactly one does, and the others are told so.
func (s *Site) offerConfirm(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if err := s.spend(c, queries.Spending{Limit: queries.LimitLinkIP, Subject: v.network()}); err != nil {
		return err
	}
	in := s.signInOf(c, queries.SignInMethodLink)
	var courses []queries.OfferCoursesRow
	err := s.signedIn(c, in, func(q *queries.Queries) (news bool, err error) {
		courses, news, err = queries.ConfirmClaim(ctx, q, c.Params("token"), in, v.account.Location)
		return news, err
	})
	if err == nil {
		return redirect(c, offerLanding(courses))
	}
	if !isOfferProblem(err) && !errors.Is(err, queries.ErrNotFound) {
		return err
	}
	claim, missing := s.claimOf(c)
	switch {
	case errors.Is(missing, queries.ErrNotFound):
		return s.offerConfirmUnknown(c)
	case missing != nil:
		return missing
	case isOfferProblem(err):
		return s.offerClosed(c, claim.Title, err)
	}
	return s.offerConfirmOver(c, claim)
}

// offerConfirmOver says why there is nothing to take by the link any more.
func (s *Site) offerConfirmOver(c *fiber.Ctx, claim queries.OfferClaimByTokenRow) error {
	p := &offerDonePage{Page: s.secretPage(c, claim.Title), Heading: "This link was used already", Text: "What it gave is in the portal. Sign in with your address to see it.",
		Links: []views.Link{{Label: "Go to the portal", URL: pathOf(queries.AppCourses)}}}
	if claim.ConfirmedAt == nil {
		p.Heading, p.Text = "This link has expired", "Links that give an offer work for 24 hours. You can have a new one sent."
		p.Links = []views.Link{{Label: "Back to the offer", URL: jobs.OfferPath(claim.OfferName)}}
	}
	return p.render(c)
}

// offerConfirmUnknown answers for links that this host never had, or whose offer is gone.
func (s *Site) offerConfirmUnknown(c *fiber.Ctx) error {
	p := &offerDonePage{Page: s.secretPage(c, "Offer"), Heading: "This link does not work here",
		Text: "It may have been cut off by your mail program, or the offer is gone. Copy it whole from the mail, or ask for a new one on the offer's page."}
	c.Status(fiber.StatusNotFound)
	return p.render(c)
}
