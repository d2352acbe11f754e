package queries

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// ContactState names a part of the funnel; the parts overlap, since who joined was also invited.
type ContactState string

// The parts of the funnel; contact_in_state in schema.sql says what each means.
const (
	ContactsNotInvited   ContactState = "not_invited"
	ContactsInvited      ContactState = "invited"
	ContactsSent         ContactState = "sent"
	ContactsBounced      ContactState = "bounced"
	ContactsFilterOpened ContactState = "filter_opened"
	ContactsOpened       ContactState = "opened"
	ContactsJoined       ContactState = "joined"
	ContactsActive       ContactState = "active"  // joined, and used the portal within ActiveWithin
	ContactsWaiting      ContactState = "waiting" // invited longer ago than WaitingAfter and not joined

	// The same of the invited alone, as the dashboard's funnel counts them, and who came in another way.
	ContactsInvitedBounced  ContactState = "invited_bounced"
	ContactsInvitedOpened   ContactState = "invited_opened"
	ContactsInvitedJoined   ContactState = "invited_joined"
	ContactsInvitedActive   ContactState = "invited_active"
	ContactsUninvitedJoined ContactState = "uninvited_joined"
)

// ContactSort is the order of a list of contacts.
type ContactSort string

// The orders there are.
const (
	SortNewest ContactSort = ""     // added last first
	SortName   ContactSort = "name" // by name, or address where there is none
	SortSeen   ContactSort = "seen" // used the portal last first
)

// ContactFilter says which contacts; an empty field does not matter. It is stored with tasks: its JSON names stay.
type ContactFilter struct {
	Search  string        `json:"search,omitempty"` // in names, addresses, companies and tags; one or two letters begin a word
	State   ContactState  `json:"state,omitempty"`
	Source  ContactSource `json:"source,omitempty"`
	Tag     string        `json:"tag,omitempty"`
	Seen    string        `json:"seen,omitempty"`    // 7 or 30 (days), earlier, never
	Bounced string        `json:"bounced,omitempty"` // yes or no: whether the address refuses mail, beside any state
}

// plain is the same filter without saying twice, or aside, that addresses refuse mail: there is a state, and an index, for that alone.
func (f ContactFilter) plain() ContactFilter {
	if f.Bounced == "yes" && (f.State == "" || f.State == ContactsBounced) {
		f.State, f.Bounced = ContactsBounced, ""
	}
	return f
}

// ContactsAsked is one page of a list of contacts.
type ContactsAsked struct {
	AccountID uuid.UUID
	Filter    ContactFilter
	Sort      ContactSort
	After     ContactCursor // where the page before ended; the zero value asks for the first page
	Through   bool          // look through all contacts, also where that takes long
	Size      int32
	Now       time.Time
}

// ContactCursor is the last contact of a page, by what lists are in order of.
type ContactCursor struct {
	ID   uuid.UUID
	Name string     // or the address
	Seen *time.Time // nil: never
}

// CursorOf is where a page ends whose last row this is.
func CursorOf(row ContactListRow) ContactCursor {
	c := ContactCursor{ID: row.ID, Name: row.Name, Seen: row.LastSeenAt}
	if c.Name == "" {
		c.Name = row.Email
	}
	return c
}

// How many contacts are looked at or counted.
const (
	contactsLookedAt  = 1000 // to say how many fit: only the newest are looked at, which takes as long in an account of a million
	contactsNear      = 1000 // for the page of a filter that no index has in the order of the list: the first of it, before all that fit are found
	ContactCountBound = 1000 // before something is done with all of them
)

// ContactsFound is one page of contacts.
type ContactsFound struct {
	Rows []ContactListRow
	More bool      // whether there is a next page
	Near bool      // only the first of the list were looked at, since finding all takes long: asked to go Through, there may be more
	Fit  int64     // how many the filter fits, as far as they were counted
	Over bool      // whether it may be more than that
	AsOf time.Time // when Fit is of, where it is the dashboard's figure; zero: now
	Tags []string  // the tags the account uses
}

