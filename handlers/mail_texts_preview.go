package handlers

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// mailPreview is a mail as one contact will get it.
type mailPreview struct {
	Problems []string // what keeps the words from being saved
	Reader   string   // whom it is shown for
	Nobody   bool     // the search found nobody, so it is for somebody made up
	From     string
	Subject  string
	Frame    string // address of the HTML part; empty: it is too long to be shown while it is typed
	Text     string
}

// samplePerson reads mails of accounts that have no contacts.
var samplePerson = views.MailPerson{Name: "Ana Souza", Email: "ana@example.com"}

// frameMost is how long the words may be, packed, to be part of an address: what common proxies let through.
const frameMost = 6000

// reader is whom the preview is for.
func (p *mailTextPage) reader() views.MailPerson {
	if p.texts.Reader.Email == "" {
		return samplePerson
	}
	return views.MailPerson{Name: p.texts.Reader.Name, Email: p.texts.Reader.Email}
}

// rendered is the mail with the words in the form.
func (s *Site) sampleMail(c *fiber.Ctx, p *mailTextPage, to views.MailPerson) (views.RenderedMail, error) {
	v := at(c)
	return views.RenderMail(s.Addresses.Sample(jobs.MailSample{Kind: p.kind, Text: p.typed, Account: p.texts.Account, To: to, By: v.staff.Name, Now: v.now}))
}

func (s *Site) showPreview(c *fiber.Ctx, p *mailTextPage) error {
	to := p.reader()
	p.Preview = mailPreview{Reader: orElse(to.Name, to.Email), Nobody: p.texts.Reader.Email == "", From: jobs.SenderName(p.texts.Account)}
	subject, body := p.typed.Check(views.MailKind(p.kind))
	for _, problem := range []string{subject, body} {
		if problem != "" {
			p.Preview.Problems = append(p.Preview.Problems, problem)
		}
	}
	mail, err := s.sampleMail(c, p, to)
	if err != nil {
		return err
	}
	p.Preview.Subject, p.Preview.Text = mail.Subject, mail.Text
	packed, err := packText(p.typed)
	if err == nil && len(packed) <= frameMost {
		p.Preview.Frame = p.Path + "/frame?" + url.Values{"text": {packed}, "reader": {p.Reader.Value}}.Encode()
	}
	return err
}

// mailTextsPreview shows typed words that are not saved.
func (s *Site) mailTextsPreview(c *fiber.Ctx) error {
	p, err := s.newMailTextPage(c, typedMailText(c), c.FormValue("reader"))
	if err != nil {
		return err
	}
	p.check()
	if err := s.showPreview(c, p); err != nil {
		return err
	}
	return p.render(c, "mailtexts/_preview")
}

// mailTextsFrame is the HTML part of typed words, which stand in the address: so it can be a document of its own, whose
// policy lets a mail have its styles. Without any it is of the words that are sent now.
func (s *Site) mailTextsFrame(c *fiber.Ctx) error {
	typed, err := unpackText(c.Query("text"))
	if err != nil {
		return queries.ErrNotFound
	}
	p, err := s.newMailTextPage(c, typed, c.Query("reader"))
	if err != nil {
		return err
	}
	mail, err := s.sampleMail(c, p, p.reader())
	if err != nil {
		return err
	}
	return s.sendMailFrame(c, mail.HTML)
}

// sendMailFrame sends the HTML part of a mail, to stand in a page.
func (s *Site) sendMailFrame(c *fiber.Ctx, html string) error {
	c.Set(fiber.HeaderContentSecurityPolicy, views.MailContentSecurityPolicy(s.portalURL(at(c).account)))
	return c.Type("html", "utf-8").SendString(html)
}

// mailTextsTest mails the words in the form to who is typing them.
func (s *Site) mailTextsTest(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newMailTextPage(c, typedMailText(c), c.FormValue("reader"))
	if err != nil {
		return err
	}
	if err := s.showPreview(c, p); err != nil {
		return err
	}
	if !p.check() {
		c.Set("HX-Retarget", "#mailtexts-form")
		c.Set("HX-Reswap", "outerHTML")
		invalid(c)
		return p.render(c, "mailtexts/_form")
	}
	if err := s.spend(c, queries.Spending{Limit: queries.LimitMailTest, Subject: v.staff.StaffID.String()}); err != nil {
		return err
	}
	if err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error { return s.queueTest(c, q, tx, p) }); err != nil {
		return err
	}
	p.Flash = views.Flash{Kind: views.FlashSuccess, Text: "A test mail is on its way to " + v.staff.Email + "."}
	if isFragment(c) {
		c.Vary("HX-Request", "HX-Request-Type")
		return write(c, "ui/_flash", p.Flash)
	}
	return p.render(c, "")
}

func (s *Site) queueTest(c *fiber.Ctx, q *queries.Queries, tx pgx.Tx, p *mailTextPage) error {
	v, ctx := at(c), c.UserContext()
	mail, err := s.sampleMail(c, p, views.MailPerson{Name: v.staff.Name, Email: v.staff.Email})
	if err != nil {
		return err
	}
	id, err := s.Mails.MailTest(ctx, q, queries.MailInsertParams{AccountID: v.account.ID, Kind: p.kind, StaffID: &v.staff.StaffID, ToEmail: v.staff.Email, Now: v.now},
		queries.MailCopyInsertParams{Subject: "Test: " + mail.Subject, BodyText: mail.Text, BodyHtml: mail.HTML})
	if err != nil {
		return err
	}
	if err := s.Queue.Mail(ctx, tx, v.account.ID, id); err != nil {
		return err
	}
	return v.did(ctx, q, "mail_text.test", queries.AuditSubject{Kind: "mail_text", Name: p.Name})
}

// packText makes a text short enough for an address; unpackText is its other direction, and makes
// nil of nothing.
func packText(t views.MailText) (string, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", err
	}
	err = errors.Join(json.NewEncoder(w).Encode(t), w.Close())
	return base64.RawURLEncoding.EncodeToString(packed.Bytes()), err
}

func unpackText(packed string) (*views.MailText, error) {
	if packed == "" {
		return nil, nil
	}
	var t views.MailText
	from := flate.NewReader(base64.NewDecoder(base64.RawURLEncoding, strings.NewReader(packed)))
	err := json.NewDecoder(io.LimitReader(from, 8*views.MailBodyMax)).Decode(&t) // more than any text makes, whatever is packed
	return &t, err
}
