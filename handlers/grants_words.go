package handlers

import (
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// grantSpan is one reason why somebody may use a course, in words for staff.
type grantSpan struct {
	ID     uuid.UUID
	Why    string // "Given by Maya", "Free offer “Taster”"
	State  contactState
	Starts time.Time
	Ends   time.Time // the last day of it; zero: no end is planned
	EndsBy string    // what moves or ends it otherwise; empty: staff alone
	Ended  time.Time // zero: it has not ended
	Because,
	Note string // why it ended, and the reason somebody gave; may be empty
	Revoke string // where it can be ended; empty: it is over, or the role does not include it
}

// Upcoming says whether it is still to begin.
func (g grantSpan) Upcoming() bool { return g.State == grantUpcoming }

// The states of a grant.
var (
	grantOpen     = contactState{"Has access", "success", "circle-check"}
	grantUpcoming = contactState{"Starts later", "info", "clock"}
	grantEnded    = contactState{"Ended", "", "circle-minus"}
)

// newGrantSpan puts a line of the ledger into words; base stands before the page where it is ended.
func (v *visit) newGrantSpan(g queries.GrantListOfContactRow) grantSpan {
	span := grantSpan{ID: g.ID, Why: grantWords(g.Source, g.GivenByName, g.Origin), Starts: v.local(g.StartsAt), State: grantOpen,
		EndsBy: map[queries.GrantSource]string{queries.GrantSourceSubscription: "moves with the subscription", queries.GrantSourceOrder: "ends with a refund"}[g.Source]}
	if g.Source == queries.GrantSourceOrder && g.Nth > 0 {
		span.Why = "Bought, and given again when its money came back"
	}
	if g.EndsAt != nil {
		span.Ends = v.lastDay(*g.EndsAt)
	}
	ended, because := g.EndedAt, queries.GrantEndExpired
	switch {
	case ended != nil:
		because = *g.EndedBecause
	case g.EndsAt != nil && !g.EndsAt.After(v.now): // the job that closes it has not come yet
		ended = g.EndsAt
	}
	switch {
	case ended != nil:
		span.State, span.Ended, span.Because, span.Note = grantEnded, v.local(*ended), grantEndWords(because, g.EndedByName), g.EndedNote
		if because == queries.GrantEndExpired {
			span.Ended = span.Ends
		}
	case g.StartsAt.After(v.now):
		span.State = grantUpcoming
	}
	if ended == nil && v.role.Includes(queries.StaffRoleAdmin) {
		span.Revoke = v.grantPath(g.CourseID, g.ID) + "/revoke"
	}
	return span
}

func (v *visit) local(t time.Time) time.Time { return t.In(v.now.Location()) }

// lastDay is the day on which something is there for the last time that ends at a moment.
func (v *visit) lastDay(ends time.Time) time.Time { return v.local(ends.Add(-time.Second)) }

func (v *visit) grantPath(course, grant uuid.UUID) string {
	return v.coursePath(course) + "/people/" + grant.String()
}

// grantWords is what gave a grant. What it came through may be gone, and is then told without its name.
func grantWords(source queries.GrantSource, by, origin string) string {
	named := func(words, alone string) string {
		if origin == "" {
			return alone
		}
		return words + " “" + origin + "”"
	}
	switch source {
	case queries.GrantSourceImport:
		return named("Import", "An import")
	case queries.GrantSourceForm:
		return named("Form", "A form")
	case queries.GrantSourceFreeOffer:
		return named("Free offer", "A free offer")
	case queries.GrantSourceOrder:
		return "Bought"
	case queries.GrantSourceSubscription:
		return "Subscription"
	}
	if by == "" {
		return "Given by somebody who has left"
	}
	return "Given by " + by
}

func grantEndWords(because queries.GrantEnd, by string) string {
	words := map[queries.GrantEnd]string{queries.GrantEndExpired: "As planned", queries.GrantEndRevoked: "Ended by your team", queries.GrantEndRefunded: "The order was refunded",
		queries.GrantEndCancelled: "The subscription was cancelled", queries.GrantEndLapsed: "The subscription was not paid",
		queries.GrantEndPlanChanged: "The subscription changed to another plan", queries.GrantEndDisputed: "A bank took the money back"}[because]
	if because == queries.GrantEndRevoked && by != "" {
		words = "Ended by " + by
	}
	return words
}
