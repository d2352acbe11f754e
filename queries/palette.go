package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Palette is what a search of the admin side finds, the first few of each.
type Palette struct {
	Contacts []ContactListRow
	Courses  []CourseFindRow
	Lessons  []LessonFindRow
}

// How many of each it finds.
const (
	paletteContacts = 8
	palettePieces   = 5
)

// SearchAll finds contacts as their list does, and courses and lessons by their titles, in one round trip.
func SearchAll(ctx context.Context, db DB, account uuid.UUID, search string, now time.Time) (p Palette, err error) {
	contacts := ContactsAsked{AccountID: account, Filter: ContactFilter{Search: search}, Size: paletteContacts - 1, Now: now}
	if search == "" || !contacts.Filter.readable() {
		return p, nil
	}
	var b batch
	b.queue(func(q *Queries) { _ = q.PlanPage(ctx) })
	contacts.queue(ctx, &b, &p.Contacts)
	many(&b, &p.Courses, func(q *Queries) ([]CourseFindRow, error) {
		return q.CourseFind(ctx, CourseFindParams{AccountID: account, Pattern: containing(search), Most: palettePieces})
	})
	many(&b, &p.Lessons, func(q *Queries) ([]LessonFindRow, error) {
		return q.LessonFind(ctx, LessonFindParams{AccountID: account, Pattern: containing(search), Most: palettePieces})
	})
	return p, b.send(ctx, db)
}
