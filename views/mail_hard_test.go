package views

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestNamesInMailsAreInert(t *testing.T) {
	t.Parallel()
	const attack = "<b onload=x>\r\nBcc: eve@example.com\n\n{{.Code}}\u202e\u2028\"'&</b>"
	for _, kind := range mailKinds {
		m := mailOf(kind)
		m.Account.Name, m.To.Name, m.InvitedBy, m.Target = attack, attack, attack, attack
		r := rendered(t, m)
		if strings.Contains(r.HTML, "<b ") || strings.Contains(r.HTML, "</b>") {
			t.Errorf("%s: a name became an element", kind)
		}
		if strings.ContainsAny(r.Subject+r.Preheader, "\r\n\u202e\u2028") || strings.Contains(r.Text, "\n\nBcc") {
			t.Errorf("%s: a name broke a line: %q %q", kind, r.Subject, r.Text)
		}
		if strings.ContainsAny(r.Text+r.HTML, "\u202e\u2028") {
			t.Errorf("%s: a name turns the text around", kind)
		}
	}
}

func TestNamesFromRightToLeft(t *testing.T) {
	t.Parallel()
	const name = "مركز الإبداع للتدريب والاستشارات المهنية في الشرق الأوسط كله"
	m := mailOf(MailInvitation)
	m.Account.Name, m.To.Name = name, "מרים"
	r := rendered(t, m)
	if want := "\u2068" + name + "\u2069 invites you to its client portal"; r.Subject != want {
		t.Errorf("Subject %q, want %q", r.Subject, want)
	}
	for line := range strings.Lines(r.Text) {
		if strings.Count(line, "\u2068") != strings.Count(line, "\u2069") {
			t.Errorf("a name is broken over lines: %q", line)
		}
	}
	if !strings.Contains(r.HTML, "Hello \u2068מרים\u2069,") {
		t.Error("the name in the HTML part is not fenced off")
	}
	if plain := rendered(t, mailOf(MailInvitation)); strings.ContainsAny(plain.Subject+plain.Text+plain.HTML, "\u2068\u2069") {
		t.Error("fences where none are needed")
	}
}

func TestMailExpiryNamesItsZone(t *testing.T) {
	t.Parallel()
	m := mailOf(MailSignIn)
	for zone, want := range map[*time.Location]string{
		nil:                                  "until 14:04 UTC.",
		time.FixedZone("CET", 3600):          "until 15:04 CET.",
		time.FixedZone("+0545", 5*3600+2700): "until 19:49 UTC+05:45.",
	} {
		m.Location = zone
		if r := rendered(t, m); !strings.Contains(r.Text, want) {
			t.Errorf("does not say %q: %s", want, r.Text)
		}
	}
}

func TestMailButtonCanBeReadAndSeen(t *testing.T) {
	t.Parallel()
	for _, accent := range []string{"", "#ffffff", "#000000", "#facc15", "#0f766e", "#1f2024", "#fefefe", "#808080", "#ff0000", "#00ff00"} {
		light, dark := MailAccount{Accent: accent}.buttons()
		for card, button := range map[string]mailButton{mailCard: light, mailCardDark: dark} {
			if got := Contrast(button.Fill, button.Text); got < 4.5 {
				t.Errorf("accent %q on %s: label has %.1f", accent, card, got)
			}
			if got := Contrast(button.Fill, card); got < 1.29 {
				t.Errorf("accent %q on %s: shape has %.2f", accent, card, got)
			}
		}
	}
	m := mailOf(MailInvitation)
	m.Account.Accent, m.Account.AccentText = "#7c2d12", "#ffedd5"
	if r := rendered(t, m); !strings.Contains(r.HTML, `bgcolor="#7c2d12"`) || !strings.Contains(r.HTML, "color:#ffedd5") {
		t.Error("the account's own colours are not used")
	}
}

// Text and surface colours of mail/_top.html, as the eye gets them.
func TestMailWordsCanBeRead(t *testing.T) {
	t.Parallel()
	r := rendered(t, mailOf(MailSignIn))
	for surface, words := range map[string][]string{
		mailCard:     {"#1a1b1f", "#3c3d45", "#565862"},
		"#f4f4f6":    {"#1a1b1f", "#565862"},
		mailCardDark: {"#ececef", "#cfd0d6", "#a6a8b3"},
		"#151619":    {"#ececef", "#a6a8b3"},
	} {
		for _, color := range words {
			if got := Contrast(color, surface); got < 4.5 || !strings.Contains(r.HTML, color) || !strings.Contains(r.HTML, surface) {
				t.Errorf("%s on %s: %.1f, or not in the mail", color, surface, got)
			}
		}
	}
	if stray := regexp.MustCompile(`ZgotmplZ|<no value>|\{\{`).FindString(r.HTML + r.Text); stray != "" {
		t.Errorf("the mail shows %q", stray)
	}
}

func TestMailsThatCannotBeRendered(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Mail){
		"no such kind":         func(m *Mail) { m.Kind = "newsletter" },
		"Account.Name":         func(m *Mail) { m.Account.Name = "\n" },
		"To.Email":             func(m *Mail) { m.To.Email = "" },
		"Account.SupportEmail": func(m *Mail) { m.Account.SupportEmail = "a\n@b" },
		"Link":                 func(m *Mail) { m.Link = "/l/secret-token" },
		"Link ":                func(m *Mail) { m.Link = "javascript:alert('secret-token')" },
		"Link is":              func(m *Mail) { m.Link = "https://acme.test/secret-token x" },
		"Account.LogoURL":      func(m *Mail) { m.Account.LogoURL = "data:image/png;base64,x" },
		"StopURL":              func(m *Mail) { m.StopURL = "/stop/secret-token" },
		"Account.PortalURL":    func(m *Mail) { m.Account.PortalURL = "acme.test" },
		"Code":                 func(m *Mail) { m.Code = "48291" },
		"Code ":                func(m *Mail) { m.Code = "" },
		"Code is":              func(m *Mail) { m.Kind = MailInvitation },
		"ExpiresAt":            func(m *Mail) { m.ExpiresAt = time.Time{} },
		"Account.Accent":       func(m *Mail) { m.Account.Accent = "red;}" },
		"Account.AccentText":   func(m *Mail) { m.Account.AccentText = "white" },
	} {
		m := mailOf(MailSignIn)
		change(&m)
		r, err := RenderMail(m)
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(name)) || r != (RenderedMail{}) {
			t.Errorf("%s: error %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the token: %v", name, err)
		}
	}
}
