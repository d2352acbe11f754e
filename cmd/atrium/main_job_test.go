package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"atrium/cmd/internal/browsertest"
)

// submit is the button that sends the form of an action; the action's beginning is enough.
func submit(action string) string {
	return fmt.Sprintf(`form[method="post"][action^=%q] button:not([type="button"], [formaction])`, action)
}

// figure is a number of the dashboard, as JavaScript.
func figure(name string) string {
	return fmt.Sprintf(`Number(document.querySelector("#figure-%s")?.closest("div").querySelector("dd").firstChild.textContent)`, name)
}

// wearsColor tells in JavaScript whether anything that can be seen has that colour.
func wearsColor(rgb string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("body *")].filter(e => e.checkVisibility()).some(e => {
		const style = getComputedStyle(e);
		return style.color === %q || style.backgroundColor === %q;
	})`, rgb, rgb)
}

// TestMainJob is what the product is for: a business invites somebody, and they are in.
func TestMainJob(t *testing.T) {
	t.Parallel()
	s := startSite(t, nil)
	const business, ownersMail, clientsMail = "Fjord & Fell Retreats", "ingrid@fjord.example", "ana.souza@example.com"
	s.createAccount("fjord", business, ownersMail)
	if _, err := s.database.pool.Exec(t.Context(), `UPDATE account SET accent = '#b3261e' WHERE slug = 'fjord'`); err != nil {
		t.Fatal(err)
	}

	owner := browsertest.Open(t, browsertest.Settings{})
	setUpOwner(owner, linkIn(t, s.mail(ownersMail)))
	owner.Follow(`#main a[href="/fjord/invitations/new"]`)
	owner.Type(`textarea[name="people"]`, "Ana Souza <"+clientsMail+">")
	owner.Follow(submit("/fjord/invitations"))
	owner.UntilPath("/fjord")
	owner.Until(figure("invited") + ` === 1 && ` + figure("joined") + ` === 0`)
	browsertest.Get[bool](owner, `window.neverReloaded = true`)

	invitation := s.mail(clientsMail)
	if !strings.Contains(invitation.Subject, business) || !strings.Contains(invitation.Text, "Ana Souza") || !strings.Contains(invitation.ReplyTo, ownersMail) {
		t.Errorf("the invitation does not know whom it is for or from: reply to %s\n%s", invitation.ReplyTo, invitation.Text)
	}
	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	phone.Open(linkIn(t, invitation))
	until(t, time.Minute, "the next count may come at once", func() bool { // one that took long on a slow machine keeps its distance from it
		return s.rowCount(`metric WHERE computed_at + least(10 * took_ms, 60000) * interval '1 ms' > now()`)+s.rowCount("river.river_job WHERE kind = 'metric_count' AND finalized_at IS NULL") == 0
	})
	accepted := time.Now()
	phone.Follow(submit("/l/"))
	phone.UntilPath("/welcome")
	owner.Until(figure("joined") + ` === 1`)
	if took := time.Since(accepted); took > 5*time.Second {
		t.Errorf("the dashboard showed the join after %s", took)
	}
	phone.Type(`input[name="name"]`, "Ana Souza")
	phone.Type(`input[name="password"]`, "seven quiet harbours")
	phone.Follow(submit("/welcome"))
	phone.UntilPath("/")

	if text := phone.Text("body"); !strings.Contains(text, business) || !strings.Contains(text, "Ana") {
		t.Errorf("home does not wear the business's name or greet the client: %s", text)
	}
	if !browsertest.Get[bool](phone, wearsColor("rgb(179, 38, 30)")) {
		t.Error("nothing on home has the business's colour")
	}
	if browsertest.Get[float64](phone, `document.documentElement.scrollWidth`) > 390 {
		t.Error("home is wider than the phone")
	}
	owner.Until(`document.querySelector("#dashboard-figures").innerText.includes("Ana Souza")`)
	if !browsertest.Get[bool](owner, `window.neverReloaded === true`) {
		t.Error("the dashboard was reloaded")
	}
}

// setUpOwner follows the link of the set-up mail, and then signs in as on every other day.
func setUpOwner(w *browsertest.Window, link string) {
	const secret = "nine blue kayaks"
	w.Open(link)
	address := browsertest.Get[string](w, `document.querySelector('input[autocomplete="username"]').value`)
	w.Type(`input[name="name"]`, "Ingrid Solberg")
	w.Type(`input[name="password"]`, secret)
	w.Follow(submit("/l/"))
	w.Press(`[popovertarget="menu-person"]`)
	w.Follow(submit("/sign-out"))
	w.UntilPath("/sign-in")
	w.Type(`input[name="email"]`, address)
	w.Type(`input[name="password"]`, secret)
	w.Follow(submit("/sign-in"))
}
