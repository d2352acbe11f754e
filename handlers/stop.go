package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// stopPage lets somebody end the mails of this portal that they did not ask for, and take that back.
type stopPage struct {
	views.Page
	Masked  string // the address, as far as its owner knows it: the link may be in a mail to an older one
	Stopped bool
	Action  string // what ends them; with /undo after it what takes that back
}

// stopOf is whom the link in the path is about. Only a link of ours comes as far as the database.
func (s *Site) stopOf(c *fiber.Ctx) (queries.ContactForStopRow, error) {
	id, err := s.Mails.Secret.ParseStopToken(c.Params("token"))
	if err != nil {
		return queries.ContactForStopRow{}, err
	}
	row, err := s.q.ContactForStop(c.UserContext(), queries.ContactForStopParams{AccountID: at(c).account.ID, ID: id})
	return row, queries.Kind(err)
}

// stopShow changes nothing, whoever fetches it: mail filters do.
func (s *Site) stopShow(c *fiber.Ctx) error {
	contact, err := s.stopOf(c)
	if err != nil {
		return err
	}
	return s.stopRender(c, contact, contact.NoMailAt != nil)
}

// stopSave ends the mails. A mail program sends it by itself when its reader presses its own button (RFC 8058), without a cookie, and
// takes no redirect for an answer; a browser that sends it again by reloading changes nothing.
func (s *Site) stopSave(c *fiber.Ctx) error {
	contact, err := s.stopOf(c)
	if err != nil {
		return err
	}
	if err := s.chooseMails(c, contact, false); err != nil {
		return err
	}
	return s.stopRender(c, contact, true)
}

func (s *Site) stopUndo(c *fiber.Ctx) error {
	contact, err := s.stopOf(c)
	if err != nil {
		return err
	}
	if err := s.chooseMails(c, contact, true); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "You get mails of this portal again.")
	return redirect(c, jobs.StopPath(c.Params("token")))
}

func (s *Site) chooseMails(c *fiber.Ctx, contact queries.ContactForStopRow, wanted bool) error {
	return queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		return at(c).chooseMails(c.UserContext(), q, contact, wanted)
	})
}

// chooseMails ends the mails a contact did not ask for, or lets them come again; when that is news, the trail has a line of it.
func (v *visit) chooseMails(ctx context.Context, q *queries.Queries, contact queries.ContactForStopRow, wanted bool) error {
	choose, action := queries.StopMails, "contact.stop_mails"
	if wanted {
		choose, action = queries.WantMails, "contact.want_mails"
	}
	news, err := choose(ctx, q, v.account.ID, contact.ID, v.now)
	if err != nil || !news {
		return err
	}
	return v.clientChanged(ctx, q, action, contact.ID, contact.Name, contact.Email, nil, nil)
}

func (s *Site) stopRender(c *fiber.Ctx, contact queries.ContactForStopRow, stopped bool) error {
	p := &stopPage{Page: s.secretPage(c, "Mails of this portal"), Masked: queries.MaskEmail(views.Address(contact.Email)), Stopped: stopped,
		Action: jobs.StopPath(c.Params("token"))}
	return render(c, views.FrameCard, "stop/show", "", p)
}
