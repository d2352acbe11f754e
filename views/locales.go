package views

import (
	"html/template"
	"strconv"
	"strings"
	"time"
)

// locale is a way to write dates and numbers; the words around them are the page's own. What it writes is what browsers write
// (CLDR), so that time.js changes nothing that stands there already.
type locale struct {
	tag     string // as in BCP 47, for browsers
	name    string // in its own language
	months  string // the twelve short ones, with blanks between
	day     string // D and M stand for day and month
	date    string // and Y for the year
	clock   string // as in time.Format
	between string // date and time
	group   string // between thousands
	decimal string
	percent string // stands after the number
}

// locales are those a client can choose from. The first is the one of everybody who has not chosen.
var locales = []*locale{
	{"en-GB", "English (UK)", "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec", "D M", "D M Y", "15:04", ", ", ",", ".", "%"},
	{"en-US", "English (US)", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "M D", "M D, Y", "3:04 PM", ", ", ",", ".", "%"},
	{"de-DE", "Deutsch", "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.", "D. M", "D. M Y", "15:04", ", ", ".", ",", "\u00a0%"},
	{"es-ES", "Español", "ene feb mar abr may jun jul ago sept oct nov dic", "D M", "D M Y", "15:04", ", ", ".", ",", "\u00a0%"},
	{"fr-FR", "Français", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.", "D M", "D M Y", "15:04", ", ", "\u202f", ",", "\u202f%"},
	{"pt-BR", "Português (Brasil)", "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.", "D de M", "D de M de Y", "15:04", ", ", ".", ",", "%"},
	{"ja-JP", "日本語", "1 2 3 4 5 6 7 8 9 10 11 12", "M月D日", "Y年M月D日", "15:04", " ", ",", ".", "%"},
}

// LocaleDefault is the way of everybody who has not chosen one.
const LocaleDefault = "en-GB"

// localeOf is the one of that tag, or the first.
func localeOf(tag string) *locale {
	for _, l := range locales {
		if l.tag == tag {
			return l
		}
	}
	return locales[0]
}

// KnownLocale says whether dates and numbers can be written that way.
func KnownLocale(tag string) bool { return tag != "" && localeOf(tag).tag == tag }

// LocaleOptions are the ways to write dates and numbers, each with that day and a number as its example.
func LocaleOptions(example time.Time) (options []Option) {
	for _, l := range locales {
		options = append(options, Option{Value: l.tag, Label: l.name + ": " + l.dateOf(example) + " · 1" + l.group + "234" + l.decimal + "5"})
	}
	return options
}

// functions are what templates may call to write dates and numbers.
func (l *locale) functions() template.FuncMap {
	return template.FuncMap{"when": l.when, "date": l.dateOf, "datetime": l.datetime, "number": l.number, "percent": l.percentage, "plural": l.plural, "money": l.money}
}

// written is a moment by one of the locale's patterns. The zero time is empty.
func (l *locale) written(pattern string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	text := make([]byte, 0, 32) // most pages write many dates, and a strings.Replacer takes 6 KB each time
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case 'D':
			text = strconv.AppendInt(text, int64(t.Day()), 10)
		case 'M':
			text = append(text, l.month(t.Month())...)
		case 'Y':
			text = strconv.AppendInt(text, int64(t.Year()), 10)
		default:
			text = append(text, c)
		}
	}
	return string(text)
}

// month is the short name of a month.
func (l *locale) month(m time.Month) string {
	for name := range strings.FieldsSeq(l.months) {
		if m--; m == 0 {
			return name
		}
	}
	return ""
}

// Day is a day as people of a locale write it, for sentences that are made outside templates; an unknown locale counts as
// [LocaleDefault].
func Day(at time.Time, locale string) string { return localeOf(locale).dateOf(at) }
