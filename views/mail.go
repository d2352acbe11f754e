package views

import (
	"fmt"
	"strings"
	"time"
)

// MailKind says what a mail is for; it is also the name of its two templates.
type MailKind string

// The mails there are.
const (
	MailInvitation    MailKind = "invitation"     // a contact is invited to the client portal
	MailMagicLink     MailKind = "magic_link"     // staff made a sign-in link for a contact
	MailSignIn        MailKind = "sign_in"        // a contact asked for a link; has a Code
	MailStaffSetup    MailKind = "staff_setup"    // somebody sets up their staff account
	MailPasswordReset MailKind = "password_reset" // a staff person asked for a new password
)

// Mail is everything a mail says. Names may hold anything; what could break a line or turn text around is taken out.
type Mail struct {
	Kind      MailKind
	Account   MailAccount
	To        MailPerson
	Link      string         // what the button opens: an absolute http(s) address
	Code      string         // six digits, for MailSignIn and no other
	ExpiresAt time.Time      // when Link and Code end
	Location  *time.Location // the reader's zone; nil is UTC
	InvitedBy string         // name of the staff person behind the mail; empty: the account itself
	Target    string         // where in the portal a MailMagicLink leads, as a name; empty: its home
}

// MailAccount is the business a mail speaks for.
type MailAccount struct {
	Name         string // may be empty for MailPasswordReset only, which belongs to the person
	LogoURL      string // absolute http(s) address of a PNG or JPEG, shown up to 150 by 36 px; empty: the name alone
	Accent       string // #rrggbb, the button's colour; empty: near-black
	AccentText   string // #rrggbb on Accent; empty: computed
	SupportEmail string // where replies go; empty: the mail names no address
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

// sharedLine is the rest of the line that begins with the name and a colon.
func sharedLine(lines, name string) string {
	_, rest, _ := strings.Cut("\n"+lines, "\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}
