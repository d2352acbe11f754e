package views

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLocales(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 15, 4, 0, 0, time.UTC)
	for tag, want := range map[string][5]string{ // as browsers write them
		"en-GB": {"2 Mar 2026", "2 Mar 2026, 15:04", "2 Mar", "1,234,567", "75%"},
		"en-US": {"Mar 2, 2026", "Mar 2, 2026, 3:04 PM", "Mar 2", "1,234,567", "75%"},
		"de-DE": {"2. März 2026", "2. März 2026, 15:04", "2. März", "1.234.567", "75\u00a0%"},
		"es-ES": {"2 mar 2026", "2 mar 2026, 15:04", "2 mar", "1.234.567", "75\u00a0%"},
		"fr-FR": {"2 mars 2026", "2 mars 2026, 15:04", "2 mars", "1\u202f234\u202f567", "75\u202f%"},
		"pt-BR": {"2 de mar. de 2026", "2 de mar. de 2026, 15:04", "2 de mar.", "1.234.567", "75%"},
		"ja-JP": {"2026年3月2日", "2026年3月2日 15:04", "3月2日", "1,234,567", "75%"},
		"":      {"2 Mar 2026", "2 Mar 2026, 15:04", "2 Mar", "1,234,567", "75%"}, // as everybody without a choice
		"tlh":   {"2 Mar 2026", "2 Mar 2026, 15:04", "2 Mar", "1,234,567", "75%"},
	} {
		l := localeOf(tag)
		number, _ := l.number(1234567)
		if got := [5]string{l.dateOf(at), l.datetime(at), l.relative(at, at.AddDate(0, 0, 9)), number, l.percentage(0.75)}; got != want {
			t.Errorf("%s writes %q, want %q", tag, got, want)
		}
		if known := tag != "" && tag != "tlh"; KnownLocale(tag) != known {
			t.Errorf("%q is known: %v", tag, !known)
		}
		if months := strings.Fields(l.months); len(months) != 12 {
			t.Errorf("%s has the months %v", tag, months)
		}
	}
	options := LocaleOptions(at)
	if len(options) != len(locales) || options[0].Value != LocaleDefault || options[2].Label != "Deutsch: 2. März 2026 · 1.234,5" {
		t.Errorf("%+v", options)
	}
}

// A page is written in its reader's way, and the next one in another.
func TestEngineWritesForTheReader(t *testing.T) {
	t.Parallel()
	e := &Engine{}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 11, 15, 4, 0, 0, time.UTC)
	for _, c := range []struct{ locale, want string }{{"", ">2 Mar</time>"}, {"de-DE", ">2. März</time>"}, {"ja-JP", ">3月2日</time>"}, {"de-DE", ">2. März</time>"}} {
		var out strings.Builder
		page := struct {
			Page
			At time.Time
		}{Page{Locale: c.locale, Zone: "Asia/Tokyo", Now: now}, now.AddDate(0, 0, -9)}
		if err := e.Render(&out, "ui/_time", page, FramePortal); err != nil {
			t.Fatal(err)
		}
		named := strings.Contains(out.String(), ` data-locale="`+c.locale+`"`)
		if !strings.Contains(out.String(), c.want) || named != (c.locale != "") || !strings.Contains(out.String(), ` data-zone="Asia/Tokyo"`) {
			t.Errorf("%q: no %s in\n%s", c.locale, c.want, out.String())
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	offered := 0
	for _, group := range ZoneGroups() {
		for _, zone := range group.Zones {
			offered++
			if _, err := time.LoadLocation(zone.Value); err != nil || !KnownZone(zone.Value) || strings.Contains(zone.Label, "_") {
				t.Errorf("%+v: %v", zone, err)
			}
		}
	}
	if offered != len(zoneNames) || offered < 400 || !slices.IsSorted(zoneNames) {
		t.Errorf("%d of %d zones are offered", offered, len(zoneNames))
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "Europe/berlin", "../../etc/passwd"} {
		if KnownZone(name) {
			t.Errorf("%q can be chosen", name)
		}
		if got := Zone(name, "Europe/Berlin").String(); name != "Europe/berlin" && got != "Europe/Berlin" {
			t.Errorf("%q leads to %s", name, got)
		}
	}
	if Zone() != time.UTC || Zone("Asia/Tokyo", "Europe/Berlin").String() != "Asia/Tokyo" {
		t.Error("the first known zone does not count")
	}
}
