package handlers

import (
	"errors"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// formPage is a public form, as anybody sees it on its own page or inside another site's.
type formPage struct {
	views.Page
	Heading   string
	Intro     string // empty: none
	Questions []formQuestion
	Button    string
	Action    string // what the form posts to
	Problem   string // about the form as a whole; empty: none
}

// formQuestion is one question as it is asked; one of its controls is set.
type formQuestion struct {
	Field  *views.Field
	Choice *views.Choice
	Select *views.Select
	Check  *views.Check
	Link   string // address of what a consent is about; empty: none
}

// formDonePage says what became of what was sent, or why nothing can be sent.
type formDonePage struct {
	views.Page
	Heading string
	Text    string
	Href    string // the way back to the form; empty: none
}

// trapField is a field that people do not see: whoever fills it in is a program.
const trapField = "website"

// formOf reads the form in the path. ErrNotFound when this host has none of that name.
func (s *Site) formOf(c *fiber.Ctx) (queries.FormByNameRow, error) {
	name := strings.ToLower(c.Params("name"))
	if !queries.IsFormName(name) {
		return queries.FormByNameRow{}, queries.ErrNotFound
	}
	f, err := s.q.FormByName(c.UserContext(), queries.FormByNameParams{AccountID: at(c).account.ID, Name: name})
	return f, queries.Kind(err)
}

func (s *Site) formShow(c *fiber.Ctx) error {
	f, err := s.formOf(c)
	switch {
	case err != nil:
		return err
	case !f.SwitchedOn:
		return s.formClosed(c, f)
	case c.Query("sent") != "":
		return s.formSent(c, f)
	}
	return s.newFormPage(c, f).render(c)
}

// formSend writes down what was sent, with its job, for known and unknown addresses alike: the job finds out whose it is. So the
// answer is the same, and so is the time it takes. It comes without a cookie, since the form may stand on other sites.
func (s *Site) formSend(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	f, err := s.formOf(c)
	if err != nil {
		return err
	} else if !f.SwitchedOn {
		return s.formClosed(c, f)
	}
	p := s.newFormPage(c, f)
	sent := queries.Submission{AccountID: v.account.ID, Form: f, Now: v.now, IP: v.ip, UserAgent: v.agent}
	if !p.take(c, f, &sent) {
		invalid(c)
		return p.render(c)
	}
	err = s.spend(c, queries.Spending{Limit: queries.LimitFormIP, Subject: v.network()}, queries.Spending{Limit: queries.LimitFormAddress, Subject: sent.Email})
	var many tooMany
	if errors.As(err, &many) {
		return p.refuse(c, many)
	} else if err != nil {
		return err
	}
	if sentValue(c, trapField) == "" {
		err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
			id, err := s.Mails.Submit(ctx, q, sent)
			if err != nil {
				return err
			}
			return s.Queue.FormSubmission(ctx, tx, v.account.ID, id)
		})
	}
	if err != nil {
		return err
	}
	return redirect(c, formHref(c, f.Name, url.Values{"sent": {"1"}}))
}

// take reads the answers into the submission; false when one cannot be taken, and then it stands beside its question.
func (p *formPage) take(c *fiber.Ctx, f queries.FormByNameRow, into *queries.Submission) bool {
	right := true
	for i, field := range f.Fields {
		value, err := field.Parse(sentValue(c, field.Key))
		if problem := messageOf(err); problem != "" {
			p.Questions[i].refuse(problem)
			right = false
		}
		switch field.Kind {
		case queries.FormEmail:
			into.Email = value
		case queries.FormName:
			into.Name = value
		case queries.FormPhone, queries.FormCompany, queries.FormLine, queries.FormText, queries.FormChoice, queries.FormConsent:
			into.Answers = append(into.Answers, queries.FormAnswer{Key: field.Key, Kind: field.Kind, Label: field.Label, Value: value})
		}
	}
	return right
}

// refuse shows the form again as it was filled in, with how long to wait.
func (p *formPage) refuse(c *fiber.Ctx, many tooMany) error {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(many.wait.Seconds()))))
	p.Problem = "This was sent several times just now. Please wait " + many.waitWords() + " and send it again; what you typed is still here."
	c.Status(fiber.StatusTooManyRequests)
	return p.render(c)
}

func (s *Site) newFormPage(c *fiber.Ctx, f queries.FormByNameRow) *formPage {
	p := &formPage{Page: s.page(c, f.Title), Heading: f.Title, Intro: f.Intro, Button: f.Button, Action: formHref(c, f.Name, url.Values{})}
	p.Description, _, _ = strings.Cut(f.Intro, "\n")
	p.NoIndex = isEmbedded(c) // the same form is there without a frame
	for _, field := range f.Fields {
		p.Questions = append(p.Questions, newFormQuestion(field, sentValue(c, field.Key)))
	}
	return p
}

// sentValue is what the form was sent with. An address with values in it fills in nothing: it could tick a consent beforehand.
func sentValue(c *fiber.Ctx, name string) string { return string(c.Request().PostArgs().Peek(name)) }

func (p *formPage) render(c *fiber.Ctx) error { return render(c, formFrame(c), "forms/public", "", p) }

func (s *Site) formSent(c *fiber.Ctx, f queries.FormByNameRow) error {
	p := &formDonePage{Page: s.page(c, f.Title), Heading: "Thank you", Text: f.Thanks}
	if f.Confirm {
		p.Heading = "Look into your mail"
		p.Text = "We have sent you a mail with a link. Open it to confirm your address; what you sent counts from then on. If nothing comes within a few minutes, look among your spam."
	}
	p.NoIndex = true
	return p.render(c)
}

func (s *Site) formClosed(c *fiber.Ctx, f queries.FormByNameRow) error {
	p := &formDonePage{Page: s.page(c, f.Title), Heading: "This form is closed", Text: "Nothing can be sent by it at the moment. Write to " + at(c).account.SupportEmail + " instead."}
	p.NoIndex = true
	c.Status(fiber.StatusGone)
	return p.render(c)
}

func (p *formDonePage) render(c *fiber.Ctx) error {
	return render(c, formFrame(c), "forms/done", "", p)
}

// isEmbedded says whether the page is to stand inside another site's, which has a head and a foot of its own.
func isEmbedded(c *fiber.Ctx) bool { return c.Query("embed") != "" }

func formFrame(c *fiber.Ctx) string {
	if isEmbedded(c) {
		return views.FrameEmbed
	}
	return views.FrameCard
}

// formHref is the address of a form, inside another site's page if this one is.
func formHref(c *fiber.Ctx, name string, query url.Values) string {
	if isEmbedded(c) {
		query.Set("embed", "1")
	}
	if len(query) == 0 {
		return jobs.FormPath(name)
	}
	return jobs.FormPath(name) + "?" + query.Encode()
}
