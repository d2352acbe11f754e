package queries_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
)

func TestAddContact(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen, ids := a.another("lumen"), map[string]uuid.UUID{}
	for _, c := range []struct {
		who         *tenant
		email, name string
		known       bool
		same        string
	}{
		{a, "ana@example.com", "Ana", false, ""},
		{a, "ana@example.com", "Somebody else", true, "ana@example.com"},
		{a, "ANA@example.com", "", true, "ana@example.com"},
		{a, "ben@example.com", "", false, ""},
		{lumen, "ana@example.com", "Ana of Lumen", false, ""},
	} {
		id, known, err := queries.AddContact(t.Context(), c.who.q, c.who.id, c.email, c.name, queries.ContactSourceManual, noon)
		if err != nil || known != c.known {
			t.Fatalf("%s: known %v, %v", c.email, known, err)
		}
		if c.known && id != ids[c.same] {
			t.Errorf("%s is another contact than %s", c.email, c.same)
		}
		if c.who == a && !c.known {
			ids[c.email] = id
		}
	}
	if names := read[string](a, "SELECT string_agg(name || '/' || email, ' ' ORDER BY id) FROM contact"); names != "Ana/ana@example.com /ben@example.com Ana of Lumen/ana@example.com" {
		t.Errorf("the contacts are %s", names)
	}
}

func TestAddContactAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	known, ids := make([]bool, 20), make([]uuid.UUID, 20)
	for _, err := range together(len(known), func(i int) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) (err error) {
			ids[i], known[i], err = queries.AddContact(ctx, q, a.id, "ana@example.com", "", queries.ContactSourceForm, noon)
			return err
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	if count(known) != len(known)-1 || len(slices.Compact(ids)) != 1 {
		t.Errorf("known %v, ids %v", known, ids)
	}
}

// list asks for one page and tells it by names.
func (a *tenant) list(asked queries.ContactsAsked) (names []string, last queries.ContactCursor, more bool) {
	a.t.Helper()
	asked.AccountID = a.id
	found, err := queries.LoadContacts(a.t.Context(), a.pool, asked)
	check(a.t, err)
	if found.Near {
		asked.Through = true
		all, err := queries.LoadContacts(a.t.Context(), a.pool, asked)
		check(a.t, err)
		if n := len(found.Rows); n > len(all.Rows) || !slices.EqualFunc(found.Rows, all.Rows[:n], func(a, b queries.ContactListRow) bool { return a.ID == b.ID }) {
			a.t.Errorf("%v: the first of the list are not the beginning of it", asked)
		}
		found = all
	}
	for _, row := range found.Rows {
		names, last = append(names, row.Name), queries.CursorOf(row)
	}
	return names, last, found.More
}

func TestListContactsInPages(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	var want []string
	for i := range 25 {
		name := fmt.Sprintf("Contact %02d", i)
		want = append([]string{name}, want...)
		for _, who := range []*tenant{a, lumen} { // in turn, so that the other account's lie between
			_, _, err := queries.AddContact(t.Context(), a.q, who.id, fmt.Sprintf("c%d@example.com", i), name, queries.ContactSourceManual, noon)
			check(t, err)
		}
	}
	a.exec("UPDATE contact SET invited_at = $1, joined_at = CASE WHEN account_id = $2 THEN $1::timestamptz END, bounced_at = $1", noon, a.id)
	for name, c := range map[string]struct {
		asked queries.ContactsAsked
		who   *tenant
	}{
		"all":        {queries.ContactsAsked{}, a},
		"search":     {queries.ContactsAsked{Filter: queries.ContactFilter{Search: "contact"}}, a},
		"invited":    {in(queries.ContactsInvited), a},
		"joined":     {in(queries.ContactsJoined), a},
		"bounced":    {in(queries.ContactsBounced), a},
		"combined":   {queries.ContactsAsked{Filter: queries.ContactFilter{Search: "con", State: queries.ContactsJoined, Source: queries.ContactSourceManual, Seen: "never"}}, a},
		"never seen": {queries.ContactsAsked{Sort: queries.SortSeen}, a},
	} {
		for _, size := range []int32{1, 7, 12, 24, 25, 26} {
			asked, got, pages := c.asked, []string(nil), int32(0)
			asked.Size = size
			for more := true; more; pages++ {
				var names []string
				names, asked.After, more = c.who.list(asked)
				if got = append(got, names...); more != (len(got) < len(want)) || len(got) > len(want) {
					t.Fatalf("%s by %d: page %d has %d, more %v", name, size, pages+1, len(names), more)
				}
			}
			if !slices.Equal(got, want) || pages != (25+size-1)/size {
				t.Errorf("%s by %d: %d pages %v", name, size, pages, got)
			}
		}
	}
	if names, _, more := lumen.list(queries.ContactsAsked{Filter: queries.ContactFilter{State: queries.ContactsJoined}, Size: 30}); len(names) > 0 || more {
		t.Errorf("another account's have joined: %v", names)
	}
}

