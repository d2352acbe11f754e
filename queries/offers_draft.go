package queries

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// What an offer can hold.
const (
	OfferTitleMost = 120
	OfferTextMost  = 5000 // characters
	OfferDaysMost  = 3650
	OfferMostMost  = 1000000
)

// LandCourse stands for the first course that an offer gives, as the place where buyers arrive.
const LandCourse = "course"

// OfferDraft is an offer as staff word it.
type OfferDraft struct {
	Name    string      `json:"name"` // its address: /o/NAME
	Title   string      `json:"title"`
	Text    string      `json:"text"` // markdown; may be empty
	Courses []uuid.UUID `json:"courses"`
	Days    *int32      `json:"days"`    // how long the access lasts; nil: without end
	Until   *time.Time  `json:"until"`   // the last day on which it can be taken; nil: no last day
	Most    *int32      `json:"most"`    // how many contacts can take it; nil: any number
	Price   *Price      `json:"price"`   // nil: it is free
	Landing string      `json:"landing"` // where buyers arrive: a path of the portal, LandCourse, or empty: as the account says
}

// Draft is the offer as it is stored.
func (o OfferByIDRow) Draft() OfferDraft {
	d := OfferDraft{o.Name, o.Title, o.Text, o.Courses, o.AccessDays, o.Until, o.Most, nil, o.Landing}
	if o.PriceMinor > 0 {
		d.Price = &Price{o.PriceMinor, o.Currency, o.Charged, int(o.TrialDays)}
	}
	return d
}

// Check answers what is wrong with the draft, a sentence each, by "name", "title", "text", "courses", "days" or "most"; empty:
// nothing, and the offer can be stored.
func (d OfferDraft) Check() map[string]string {
	wrong := map[string]string{}
	if !IsFormName(d.Name) && (d.Name != "" || d.Title != "") { // without a title there is nothing yet to make it of
		wrong["name"] = "Use small letters, digits and hyphens between them, up to 40."
	}
	switch n := utf8.RuneCountInString(d.Title); {
	case n == 0:
		wrong["title"] = "Give the offer a title."
	case n > OfferTitleMost:
		wrong["title"] = fmt.Sprintf("This can be up to %d characters long; it is %d.", OfferTitleMost, n)
	}
	if n := utf8.RuneCountInString(d.Text); n > OfferTextMost {
		wrong["text"] = fmt.Sprintf("This can be up to %d characters long; it is %d.", OfferTextMost, n)
	}
	if len(d.Courses) == 0 {
		wrong["courses"] = "Choose at least one course that it gives."
	}
	if d.Days != nil && (*d.Days < 1 || *d.Days > OfferDaysMost) {
		wrong["days"] = fmt.Sprintf("Enter a whole number of days from 1 to %d, or nothing.", OfferDaysMost)
	}
	if d.Most != nil && (*d.Most < 1 || *d.Most > OfferMostMost) {
		wrong["most"] = "Enter a whole number from 1 on, or nothing."
	}
	return wrong
}

// Insert stores the draft as a new offer, switched on. ErrConflict when another offer of the account has its name, ErrNotFound without one
// of its courses.
func (d OfferDraft) Insert(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	if err := q.OfferInsert(ctx, OfferInsertParams{AccountID: account, ID: id, Name: d.Name, Title: d.Title, Text: d.Text, AccessDays: d.Days, Until: d.Until,
		Most: d.Most, Landing: d.Landing, Now: now}); err != nil {
		return Kind(err)
	}
	return d.setCourses(ctx, q, account, id)
}

// Update stores the draft in place of what the offer was; who took it keeps what they were given. ErrNotFound without such an offer, ErrConflict as with Insert.
func (d OfferDraft) Update(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	if _, err := q.OfferUpdate(ctx, OfferUpdateParams{AccountID: account, ID: id, Name: d.Name, Title: d.Title, Text: d.Text, AccessDays: d.Days, Until: d.Until,
		Most: d.Most, Landing: d.Landing, Now: now}); err != nil {
		return Kind(err)
	}
	return d.setCourses(ctx, q, account, id)
}

func (d OfferDraft) setCourses(ctx context.Context, q *Queries, account, id uuid.UUID) error {
	err := q.OfferSetCourses(ctx, OfferSetCoursesParams{AccountID: account, OfferID: id, Courses: d.Courses})
	if points(err) {
		return ErrNotFound
	}
	return err
}
