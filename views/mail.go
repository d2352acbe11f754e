package views

import (
	"fmt"
	"strings"
	"time"
)

// MailKind says what a mail is for; it is also the name of its two templates, or of its text (see [MailText]).
type MailKind string

// The mails there are.
const (
	MailInvitation    MailKind = "invitation"     // a contact is invited to the client portal
	MailMagicLink     MailKind = "magic_link"     // staff made a sign-in link for a contact
	MailSignIn        MailKind = "sign_in"        // a contact asked for a link; has a Code
	MailStaffSetup    MailKind = "staff_setup"    // somebody sets up their staff account
	MailPasswordReset MailKind = "password_reset" // a staff person asked for a new password
	MailFormConfirm   MailKind = "form_confirm"   // somebody sent a public form with this address
	MailStaffAdded    MailKind = "staff_added"    // a staff person who can sign in has one more account
	MailReminder      MailKind = "reminder"       // an invitation that nobody has accepted yet
	MailWelcome       MailKind = "welcome"        // a contact has joined; needs no ExpiresAt
	MailEmailChange   MailKind = "email_change"   // to the address a client wants: confirm it
	MailEmailChanged  MailKind = "email_changed"  // to the address a client had: it was changed, and how to undo that

	MailCourseReady      MailKind = "course_ready"      // a contact is given a course
	MailLessonsUnlocked  MailKind = "lessons_unlocked"  // lessons of a course unlocked for a client; needs no ExpiresAt
	MailCertificateReady MailKind = "certificate_ready" // a client finished a course that gives a certificate; needs no ExpiresAt
	MailOfferConfirm     MailKind = "offer_confirm"     // somebody wants a free offer with this address
	MailInvoiceReminder  MailKind = "invoice_reminder"  // an invoice is still to be paid; needs no ExpiresAt
	MailPaymentReturned  MailKind = "payment_returned"  // a bank did not pay an Invoice or for an Offer; needs no ExpiresAt
)

// Mail is everything a mail says. Names may hold anything; what could break a line or turn text around is taken out.
type Mail struct {
	Kind       MailKind
	Account    MailAccount
	To         MailPerson
	Link       string         // what the button opens: an absolute http(s) address
	Code       string         // six digits, for MailSignIn and no other
	ExpiresAt  time.Time      // when Link and Code end
	Location   *time.Location // the reader's zone; nil is UTC
	InvitedBy  string         // name of the staff person behind the mail; empty: the account itself
	Target     string         // where in the portal a MailMagicLink leads, as a name; empty: its home
	Text       MailText       // the account's own words, for kinds of MailTextKinds; zero: ours
	OtherEmail string         // the old address in a MailEmailChange, the new one in a MailEmailChanged, masked; for no other
	Form       string         // title of the form, for MailFormConfirm and no other
	Course     string         // title of the course, for the kinds about one
	SignsIn    bool           // Link signs in and ends at ExpiresAt; for MailCourseReady, which leads to the course otherwise
	Lessons    []string       // titles of what unlocked, at least one, for MailLessonsUnlocked and no other
	CheckURL   string         // absolute http(s) address where others see that a certificate is right, for MailCertificateReady and no other
	Offer      string         // title of the offer, for MailOfferConfirm, and for a MailPaymentReturned without an invoice
	Invoice    MailInvoice    // for MailInvoiceReminder, and for a MailPaymentReturned without an offer
	StopURL    string         // absolute http(s) address that ends mails like this one; empty: the mail names none
}

// MailInvoice is an invoice that a mail is about.
type MailInvoice struct {
	Number  string
	For     string    // what it is for, in its own words; may be empty
	Left    string    // what is left to pay, with its currency
	Due     time.Time // zero: it has no date
	Overdue bool      // the date has passed
}

// MailAccount is the business a mail speaks for.
type MailAccount struct {
	Name         string // may be empty for MailPasswordReset only, which belongs to the person
	LogoURL      string // absolute http(s) address of a PNG or JPEG, shown up to 240 by 36 px in place of the name; empty: the name
	Accent       string // #rrggbb, the button's colour; empty: near-black
	AccentText   string // #rrggbb on Accent; empty: computed
	SupportEmail string // where replies of clients go; empty: the mail names no address
	PortalURL    string // absolute http(s) address of the portal; empty: not shown
}

