package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
	"atrium/views"
)

// The script that keeps times current writes what the server writes, in whichever way the client wants it and every month.
func TestTimesReadTheSame(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	client(s, w)
	for i, locale := range views.LocaleOptions(s.now()) {
		if err := queries.New(s.database.pool).ProfileSetRegion(t.Context(), queries.ProfileSetRegionParams{AccountID: s.account("acme"),
			ID: s.contact("acme", ana), TimeZone: "Asia/Tokyo", Locale: locale.Value, Now: s.now()}); err != nil {
			t.Fatal(err)
		}
		w.Open(s.portal("acme", "/profile"))
		for month := range 12 {
			at := time.Date(s.now().Year()-1, time.Month(month+1), 9, 20, 30, 0, 0, time.UTC) // the tenth in Tokyo
			shown := browsertest.Get[string](w, fmt.Sprintf(`(() => {
				const time = document.createElement("time");
				time.dateTime = %q;
				time.dataset.when = "";
				document.querySelector("main").append(time);
				document.dispatchEvent(new Event("visibilitychange"));
				return time.textContent;
			})()`, at.Format(time.RFC3339)))
			if written := views.LocaleOptions(at.In(views.Zone("Asia/Tokyo")))[i].Label; !strings.Contains(written, ": "+shown+" · ") {
				t.Errorf("the script writes %q, the server %q", shown, written)
			}
		}
	}
}

// The audit log names the moment itself, in the reader's zone, as every other page.
func TestAuditLogIsInTheReadersZone(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/audit-log"))
	shown := browsertest.Get[[]string](w, `(() => {
		const time = document.querySelector("time[data-when='exact']");
		time.dateTime = "2026-11-09T20:30:00Z";
		document.dispatchEvent(new Event("visibilitychange"));
		return [time.textContent, time.title, new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(time.dateTime))];
	})()`)
	if shown[0] != shown[2] || !strings.HasPrefix(shown[1], shown[0]+" ") {
		t.Errorf("it writes %q", shown)
	}
}
