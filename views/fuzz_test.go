package views

import (
	"html/template"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// FuzzMarkdown: whatever staff write, only the elements, attributes and addresses of the table come of it.
func FuzzMarkdown(f *testing.F) {
	for _, attack := range attacks(f) {
		f.Add(attack)
	}
	f.Fuzz(func(t *testing.T, source string) { doesNothing(t, source, Markdown(source)) })
}

// FuzzParseMoney: what is taken as an amount is one that can be typed, and what we write into a field is read back as it was.
func FuzzParseMoney(f *testing.F) {
	for _, typed := range []string{"49", "49.00", "49,5", "1.234,56", "1'234.50", "1 234", "0", "", "-1", "1e3", "NaN", "999999999999", "1.2.3", "1,5.0", "12,34.5", "12,34,567", "1 234’567", "1,234.567", ".5", "5.", "1,234", "١", "½", "0x1", "49\x00"} {
		for _, code := range []string{"eur", "jpy", "kwd", "xxx", ""} {
			f.Add(typed, code)
		}
	}
	f.Fuzz(func(t *testing.T, typed, code string) {
		minor, wrong := ParseMoney(typed, code)
		if wrong != "" {
			if minor != 0 {
				t.Errorf("%q %s is refused and %d", typed, code, minor)
			}
			return
		}
		if minor < 0 {
			t.Errorf("%q %s is %d", typed, code, minor)
		}
		if again, wrong := ParseMoney(TypedMoney(minor, code), code); wrong != "" || again != minor {
			t.Errorf("%q %s is %d, which is typed %q, which is %d (%s)", typed, code, minor, TypedMoney(minor, code), again, wrong)
		}
		if words := MoneyWords(minor, code); !utf8.ValidString(words) && utf8.ValidString(code) {
			t.Errorf("%d %s reads %q", minor, code, words)
		}
	})
}

// FuzzBrand: a stylesheet and a file's name take colours and nothing else, whatever stands in a brand.
func FuzzBrand(f *testing.F) {
	for _, color := range []string{"#3457d5", "#FFF", "", "red", "#12345g", "#000000}", "#000000;x:url(//evil)", "#ffffff/*", "\x00#ffffff", "#ffffff\n"} {
		f.Add(color, "#0f766e", "0.5rem", "auto")
		f.Add("#0f766e", color, color, color)
	}
	f.Fuzz(func(t *testing.T, accent, accent2, radius, scheme string) {
		css := string(BrandStylesheet(Brand{accent, accent2, radius, scheme}))
		for _, sign := range []string{"url(", "/*", "@import", "<", `\`, `"`, "\x00", "expression"} {
			if strings.Contains(css, sign) {
				t.Fatalf("%q %q %q %q: %q stands in\n%s", accent, accent2, radius, scheme, sign, css)
			}
		}
		if strings.Count(css, "{") != strings.Count(css, "}") {
			t.Errorf("%q %q %q %q: a block is broken open\n%s", accent, accent2, radius, scheme, css)
		}
		accent, accent2 = strings.ToLower(accent), strings.ToLower(accent2) // as the database has them
		css = string(BrandStylesheet(Brand{accent, accent2, radius, scheme}))
		told, _, found := BrandOfFile(BrandFile(Brand{accent, accent2, radius, scheme}))
		if !found || string(BrandStylesheet(told)) != css {
			t.Errorf("%q %q %q %q is told as %+v (%v)", accent, accent2, radius, scheme, told, found)
		}
		_, _, _ = BrandOfFile(accent)
		_ = Contrast(accent, accent2)
	})
}

// FuzzMailText: a text that is said to be right makes a mail, and nothing of it, nor of a name in it, is anything but words and links.
func FuzzMailText(f *testing.F) {
	for _, attack := range attacks(f) {
		f.Add("Come in, {first_name}", attack+"\n\n{button}", attack)
	}
	f.Add("{name}", "# {name}\n\n[{name}]({portal})\n\n{button: Go}\n\n- {business}\n\n> {expires}", "{button}](javascript:evil())")
	f.Add("{", "{button}\n\n{{.}} {name", "Ana\r\nBcc: eve@example.com")
	f.Fuzz(func(t *testing.T, subject, body, name string) {
		m := mailOf(MailInvitation)
		m.Text = MailText{Subject: subject, Body: body}
		m.To.Name, m.Account.Name = name, name
		if inSubject, inBody := m.Text.Check(MailInvitation); inSubject != "" || inBody != "" {
			return
		}
		made, err := RenderMail(m)
		if err != nil {
			if mailLine(name) != "" { // an account is never without a name
				t.Errorf("%q and %q with %q: %v", subject, body, name, err)
			}
			return
		}
		if strings.ContainsAny(made.Subject, "\r\n") {
			t.Errorf("%q with %q has the subject %q", subject, name, made.Subject)
		}
		tokens := html.NewTokenizer(strings.NewReader(made.HTML))
		for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
			token := tokens.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			switch token.Data {
			case "script", "iframe", "object", "embed", "form", "input", "svg", "math", "base", "link":
				t.Errorf("%q with %q has %s", body, name, token)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src") && !harmlessAddress.MatchString(a.Val) {
					t.Errorf("%q with %q has %s", body, name, token)
				}
			}
		}
	})
}

// markdownElements are what markdown makes, each with its attributes.
var markdownElements = map[string][]string{"p": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "strong": nil, "em": nil, "del": nil, "ul": nil, "ol": {"start"}, "li": nil, "blockquote": nil, "br": nil,
	"hr": nil, "pre": nil, "code": nil, "table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"align"}, "td": {"align"}, "a": {"href", "rel", "target"},
	"img": {"loading", "decoding", "src", "alt"}}

// doesNothing demands that what was made of somebody's markdown has no element, attribute or address but those of the table.
func doesNothing(t *testing.T, source string, rendered template.HTML) {
	t.Helper()
	made := string(rendered)
	tokens := html.NewTokenizer(strings.NewReader(made))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		token := tokens.Token()
		allowed, known := markdownElements[token.Data]
		switch {
		case kind == html.TextToken || kind == html.EndTagToken:
			continue
		case kind == html.CommentToken || kind == html.DoctypeToken || !known:
			t.Errorf("%q becomes\n%s\nwith %s", source, made, token)
			continue
		}
		for _, a := range token.Attr {
			if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+a.Key+" ") {
				t.Errorf("%q becomes\n%s\nwith the attribute %s", source, made, a.Key)
			}
			if a.Key == "href" && !harmlessAddress.MatchString(a.Val) || a.Key == "src" && !strings.HasPrefix(a.Val, "https://") {
				t.Errorf("%q becomes\n%s\nleading to %s", source, made, a.Val)
			}
		}
	}
}
