package views

import (
	"html"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// executedMails are the names of the mail templates executed so far.
var executedMails sync.Map

func init() { OnMailExecute = func(name string) { executedMails.Store(name, true) } }

var mailKinds = []MailKind{MailInvitation, MailMagicLink, MailSignIn, MailStaffSetup, MailPasswordReset, MailStaffAdded, MailReminder, MailWelcome, MailEmailChange, MailEmailChanged, MailFormConfirm,
	MailCourseReady, MailLessonsUnlocked, MailCertificateReady, MailOfferConfirm, MailInvoiceReminder, MailPaymentReturned}

// mailOf is a complete mail of a kind.
func mailOf(kind MailKind) Mail {
	m := Mail{
		Kind: kind,
		Account: MailAccount{Name: "Acme Coaching", LogoURL: "https://acme.test/logo.png", Accent: "#0f766e",
			SupportEmail: "help@acme.test", PortalURL: "https://acme.test"},
		To:        MailPerson{Name: "Ada Lovelace", Email: "ada@example.com"},
		Link:      "https://acme.test/l/3q2-7wABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghij0123456789",
		ExpiresAt: time.Date(2026, 12, 1, 14, 4, 0, 0, time.UTC),
		InvitedBy: "Maya Okafor",
	}
	if kind == MailReminder {
		m.StopURL = "https://acme.test/stop/3q2-7w"
	}
	if kind == MailSignIn {
		m.Code = "482913"
	}
	if kind == MailEmailChange || kind == MailEmailChanged {
		m.OtherEmail = "b•••@e•••.org"
	}
	if kind == MailFormConfirm {
		m.Form = "Free strategy call"
	}
	if aboutCourse[kind] {
		m.Course = "Clear goals"
	}
	switch kind {
	case MailCourseReady:
		m.SignsIn, m.StopURL = true, "https://acme.test/stop/3q2-7w"
	case MailLessonsUnlocked:
		m.Lessons, m.StopURL = []string{"What matters", "What can wait", "A <b>bold</b> step"}, "https://acme.test/stop/3q2-7w"
	case MailCertificateReady:
		m.CheckURL = "https://acme.test/certificates/C3Q27W"
	case MailOfferConfirm:
		m.Offer = "A taster"
	case MailInvoiceReminder:
		m.Invoice = MailInvoice{"ACME-0102", "Three sessions", "€120.00", time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), true}
		m.StopURL = "https://acme.test/stop/3q2-7w"
	case MailPaymentReturned:
		m.Invoice = MailInvoice{"ACME-0102", "Three sessions", "€120.00", time.Time{}, false}
	}
	return m
}