// LoadContacts reads a page of contacts, how many there are, and the tags to choose from, in one round trip.
func LoadContacts(ctx context.Context, db DB, a ContactsAsked) (f ContactsFound, err error) {
	a.Filter = a.Filter.plain()
	var b batch
	var newest ContactCountNewestRow
	b.queue(func(q *Queries) { _ = q.PlanPage(ctx) })
	one(&b, &newest, func(q *Queries) (ContactCountNewestRow, error) {
		p := a.Filter.params(a.Now)
		return q.ContactCountNewest(ctx, ContactCountNewestParams{p.pattern, p.tag, a.AccountID, p.ascii, p.state, p.active, p.waiting, p.source, p.seen, p.since, p.bounced, contactsLookedAt + 1})
	})
	var metric MetricByAccountRow
	optional(&b, &metric, func(q *Queries) (MetricByAccountRow, error) { return q.MetricByAccount(ctx, a.AccountID) })
	many(&b, &f.Tags, func(q *Queries) ([]string, error) { return q.TagNames(ctx, a.AccountID) })
	a.queue(ctx, &b, &f.Rows)
	if !a.Filter.readable() {
		return f, nil
	}
	err = b.send(ctx, db)
	f.count(a, newest)
	if n, known := a.Filter.figure(metric); f.Over && known && n >= f.Fit { // else it has moved on since
		f.Fit, f.Over, f.AsOf = n, false, metric.ComputedAt
	}
	return f, err
}

// figure is how many the filter fits by the figures of the dashboard, where they have it: each of their numbers leads to such a list.
func (f ContactFilter) figure(m MetricByAccountRow) (n int64, known bool) {
	if f != (ContactFilter{State: f.State}) || m.ComputedAt.IsZero() {
		return 0, false
	}
	n, known = map[ContactState]int64{"": m.Contacts, ContactsInvited: m.Invited, ContactsSent: m.Sent, ContactsBounced: m.Bounced, ContactsFilterOpened: m.FilterOpened,
		ContactsOpened: m.Opened, ContactsJoined: m.Joined, ContactsActive: m.Active, ContactsWaiting: m.Waiting,
		ContactsInvitedBounced: m.InvitedBounced, ContactsInvitedOpened: m.InvitedOpened, ContactsInvitedJoined: m.InvitedJoined, ContactsInvitedActive: m.InvitedActive,
		ContactsUninvitedJoined: m.UninvitedJoined}[f.State]
	return n, known
}

// count takes the row that only tells of a next page away, and says how many the filter fits: a first page that is the last one
// knows, and so does an account with few enough contacts.
func (f *ContactsFound) count(a ContactsAsked, newest ContactCountNewestRow) {
	if f.More = len(f.Rows) > int(a.Size); f.More {
		f.Rows = f.Rows[:a.Size]
	}
	f.Fit, f.Over = newest.Fit, newest.HasOlder
	f.Near = !f.More && !a.Through && !a.indexed() && !newest.Cheap
	if f.Over && !f.More && !f.Near && a.After.ID == uuid.Nil {
		f.Fit, f.Over = int64(len(f.Rows)), false
	}
	f.Fit = max(min(f.Fit, contactsLookedAt), int64(len(f.Rows)))
}

// ContactsChosen is what is said of contacts before something is done with all a filter fits.
type ContactsChosen struct {
	Fit  int64 // how many, up to ContactCountBound and one more
	Tags []string
}

// LoadChosen reads it in one round trip.
func LoadChosen(ctx context.Context, db DB, account uuid.UUID, f ContactFilter, now time.Time) (chosen ContactsChosen, err error) {
	var b batch
	b.queue(func(q *Queries) { _ = q.PlanPage(ctx) })
	one(&b, &chosen.Fit, func(q *Queries) (int64, error) {
		return q.ContactCount(ctx, f.count(account, LastID, ContactCountBound+1, now))
	})
	many(&b, &chosen.Tags, func(q *Queries) ([]string, error) { return q.TagNames(ctx, account) })
	if !f.readable() {
		return chosen, nil
	}
	return chosen, b.send(ctx, db)
}

