package queries_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"atrium/queries"
	"atrium/queries/dbtest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

func (a *tenant) byToken(token string) queries.MagicLinkByTokenRow {
	a.t.Helper()
	row, err := a.q.MagicLinkByToken(a.t.Context(), queries.MagicLinkByTokenParams{AccountID: a.id, TokenHash: queries.TokenHash(token)})
	check(a.t, err)
	return row
}

// ended is why a link is over; empty for one that is not.
func (a *tenant) ended(token string) queries.EndReason {
	a.t.Helper()
	row := a.byToken(token)
	if row.EndedBecause == nil {
		return ""
	}
	return *row.EndedBecause
}

func (a *tenant) sessions() int {
	a.t.Helper()
	return read[int](a, "SELECT count(*) FROM session WHERE account_id = $1 AND ended_at IS NULL", a.id)
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for kind, method := range map[queries.LinkKind]queries.SignInMethod{
		queries.LinkKindInvitation: queries.SignInMethodInvitation,
		queries.LinkKindStaff:      queries.SignInMethodLink,
		queries.LinkKindSignIn:     queries.SignInMethodLink,
	} {
		contact := a.contact(string(kind) + "@example.com")
		token := a.invite(contact, noon)
		if kind != queries.LinkKindInvitation {
			id, err := mails.Link(t.Context(), a.q, queries.MagicLinkInsertParams{AccountID: a.id, ContactID: contact, Kind: kind,
				Target: queries.AppProfile, Now: noon, ExpiresAt: noon.Add(time.Hour)})
			check(t, err)
			token = mails.Secret.LinkToken(id)
		}
		s := a.signIn(noon.Add(time.Minute))
		link, first, err := a.confirm(token, s)
		if err != nil || !first || link.ContactID != contact || link.Kind != kind {
			t.Fatalf("%s: %+v, first %v, %v", kind, link, first, err)
		}
		if want := queries.AppProfile; kind != queries.LinkKindInvitation && link.Target != want {
			t.Errorf("%s leads to %s", kind, link.Target)
		}
		session, err := a.q.SessionByToken(t.Context(), queries.SessionByTokenParams{AccountID: a.id, TokenHash: queries.TokenHash(s.Token),
			Now: s.Visit.At, IdleSince: s.Visit.At.Add(-queries.SessionIdle)})
		if err != nil || session.ContactID != contact || session.Method != method {
			t.Errorf("%s: session %+v, %v", kind, session, err)
		}
		if why := a.ended(token); why != queries.EndReasonUsed {
			t.Errorf("%s: the link is over because %q", kind, why)
		}
	}
}

