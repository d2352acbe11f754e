package views

import (
	"strings"
	"testing"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale   string
		minor    int64
		currency string
		want     string
	}{
		{"en-GB", 123450, "eur", "€1,234.50"}, {"en-US", 5, "usd", "$0.05"}, {"de-DE", 123450, "eur", "1.234,50\u00a0€"}, {"fr-FR", 123450, "eur", "1\u202f234,50\u202f€"},
		{"es-ES", 990, "eur", "9,90\u00a0€"}, {"pt-BR", 4900, "brl", "R$\u00a049,00"}, {"ja-JP", 4900, "jpy", "¥4,900"}, {"en-GB", 4900, "chf", "CHF\u00a049.00"},
		{"en-GB", 1234, "kwd", "KWD\u00a01.234"}, {"en-GB", -4900, "gbp", "−£49.00"}, {"en-GB", 4900, "xyz", "XYZ\u00a049.00"}, {"de-DE", 0, "eur", "0,00\u00a0€"},
	} {
		if got, err := localeOf(c.locale).money(c.minor, c.currency); got != c.want || err != nil {
			t.Errorf("%d %s in %s: %q, want %q (%v)", c.minor, c.currency, c.locale, got, c.want, err)
		}
	}
}

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{"49": 4900, "49.00": 4900, "49,00": 4900, "49,5": 4950, " 1 234,50 ": 123450, "1.234,50": 123450, "1,234.50": 123450,
		"1,234": 123400, "0": 0, "1'234.50": 123450, "": -1, "x": -1, "4x": -1, "-5": -1, "49.123456": -1, "1,234,567": 123456700, "1 234 567": 123456700, "1’234’567,5": 123456750, "12.345,6": 1234560, "5.": 500, "123,456": 12345600, "1234.5": 123450,
		"1,2,3": -1, "1.2.3": -1, "1,5.0": -1, "12,34.5": -1, "1.234.5": -1, "1,234,50": -1, "1234,567": -1, "1234,567.00": -1, "1,234.567": -1, "1.234,567": -1, "1 234.567": -1, "1 234'567": -1, "1,234 567": -1,
		"12 34": -1, "1  234": -1, "1 .5": -1, "1. 5": -1, "1,,234": -1, ",123": -1, "1,234,": -1, "'1": -1, "1'": -1, "0,123": -1, "0.005": -1, "012,345": -1, "0,123,456": -1, ".": -1, "€49": -1, "9999999999999": -1,
		"12,34,567": 123456700, "1,23,456.50": 12345650, " 99,99,999.5 ": 999999950, "1,23,45,678": 1234567800, // as in India
		"12,34,56": -1, "1,23,45": -1, "123,45,678": -1, "1,234,56,789": -1, "1,23,4567": -1, "1,2,345": -1, "0,12,345": -1, "01,23,456": -1, "12.34.567": -1, "12 34 567": -1, "12'34'567": -1,
		"12,34 567": -1, "12,34.567": -1, "12,34,567,50": -1, "12,34,567.500": -1} {
		if got, wrong := ParseMoney(typed, "eur"); (wrong == "") != (want >= 0) || wrong == "" && got != want {
			t.Errorf("%q: %d, %q, want %d", typed, got, wrong, want)
		}
	}
	for _, c := range []struct {
		typed, currency string
		want            int64
	}{{"4900", "jpy", 4900}, {"4,900", "jpy", 4900}, {"1.234", "kwd", 1234}, {"1", "kwd", 1000}, {"1,234.5", "kwd", 1234500}, {"1 234", "kwd", 1234000}, {"0,005", "kwd", 5}, {"1.234.567", "krw", 1234567}, {"12,34,567", "jpy", 1234567}, {"12,34,567.500", "kwd", 1234567500}} {
		if got, wrong := ParseMoney(c.typed, c.currency); wrong != "" || got != c.want {
			t.Errorf("%q %s: %d, %q", c.typed, c.currency, got, wrong)
		}
	}
	for _, c := range []struct{ typed, currency, wrong string }{
		{"10.50", "jpy", "Japanese yen have no smaller unit: enter a whole amount, such as 4900."},
		{"49,5", "krw", "South Korean won have no smaller unit: enter a whole amount, such as 4900."},
		{"ten", "jpy", "Enter an amount, such as 4900."},
		{"49.0000", "eur", "Amounts in EUR have up to 2 digits after the point, such as 49.00."},
		{"1.2345", "kwd", "Amounts in KWD have up to 3 digits after the point, such as 49.000."},
		{"1.x", "kwd", "Enter an amount, such as 49.000."},
		{"1234567890123", "eur", "This amount is too large."},
		{"1,2,3", "eur", "Write it like 1,234.50 or 1234.50."},
		{"1.23.456", "jpy", "Write it like 1,234 or 1234."},
		{"1,234,567", "kwd", "Write it like 1,234.500 or 1234.500."},
		{"12,34,567", "kwd", "Write it like 1,234.500 or 1234.500."},
		{"1,234.567", "eur", "Amounts in EUR have up to 2 digits after the point, such as 49.00."},
		{"0.005", "eur", "Amounts in EUR have up to 2 digits after the point, such as 49.00."},
	} {
		if got, wrong := ParseMoney(c.typed, c.currency); wrong != c.wrong || got != 0 {
			t.Errorf("%q %s: %d, %q, want %q", c.typed, c.currency, got, wrong, c.wrong)
		}
	}
	for _, c := range Currencies {
		if minor, wrong := ParseMoney(TypedMoney(123456, c.Code), c.Code); wrong != "" || minor != 123456 || !KnownCurrency(c.Code) {
			t.Errorf("%s does not come back: %s", c.Code, TypedMoney(123456, c.Code))
		}
		for _, l := range locales { // in which staff read amounts, and may copy them from
			words, _ := l.money(1234567890, c.Code)
			words = strings.Trim(words, "\u00a0\u202f"+c.symbol+strings.ToUpper(c.Code))
			if minor, wrong := ParseMoney(words, c.Code); wrong != "" || minor != 1234567890 {
				t.Errorf("%s of %s in %s: %d, %s", words, c.Code, l.tag, minor, wrong)
			}
		}
	}
}
