package views

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestRelative(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 4, 0, 0, time.UTC)
	for at, want := range map[time.Duration]string{
		0: "just now", -44 * time.Second: "just now", 20 * time.Second: "just now",
		-50 * time.Second: "1 minute ago", -3 * time.Minute: "3 minutes ago", -44 * time.Minute: "44 minutes ago",
		-50 * time.Minute: "1 hour ago", -5 * time.Hour: "5 hours ago", 5 * time.Hour: "in 5 hours",
		-23 * time.Hour: "1 day ago", -6 * 24 * time.Hour: "6 days ago", 14 * 24 * time.Hour: "6 Dec",
		-30 * 24 * time.Hour: "23 Oct", -400 * 24 * time.Hour: "18 Oct 2025",
	} {
		if got := locales[0].relative(now.Add(at), now); got != want {
			t.Errorf("%v from now reads %q, not %q", at, got, want)
		}
	}
}

func TestWhenCarriesTheExactTimeInTheReadersZone(t *testing.T) {
	zone := time.FixedZone("BRT", -3*3600)
	now := time.Date(2026, 11, 22, 14, 4, 0, 0, zone)
	got := string(locales[0].when(time.Date(2026, 11, 22, 16, 4, 0, 0, time.UTC), now))
	want := `<time data-when datetime="2026-11-22T13:04:00-03:00" title="22 Nov 2026, 13:04 BRT">1 hour ago</time>`
	if got != want {
		t.Errorf("%s", got)
	}
	if locales[0].when(time.Time{}, now) != "" {
		t.Error("the zero time shows something")
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	l := locales[0]
	if l.dateOf(at) != "2 Jan 2026" || l.datetime(at) != "2 Jan 2026, 03:04" || l.dateOf(time.Time{}) != "" {
		t.Error(l.dateOf(at), l.datetime(at))
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[any]string{0: "0", 999: "999", 1000: "1,000", int64(12480): "12,480", int32(-1234567): "−1,234,567"} {
		if got, err := locales[0].number(n); err != nil || got != want {
			t.Errorf("%v reads %q, %v", n, got, err)
		}
	}
	if _, err := locales[0].number("many"); err == nil {
		t.Error("a word is a number")
	}
	for n, want := range map[int]string{0: "0 contacts", 1: "1 contact", 2000: "2,000 contacts"} {
		if got, _ := locales[0].plural(n, "contact", "contacts"); got != want {
			t.Errorf("%d reads %q", n, got)
		}
	}
	for ratio, want := range map[float64]string{0: "0%", 0.001: "1%", 0.746: "75%", 0.999: "99%", 1: "100%", math.Inf(1): "–"} {
		if got := locales[0].percentage(ratio); got != want {
			t.Errorf("%v reads %q, not %q", ratio, got, want)
		}
	}
	if locales[0].percentage(math.NaN()) != "–" {
		t.Error("nothing of nothing has a rate")
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Ana Souza": "AS", "Ana Maria de Souza": "AS", "jun": "J", "": "?", "élodie d'Arc": "ÉD", "ana.souza@example.com": "A", "محمد الأنصاري": "ما", "  ": "?"} {
		if got := initials(name); got != want {
			t.Errorf("%q gives %q, not %q", name, got, want)
		}
	}
}

func TestIcon(t *testing.T) {
	got, err := icon("mail")
	if err != nil || !strings.Contains(string(got), `aria-hidden="true"`) || !strings.Contains(string(got), AssetPath("icons.svg")+"#mail") {
		t.Errorf("%s %v", got, err)
	}
	if got, _ := icon("mail", `Sent <"x">`); !strings.Contains(string(got), `role="img" aria-label="Sent &lt;&#34;x&#34;&gt;"`) {
		t.Errorf("%s", got)
	}
	if _, err := icon("no-such-icon"); err == nil {
		t.Error("an unknown icon is drawn")
	}
}

// Only an address is parted, and put together again it is the same.
func TestHalves(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Halves{"ana@example.com": {"ana", "@example.com"}, `"a@b"@example.com`: {`"a@b"`, "@example.com"}, "Ana Souza": {"Ana Souza", ""},
		"@ana": {"@ana", ""}, "": {}} {
		if got := halves(text); got != want || got.Before+got.From != text {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