func TestConfirmRefuses(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact, lumen := a.contact("ana@example.com"), a.another("lumen")
	end := noon.Add(time.Hour)
	linkOf := func() string { _, token := a.link(contact, end); return token }
	used, revoked := linkOf(), linkOf()
	_, _, err := a.confirm(used, a.signIn(noon))
	check(t, err)
	check(t, queries.RevokeLink(t.Context(), a.q, a.id, contact, a.byToken(revoked).ID, noon))
	before := a.sessions()
	for name, c := range map[string]struct {
		who   *tenant
		token string
		at    time.Time
		want  error
	}{
		"a moment before its end": {a, linkOf(), end.Add(-time.Microsecond), nil},
		"at its end":              {a, linkOf(), end, queries.ErrNotFound},
		"used":                    {a, used, noon, queries.ErrNotFound},
		"revoked":                 {a, revoked, noon, queries.ErrNotFound},
		"never made":              {a, queries.NewToken(), noon, queries.ErrNotFound},
		"empty":                   {a, "", noon, queries.ErrNotFound},
		"cut off":                 {a, linkOf()[:42], noon, queries.ErrNotFound},
		"by another account":      {lumen, linkOf(), noon, queries.ErrNotFound},
	} {
		_, _, err := c.who.confirm(c.token, c.who.signIn(c.at))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if n := a.sessions() + lumen.sessions(); n != before+1 {
		t.Errorf("%d new sessions, want that of the link that still worked", n-before)
	}
}

func TestConfirmExactlyOnce(t *testing.T) {
	t.Parallel()
	a, other := newTenant(t), dbtest.New(t)
	contact := a.contact("ana@example.com")
	token := a.invite(contact, noon)
	programs := []queries.DB{a.pool, other}
	confirmed, firsts := 0, make([]bool, 20)
	for _, err := range together(len(firsts), func(i int) error {
		return queries.InTx(t.Context(), programs[i%2], func(q *queries.Queries, _ pgx.Tx) (err error) {
			_, firsts[i], err = queries.Confirm(t.Context(), q, token, a.signIn(noon.Add(time.Duration(i)*time.Second)))
			return err
		})
	}) {
		switch {
		case err == nil:
			confirmed++
		case !errors.Is(err, queries.ErrNotFound):
			t.Error(err)
		}
	}
	if joins := count(firsts); confirmed != 1 || joins != 1 || a.sessions() != 1 {
		t.Errorf("confirmed %d times, %d joins, %d sessions", confirmed, joins, a.sessions())
	}
}

// Two mails of one invitation, opened in two browsers at once: one is the join, and it ends the other.
func TestConfirmTwoLinksOfAnInvitation(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for round := range 30 {
		contact := a.contact("ana" + uuid.NewString() + "@example.com")
		tokens := []string{a.invite(contact, noon), a.invite(contact, noon)}
		confirmed := 0
		for _, err := range together(2, func(i int) error {
			_, _, err := a.confirm(tokens[i], a.signIn(noon))
			return err
		}) {
			switch {
			case err == nil:
				confirmed++
			case !errors.Is(err, queries.ErrNotFound):
				t.Fatal(err)
			}
		}
		if confirmed != 1 || a.sessions() != round+1 {
			t.Fatalf("confirmed %d times, %d sessions after %d rounds", confirmed, a.sessions(), round+1)
		}
	}
}

// A client confirms while staff do something that begins with the contact and goes on to its links. Whoever comes second
// has to wait, and neither for the other.
func TestConfirmWhileStaffChangeTheContact(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(ctx context.Context, q *queries.Queries, account, contact, link uuid.UUID) error
		want   error
	}{
		"invite again": {func(ctx context.Context, q *queries.Queries, account, contact, _ uuid.UUID) error {
			_, err := mails.Invite(ctx, q, queries.InvitationOf{AccountID: account, ContactID: contact, Now: noon})
			return err
		}, nil},
		"correct the address": {func(ctx context.Context, q *queries.Queries, account, contact, _ uuid.UUID) error {
			return queries.ChangeEmail(ctx, q, account, contact, "new@example.com", noon)
		}, queries.ErrNotFound},
		"revoke the link": {func(ctx context.Context, q *queries.Queries, account, contact, link uuid.UUID) error {
			return queries.RevokeLink(ctx, q, account, contact, link, noon)
		}, queries.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			contact := a.contact("ana@example.com")
			token, confirmed := a.invite(contact, noon), make(chan error, 1)
			link := a.byToken(token).ID
			check(t, a.tx(func(ctx context.Context, q *queries.Queries) error {
				if _, err := q.ContactLock(ctx, queries.ContactLockParams{AccountID: a.id, ID: contact}); err != nil {
					return err
				}
				go func() {
					_, _, err := a.confirm(token, a.signIn(noon))
					confirmed <- err
				}()
				a.waiting(1)
				return c.change(ctx, q, a.id, contact, link)
			}))
			wantErr(t, <-confirmed, c.want)
		})
	}
}

