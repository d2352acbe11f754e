package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Enrolment is a course that staff give to one contact.
type Enrolment struct {
	AccountID, ContactID, CourseID uuid.UUID
	By                             *uuid.UUID // the staff person; nil when they are gone
	Task                           *uuid.UUID // the task that does it to many; nil: it is done by hand
	Starts                         time.Time
	Ends                           *time.Time // nil: none
	Now                            time.Time
}

// Enrol gives a contact a course and returns the new grant. The nil UUID says that nothing was to be done: what they were given
// before lasts as long, or this task did it already. Of two at once one gives and the other finds that. ErrNotFound without such a contact or course.
func Enrol(ctx context.Context, q *Queries, e Enrolment) (grant uuid.UUID, err error) {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: e.AccountID, ID: e.ContactID}); err != nil {
		return uuid.Nil, Kind(err)
	}
	covered, err := q.GrantCovers(ctx, GrantCoversParams{AccountID: e.AccountID, ContactID: e.ContactID, CourseID: e.CourseID, StartsAt: e.Starts, EndsAt: e.Ends})
	if err != nil || covered {
		return uuid.Nil, err
	}
	g := Grant{ID: NewID(), AccountID: e.AccountID, ContactID: e.ContactID, CourseID: e.CourseID, Source: GrantSourceManual, OriginID: e.Task, By: e.By,
		Starts: e.Starts, Ends: e.Ends, Now: e.Now}
	if g.SourceID = g.ID; e.Task != nil {
		g.SourceID = SourceFor(*e.Task, e.ContactID)
	}
	isNew, err := Give(ctx, q, g)
	if err != nil || !isNew {
		return uuid.Nil, err
	}
	return g.ID, nil
}

// RowsEnrolment is the course of an import that the contacts its rows led to are given.
type RowsEnrolment struct {
	AccountID, ImportID, CourseID uuid.UUID
	By                            *uuid.UUID // the staff person; nil when they are gone
	Contacts                      []ImportRowContactsRow
	Ends                          *time.Time // after Now; nil: none
	Now                           time.Time
}

// EnrolRows gives it to each once, however often the file has them, and answers the new grants by contact.
func EnrolRows(ctx context.Context, q *Queries, e RowsEnrolment) (map[uuid.UUID]uuid.UUID, error) {
	p := GrantInsertManyParams{AccountID: e.AccountID, CourseID: e.CourseID, Source: GrantSourceImport, OriginID: e.ImportID, GivenBy: e.By, EndsAt: e.Ends, Now: e.Now}
	for _, contact := range e.Contacts {
		p.Ids, p.ContactIds, p.SourceIds = append(p.Ids, NewID()), append(p.ContactIds, contact.ID), append(p.SourceIds, SourceFor(e.ImportID, contact.ID))
	}
	rows, err := q.GrantInsertMany(ctx, p)
	grants := map[uuid.UUID]uuid.UUID{}
	for _, row := range rows {
		grants[row.ContactID] = row.ID
	}
	return grants, err
}

// CourseReadyLife is how long the link signs in that tells somebody who has never been here of a course.
const CourseReadyLife = InvitationLife

// ReadyOf asks for a contact to be told that a course is there for them.
type ReadyOf struct {
	AccountID, GrantID uuid.UUID
	Bulk               bool // one of many that nobody looked at one by one: not for those who want no more mails, or no news of courses
	Now                time.Time
}

// CourseReady writes the mail that says a course is ready, with a link that signs in whoever has never been here, and returns its id,
// for whose sending the caller inserts the job. Nil when there is nothing to say: the grant was ended or gives nothing now, the address refuses mail, or
// they were told since it was given.
func (m MailMaker) CourseReady(ctx context.Context, q *Queries, r ReadyOf) (*uuid.UUID, error) {
	grant, err := q.GrantByID(ctx, GrantByIDParams{AccountID: r.AccountID, ID: r.GrantID})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	contact, err := q.ContactLock(ctx, ContactLockParams{AccountID: r.AccountID, ID: grant.ContactID})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	if contact.BouncedAt != nil || r.Bulk && !wantsCourseNews(contact.NoMailAt, contact.NoCourseMailAt) || grant.EndedAt != nil && !grant.EndedAt.After(r.Now) {
		return nil, nil
	}
	open, err := q.GrantAccess(ctx, GrantAccessParams{AccountID: r.AccountID, ContactID: grant.ContactID, CourseID: grant.CourseID, Now: r.Now})
	if err != nil || !open {
		return nil, err
	}
	told, err := q.GrantReadyMailed(ctx, GrantReadyMailedParams{AccountID: r.AccountID, CourseID: &grant.CourseID, ContactID: &grant.ContactID, Since: grant.CreatedAt})
	if err != nil || told {
		return nil, err
	}
	mail := MailInsertParams{AccountID: r.AccountID, Kind: MailKindCourseReady, ContactID: &grant.ContactID, CourseID: &grant.CourseID, ToEmail: contact.Email, Now: r.Now}
	if contact.JoinedAt == nil {
		link, err := m.Link(ctx, q, MagicLinkInsertParams{AccountID: r.AccountID, ContactID: grant.ContactID, Kind: LinkKindStaff, Target: AppCourses,
			Path: CoursePath(grant.CourseID), Now: r.Now, ExpiresAt: r.Now.Add(CourseReadyLife)})
		if err != nil {
			return nil, err
		}
		mail.LinkID = &link
	}
	id, err := m.Mail(ctx, q, mail)
	return &id, err
}

// CoursePath is the path of a course in the portal.
func CoursePath(course uuid.UUID) string { return "/courses/" + course.String() }
