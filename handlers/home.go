package handlers

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// homePage is where a client arrives: a greeting, what waits for them, and their apps.
type homePage struct {
	views.Page
	Greeting string
	Waiting  []waitingItem // empty: nothing waits
	Apps     []appCard     // what the client has, Profile always among them
}

// waitingItem is one thing the client may want to do next.
type waitingItem struct{ Icon, Title, Text, Action, Href string }

// appCard is one app on the home page.
type appCard struct{ Icon, Label, Text, Href string }

func (s *Site) homeShow(c *fiber.Ctx) error {
	v := at(c)
	h, err := queries.LoadHome(c.UserContext(), s.DB, queries.HomeAsked{AccountID: v.account.ID, ContactID: v.client.ContactID, Now: v.now,
		Courses: v.sees(queries.AppCourses), Invoices: v.sees(queries.AppInvoices), Subscriptions: v.sees(queries.AppSubscriptions)})
	if err != nil {
		return err
	}
	p := &homePage{Page: s.page(c, "Home"), Greeting: greeting(v.now.Hour(), v.client.Name), Apps: appCards(v.apps())}
	p.Waiting = slices.Concat(v.waitingMoney(h), waitingLessons(h.Courses))
	if !v.client.HasPassword {
		p.Waiting = append(p.Waiting, waitingItem{"key-round", "Sign in faster next time",
			"You sign in by a link in your mail. With a password it takes one step less.", "Choose a password", "/profile#password"})
	}
	return render(c, views.FramePortal, "home/index", "", p)
}

// waitingMoney is which charges failed, and what else the client owes.
func (v *visit) waitingMoney(h queries.Home) (waiting []waitingItem) {
	above := map[uuid.UUID]bool{} // invoices that a charge which failed asks for already
	for _, row := range h.Unpaid {
		if !row.DueOnItsWay {
			waiting, above[row.DueID] = append(waiting, v.waitingCharge(row)), true
		}
	}
	for _, row := range h.Invoices {
		if above[row.ID] {
			continue
		}
		text := orElse(row.Memo, "Invoice "+row.Number)
		switch {
		case row.DueAt != nil && row.DueAt.Before(v.now):
			text += ", was due on " + v.dateWords(v.local(*row.DueAt))
		case row.DueAt != nil:
			text += ", due on " + v.dateWords(v.local(*row.DueAt))
		}
		waiting = append(waiting, waitingItem{"receipt", views.MoneyIn(v.client.Locale, row.RemainingMinor, row.Currency) + " to be paid", text, "See the invoice", "/invoices/" + row.ID.String()})
	}
	return waiting
}

// waitingCharge is one that failed, with the date until which access lasts all the same, or one that cannot be made.
func (v *visit) waitingCharge(row queries.SubscriptionUnpaidRow) waitingItem {
	if row.State == queries.SubscriptionStatePaused {
		return waitingItem{"circle-alert", "The trial of " + row.Title + " is over", "Add a payment method and start it, and what it gives comes back.", "See what to do", "/subscriptions"}
	}
	until, _ := queries.MirroredSubscription{State: row.State, PeriodEnds: row.PeriodEndsAt, CancelsAt: row.CancelsAt, PastDueSince: row.PastDueSince}.Lasts(int(row.GraceDays))
	text, comes := "You keep access until "+v.dateWords(v.local(*until))+".", "it goes on"
	if !until.After(v.now) {
		text, comes = "What it gives ended on "+v.dateWords(v.local(*until))+".", "it comes back"
	}
	item := waitingItem{"circle-alert", "The payment for " + row.Title + " did not go through", text, "See what to do", "/subscriptions"}
	if pay := v.payPath(row.DueID); pay != "" {
		item.Action, item.Href = "Pay "+views.MoneyIn(v.client.Locale, row.DueMinor, row.Currency)+" now", pay
		if row.CancelsAt == nil {
			item.Text += " Pay it now, on Stripe’s page, and " + comes + "."
		}
	}
	return item
}

// appCards are the cards of the apps that are not the home page itself.
func appCards(apps []portalApp) (cards []appCard) {
	for _, a := range apps {
		if a.path != "/" {
			cards = append(cards, appCard{a.icon, a.label, a.text, a.path})
		}
	}
	return cards
}

// greeting fits the hour in the account's zone and names the person by the first word of their name.
func greeting(hour int, name string) string {
	words := "Good evening"
	switch {
	case hour >= 5 && hour < 12:
		words = "Good morning"
	case hour >= 12 && hour < 18:
		words = "Good afternoon"
	}
	if first, _, _ := strings.Cut(name, " "); first != "" {
		return words + ", " + first
	}
	return words
}