// state is how far a contact has come.
type state struct {
	name                     string
	invited, joined, bounced *time.Time // invited last
}

// first is when it was first invited, long before.
func (s state) first() *time.Time {
	if s.invited == nil {
		return nil
	}
	return ptr(s.invited.AddDate(0, -1, 0))
}

// in asks for a part of the funnel.
func in(state queries.ContactState) queries.ContactsAsked {
	return queries.ContactsAsked{Filter: queries.ContactFilter{State: state}}
}

// Every order is the same whatever the size of its pages, also where rows are equal in what it goes by.
func TestListContactsInOrder(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for i, c := range []struct {
		name string
		seen *time.Time
	}{{"cleo", nil}, {"Ana", ptr(noon)}, {"", ptr(noon)}, {"ana", ptr(noon.Add(-time.Hour))}, {"Ben", nil}, {"Émile", ptr(noon)}} {
		id, _, err := queries.AddContact(t.Context(), a.q, a.id, fmt.Sprintf("b%d@example.com", i), c.name, queries.ContactSourceManual, noon)
		check(t, err)
		a.exec("UPDATE contact SET last_seen_at = $2 WHERE id = $1", id, c.seen)
	}
	for sort, want := range map[queries.ContactSort]string{queries.SortName: "Ana, ana, , Ben, cleo, Émile", queries.SortSeen: "Émile, , Ana, ana, Ben, cleo"} {
		for _, size := range []int32{1, 2, 4, 10} {
			var got []string
			asked := queries.ContactsAsked{Sort: sort, Size: size, Now: noon}
			for more := true; more; {
				var names []string
				names, asked.After, more = a.list(asked)
				got = append(got, names...)
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s by %d: %s, want %s", sort, size, strings.Join(got, ", "), want)
			}
		}
	}
}

