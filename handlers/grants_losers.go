package handlers

import (
	"github.com/google/uuid"

	"atrium/views"
)

// losersShown is how many of those who lose something are named; the rest are counted, and found behind a link.
const losersShown = 50

// losers are the people who can use something now and could not after what is about to be done. Whatever takes access away
// shows them first.
type losers struct {
	N    int64  // of all of them
	What string // what they lose, such as “Clear goals”
	Rows []loser
	Rest views.Link // where the others are found who are not named
}

// More is how many are not named.
func (l losers) More() int64 { return l.N - int64(len(l.Rows)) }

type loser struct {
	views.Person
	ID uuid.UUID
}

// newLosers takes them as a query found them; base stands before their addresses.
func newLosers[T any](what, base string, rows []T, read func(T) (id uuid.UUID, name, email string, of int64)) losers {
	l := losers{What: what}
	for _, row := range rows {
		id, name, email, of := read(row)
		l.N = of
		l.Rows = append(l.Rows, loser{views.Person{Name: name, Email: email, Href: base + "/contacts/" + id.String()}, id})
	}
	return l
}

// holdersOf leads to all who can use the course at a path.
func holdersOf(course string) views.Link {
	return views.Link{Label: "everybody who has access", URL: course + "/people?state=open"}
}
