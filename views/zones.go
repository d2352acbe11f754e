package views

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that zones are known on machines that have none
)

// zoneList is the zones to choose from, one a line in order: those of zone.tab in the IANA database, and UTC. Older names go on working
// where they were set.
//
//go:embed zones.txt
var zoneList string

var zoneNames = strings.Fields(zoneList)

// KnownZone says whether a time zone can be chosen.
func KnownZone(name string) bool {
	_, found := slices.BinarySearch(zoneNames, name)
	return found
}

// ZoneGroup is the zones of one part of the world.
type ZoneGroup struct {
	Name  string
	Zones []Option
}

// ZoneGroups are all zones to choose from. They are shared, so nothing may change them.
var ZoneGroups = sync.OnceValue(func() (groups []ZoneGroup) {
	for _, name := range zoneNames {
		region, place, found := strings.Cut(name, "/")
		if !found {
			region, place = "Everywhere", name
		}
		if len(groups) == 0 || groups[len(groups)-1].Name != region {
			groups = append(groups, ZoneGroup{Name: region})
		}
		last := &groups[len(groups)-1]
		last.Zones = append(last.Zones, Option{Value: name, Label: strings.NewReplacer("_", " ", "/", ", ").Replace(place)})
	}
	return groups
})

// locations keeps zones that were read once: reading one takes longer than all the rest of a page's times.
var locations sync.Map

// Zone is the first of the named time zones that is known, or UTC.
func Zone(names ...string) *time.Location {
	for _, name := range names {
		if name == "" || name == "Local" { // which would be this machine's
			continue
		}
		if kept, found := locations.Load(name); found {
			return kept.(*time.Location)
		}
		if read, err := time.LoadLocation(name); err == nil {
			locations.Store(name, read)
			return read
		}
	}
	return time.UTC
}