func TestListContactsByFilter(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	old, late := noon.Add(-queries.WaitingAfter-time.Second), noon.Add(-queries.WaitingAfter)
	for _, c := range []state{
		{"new", nil, nil, nil},
		{"invited", &noon, nil, nil},
		{"nearly waiting", &late, nil, nil},
		{"waiting", &old, nil, nil}, // since it was invited last
		{"joined", &old, &noon, nil},
		{"joined by a link", nil, &noon, nil},
		{"bounced", &old, nil, &noon},
		{"bounced after joining", &old, &noon, &noon},
	} {
		id, _, err := queries.AddContact(t.Context(), a.q, a.id, strings.ReplaceAll(c.name, " ", ".")+"@example.com", c.name, queries.ContactSourceManual, noon)
		check(t, err)
		a.exec("UPDATE contact SET invited_at = $5::timestamptz, last_invited_at = $2, joined_at = $3, bounced_at = $4 WHERE id = $1", id, c.invited, c.joined, c.bounced, c.first())
	}
	for filter, want := range map[queries.ContactState]string{
		"":                      "bounced after joining, bounced, joined by a link, joined, waiting, nearly waiting, invited, new",
		queries.ContactsInvited: "bounced after joining, bounced, joined, waiting, nearly waiting, invited",
		queries.ContactsJoined:  "bounced after joining, joined by a link, joined",
		queries.ContactsWaiting: "waiting",
		queries.ContactsBounced: "bounced after joining, bounced",

		queries.ContactsInvitedBounced:  "bounced after joining, bounced",
		queries.ContactsInvitedJoined:   "bounced after joining, joined",
		queries.ContactsUninvitedJoined: "joined by a link",
	} {
		if names, _, _ := a.list(queries.ContactsAsked{Filter: queries.ContactFilter{State: filter}, Size: 20, Now: noon}); strings.Join(names, ", ") != want {
			t.Errorf("%q lists %v", filter, names)
		}
	}
	for filter, want := range map[queries.ContactFilter]string{
		{Bounced: "yes"}: "bounced after joining, bounced",
		{State: queries.ContactsBounced, Bounced: "yes"}:   "bounced after joining, bounced",
		{State: queries.ContactsBounced, Bounced: "no"}:    "",
		{State: queries.ContactsJoined, Bounced: "yes"}:    "bounced after joining",
		{State: queries.ContactsJoined, Bounced: "no"}:     "joined by a link, joined",
		{Search: "joining", Bounced: "yes"}:                "bounced after joining",
		{State: queries.ContactsNotInvited, Bounced: "no"}: "new",
		{Bounced: "no"}: "joined by a link, joined, waiting, nearly waiting, invited, new",
	} {
		for _, sort := range []queries.ContactSort{queries.SortNewest, queries.SortName, queries.SortSeen} {
			wanted := strings.Split(want, ", ")
			if sort == queries.SortName {
				slices.Sort(wanted)
			}
			if names, _, _ := a.list(queries.ContactsAsked{Filter: filter, Sort: sort, Size: 20, Now: noon}); strings.Join(names, ", ") != strings.Join(wanted, ", ") {
				t.Errorf("%+v by %q lists %v", filter, sort, names)
			}
		}
		chosen, err := queries.LoadChosen(t.Context(), a.pool, a.id, filter, noon)
		check(t, err)
		if n := len(strings.FieldsFunc(want, func(r rune) bool { return r == ',' })); int(chosen.Fit) != n {
			t.Errorf("%+v fits %d, want %d", filter, chosen.Fit, n)
		}
		rows, err := queries.NextContacts(t.Context(), a.q, queries.TaskForWorkRow{AccountID: a.id, UpTo: queries.LastID, CreatedAt: noon}, filter, 20)
		check(t, err)
		if int64(len(rows)) != chosen.Fit {
			t.Errorf("a task of %+v has %d contacts of %d", filter, len(rows), chosen.Fit)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for name, email := range map[string]string{
		"Ana Souza":  "ana@example.com",
		"100% Björn": "bjorn_1@example.com",
		`C:\Cleo`:    "cleo@other.test",
		"Dora":       "do-ra.x@example.com",
	} {
		_, _, err := queries.AddContact(t.Context(), a.q, a.id, email, name, queries.ContactSourceManual, noon)
		check(t, err)
	}
	for search, want := range map[string]string{
		"ana":             "Ana Souza",
		"SOUZA":           "Ana Souza",
		"a s":             "Ana Souza",
		"souza ana@":      "Ana Souza", // name and address are one text
		"björn":           "100% Björn",
		"BJÖRN":           "100% Björn",
		"other.test":      `C:\Cleo`,
		"%":               "100% Björn",
		"100%":            "100% Björn",
		"0%B":             "",
		"_":               "100% Björn",
		"n_1":             "100% Björn",
		"a_a":             "", // not any character
		`\`:               `C:\Cleo`,
		`:\c`:             `C:\Cleo`,
		`\%`:              "",
		"'":               "",
		"nobody":          "",
		"a\x00b":          "", // what Postgres cannot even be asked for is nowhere
		"\xff":            "",
		"o-ra.x@example.": "Dora",
	} {
		if names, _, more := a.list(queries.ContactsAsked{Filter: queries.ContactFilter{Search: search}, Size: 10}); strings.Join(names, ", ") != want || more {
			t.Errorf("%q finds %v", search, names)
		}
	}
}

func TestChangeEmail(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact, ben := a.contact("anna@example.com"), a.contact("ben@example.com")
	invited, bens := a.invite(contact, noon), a.invite(ben, noon)
	_, made := a.link(contact, noon.Add(time.Hour))
	_, used := a.link(contact, noon.Add(time.Hour))
	a.exec("UPDATE magic_link SET ended_at = $1, ended_because = 'used' WHERE token_hash = $2", noon, queries.TokenHash(used))
	a.bounce(contact, "anna@example.com")
	a.exec("UPDATE contact SET accepted_at = $2, password_hash = 'hash' WHERE id = $1", contact, noon)
	sessions := map[uuid.UUID]queries.SignIn{contact: a.signIn(noon), ben: a.signIn(noon)}
	for who, s := range sessions {
		check(t, a.q.SessionInsert(t.Context(), queries.SessionInsertParams{AccountID: a.id, ID: queries.NewID(), ContactID: who, TokenHash: queries.TokenHash(s.Token),
			Method: queries.SignInMethodLink, IP: s.Visit.IP, Now: noon, ExpiresAt: noon.Add(queries.SessionMax)}))
	}
	check(t, a.change(contact, "ana@example.com"))
	row := a.byID(contact)
	if row.Email != "ana@example.com" || row.BouncedAt != nil || row.BounceReason != "" || row.InvitedAt == nil || row.HasPassword || row.AcceptedAt != nil {
		t.Errorf("the contact is %+v", row)
	}
	for who, want := range map[uuid.UUID]error{contact: queries.ErrNotFound, ben: nil} {
		if _, err := a.session(sessions[who].Token, noon); !errors.Is(err, want) {
			t.Errorf("a session of %s: %v, want %v", who, err, want)
		}
	}
	for token, want := range map[string]queries.EndReason{invited: queries.EndReasonRevoked, made: queries.EndReasonRevoked, used: queries.EndReasonUsed, bens: ""} {
		if why := a.ended(token); why != want {
			t.Errorf("a link is over because %q, want %q", why, want)
		}
	}
	if i := a.invitations(contact)[0]; i.EndedBecause == nil || *i.EndedBecause != queries.EndReasonRevoked {
		t.Errorf("the invitation is %+v", i)
	}
	if i := a.invitations(ben)[0]; i.EndedAt != nil {
		t.Errorf("somebody else's invitation is %+v", i)
	}
	again := a.invite(contact, noon)
	if _, joined, err := a.confirm(again, a.signIn(noon)); err != nil || !joined {
		t.Errorf("invited at the right address: joined %v, %v", joined, err)
	}
	if n := len(a.invitations(contact)); n != 2 {
		t.Errorf("%d invitations", n)
	}
}

func TestChangeEmailRefuses(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen, contact := a.another("lumen"), a.contact("ana@example.com")
	a.contact("ben@example.com")
	lumen.contact("cleo@example.com")
	token := a.invite(contact, noon)
	for name, c := range map[string]struct {
		who     *tenant
		contact uuid.UUID
		email   string
		want    error
	}{
		"another contact's":         {a, contact, "BEN@example.com", queries.ErrConflict},
		"another account's contact": {lumen, contact, "new@example.com", queries.ErrNotFound},
		"nobody":                    {a, queries.NewID(), "new@example.com", queries.ErrNotFound},
	} {
		if err := c.who.change(c.contact, c.email); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if row := a.byID(contact); row.Email != "ana@example.com" || a.ended(token) != "" {
		t.Errorf("afterwards %+v, the link %q", row, a.ended(token))
	}
	check(t, a.change(contact, "cleo@example.com")) // an address of another account's contact is free
}

// change corrects an address, in a transaction of its own.
func (a *tenant) change(contact uuid.UUID, email string) error {
	return a.tx(func(ctx context.Context, q *queries.Queries) error {
		return queries.ChangeEmail(ctx, q, a.id, contact, email, noon)
	})
}

// The first arrival is finished once: whoever finds its page open later must not replace a password by it.
func TestContactIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	for i, want := range []int64{1, 0} {
		n, err := a.q.ContactSetAccepted(t.Context(), queries.ContactSetAcceptedParams{AccountID: a.id, ID: contact, Name: fmt.Sprint("Ana ", i),
			PasswordHash: ptr(fmt.Sprint("hash ", i)), Now: noon.Add(time.Duration(i) * time.Hour)})
		if n != want || err != nil {
			t.Errorf("time %d: %d rows, %v", i+1, n, err)
		}
	}
	hash, err := a.q.ContactPasswordHash(t.Context(), queries.ContactPasswordHashParams{AccountID: a.id, ID: contact})
	if row := a.byID(contact); err != nil || *hash != "hash 0" || row.Name != "Ana 0" || !row.AcceptedAt.Equal(noon) {
		t.Errorf("the password is %v, the contact %+v, %v", hash, row, err)
	}
}

// A bounce that arrives after the address was corrected says nothing about the new one, and no more does a delivery.
func TestBouncedAndDeliveredAreOfTheirAddress(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	delivered := func(email string) int64 {
		n, err := a.q.ContactSetDelivered(t.Context(), queries.ContactSetDeliveredParams{AccountID: a.id, ID: contact, Email: email, Now: noon})
		check(t, err)
		return n
	}
	a.bounce(contact, "anna@example.com")
	if a.byID(contact).BouncedAt != nil {
		t.Error("marked for another address")
	}
	a.bounce(contact, "ANA@example.com")
	if row := a.byID(contact); row.BouncedAt == nil || row.BounceReason != "No such user" {
		t.Errorf("not marked: %+v", row)
	}
	if n := delivered("anna@example.com"); n != 0 || a.byID(contact).BouncedAt == nil {
		t.Error("healed by another address")
	}
	if n := delivered("ana@example.com"); n != 1 || a.byID(contact).BouncedAt != nil || a.byID(contact).BounceReason != "" {
		t.Errorf("not healed: %+v", a.byID(contact))
	}
	if n := delivered("ana@example.com"); n != 0 {
		t.Error("healed twice")
	}
}