// waiting waits until that many connections wait for a lock that another holds.
func (a *tenant) waiting(n int) {
	a.t.Helper()
	eventually(a.t, "somebody waits for a lock", func() bool {
		return read[int](a, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == n
	})
}

func TestRememberFetch(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	id, token := a.link(contact, noon.Add(time.Hour))
	long := strings.Repeat("a", 299) + "ä" + strings.Repeat("b", 5000)
	visit := a.signIn(noon).Visit
	for i := range 120 { // half of them a filter, so more than the 50 of each that are kept
		visit.UserAgent, visit.At = []string{long, ""}[i%2], noon.Add(time.Duration(i)*time.Second)
		check(t, queries.RememberFetch(t.Context(), a.q, a.id, id, "GET", visit))
	}
	links, err := a.q.MagicLinkListOfContact(t.Context(), queries.MagicLinkListOfContactParams{AccountID: a.id, ContactID: contact})
	check(t, err)
	if l := links[0]; len(links) != 1 || l.FetchedByPerson != 50 || l.FetchedByFilter != 50 || !l.LastFetchedAt.Equal(noon.Add(99*time.Second)) {
		t.Errorf("of 120 fetches the list shows %+v", links)
	}
	agent := read[string](a, "SELECT max(user_agent) FROM link_fetch")
	if len(agent) > 300 || !utf8.ValidString(agent) || !strings.HasPrefix(long, agent) || len(agent) < 297 {
		t.Errorf("the agent is kept as %q", agent)
	}
	if _, _, err := a.confirm(token, a.signIn(noon)); err != nil {
		t.Errorf("after all these fetches: %v", err)
	}
}

func TestRevokeLink(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen, contact, ben := a.another("lumen"), a.contact("ana@example.com"), a.contact("ben@example.com")
	first, second := a.invite(contact, noon), a.invite(contact, noon)
	_, made := a.link(contact, noon.Add(time.Hour))
	revoke := func(who *tenant, contact uuid.UUID, token string) error {
		return a.tx(func(ctx context.Context, q *queries.Queries) error {
			return queries.RevokeLink(ctx, q, who.id, contact, a.byToken(token).ID, noon)
		})
	}
	for _, c := range []struct {
		name       string
		who        *tenant
		contact    uuid.UUID
		token      string
		want       error
		invitation queries.EndReason // of the contact, afterwards
	}{
		{"of another account", lumen, contact, first, queries.ErrNotFound, ""},
		{"of another contact", a, ben, first, queries.ErrNotFound, ""},
		{"a link of staff", a, contact, made, nil, ""},
		{"one of two of an invitation", a, contact, first, nil, ""},
		{"once more", a, contact, first, queries.ErrNotFound, ""},
		{"the last of an invitation", a, contact, second, nil, queries.EndReasonRevoked},
	} {
		if err := revoke(c.who, c.contact, c.token); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if why := a.ended(c.token); c.want == nil && why != queries.EndReasonRevoked {
			t.Errorf("%s: the link is over because %q", c.name, why)
		}
		if i := a.invitations(contact)[0]; (i.EndedBecause != nil) != (c.invitation != "") || i.EndedBecause != nil && *i.EndedBecause != c.invitation {
			t.Errorf("%s: the invitation is %+v", c.name, i)
		}
	}
}

func TestByFilter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, agent string
		want          bool
	}{
		{"GET", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", false},
		{"GET", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", false},
		{"GET", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0", false},
		{"HEAD", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", true},
		{"GET", "", true},
		{"GET", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true},
		{"GET", "Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/140.0.0.0 Safari/537.36", true},
		{"GET", "Slackbot-LinkExpanding 1.0", true},
		{"GET", "WhatsApp/2.23", true},
		{"GET", "Microsoft Office Existence Discovery", true},
		{"GET", "Mozilla/5.0 (Linux; Android 14; CUBOT X90) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", false},
		{"GET", "cubot bot", true},
		{"GET", "BarracudaCentral", true},
		{"GET", "python-requests/2.32", true},
		{"GET", "curl/8.5.0", true},
		{"GET", "Go-http-client/2.0", true},
	} {
		if got := queries.ByFilter(c.method, c.agent); got != c.want {
			t.Errorf("%s by %q: got %v", c.method, c.agent, got)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	ended := noon
	for name, c := range map[string]struct {
		link queries.MagicLinkByTokenRow
		want bool
	}{
		"living":            {queries.MagicLinkByTokenRow{ExpiresAt: noon.Add(1)}, true},
		"at its end":        {queries.MagicLinkByTokenRow{ExpiresAt: noon}, false},
		"closed before it":  {queries.MagicLinkByTokenRow{ExpiresAt: noon.Add(1), EndedAt: &ended}, false},
		"closed and beyond": {queries.MagicLinkByTokenRow{ExpiresAt: noon.Add(-1), EndedAt: &ended}, false},
	} {
		if got := c.link.Open(noon); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	later := noon.Add(queries.InvitationLife + time.Hour)
	for name, c := range map[string]struct {
		before func(a *tenant, contact uuid.UUID) (token string)
		kind   queries.MailKind
		life   time.Duration
		target queries.App
	}{
		"an invitation": {func(a *tenant, contact uuid.UUID) string {
			return a.invite(contact, noon)
		}, queries.MailKindInvitation, queries.InvitationLife, queries.AppHome},
		"an invitation that was closed": {func(a *tenant, contact uuid.UUID) string {
			token := a.invite(contact, noon)
			a.expire(later)
			return token
		}, queries.MailKindInvitation, queries.InvitationLife, queries.AppHome},
		"an invitation of somebody who joined": {func(a *tenant, contact uuid.UUID) string {
			token := a.invite(contact, noon)
			_, _, err := a.confirm(a.invite(contact, noon), a.signIn(noon))
			check(a.t, err)
			return token
		}, queries.MailKindMagicLink, queries.MagicLinkDefault, queries.AppHome},
		"a link of staff": {func(a *tenant, contact uuid.UUID) string {
			id, err := mails.Link(a.t.Context(), a.q, queries.MagicLinkInsertParams{AccountID: a.id, ContactID: contact, Kind: queries.LinkKindStaff,
				Target: queries.AppProfile, Now: noon, ExpiresAt: noon.Add(time.Hour)})
			check(a.t, err)
			return mails.Secret.LinkToken(id)
		}, queries.MailKindMagicLink, queries.MagicLinkDefault, queries.AppProfile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			old := c.before(a, a.contact("ana@example.com"))
			id, err := mails.Renew(t.Context(), a.q, a.id, a.byToken(old), later)
			check(t, err)
			mail := a.mail(id)
			if mail.Kind != c.kind || mail.ToEmail != "ana@example.com" || mail.Target != c.target || !mail.LinkExpiresAt.Equal(later.Add(c.life)) || mail.LinkEnded {
				t.Errorf("the new mail is %+v", mail)
			}
			// Whoever holds an old link and no more must not get in by asking for a new one.
			if a.byToken(old).Open(later) {
				t.Error("the old link lives again")
			}
			if _, _, err := a.confirm(mails.Secret.LinkToken(*mail.LinkID), a.signIn(later)); err != nil {
				t.Errorf("the new link: %v", err)
			}
		})
	}
}

func TestRenewToARefusingAddress(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	contact := a.contact("ana@example.com")
	token := a.invite(contact, noon)
	a.bounce(contact, "ana@example.com")
	if _, err := mails.Renew(t.Context(), a.q, a.id, a.byToken(token), noon); !isInvalid(err, "email") {
		t.Errorf("got %v", err)
	}
}

func count(all []bool) (n int) {
	for _, one := range all {
		if one {
			n++
		}
	}
	return n
}

// A contact's page shows twenty of their links, and looks up who fetched these alone, however many there are.
func TestMagicLinkListLooksAtWhatItShows(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana := a.contact("ana@example.com")
	a.exec(`INSERT INTO magic_link (account_id, id, contact_id, kind, token_hash, created_at, expires_at)
		SELECT $1, gen_random_uuid(), $2, 'staff', decode(md5(n::text), 'hex'), $3, $3 FROM generate_series(1, 70) n`, a.id, ana, noon)
	check(t, queries.InTx(t.Context(), a.pool, func(q *queries.Queries, tx pgx.Tx) error {
		rows, err := q.MagicLinkListOfContact(t.Context(), queries.MagicLinkListOfContactParams{AccountID: a.id, ContactID: ana})
		check(t, err)
		var scans int
		check(t, tx.QueryRow(t.Context(), "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'link_fetch'").Scan(&scans))
		if len(rows) != 20 || scans > 20 {
			t.Errorf("%d links, and %d looks at who fetched them", len(rows), scans)
		}
		return nil
	}))
}
