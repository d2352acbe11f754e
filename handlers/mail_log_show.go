package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// mailPage is one mail: what became of it, and what it said.
type mailPage struct {
	views.Page
	Kind      string // what it was for, in words
	To        string
	ToName    string // empty: not known
	ToHref    string // page of the contact; empty: it went to somebody else
	State     contactState
	Answer    string // the mail server's words; empty before the first try
	Note      string // our own words; empty: the server's say it
	Tries     string
	MessageID string
	Created   views.Moment
	Tried     views.Moment // zero: not yet
	Sent      views.Moment // zero: not accepted
	Subject   string       // empty: no copy is kept
	Text      string
	Frame     string // address of the HTML part
	Waiting   bool   // it can still be sent
	Accepted  bool   // a mail server took it
}

func (s *Site) mailOfPath(c *fiber.Ctx) (row queries.MailLogByIDRow, err error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return row, queries.ErrNotFound
	}
	row, err = s.q.MailLogByID(c.UserContext(), queries.MailLogByIDParams{AccountID: at(c).account.ID, ID: id})
	return row, queries.Kind(err)
}

func (s *Site) mailLogShow(c *fiber.Ctx) error {
	v := at(c)
	row, err := s.mailOfPath(c)
	if err != nil {
		return err
	}
	p := &mailPage{Page: s.page(c, sentWords(row.Kind, row.ContactID)+" to "+row.ToEmail), Kind: sentWords(row.Kind, row.ContactID), To: row.ToEmail, ToName: row.ToName, State: mailState(row.State),
		Answer: row.Answer, MessageID: row.MessageID, Created: v.moment(&row.CreatedAt), Tried: v.moment(row.FirstTriedAt), Sent: v.moment(row.SentAt),
		Waiting: row.State == queries.MailStateQueued || row.State == queries.MailStateDeferred, Accepted: row.State == queries.MailStateSent}
	if row.ContactID != nil {
		p.ToHref = v.base() + "/contacts/" + row.ContactID.String()
	}
	switch {
	case row.State == queries.MailStateWithdrawn:
		p.Answer, p.Note = "", row.Answer
	case p.Accepted && row.Answer == "" && row.BodyText == "": // what is written with both was lost, see queries.MailSetArrived
		p.Note = "The link in it was used, so it arrived. What the mail server said was not heard here."
	}
	switch row.Attempts {
	case 0:
		p.Tries = "Not tried yet"
	case 1:
		p.Tries = "Tried once"
	default:
		p.Tries = fmt.Sprintf("Tried %d times", row.Attempts)
	}
	if row.BodyText != "" {
		p.Subject, p.Text, p.Frame = row.Subject, row.BodyText, v.base()+"/mail-log/"+row.ID.String()+"/copy"
	}
	return render(c, views.FrameAdmin, "maillog/show", "", p)
}

// mailLogCopy is the HTML part of a mail as it was sent.
func (s *Site) mailLogCopy(c *fiber.Ctx) error {
	row, err := s.mailOfPath(c)
	if err != nil {
		return err
	} else if row.BodyHtml == "" {
		return queries.ErrNotFound
	}
	return s.sendMailFrame(c, row.BodyHtml)
}
