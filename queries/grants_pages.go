package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// CoursePeopleAsked is a page of who was given a course.
type CoursePeopleAsked struct {
	AccountID, CourseID uuid.UUID
	Search              string    // a part of a name or an address; empty: all
	State               string    // "open", "upcoming" or "ended"; empty: all
	BeforeStart         time.Time // with Before where the page before ended: the latest start of its last person; for the first, after all
	Before              uuid.UUID // and the grant that starts then
	Size                int32     // people
	Now                 time.Time
}

// CoursePeople is what the page of a course's people shows.
type CoursePeople struct {
	Course  GrantCourseRow
	Rows    []CoursePerson
	More    bool
	Holders int64 // contacts who can use it now
}

// CoursePerson is one contact with why they may use a course or no longer may: at least one reason, at most [ReasonsMost], what gives
// access now before the rest.
type CoursePerson []GrantListOfCourseRow

// ReasonsMost is how many reasons a list gives for one person.
const ReasonsMost = 10

// LoadCoursePeople reads it in one round trip; ErrNotFound without such a course, or when it is deleted.
func LoadCoursePeople(ctx context.Context, db DB, a CoursePeopleAsked) (p CoursePeople, err error) {
	var b batch
	b.queue(func(q *Queries) { _ = q.PlanAfresh(ctx) })
	one(&b, &p.Course, func(q *Queries) (GrantCourseRow, error) {
		return q.GrantCourse(ctx, GrantCourseParams{AccountID: a.AccountID, ID: a.CourseID, Now: a.Now})
	})
	var reasons []GrantListOfCourseRow
	many(&b, &reasons, func(q *Queries) ([]GrantListOfCourseRow, error) {
		return q.GrantListOfCourse(ctx, GrantListOfCourseParams{AccountID: a.AccountID, CourseID: a.CourseID, BeforeStart: a.BeforeStart, Before: a.Before, ReasonsMost: ReasonsMost, Pattern: containing(a.Search), Ascii: inDomain(a.Search),
			State: a.State, Now: a.Now, PageSize: a.Size + 1})
	})
	one(&b, &p.Holders, func(q *Queries) (int64, error) {
		return q.GrantHolderCount(ctx, GrantHolderCountParams{AccountID: a.AccountID, CourseID: a.CourseID, Now: a.Now})
	})
	err = b.send(ctx, db)
	for i, r := range reasons {
		if i == 0 || r.ContactID != reasons[i-1].ContactID {
			p.Rows = append(p.Rows, nil)
		}
		p.Rows[len(p.Rows)-1] = append(p.Rows[len(p.Rows)-1], r)
	}
	if len(p.Rows) > int(a.Size) {
		p.Rows, p.More = p.Rows[:a.Size], true
	}
	return p, err
}

// LoadCourseToEnrol reads a course and the first few contacts of a search, in one round trip; ErrNotFound without such a course.
func LoadCourseToEnrol(ctx context.Context, db DB, account, course uuid.UUID, search string, most int32, now time.Time) (k GrantCourseRow, found []ContactListRow, err error) {
	var b batch
	one(&b, &k, func(q *Queries) (GrantCourseRow, error) {
		return q.GrantCourse(ctx, GrantCourseParams{AccountID: account, ID: course, Now: now})
	})
	if a := (ContactsAsked{AccountID: account, Filter: ContactFilter{Search: search}, Size: most - 1, Now: now}); search != "" && a.Filter.readable() {
		b.queue(func(q *Queries) { _ = q.PlanAfresh(ctx) })
		a.queue(ctx, &b, &found)
	}
	return k, found, b.send(ctx, db)
}

// GrantPage is one grant with all that gives its contact the same course now.
type GrantPage struct {
	Grant  GrantByIDRow
	Ledger []GrantListOfContactRow
}

// LoadGrant reads it in one round trip; ErrNotFound when the course has no such grant.
func LoadGrant(ctx context.Context, db DB, account, course, grant uuid.UUID, now time.Time) (p GrantPage, err error) {
	var b batch
	var beside []GrantListBesideRow
	one(&b, &p.Grant, func(q *Queries) (GrantByIDRow, error) {
		return q.GrantByID(ctx, GrantByIDParams{AccountID: account, ID: grant})
	})
	many(&b, &beside, func(q *Queries) ([]GrantListBesideRow, error) {
		return q.GrantListBeside(ctx, GrantListBesideParams{AccountID: account, ID: grant, Now: now})
	})
	if err := b.send(ctx, db); err != nil {
		return p, err
	}
	if p.Grant.CourseID != course {
		return p, ErrNotFound
	}
	for _, row := range beside {
		p.Ledger = append(p.Ledger, GrantListOfContactRow(row))
	}
	return p, nil
}

