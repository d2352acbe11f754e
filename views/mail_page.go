package views

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// mailPage is what the mail templates see: a checked mail with clean names, and the words both parts share.
type mailPage struct {
	Mail
	Action     string     // the verb on the button
	Staff      bool       // a mail to staff, which may name the software
	Questions  string     // whom to write to; empty: the mail says nobody
	Button     mailButton // in light surroundings
	ButtonDark mailButton // in dark ones
	Subject    string
	Preheader  string
	Because    string      // why the reader gets this mail
	Blocks     []mailBlock // of a mail whose words are a text
	HasButton  bool        // whether one of them is the button
}

// mailBlock is a part of a mail's text: words, or the button, for which it is the page with the button's own words.
type mailBlock struct {
	HTML   template.HTML
	Button *mailPage
}

// mailButton is a button's two colours, #rrggbb.
type mailButton struct{ Fill, Text string }

// The card a mail's words stand on, as in mail/_top.html.
const (
	mailCard     = "#fefefe"
	mailCardDark = "#1f2024"
)

var mailActions = map[MailKind]string{
	MailInvitation:    "Accept invitation",
	MailMagicLink:     "Sign in",
	MailSignIn:        "Sign in",
	MailStaffSetup:    "Set up account",
	MailPasswordReset: "Choose new password",
	MailFormConfirm:   "Confirm my address",
	MailStaffAdded:    "Open the account",
	MailReminder:      "Accept invitation",
	MailWelcome:       "Open the portal",
	MailEmailChange:   "Confirm address",
	MailEmailChanged:  "Undo the change",

	MailCourseReady:      "Open the course",
	MailLessonsUnlocked:  "Go on learning",
	MailCertificateReady: "Open the certificate",
	MailOfferConfirm:     "Get access",
	MailInvoiceReminder:  "See and pay the invoice",
	MailPaymentReturned:  "Pay again",
}

// aboutCourse are the kinds of mail that are about one.
var aboutCourse = map[MailKind]bool{MailCourseReady: true, MailLessonsUnlocked: true, MailCertificateReady: true}

// needsEnd says whether the link of the mail has to end at a time.
func (p mailPage) needsEnd() bool {
	return p.Kind != MailWelcome && p.Kind != MailLessonsUnlocked && p.Kind != MailCertificateReady && p.Kind != MailInvoiceReminder && p.Kind != MailPaymentReturned && (p.Kind != MailCourseReady || p.SignsIn)
}

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// page checks a mail and makes it ready for the templates.
func (m Mail) page() (mailPage, error) {
	if m.Location == nil {
		m.Location = time.UTC
	}
	for _, name := range []*string{&m.Account.Name, &m.To.Name, &m.InvitedBy, &m.Target, &m.OtherEmail, &m.Form, &m.Course, &m.Offer, &m.Invoice.Number, &m.Invoice.For, &m.Invoice.Left} {
		*name = mailLine(*name)
	}
	m.Lessons = slices.Clone(m.Lessons)
	for i := range m.Lessons {
		m.Lessons[i] = mailLine(m.Lessons[i])
	}
	page := mailPage{Mail: m, Action: mailActions[m.Kind], Staff: m.Kind == MailStaffSetup || m.Kind == MailPasswordReset || m.Kind == MailStaffAdded}
	page.Button, page.ButtonDark = m.Account.buttons()
	page.Questions = page.questions()
	return page, page.check()
}

// questions is the account's address, but not for those to whom it is their own, as it is for whoever has just made the account, and not
// where the mail is about no account.
func (p mailPage) questions() string {
	if p.Staff && (p.Kind == MailPasswordReset || strings.EqualFold(p.Account.SupportEmail, p.To.Email)) {
		return ""
	}
	return p.Account.SupportEmail
}

// buttons are the account's button for both surroundings; neutral without an accent.
func (a MailAccount) buttons() (light, dark mailButton) {
	if a.Accent == "" {
		return mailButton{"#1f2128", "#ffffff"}, mailButton{"#ececef", "#17181c"}
	}
	if a.AccentText == "" {
		a.AccentText = TextOn(a.Accent)
	}
	return a.on(mailCard, 1.3), a.on(mailCardDark, 2)
}

// on is the accent as a button that can be told from the card it stands on, as on the portal's pages.
func (a MailAccount) on(card string, visible float64) mailButton {
	if fill := shift(a.Accent, card, visible); fill != a.Accent {
		return mailButton{fill, TextOn(fill)}
	}
	return mailButton{a.Accent, a.AccentText}
}

// check says what is missing or malformed.
func (p mailPage) check() error {
	if p.Action == "" {
		return errors.New("there is no such kind of mail")
	}
	var faults []error
	demand := func(ok bool, field string, value any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s is %q", field, fmt.Sprint(value)))
		}
	}
	demand(p.Account.Name != "" || p.Kind == MailPasswordReset, "Account.Name", p.Account.Name)
	demand(strings.Contains(p.To.Email, "@") && mailLine(p.To.Email) == p.To.Email, "To.Email", p.To.Email)
	demand(mailLine(p.Account.SupportEmail) == p.Account.SupportEmail, "Account.SupportEmail", p.Account.SupportEmail)
	// The value is a way in, so it is not repeated where a log could keep it.
	demand(isWebAddress(p.Link), "Link", "not an absolute http(s) address")
	demand(p.StopURL == "" || isWebAddress(p.StopURL), "StopURL", "not an absolute http(s) address")
	demand(p.Account.LogoURL == "" || isWebAddress(p.Account.LogoURL), "Account.LogoURL", p.Account.LogoURL)
	demand(p.Account.PortalURL == "" || isWebAddress(p.Account.PortalURL), "Account.PortalURL", p.Account.PortalURL)
	demand(sixDigits.MatchString(p.Code) == (p.Kind == MailSignIn) && (p.Code == "") == (p.Kind != MailSignIn), "Code", "not what this kind takes")
	demand((p.OtherEmail != "") == (p.Kind == MailEmailChange || p.Kind == MailEmailChanged), "OtherEmail", p.OtherEmail)
	demand((p.Form != "") == (p.Kind == MailFormConfirm), "Form", p.Form)
	demand((p.Course != "") == aboutCourse[p.Kind], "Course", p.Course)
	demand((len(p.Lessons) > 0) == (p.Kind == MailLessonsUnlocked), "Lessons", p.Lessons)
	ofInvoice := p.Invoice.Number != "" && p.Invoice.Left != ""
	demand((p.Offer != "") == (p.Kind == MailOfferConfirm || p.Kind == MailPaymentReturned && !ofInvoice), "Offer", p.Offer)
	demand(ofInvoice == (p.Kind == MailInvoiceReminder || p.Kind == MailPaymentReturned && p.Offer == ""), "Invoice", p.Invoice)
	demand((p.CheckURL != "") == (p.Kind == MailCertificateReady) && (p.CheckURL == "" || isWebAddress(p.CheckURL)), "CheckURL", p.CheckURL)
	demand(!p.ExpiresAt.IsZero() || !p.needsEnd(), "ExpiresAt", p.ExpiresAt)
	for field, color := range map[string]string{"Account.Accent": p.Account.Accent, "Account.AccentText": p.Account.AccentText} {
		_, ok := parseColor(color)
		demand(ok || color == "", field, color)
	}
	return errors.Join(faults...)
}

// isWebAddress reports whether s is an absolute http(s) address that a program finds whole in plain text.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(s, " \t\r\n<>\"")
}