// rendered renders a mail that has to be right.
func rendered(t *testing.T, m Mail) RenderedMail {
	t.Helper()
	r, err := RenderMail(m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// At the top of a mail stands the logo or the name, not both; where pictures are not loaded, the logo reads as the name.
func TestMailHasLogoOrName(t *testing.T) {
	t.Parallel()
	top := func(logo string) string {
		m := mailOf(MailInvitation)
		m.Account.Name, m.Account.LogoURL = `Acme "&" Sons`, logo
		page := rendered(t, m).HTML
		_, body, _ := strings.Cut(page, `<td class="aside"`)
		head, _, found := strings.Cut(body, `<td class="card"`)
		if !found {
			t.Fatal("no card in", page)
		}
		return head
	}
	with, without := top("https://acme.test/logo.png"), top("")
	if text := strings.TrimSpace(tag.ReplaceAllString("<td"+with, "")); text != "" || !strings.Contains(with, `alt="Acme &#34;&amp;&#34; Sons"`) {
		t.Errorf("with a logo it has %q beside it: %s", text, with)
	}
	if text := html.UnescapeString(tag.ReplaceAllString("<td"+without, "")); !strings.Contains(text, `Acme "&" Sons`) || strings.Contains(without, "<img") {
		t.Errorf("without a logo it has %q", text)
	}
}

var tag = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// wordsOf is a part as its words, one space between them.
func wordsOf(part string) string { return strings.Join(strings.Fields(part), " ") }

// readable is the HTML part without its tags.
func readable(part string) string {
	return wordsOf(html.UnescapeString(tag.ReplaceAllString(part, " ")))
}

func TestEveryMailTemplateIsExecuted(t *testing.T) {
	t.Parallel()
	for _, kind := range mailKinds {
		rendered(t, mailOf(kind))
	}
	entries, err := mailFiles.ReadDir("mail")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if _, executed := executedMails.Load("mail/" + entry.Name()); !executed {
			t.Errorf("mail/%s was never executed", entry.Name())
		}
	}
}

func TestMailSubjects(t *testing.T) {
	t.Parallel()
	for kind, want := range map[MailKind][2]string{
		MailInvitation:       {"Acme Coaching invites you to its client portal", "Accept the invitation and choose how you want to sign in. It is open until Tuesday, 1 December 2026, 14:04 UTC."},
		MailMagicLink:        {"Your link to sign in to Acme Coaching", "It works once, until Tuesday, 1 December 2026, 14:04 UTC. You need no password."},
		MailSignIn:           {"Your code and link to sign in to Acme Coaching", "Your code is 482913. It works until 14:04 UTC, in the browser where you asked for it."},
		MailStaffSetup:       {"Set up your Atrium account for Acme Coaching", "Choose your name and a password, and you can start."},
		MailFormConfirm:      {"Please confirm your address for Acme Coaching", "One press, and what you sent by “Free strategy call” counts. The link works until Tuesday, 1 December 2026, 14:04 UTC."},
		MailStaffAdded:       {"You can now work in Acme Coaching on Atrium", "You sign in as before and find it among your accounts."},
		MailPasswordReset:    {"Choose a new Atrium password", "The link works once, until Tuesday, 1 December 2026, 14:04 UTC."},
		MailReminder:         {"Your invitation to Acme Coaching is still open", "Accept it and choose how you want to sign in. It is open until Tuesday, 1 December 2026, 14:04 UTC."},
		MailWelcome:          {"Welcome to Acme Coaching", "Your client portal is ready. Keep this mail to find your way back."},
		MailEmailChange:      {"Confirm your new address for Acme Coaching", "It replaces b•••@e•••.org once you confirm it, until Tuesday, 1 December 2026, 14:04 UTC."},
		MailCourseReady:      {"You have access to “Clear goals”", "It is there for you in the portal of Acme Coaching, and you can begin right away."},
		MailLessonsUnlocked:  {"3 new lessons in “Clear goals”", "“What matters” and more is open now."},
		MailCertificateReady: {"Your certificate for “Clear goals”", "You have finished the course. The certificate is ready as a PDF."},
		MailOfferConfirm:     {"Your access to “A taster”", "One press, and it is yours. The link works until Tuesday, 1 December 2026, 14:04 UTC."},
		MailInvoiceReminder:  {"Invoice ACME-0102 was due on Tuesday, 24 November 2026", "€120.00 is still to be paid to Acme Coaching. You can do it in a minute."},
		MailPaymentReturned:  {"Your payment of invoice ACME-0102 did not go through", "Your bank did not make it, or took it back. You can pay again in a minute."},
		MailEmailChanged:     {"Your address for Acme Coaching was changed", "You now sign in with b•••@e•••.org. If that was not you, undo it until Tuesday, 1 December 2026, 14:04 UTC."},
	} {
		r := rendered(t, mailOf(kind))
		if r.Subject != want[0] || r.Preheader != want[1] {
			t.Errorf("%s: subject %q, preheader %q", kind, r.Subject, r.Preheader)
		}
	}
}

// toStaff says whether a kind of mail comes from the software, which nobody answers for, and not from the business.
func toStaff(kind MailKind) bool {
	return kind == MailStaffSetup || kind == MailPasswordReset || kind == MailStaffAdded
}

func TestBothPartsSayTheSame(t *testing.T) {
	t.Parallel()
	for _, kind := range mailKinds {
		m := mailOf(kind)
		r := rendered(t, m)
		shown := readable(r.HTML)
		for paragraph := range strings.SplitSeq(r.Text, "\n\n") {
			// The button carries its words without the colon, a list its items without the hyphen.
			if words := strings.TrimPrefix(strings.TrimSuffix(wordsOf(paragraph), ":"), "- "); words != "--" && words != m.StopURL && !strings.Contains(shown, words) &&
				!strings.Contains(strings.ReplaceAll(shown, " .", "."), words) {
				t.Errorf("%s: the HTML part does not say %q", kind, words)
			}
		}
		if !strings.Contains(r.HTML, r.Preheader) {
			t.Errorf("%s: no preheader", kind)
		}
		if n := strings.Count(r.HTML, `href="`+m.Link+`"`); n != 2 || !strings.Contains(shown, m.Link) {
			t.Errorf("%s: %d links to the target, want the button and the link as text", kind, n)
		}
		if m.StopURL != "" && !strings.Contains(r.HTML, `href="`+m.StopURL+`"`) {
			t.Errorf("%s: the HTML part does not lead out of such mails", kind)
		}
		if replies := strings.Contains(r.Text, "Reply to this mail"); replies != strings.Contains(shown, "Reply to this mail") || replies == toStaff(kind) {
			t.Errorf("%s: says that replies are read: %v", kind, replies)
		}
		if software := strings.Contains(r.Subject+r.Text+r.HTML, "Atrium"); software != toStaff(kind) {
			t.Errorf("%s: names the software: %v", kind, software)
		}
		if regexp.MustCompile(`(?i)[a-z]!|oops`).MatchString(shown + r.Text) {
			t.Errorf("%s: shouts", kind)
		}
	}
}

func TestTextPartIsWrapped(t *testing.T) {
	t.Parallel()
	for _, kind := range mailKinds {
		m := mailOf(kind)
		m.Link += strings.Repeat("x", 100)
		text := rendered(t, m).Text
		for line := range strings.Lines(text) {
			if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > 72 && line != m.Link {
				t.Errorf("%s: line of %d characters: %q", kind, len([]rune(line)), line)
			}
		}
		if strings.Count("\n"+text, "\n"+m.Link+"\n") != 1 {
			t.Errorf("%s: the link does not stand alone on a line", kind)
		}
	}
	if text := rendered(t, mailOf(MailSignIn)).Text; !strings.Contains(text, "\n\n    482913\n\n") {
		t.Errorf("the code does not stand alone: %s", text)
	}
}

func TestMailsWithoutOptionalFields(t *testing.T) {
	t.Parallel()
	for _, kind := range mailKinds {
		m := mailOf(kind)
		m.Account = MailAccount{Name: m.Account.Name}
		m.To.Name, m.InvitedBy = "", ""
		r := rendered(t, m)
		if strings.Contains(r.HTML, "<img") || strings.Contains(r.HTML, "mailto:") || strings.Contains(r.Text, "Questions?") {
			t.Errorf("%s: shows what it does not have", kind)
		}
		if !strings.Contains(r.Text, "Hello,\n") || !strings.Contains(r.HTML, "Hello,") {
			t.Errorf("%s: does not greet", kind)
		}
	}
	bought := mailOf(MailPaymentReturned)
	bought.Invoice, bought.Offer = MailInvoice{}, "A taster"
	if r := rendered(t, bought); r.Subject != "Your payment for “A taster” did not go through" || !strings.Contains(readable(r.HTML), "you do not have access yet") {
		t.Errorf("of a purchase: %s: %s", r.Subject, r.Text)
	}
	own := mailOf(MailStaffSetup)
	own.Account.SupportEmail = strings.ToUpper(own.To.Email)
	if r := rendered(t, own); strings.Contains(r.Text+r.HTML, "Questions?") {
		t.Errorf("asks the owner to write to themselves: %s", r.Text)
	}
	nobodys := mailOf(MailPasswordReset)
	nobodys.Account = MailAccount{}
	rendered(t, nobodys)
	aimed := mailOf(MailMagicLink)
	aimed.Target = "Courses"
	if r := rendered(t, aimed); !strings.Contains(readable(r.HTML), "takes you straight to Courses.") {
		t.Error("does not say where the link leads")
	}
}