// ClientAccess is why a client may use a course.
type ClientAccess struct {
	Course GrantAccessOfCourseRow
	Grants []GrantListOpenRow // at least one
}

// LoadClientAccess reads it in one round trip; ErrNotFound when they may not.
func LoadClientAccess(ctx context.Context, db DB, account, contact, course uuid.UUID, now time.Time) (a ClientAccess, err error) {
	var b batch
	one(&b, &a.Course, func(q *Queries) (GrantAccessOfCourseRow, error) {
		return q.GrantAccessOfCourse(ctx, GrantAccessOfCourseParams{AccountID: account, ContactID: contact, CourseID: course, Now: now})
	})
	many(&b, &a.Grants, func(q *Queries) ([]GrantListOpenRow, error) {
		return q.GrantListOpen(ctx, GrantListOpenParams{AccountID: account, ContactID: contact, CourseID: course, Now: now})
	})
	return a, b.send(ctx, db)
}

// ContactToEnrol is a contact with the courses there are to give.
type ContactToEnrol struct {
	Contact ContactByIDRow
	Courses []GrantCoursesRow
}

// LoadContactToEnrol reads it in one round trip; ErrNotFound without such a contact.
func LoadContactToEnrol(ctx context.Context, db DB, account, contact uuid.UUID, now time.Time) (e ContactToEnrol, err error) {
	var b batch
	one(&b, &e.Contact, func(q *Queries) (ContactByIDRow, error) {
		return q.ContactByID(ctx, ContactByIDParams{AccountID: account, ID: contact})
	})
	many(&b, &e.Courses, func(q *Queries) ([]GrantCoursesRow, error) {
		return q.GrantCourses(ctx, GrantCoursesParams{AccountID: account, Now: now})
	})
	return e, b.send(ctx, db)
}

// ContactToLink is a contact with what a link can lead them to.
type ContactToLink struct {
	Contact ContactDetailsRow
	Courses []GrantCoursesOfContactRow
}

// LoadContactToLink reads it in one round trip; ErrNotFound without such a contact.
func LoadContactToLink(ctx context.Context, db DB, account, contact uuid.UUID, now time.Time) (l ContactToLink, err error) {
	var b batch
	one(&b, &l.Contact, func(q *Queries) (ContactDetailsRow, error) {
		return q.ContactDetails(ctx, ContactDetailsParams{AccountID: account, ID: contact})
	})
	many(&b, &l.Courses, func(q *Queries) ([]GrantCoursesOfContactRow, error) {
		return q.GrantCoursesOfContact(ctx, GrantCoursesOfContactParams{AccountID: account, ContactID: contact, Now: now})
	})
	return l, b.send(ctx, db)
}

// AppsUsed is an account's apps, with who would miss some of them.
type AppsUsed struct {
	Apps
	Holders []GrantHoldersOfAnyRow // who can use a course
	Money   AppMoneyRow
}

// LoadAppsUsed reads it in one round trip, with so many of the holders at most.
func LoadAppsUsed(ctx context.Context, db DB, account uuid.UUID, now time.Time, most int32) (a AppsUsed, err error) {
	var b batch
	var rows []AppListOfAccountRow
	var arrive AppLandingRow
	one(&b, &arrive, func(q *Queries) (AppLandingRow, error) { return q.AppLanding(ctx, account) })
	many(&b, &rows, func(q *Queries) ([]AppListOfAccountRow, error) { return q.AppListOfAccount(ctx, account) })
	many(&b, &a.Holders, func(q *Queries) ([]GrantHoldersOfAnyRow, error) {
		return q.GrantHoldersOfAny(ctx, GrantHoldersOfAnyParams{AccountID: account, Now: now, PageSize: most})
	})
	one(&b, &a.Money, func(q *Queries) (AppMoneyRow, error) { return q.AppMoney(ctx, account) })
	if err := b.send(ctx, db); err != nil {
		return a, err
	}
	a.Apps = Apps{appChoices(rows), arrive.Landing}
	return a, nil
}
