package views

import (
	"strings"
	"testing"
	"time"
)

// worded is an invitation in somebody's own words.
func worded(body string) Mail {
	m := mailOf(MailInvitation)
	m.Text = MailText{Subject: "Come in, {first_name}", Body: body}
	return m
}

func TestOurTextsAreRight(t *testing.T) {
	t.Parallel()
	for _, kind := range MailTextKinds {
		ours, found := OurMailText(kind)
		if subject, body := ours.Check(kind); !found || subject != "" || body != "" {
			t.Errorf("%s: found %v, %q, %q", kind, found, subject, body)
		}
		for _, p := range MailPlaceholders(kind) {
			m, ours := mailOf(kind), ours
			m.Target = "Courses"
			ours.Body += "\n\nIt is <{" + p.Name + "}>."
			m.Text = ours
			if p.Name == "button" {
				continue
			}
			if subject, body := ours.Check(kind); subject != "" || body != "" || p.Meaning == "" {
				t.Errorf("%s {%s}: %q %q", kind, p.Name, subject, body)
			}
			if r := rendered(t, m); strings.Contains(r.Text+r.HTML, "{"+p.Name) {
				t.Errorf("%s: {%s} stands for nothing", kind, p.Name)
			}
		}
	}
	if _, found := OurMailText(MailSignIn); found || MailPlaceholders(MailStaffSetup) != nil {
		t.Error("mails of the program's own have texts")
	}
}

func TestTextsAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind          MailKind
		text          MailText
		subject, body string // what the message has in it; empty: none
	}{
		"right":                      {MailInvitation, MailText{"Hello {name}", "Hi\n{button}\nBye"}, "", ""},
		"words of the button":        {MailInvitation, MailText{"x", "{button: Komm herein}"}, "", ""},
		"a welcome needs no button":  {MailWelcome, MailText{"x", "Hi {name}"}, "", ""},
		"a brace that is meant":      {MailWelcome, MailText{"x", `Hi \{you}`}, "", ""},
		"address of a certificate":   {MailCertificateReady, MailText{"x", "[Here]({proof})\n\n{button}"}, "", ""},
		"not that address":           {MailCertificateReady, MailText{"x", "[Here]({course})\n\n{button}"}, "", "Only {proof} and {portal} can be"},
		"address of the portal":      {MailWelcome, MailText{"x", "[Here]({portal})"}, "", ""},
		"empty":                      {MailInvitation, MailText{" ", "\n"}, "Enter a subject", "Enter what"},
		"unknown":                    {MailInvitation, MailText{"{nickname}", "{vorname}\n\n{button}"}, "{nickname} is not a placeholder of a subject of this mail. There are {name}, {first_name}", "{vorname} is not a placeholder of this mail. There are {button}, {name}"},
		"of another kind":            {MailWelcome, MailText{"{expires}", "{expires}"}, "{expires} is not", "{expires} is not"},
		"missing":                    {MailReminder, MailText{"x", "Hello {name}"}, "", "{button} is missing"},
		"button in the subject":      {MailInvitation, MailText{"{button}", "{button}"}, "{button} is not", ""},
		"button among words":         {MailInvitation, MailText{"x", "Press {button} now"}, "", "alone on its line"},
		"button in a list":           {MailInvitation, MailText{"x", "- {button}"}, "", "alone on its line"},
		"button as an address":       {MailInvitation, MailText{"x", "[Go]({button})\n\n{button}"}, "", "Only {portal}"},
		"unknown in an address":      {MailWelcome, MailText{"x", "[Go]({url})"}, "", "{url} is not"},
		"picture":                    {MailWelcome, MailText{"x", "![Us](https://acme.test/us.png)"}, "", "no pictures"},
		"words where there are none": {MailWelcome, MailText{"x", "{name: Ana}"}, "", "{name: Ana} is not"},
		"too long":                   {MailWelcome, MailText{strings.Repeat("x", 201), strings.Repeat("ä", 10001)}, "has 201", "has 10001"},
		"two lines":                  {MailWelcome, MailText{"a\u202eb", "x"}, "one line", ""},
	} {
		subject, body := c.text.Check(c.kind)
		if (c.subject == "") != (subject == "") || !strings.Contains(subject, c.subject) || (c.body == "") != (body == "") || !strings.Contains(body, c.body) {
			t.Errorf("%s: %q, %q", name, subject, body)
		}
	}
}

