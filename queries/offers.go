package queries

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

const (
	// OfferClaimLife is how long the link works that gives somebody an offer. It signs in as well, so as long as one that does.
	OfferClaimLife = MagicLinkDefault
	// OfferClaimForget is how long after that a claim is kept which nobody confirmed.
	OfferClaimForget = FormForget
)

// Why an offer cannot be taken.
var (
	ErrOfferOff    = errors.New("the offer is switched off, or gives nothing at the moment")
	ErrOfferOver   = errors.New("the offer's last day has passed")
	ErrOfferUsedUp = errors.New("as many as may have taken the offer")
	// ErrOfferSold says that the offer is not free: it is bought.
	ErrOfferSold = errors.New("the offer has a price")
	// ErrOfferEnded says that this contact took it before, and that what it gave them was ended.
	ErrOfferEnded = errors.New("the contact took the offer before")
)

// OfferProblem is why an offer cannot be taken by one more than so many; nil when it can. Its last day ends where the account is.
func OfferProblem(on bool, until *time.Time, most *int32, taken int64, now time.Time, zone *time.Location) error {
	switch {
	case !on:
		return ErrOfferOff
	case until != nil && !now.Before(time.Date(until.Year(), until.Month(), until.Day()+1, 0, 0, 0, 0, zone)):
		return ErrOfferOver
	case most != nil && taken >= int64(*most):
		return ErrOfferUsedUp
	}
	return nil
}

// Problem is why the offer cannot be taken now by somebody who has not taken it; nil when it can.
func (o OfferByNameRow) Problem(courses []OfferCoursesByNameRow, now time.Time, zone *time.Location) error {
	visible := false
	for _, course := range courses {
		visible = visible || course.Visible
	}
	return OfferProblem(o.SwitchedOn && visible, o.Until, o.Most, o.Taken, now, zone)
}

// Taking is a contact who takes an offer.
type Taking struct {
	AccountID, OfferID, ContactID uuid.UUID
	Now                           time.Time
	Zone                          *time.Location // of the account
}

// TakeOffer gives a contact what an offer gives, once: who took it before has it, or ErrOfferEnded when it was ended meanwhile.
// It returns the courses they can go to now. The offer stays locked, so no more take it than may. ErrNotFound without such an offer.
func TakeOffer(ctx context.Context, q *Queries, t Taking) (courses []OfferCoursesRow, err error) {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: t.AccountID, ID: t.ContactID}); err != nil {
		return nil, Kind(err)
	}
	offer, err := q.OfferLock(ctx, OfferLockParams{AccountID: t.AccountID, ID: t.OfferID})
	if err != nil {
		return nil, Kind(err)
	}
	taken, err := q.OfferTaken(ctx, OfferTakenParams{AccountID: t.AccountID, OfferID: t.OfferID, ContactID: t.ContactID})
	if err != nil {
		return nil, err
	}
	all, err := q.OfferCourses(ctx, OfferCoursesParams{AccountID: t.AccountID, OfferID: t.OfferID, Now: t.Now})
	if err != nil {
		return nil, err
	}
	for _, course := range all {
		if course.Visible {
			courses = append(courses, course)
		}
	}
	problem := OfferProblem(offer.SwitchedOn && len(courses) > 0, offer.Until, offer.Most, taken.Others, t.Now, t.Zone)
	if taken.Own {
		return t.again(ctx, q, courses)
	} else if offer.Sold {
		return nil, ErrOfferSold
	} else if problem != nil {
		return nil, problem
	}
	g := Grant{AccountID: t.AccountID, ContactID: t.ContactID, Source: GrantSourceFreeOffer, SourceID: SourceFor(t.OfferID, t.ContactID), OriginID: &t.OfferID,
		Starts: t.Now, Now: t.Now}
	if offer.AccessDays != nil {
		ends := t.Now.AddDate(0, 0, int(*offer.AccessDays))
		g.Ends = &ends
	}
	for _, course := range all {
		g.CourseID = course.ID
		if _, err := Give(ctx, q, g); err != nil {
			return nil, err
		}
	}
	return courses, nil
}

