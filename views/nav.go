package views

import "strings"

// barPlaces is how many places the bottom bar of a phone has, the one for "More" included.
const barPlaces = 5

// NavItem is one place to go.
type NavItem struct {
	Label   string
	Href    string
	Icon    string // a lucide name of styles/icons.txt
	Current bool   // the page shown is this place or below it
	Group   string // heading on the admin side; items without one stand first; portals ignore it
	Away    bool   // leads out of the portal; such items stand last, and on phones behind "More"
}

// NewTab tells whether the place opens beside the page, which an address of mail does by itself.
func (i NavItem) NewTab() bool { return i.Away && strings.HasPrefix(i.Href, "https:") }

// NavGroup is a run of items under one heading.
type NavGroup struct {
	Label string // empty: no heading
	Items []NavItem
}

// NavGroups is Nav in runs of equal Group, in order.
func (p Page) NavGroups() []NavGroup {
	var groups []NavGroup
	for _, item := range p.Nav {
		last := len(groups) - 1
		if last < 0 || groups[last].Label != item.Group {
			groups = append(groups, NavGroup{Label: item.Group})
			last++
		}
		groups[last].Items = append(groups[last].Items, item)
	}
	return groups
}

// NavBar is what fits the bottom bar of a phone: everything, or all but the last place, which is then "More".
func (p Page) NavBar() []NavItem {
	near := len(p.Nav)
	for near > 0 && p.Nav[near-1].Away {
		near--
	}
	if near == len(p.Nav) && near <= barPlaces {
		return p.Nav
	}
	return p.Nav[:min(near, barPlaces-1)]
}

// NavMore is what does not fit the bottom bar; empty when all does.
func (p Page) NavMore() []NavItem { return p.Nav[len(p.NavBar()):] }

// MoreCurrent tells whether the page shown is behind "More".
func (p Page) MoreCurrent() bool {
	for _, item := range p.NavMore() {
		if item.Current {
			return true
		}
	}
	return false
}