func TestOwnWords(t *testing.T) {
	t.Parallel()
	m := worded("# Hi *{first_name}*\n\nDear {name},\n\nyou are **in**.\nA second line, &amp; a \\*star\\*.\n\n{button: Go in}\n\n" +
		"1. [Our site](https://acme.test/a?b=1&c=2)\n2. Write to [us](mailto:help@acme.test)\n\n> Said\n> so\n\n- one\n- two\n\n***\n\nUntil {expires} at {portal}, from {invited_by}. Bare https://acme.test/x")
	r := rendered(t, m)
	want := `Hi Ada

Dear Ada Lovelace,

you are in.
A second line, & a *star*.

Go in:

` + m.Link + `

1. Our site (https://acme.test/a?b=1&c=2)
2. Write to us (help@acme.test)

> Said
> so

- one
- two

* * *

Until Tuesday, 1 December 2026, 14:04 UTC at https://acme.test, from
Maya Okafor from Acme Coaching. Bare https://acme.test/x

-- 
`
	if words, _, _ := strings.Cut(r.Text, "-- \n"); words+"-- \n" != want || r.Subject != "Come in, Ada" {
		t.Errorf("subject %q, text\n%s", r.Subject, r.Text)
	}
	if r.Preheader != "you are in. A second line, & a *star*. Until Tuesday, 1 December 2026, 14:04 UTC at https://acme.test, from Maya Okafor from Acme Coaching. …" {
		t.Errorf("preheader %q", r.Preheader)
	}
	for _, part := range []string{`>Hi <em>Ada</em></h1>`, `you are <strong class="strong"`, ">Go in</span>", `href="https://acme.test/a?b=1&amp;c=2"`, `href="mailto:help@acme.test"`,
		`href="https://acme.test/x"`, "<br>", `<ol class="words"`, `<hr class="line"`, `<blockquote class="line"`, `href="` + m.Link + `"`} {
		if !strings.Contains(r.HTML, part) {
			t.Errorf("the HTML part has no %s:\n%s", part, r.HTML)
		}
	}
	if strings.Count(r.HTML, `href="`+m.Link+`"`) != 2 || strings.Contains(r.HTML, "Accept invitation") {
		t.Error("the button is not the one that was asked for")
	}
}

// What a text says of an invoice or a link holds for each: with a date or without, whether it signs in or not.
func TestWordsThatDepend(t *testing.T) {
	t.Parallel()
	invoice := mailOf(MailInvoiceReminder)
	invoice.Text = MailText{"{number} {due}", "{invoice}: {amount} {due}."}
	ready := mailOf(MailCourseReady)
	ready.Text = MailText{"{course}", "{access}"}
	for want, change := range map[string]func(){
		"ACME-0102 (Three sessions): €120.00 was due on Tuesday, 24 November\n2026.": func() {},
		"ACME-0102 (Three sessions): €120.00 is due on Tuesday, 24 November 2026.":   func() { invoice.Invoice.Overdue = false },
		"ACME-0102: €120.00 is still to be paid.":                                    func() { invoice.Invoice.Due, invoice.Invoice.For = time.Time{}, "" },
	} {
		invoice.Invoice = mailOf(MailInvoiceReminder).Invoice
		change()
		if r := rendered(t, invoice); !strings.HasPrefix(r.Text, want) {
			t.Errorf("%q begins %.90q", want, r.Text)
		}
	}
	if r := rendered(t, ready); r.Subject != "Clear goals" || !strings.HasPrefix(r.Text, "The link signs you in once, until Tuesday") {
		t.Errorf("%q, %.90q", r.Subject, r.Text)
	}
	ready.SignsIn = false
	if r := rendered(t, ready); !strings.HasPrefix(r.Text, "If you are asked to sign in") {
		t.Errorf("%.90q", r.Text)
	}
}

// Neither people's names nor what staff write can bring anything into a mail but words and links.
func TestOwnWordsAreHarmless(t *testing.T) {
	t.Parallel()
	m := worded("Hi {name}\n\n<script>evil()</script> <img src=x onerror=evil()> <b>bold</b>\n\n[a](javascript:evil()) [b](data:text/html,evil) <javascript:evil()> [c]({name})\n\n" +
		"[d](https://x.test/\"onclick=evil()) `code` {button}\n\n{unknown} {{.Link}}\n\n# <i>x</i>")
	m.To.Name = `[x](https://evil.test) <b onload=x> *bold* {button} {portal}`
	r := rendered(t, m)
	for _, part := range []string{"<script", "<img src=x", "<b>", "<b ", "<i>", `href="javascript:`, `href="data:`, `"https://evil.test`, "<em>bold", `" onclick`, `"onclick`} {
		if strings.Contains(r.HTML, part) {
			t.Errorf("the HTML part has %s:\n%s", part, r.HTML)
		}
	}
	for _, part := range []string{"<script>evil()</script>", "<b>bold</b>", "{unknown}", m.To.Name} {
		if !strings.Contains(readable(strings.ReplaceAll(r.HTML, "\u00a0", " ")), wordsOf(part)) {
			t.Errorf("the HTML part does not show %s as it was typed", part)
		}
	}
	if strings.Count(r.HTML, `href="`+m.Link+`"`) != 2 {
		t.Error("a mail whose text has no button leads nowhere")
	}
	if !strings.Contains(r.Text, m.Link) {
		t.Error("nor its text part")
	}
}

func TestSameMailEachTime(t *testing.T) {
	t.Parallel()
	m := worded("Hello {name},\n\n* a\n* b\n\n{button}\n\n{expires}")
	first := rendered(t, m)
	for range 5 {
		if rendered(t, m) != first {
			t.Fatal("the same mail is another one")
		}
	}
	m.To.Name = ""
	if r := rendered(t, m); !strings.HasPrefix(r.Text, "Hello,\n") || r.Subject != "Come in," {
		t.Errorf("to somebody without a name: %q\n%s", r.Subject, r.Text)
	}
}
