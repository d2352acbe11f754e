package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

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
	lessons, err := s.waitingLessons(c)
	if err != nil {
		return err
	}
	p := &homePage{Page: s.page(c, "Home"), Greeting: greeting(v.now.Hour(), v.client.Name), Waiting: lessons, Apps: appCards(v.apps())}
	if !v.client.HasPassword {
		p.Waiting = append(p.Waiting, waitingItem{"key-round", "Sign in faster next time",
			"You sign in by a link in your mail. With a password it takes one step less.", "Choose a password", "/profile#password"})
	}
	return render(c, views.FramePortal, "home/index", "", p)
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