// again is what somebody has who took the offer before.
func (t Taking) again(ctx context.Context, q *Queries, courses []OfferCoursesRow) (open []OfferCoursesRow, err error) {
	for _, course := range courses {
		is, err := q.GrantAccess(ctx, GrantAccessParams{AccountID: t.AccountID, ContactID: t.ContactID, CourseID: course.ID, Now: t.Now})
		if err != nil {
			return nil, err
		}
		if is {
			open = append(open, course)
		}
	}
	if len(open) == 0 {
		return nil, ErrOfferEnded
	}
	return open, nil
}

// OfferClaim is somebody who is not signed in and wants an offer, checked.
type OfferClaim struct {
	AccountID, OfferID uuid.UUID
	Email              string // as ParseEmail returns it
	Name               string
	Now                time.Time
	IP                 netip.Addr
	UserAgent          string
}

// Claim writes a claim and returns its id, for whose job the caller inserts in the same transaction. It looks at nothing else: that
// somebody's address is known shows neither in what is done here nor in how long it takes.
func (m MailMaker) Claim(ctx context.Context, q *Queries, c OfferClaim) (uuid.UUID, error) {
	id := NewID()
	return id, q.OfferClaimInsert(ctx, OfferClaimInsertParams{AccountID: c.AccountID, ID: id, OfferID: c.OfferID, Email: c.Email, Name: c.Name,
		TokenHash: TokenHash(m.Secret.OfferToken(id)), IP: c.IP, UserAgent: clip(c.UserAgent, 300), Now: c.Now, ExpiresAt: c.Now.Add(OfferClaimLife)})
}

// MailClaim writes the mail with the link that a claim asked for, to known and unknown addresses alike; nil when it was written before,
// the claim is over, its address is known to refuse mail, or has had enough of them.
func (m MailMaker) MailClaim(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) (*uuid.UUID, error) {
	claim, err := q.OfferClaimLock(ctx, OfferClaimLockParams{AccountID: account, ID: id})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	if claim.Mailed || claim.ConfirmedAt != nil || !claim.ExpiresAt.After(now) {
		return nil, nil
	}
	contact, err := q.ContactByEmail(ctx, ContactByEmailParams{AccountID: account, Email: claim.Email})
	if err = ignoreMissing(err); err != nil || contact.BouncedAt != nil {
		return nil, err
	}
	if wait, err := Spend(ctx, q, account, now, Spending{LimitFormMail, claim.Email}); err != nil || wait > 0 {
		return nil, err
	}
	mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindOfferConfirm, OfferClaimID: &claim.ID, ToEmail: claim.Email, Now: now})
	return &mail, err
}

// ConfirmClaim uses the link of a claim up: it makes the contact when the address is new, gives what the offer gives, and signs in.
// Of several at once exactly one succeeds, the others get ErrNotFound. When the offer cannot be taken the error says why, and the caller's transaction leaves
// nothing behind. It returns the courses they can go to, and whether the account's figures change.
func ConfirmClaim(ctx context.Context, q *Queries, token string, s SignIn, zone *time.Location) (courses []OfferCoursesRow, news bool, err error) {
	claim, err := q.OfferClaimConfirm(ctx, OfferClaimConfirmParams{AccountID: s.AccountID, TokenHash: TokenHash(token), Now: s.Visit.At})
	if err != nil {
		return nil, false, Kind(err)
	}
	contact, _, err := AddContact(ctx, q, s.AccountID, claim.Email, claim.Name, ContactSourceForm, s.Visit.At)
	if err != nil {
		return nil, false, err
	}
	if err := q.OfferClaimSetContact(ctx, OfferClaimSetContactParams{AccountID: s.AccountID, ID: claim.ID, ContactID: &contact}); err != nil {
		return nil, false, err
	}
	if courses, err = TakeOffer(ctx, q, Taking{AccountID: s.AccountID, OfferID: claim.OfferID, ContactID: contact, Now: s.Visit.At, Zone: zone}); err != nil {
		return nil, false, err
	}
	s.ContactID, s.Method = contact, SignInMethodLink
	news, err = SignInClient(ctx, q, s)
	return courses, news, err
}