// LoadReach counts, up to size, whom a mail to many reaches: of the ids, or with a filter of all that it fits. An invitation leaves out who has
// joined as well.
func LoadReach(ctx context.Context, db DB, account uuid.UUID, ids []uuid.UUID, filter *ContactFilter, invites bool, now time.Time, size int32) (reach ContactReachRow, err error) {
	asked := ContactFilter{}
	if filter != nil {
		asked = *filter
	}
	if !asked.readable() {
		return reach, nil
	}
	p := asked.params(now)
	var b batch
	b.queue(func(q *Queries) { _ = q.PlanPage(ctx) })
	one(&b, &reach, func(q *Queries) (ContactReachRow, error) {
		return q.ContactReach(ctx, ContactReachParams{Invites: invites, AccountID: account, AllThatFit: filter != nil, Ids: ids, Pattern: p.pattern, Ascii: p.ascii,
			State: p.state, ActiveSince: p.active, WaitingBefore: p.waiting, Source: p.source, Tag: p.tag, Seen: p.seen, SeenSince: p.since, Bounced: p.bounced, Bound: size})
	})
	return reach, b.send(ctx, db)
}

// LoadHolders are those among chosen contacts who can use a course now, at most so many, and how many all of them are: among those of
// the ids, or with a filter among all that it fits.
func LoadHolders(ctx context.Context, db DBTX, account uuid.UUID, ids []uuid.UUID, filter *ContactFilter, now time.Time, size int32) ([]GrantHoldersChosenRow, error) {
	asked := GrantHoldersChosenParams{AccountID: account, Ids: ids, Now: now, PageSize: size}
	if filter != nil {
		if !filter.readable() {
			return nil, nil
		}
		p := filter.params(now)
		asked.AllThatFit, asked.Pattern, asked.Ascii, asked.State, asked.ActiveSince, asked.WaitingBefore, asked.Source, asked.Tag, asked.Seen, asked.SeenSince, asked.Bounced =
			true, p.pattern, p.ascii, p.state, p.active, p.waiting, p.source, p.tag, p.seen, p.since, p.bounced
	}
	return New(db).GrantHoldersChosen(ctx, asked)
}

// FindContacts answers the newest contacts a search fits, at most size.
func FindContacts(ctx context.Context, db DB, account uuid.UUID, search string, size int32, now time.Time) (rows []ContactListRow, err error) {
	a := ContactsAsked{AccountID: account, Filter: ContactFilter{Search: search}, Through: true, Size: size - 1, Now: now}
	if !a.Filter.readable() {
		return nil, nil
	}
	var b batch
	b.queue(func(q *Queries) { _ = q.PlanPage(ctx) })
	a.queue(ctx, &b, &rows)
	return rows, b.send(ctx, db)
}

// queue asks for one row more than the page has, to know whether there is a next one.
func (a ContactsAsked) queue(ctx context.Context, b *batch, rows *[]ContactListRow) {
	f, size := a.Filter.params(a.Now), a.Size+1
	many(b, rows, func(q *Queries) (_ []ContactListRow, err error) { // the queries answer the same columns
		if a.indexed() {
			return nil, a.list(ctx, q, f, size)
		}
		return nil, a.find(ctx, q, f, size)
	})
}

// unordered are the parts of the funnel that no index has in the order of the list.
var unordered = []ContactState{ContactsInvited, ContactsActive, ContactsWaiting, ContactsInvitedBounced, ContactsInvitedOpened, ContactsInvitedJoined,
	ContactsInvitedActive, ContactsUninvitedJoined}

// indexed says whether an index has the contacts that are asked for in their order, so that a page of them is read from it.
func (a ContactsAsked) indexed() bool {
	switch f := a.Filter; f {
	case ContactFilter{}:
		return true
	case ContactFilter{Source: f.Source}:
		return a.Sort == SortNewest
	case ContactFilter{State: f.State}:
		return a.Sort == SortNewest && !slices.Contains(unordered, f.State)
	}
	return false
}

func (a ContactsAsked) list(ctx context.Context, q *Queries, f filterParams, size int32) (err error) {
	before, seen := a.After.before()
	switch a.Sort {
	case SortName:
		_, err = q.ContactListByName(ctx, ContactListByNameParams{a.AccountID, strings.ToLower(a.After.Name), a.After.ID, size})
	case SortSeen:
		_, err = q.ContactListBySeen(ctx, ContactListBySeenParams{a.AccountID, seen, before, size})
	default:
		_, err = q.ContactList(ctx, ContactListParams{a.AccountID, before, f.state, f.active, f.waiting, f.source, size})
	}
	return err
}

