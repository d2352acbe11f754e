package views

import "testing"

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
		"1,234": 123400, "0": 0, "1'234.50": 123450, "": -1, "x": -1, "4x": -1, "-5": -1, "49.123456": -1, ".": -1, "€49": -1, "9999999999999": -1} {
		if got, wrong := ParseMoney(typed, "eur"); (wrong == "") != (want >= 0) || wrong == "" && got != want {
			t.Errorf("%q: %d, %q, want %d", typed, got, wrong, want)
		}
	}
	for _, c := range []struct {
		typed, currency string
		want            int64
	}{{"4900", "jpy", 4900}, {"4,900", "jpy", 4900}, {"1.234", "kwd", 1234}, {"1", "kwd", 1000}} {
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
	} {
		if got, wrong := ParseMoney(c.typed, c.currency); wrong != c.wrong || got != 0 {
			t.Errorf("%q %s: %d, %q, want %q", c.typed, c.currency, got, wrong, c.wrong)
		}
	}
	for _, c := range Currencies {
		if minor, wrong := ParseMoney(TypedMoney(123456, c.Code), c.Code); wrong != "" || minor != 123456 || !KnownCurrency(c.Code) {
			t.Errorf("%s does not come back: %s", c.Code, TypedMoney(123456, c.Code))
		}
	}
}