// MailPerson is who gets a mail.
type MailPerson struct {
	Name  string // may be empty
	Email string
}

// RenderedMail is a mail ready to be sent. Subject and Preheader are single lines. Text ends its lines with \n and wraps them
// at 72 characters, but never inside an address.
type RenderedMail struct{ Subject, Preheader, Text, HTML string }

// RenderMail writes a mail's subject and both parts. Its error says which field of m is missing or malformed.
func RenderMail(m Mail) (RenderedMail, error) {
	rendered, err := m.render()
	if err != nil {
		return RenderedMail{}, fmt.Errorf("views: mail %q: %w", m.Kind, err)
	}
	return rendered, nil
}

func (m Mail) render() (RenderedMail, error) {
	page, err := m.page()
	if err != nil {
		return RenderedMail{}, err
	}
	if ours, worded := ourTexts[m.Kind]; worded {
		return page.renderText(ours)
	}
	plain, err := executeMail(mailText, string(m.Kind)+".txt", page)
	if err != nil {
		return RenderedMail{}, err
	}
	// The text template begins with the lines both parts share, so that they are written once.
	shared, plain, _ := strings.Cut(plain, "\n\n")
	page.Subject, page.Preheader, page.Because = sharedLine(shared, "Subject"), sharedLine(shared, "Preheader"), sharedLine(shared, "Because")
	end, err := executeMail(mailText, "_end.txt", page)
	if err != nil {
		return RenderedMail{}, err
	}
	rich, err := executeMail(mailHTML, string(m.Kind)+".html", page)
	if err != nil {
		return RenderedMail{}, err
	}
	return RenderedMail{page.Subject, page.Preheader, wrapParagraphs(plain + "\n" + end), rich}, nil
}

// renderText writes a mail whose words are a text. It refuses none: what a text lacks or has too much is said where it is
// written, and a mail goes out with a text that was right by older rules.
func (p mailPage) renderText(ours ourText) (RenderedMail, error) {
	reportMail("mail/" + string(p.Kind) + ".md")
	words, own := ours.MailText, p.Text != MailText{}
	if own {
		words = p.Text
	}
	values, body := p.placeholderValues(), parseMailBody(words.Body)
	body.fill(values)
	p.Subject, p.Preheader, p.Because = fillLine(words.Subject, values), fillLine(ours.Preheader, values), fillLine(ours.Because, values)
	if own {
		p.Preheader = body.preheader()
	}
	plain, err := p.setBlocks(body)
	if err != nil {
		return RenderedMail{}, err
	}
	end, err := executeMail(mailText, "_end.txt", p)
	if err != nil {
		return RenderedMail{}, err
	}
	rich, err := executeMail(mailHTML, "text.html", p)
	return RenderedMail{p.Subject, p.Preheader, plain + "\n" + wrapParagraphs(end), rich}, err
}

// setBlocks makes the blocks of the HTML part, and returns the text part's words. A mail that has to lead somewhere does so
// even without a button in its text.
func (p *mailPage) setBlocks(body *mailBody) (plain string, err error) {
	var paragraphs []string
	styles := mailStyles
	press := func(label string) {
		button := *p
		if label != "" {
			button.Action = label
		}
		p.Blocks, p.HasButton, styles = append(p.Blocks, mailBlock{Button: &button}), true, mailStylesSmall
		paragraphs = append(paragraphs, button.Action+":", p.Link)
	}
	for block := body.tree.FirstChild(); block != nil; block = block.NextSibling() {
		if button := buttonIn(block); button != nil {
			_, label, _ := strings.Cut(strings.Trim(button.typed, "{}"), ":")
			press(mailLine(label))
			continue
		}
		shown, err := body.html(block, styles)
		if err != nil {
			return "", err
		}
		p.Blocks = append(p.Blocks, mailBlock{HTML: shown})
		if words := body.plain(block, textWidth); words != p.Subject { // which stands above it already
			paragraphs = append(paragraphs, words)
		}
	}
	if !p.HasButton && p.Kind != MailWelcome {
		press("")
	}
	return strings.Join(paragraphs, "\n\n") + "\n", nil
}

// sharedLine is the rest of the line that begins with the name and a colon.
func sharedLine(lines, name string) string {
	_, rest, _ := strings.Cut("\n"+lines, "\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}
