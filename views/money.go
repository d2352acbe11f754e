package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Currency is one that money can be in.
type Currency struct {
	Code   string // ISO 4217, in lower case as Stripe writes it
	Name   string
	symbol string // empty: the code stands instead
	digits int    // after the decimal point; the minor unit counts them
}

// Currencies are those that prices can be in, the most used first. How many digits each has is what Stripe counts by:
// https://docs.stripe.com/currencies#zero-decimal
var Currencies = []Currency{
	{"eur", "Euro", "€", 2}, {"usd", "US dollar", "$", 2}, {"gbp", "Pound sterling", "£", 2}, {"chf", "Swiss franc", "", 2}, {"jpy", "Japanese yen", "¥", 0},
	{"cad", "Canadian dollar", "CA$", 2}, {"aud", "Australian dollar", "A$", 2}, {"nzd", "New Zealand dollar", "NZ$", 2}, {"brl", "Brazilian real", "R$", 2},
	{"sek", "Swedish krona", "", 2}, {"nok", "Norwegian krone", "", 2}, {"dkk", "Danish krone", "", 2}, {"pln", "Polish złoty", "", 2}, {"czk", "Czech koruna", "", 2},
	{"inr", "Indian rupee", "₹", 2}, {"mxn", "Mexican peso", "MX$", 2}, {"sgd", "Singapore dollar", "", 2}, {"hkd", "Hong Kong dollar", "HK$", 2},
	{"krw", "South Korean won", "₩", 0}, {"zar", "South African rand", "", 2}, {"kwd", "Kuwaiti dinar", "", 3},
}

// KnownCurrency says whether prices can be in it.
func KnownCurrency(code string) bool {
	return slices.ContainsFunc(Currencies, func(c Currency) bool { return c.Code == code })
}

// currencyOf is the one of that code; one that is not listed has two digits and its code.
func currencyOf(code string) Currency {
	for _, c := range Currencies {
		if c.Code == code {
			return c
		}
	}
	return Currency{Code: code, digits: 2}
}

// money writes an amount of minor units as the locale does: €1,234.50 or 1.234,50 €.
func (l *locale) money(minor int64, code string) (string, error) {
	c := currencyOf(code)
	sign, unit := "", int64(1)
	if minor < 0 {
		sign, minor = "−", -minor
	}
	for range c.digits {
		unit *= 10
	}
	amount, err := l.number(minor / unit)
	if err != nil {
		return "", err
	}
	if c.digits > 0 {
		amount += l.decimal + fmt.Sprintf("%0*d", c.digits, minor%unit)
	}
	symbol := c.symbol
	if symbol == "" {
		symbol = strings.ToUpper(c.Code)
	}
	switch {
	case strings.HasSuffix(l.percent, "%") && l.percent != "%": // those that set the percent sign apart write the currency behind
		return sign + amount + strings.TrimSuffix(l.percent, "%") + symbol, nil
	case c.symbol == "" || l.tag == "pt-BR":
		return sign + symbol + "\u00a0" + amount, nil
	}
	return sign + symbol + amount, nil
}

// MoneyWords is an amount as everybody writes it who has not chosen another way, for words that are put together outside of templates.
func MoneyWords(minor int64, code string) string { return MoneyIn("", minor, code) }

// MoneyIn is an amount as a locale writes it, for sentences that handlers make; empty is our own locale.
func MoneyIn(tag string, minor int64, code string) string {
	text, _ := localeOf(tag).money(minor, code) // whole numbers always can be written
	return text
}

// inGroups is a whole number as it may be typed: without marks, or with one mark, always the same, before each three digits; or as in India,
// where commas stand before the last three digits and before each two in front of them: 12,34,567.
var inGroups = regexp.MustCompile(`^(?:[0-9]+|[1-9][0-9]{0,2}(?:(?: [0-9]{3})+|(?:'[0-9]{3})+|(?:,[0-9]{3})+|(?:\.[0-9]{3})+)|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})$`)

// wholeAndPart takes an amount apart at its decimal mark. Three digits behind a point or comma are thousands, unless the currency has
// three, or what stands before begins with 0 or sets thousands apart by another mark. Marks elsewhere, or the same for both, are not
// ok: 1,2,3 and 12,34.5 could be a slip of anything.
func wholeAndPart(typed string, digits int) (whole, part string, ok bool) {
	const marks = " '.,"
	whole, mark := typed, ""
	if i := strings.LastIndexAny(typed, ".,"); i >= 0 && (len(typed)-i-1 != 3 || digits == 3 || typed[0] == '0' || strings.ContainsAny(typed[:i], strings.ReplaceAll(marks, typed[i:i+1], ""))) {
		whole, mark, part = typed[:i], typed[i:i+1], typed[i+1:]
	}
	ok = inGroups.MatchString(whole) && !strings.ContainsAny(whole, mark) && !strings.ContainsAny(part, marks)
	return strings.NewReplacer(" ", "", "'", "", ".", "", ",", "").Replace(whole), part, ok
}

// ParseMoney reads an amount as somebody types it, with a point or a comma before its last digits, and answers it in minor
// units. Blanks and signs may set thousands apart. Of what is no amount, can be read in two ways, or has more digits than the currency,
// wrong says what is allowed, for beside the field; otherwise it is empty.
func ParseMoney(typed, code string) (minor int64, wrong string) {
	c := currencyOf(code)
	typed = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(strings.TrimSpace(typed))
	whole, part, ok := wholeAndPart(typed, c.digits)
	switch {
	case whole == "" || strings.Trim(typed, "0123456789 '.,") != "":
		return 0, "Enter an amount, such as " + AmountExample(code) + "."
	case !ok:
		example := "1234"
		if c.digits > 0 {
			example += "." + "500"[:c.digits]
		}
		return 0, fmt.Sprintf("Write it like 1,%s or %s.", example[1:], example)
	case len(whole) > 12:
		return 0, "This amount is too large."
	case len(part) > c.digits && c.digits == 0:
		return 0, c.Name + " have no smaller unit: enter a whole amount, such as " + AmountExample(code) + "."
	case len(part) > c.digits:
		return 0, fmt.Sprintf("Amounts in %s have up to %d digits after the point, such as %s.", strings.ToUpper(code), c.digits, AmountExample(code))
	}
	for _, digit := range whole + part + strings.Repeat("0", c.digits-len(part)) {
		minor = minor*10 + int64(digit-'0')
	}
	return minor, ""
}

// AmountStep is what each amount has to be a multiple of that is charged in a currency, in minor units: one with three digits is charged to
// two of them (https://docs.stripe.com/currencies#three-decimal).
func AmountStep(code string) int64 {
	if currencyOf(code).digits == 3 {
		return 10
	}
	return 1
}

// AmountExample is an amount of that currency as it can be typed.
func AmountExample(code string) string {
	minor := int64(4900)
	if currencyOf(code).digits == 3 {
		minor *= 10
	}
	return TypedMoney(minor, code)
}

// TypedMoney is an amount as it stands in the field it is typed into: 49.00.
func TypedMoney(minor int64, code string) string {
	c, unit := currencyOf(code), int64(1)
	for range c.digits {
		unit *= 10
	}
	if c.digits == 0 {
		return fmt.Sprint(minor)
	}
	return fmt.Sprintf("%d.%0*d", minor/unit, c.digits, minor%unit)
}