// find is list where no index has what is asked for.
func (a ContactsAsked) find(ctx context.Context, q *Queries, f filterParams, size int32) (err error) {
	before, seen := a.After.before()
	switch a.Sort {
	case SortName:
		_, err = q.ContactFindByName(ctx, ContactFindByNameParams{a.AccountID, strings.ToLower(a.After.Name), a.After.ID, contactsNear, f.pattern, f.ascii, f.state, f.active, f.waiting,
			f.source, f.tag, f.seen, f.since, f.bounced, size, a.Through})
	case SortSeen:
		_, err = q.ContactFindBySeen(ctx, ContactFindBySeenParams{a.AccountID, seen, before, contactsNear, f.pattern, f.ascii, f.state, f.active, f.waiting,
			f.source, f.tag, f.seen, f.since, f.bounced, size, a.Through})
	default:
		_, err = q.ContactFind(ctx, ContactFindParams{a.AccountID, before, contactsNear, f.pattern, f.ascii, f.state, f.active, f.waiting, f.source, f.tag, f.seen, f.since,
			f.bounced, size, a.Through})
	}
	return err
}

// before is where a list that runs backwards goes on: after everything there can be, for its first page.
func (c ContactCursor) before() (uuid.UUID, time.Time) {
	switch {
	case c.ID == uuid.Nil:
		return LastID, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	case c.Seen == nil:
		return c.ID, time.Unix(0, 0)
	}
	return c.ID, *c.Seen
}

// filterParams are a filter's values as the queries take them.
type filterParams struct {
	pattern, ascii, state, source, tag, seen, bounced string
	active, waiting, since                            time.Time
}

func (f ContactFilter) params(now time.Time) filterParams {
	f = f.plain()
	p := filterParams{containing(f.Search), inDomain(f.Search), string(f.State), string(f.Source), f.Tag, f.Seen, f.Bounced, now.Add(-ActiveWithin), now.Add(-WaitingAfter), now.AddDate(0, 0, -30)}
	if f.Seen == "7" {
		p.since = now.AddDate(0, 0, -7)
	}
	return p
}

func (f ContactFilter) count(account, before uuid.UUID, bound int32, now time.Time) ContactCountParams {
	p := f.params(now)
	return ContactCountParams{account, before, p.pattern, p.ascii, p.state, p.active, p.waiting, p.source, p.tag, p.seen, p.since, p.bounced, bound}
}

// readable says whether Postgres takes what is searched for text.
func (f ContactFilter) readable() bool {
	for _, text := range []string{f.Search, f.Tag, f.Seen, f.Bounced, string(f.State), string(f.Source)} {
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return false
		}
	}
	return true
}

// containing makes the LIKE pattern of a text that is searched as it is; empty for none. One or two letters have no trigram
// of their own, which the index needs, but have one at the beginning of a word.
func containing(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return ""
	}
	escaped := likeText.Replace(text)
	if utf8.RuneCountInString(text) < 3 && !strings.ContainsFunc(text, notInWord) {
		return "% " + escaped + "%"
	}
	return "%" + escaped + "%"
}

// inDomain makes the LIKE pattern of a text as it stands in the domain of an address, which is stored in ASCII: what is looked for as münchen
// stands there as xn--mnchen-3ya. Empty for all that is the same there, or cannot be there.
func inDomain(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	at := strings.LastIndexByte(text, '@') + 1
	if len(text) > 4*EmailMax || strings.ContainsFunc(text[at:], unicode.IsSpace) {
		return ""
	}
	labels, other := strings.Split(text[at:], "."), false
	for i, label := range labels {
		if ascii, err := mailDomains.ToASCII(label); err == nil && strings.HasPrefix(ascii, "xn--") {
			labels[i], other = ascii, other || ascii != label
		}
	}
	if !other {
		return ""
	}
	return "%" + likeText.Replace(text[:at]+strings.Join(labels, ".")) + "%"
}

// likeText escapes a text to be a part of a LIKE pattern.
var likeText = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