// pagePays is how long somebody can pay on a page of Stripe's that was opened for it, and some.
const pagePays = 25 * time.Hour

// DeleteOffer removes an offer and answers its title; what it gave stays. Invalid once it was bought, since what people paid for stays on
// record, and while somebody is about to or their bank has not paid yet. ErrNotFound without such an offer.
func DeleteOffer(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) (title string, err error) {
	paying, err := q.OfferPaying(ctx, OfferPayingParams{AccountID: account, ID: id, BegunAfter: now.Add(-pagePays)})
	if err != nil {
		return "", Kind(err)
	}
	if paying {
		return "", Invalid{"offer", "Somebody is paying for it. Switch it off, so that nobody else begins to, and delete it once that is over: a day at most, or as long as their bank takes."}
	}
	title, err = q.OfferDelete(ctx, OfferDeleteParams{AccountID: account, ID: id})
	if points(err) {
		return "", Invalid{"offer", "It was bought, so it stays on record. Switch it off, and nobody can buy it any more."}
	}
	return title, Kind(err)
}

// LoadOffers reads one page of an account's offers and whether there are more, and where buyers arrive whose offer says nothing of it, in one
// round trip.
func LoadOffers(ctx context.Context, db DB, account, before uuid.UUID, size int32) (rows []OfferListRow, more bool, landing string, err error) {
	var b batch
	many(&b, &rows, func(q *Queries) ([]OfferListRow, error) {
		return q.OfferList(ctx, OfferListParams{AccountID: account, Before: before, PageSize: size + 1})
	})
	one(&b, &landing, func(q *Queries) (string, error) { return q.CheckoutLanding(ctx, account) })
	err = b.send(ctx, db)
	if len(rows) > int(size) {
		rows, more = rows[:size], true
	}
	return rows, more, landing, err
}

// OfferPage is what the public page of an offer shows.
type OfferPage struct {
	Offer   OfferByNameRow
	Courses []OfferCoursesByNameRow
}

// LoadOfferPage reads it in one round trip, for a contact or, with the nil UUID, for anybody. ErrNotFound without such an offer.
func LoadOfferPage(ctx context.Context, db DB, account uuid.UUID, name string, contact uuid.UUID, now time.Time) (p OfferPage, err error) {
	var b batch
	one(&b, &p.Offer, func(q *Queries) (OfferByNameRow, error) {
		return q.OfferByName(ctx, OfferByNameParams{AccountID: account, Name: name, ContactID: contact})
	})
	many(&b, &p.Courses, func(q *Queries) ([]OfferCoursesByNameRow, error) {
		return q.OfferCoursesByName(ctx, OfferCoursesByNameParams{AccountID: account, Name: name, ContactID: contact, Now: now})
	})
	return p, b.send(ctx, db)
}

// OfferForStaff is an offer with who took it, newest first, and all courses there are to give.
type OfferForStaff struct {
	Offer   OfferByIDRow
	Takers  []OfferTakersRow // one more than a page when there are more
	Courses []GrantCoursesRow
}

// LoadOffer reads it in one round trip; ErrNotFound without such an offer.
func LoadOffer(ctx context.Context, db DB, account, id, before uuid.UUID, size int32, now time.Time) (o OfferForStaff, err error) {
	var b batch
	one(&b, &o.Offer, func(q *Queries) (OfferByIDRow, error) {
		return q.OfferByID(ctx, OfferByIDParams{AccountID: account, ID: id})
	})
	many(&b, &o.Takers, func(q *Queries) ([]OfferTakersRow, error) {
		return q.OfferTakers(ctx, OfferTakersParams{AccountID: account, OfferID: id, Before: before, PageSize: size + 1})
	})
	many(&b, &o.Courses, func(q *Queries) ([]GrantCoursesRow, error) {
		return q.GrantCourses(ctx, GrantCoursesParams{AccountID: account, Now: now})
	})
	return o, b.send(ctx, db)
}
