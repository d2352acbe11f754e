package views

import (
	"embed"
	html "html/template"
	"io"
	"path"
	"strings"
	text "text/template"
)

// OnMailExecute, if not nil, is called with the name of each mail template as it is executed, nested ones included
// ("mail/_end.html"). Set it before the first [RenderMail].
var OnMailExecute func(name string)

//go:embed all:mail
var mailFiles embed.FS

// The templates of the two parts of a mail. What does not parse stops the program as it starts.
var (
	mailHTML = html.New("").Funcs(html.FuncMap{"name": isolateName, "filler": preheaderFiller, "executed": reportMail})
	mailText = text.New("").Funcs(text.FuncMap{"name": isolateName, "executed": reportMail})
)

func init() {
	entries, err := mailFiles.ReadDir("mail")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		source, err := mailFiles.ReadFile("mail/" + name)
		if err != nil {
			panic(err)
		}
		if path.Ext(name) == ".md" {
			ourTexts[MailKind(strings.TrimSuffix(name, ".md"))] = parseOurText(string(source))
			continue
		}
		reporting := `{{executed "mail/` + name + `"}}` + string(source)
		if path.Ext(name) == ".html" {
			html.Must(mailHTML.New(name).Parse(reporting))
		} else {
			text.Must(mailText.New(name).Parse(reporting))
		}
	}
}

// reportMail is the call every mail template begins with.
func reportMail(name string) string {
	if OnMailExecute != nil {
		OnMailExecute(name)
	}
	return ""
}

// executor is a set of templates of either package.
type executor interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}

// executeMail returns what a mail template writes.
func executeMail(set executor, name string, page mailPage) (string, error) {
	var out strings.Builder
	err := set.ExecuteTemplate(&out, name, page)
	return out.String(), err
}
