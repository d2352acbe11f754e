package views

import (
	"strings"
	"testing"
	"time"
)

func places(n int) []NavItem {
	var items []NavItem
	for i := range n {
		items = append(items, NavItem{Label: string(rune('A' + i)), Href: "/" + string(rune('a'+i)), Icon: "house"})
	}
	return items
}

func TestBottomBarHasAtMostFivePlaces(t *testing.T) {
	for n, want := range map[int][2]int{0: {0, 0}, 4: {4, 0}, 5: {5, 0}, 6: {4, 2}, 10: {4, 6}} {
		p := Page{Nav: places(n)}
		if bar, more := len(p.NavBar()), len(p.NavMore()); bar != want[0] || more != want[1] {
			t.Errorf("%d places: %d in the bar and %d behind More", n, bar, more)
		}
	}
	p := Page{Nav: places(7)}
	if p.MoreCurrent() {
		t.Error("More is current without reason")
	}
	if p.Nav[6].Current = true; !p.MoreCurrent() {
		t.Error("More does not show that the page is behind it")
	}
}

func TestNavGroupsKeepTheOrder(t *testing.T) {
	p := Page{Nav: []NavItem{{Label: "Dashboard"}, {Label: "Contacts"}, {Label: "Courses", Group: "Apps"}, {Label: "Staff", Group: "Settings"}}}
	groups := p.NavGroups()
	if len(groups) != 3 || groups[0].Label != "" || len(groups[0].Items) != 2 || groups[2].Items[0].Label != "Staff" {
		t.Errorf("%+v", groups)
	}
}

func TestHeading(t *testing.T) {
	for want, p := range map[string]Page{"": {}, "Acme": {Account: Account{Name: "Acme"}}, "Home": {Title: "Home"}, "Home · Acme": {Title: "Home", Account: Account{Name: "Acme"}}} {
		if got := p.Heading(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestFrames(t *testing.T) {
	full := Page{
		Title: "Home", Description: "Your portal", NoIndex: true, Base: "/acme", Token: "tok", Now: time.Unix(0, 0).UTC(),
		Account: Account{Name: "Acme", LogoURL: "/logo.png", Stylesheet: "/brand.css", SupportEmail: "help@acme.example", ShowProduct: true},
		Person:  Person{Email: "ana@example.com", Href: "/profile"}, Flash: Flash{Kind: FlashSuccess, Text: "Saved"}, Nav: places(7),
		Accounts: []AccountChoice{{Name: "Acme", Current: true}, {Name: "Lumen", Href: "/lumen", Role: "Owner"}},
	}
	for frame, wants := range map[string][]string{
		FramePortal: {`action="/sign-out"`, `name="_token" value="tok"`, `href="/brand.css"`, `content="noindex, nofollow"`, "Made with Atrium", "mailto:help@acme.example", `popovertarget="menu-more"`, "Saved"},
		FrameAdmin:  {`hx-get="/acme/search"`, `popovertarget="menu-accounts"`, `href="/lumen"`, "Saved"},
		FrameCard:   {`<img src="/logo.png" alt="Acme">`, "mailto:help@acme.example", "Saved"},
	} {
		page := shown(t, "frame/_foot", full, frame)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %s", frame, want)
			}
		}
		empty := shown(t, "frame/_foot", Page{}, frame)
		for _, lack := range []string{"noindex", "Atrium<", "mailto:", "/sign-out", "description"} {
			if strings.Contains(empty, lack) {
				t.Errorf("%s of nobody's page says %s", frame, lack)
			}
		}
	}
}
