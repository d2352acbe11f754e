package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/password"
	"atrium/jobs"
	"atrium/jobs/filestore"
	"atrium/queries"
)

// seedDemo writes the demo's businesses, once: a database that has accounts is left alone. It uses the product's own verbs with
// times in the past, so that the demo's rows are as real ones would be.
func seedDemo(ctx context.Context, pr *program) error {
	accounts, err := queries.New(pr.database.pool).AccountList(ctx)
	if err != nil || len(accounts) > 0 {
		return err
	}
	hash, err := password.NewHasher().Hash(ctx, demoPassword)
	if err != nil {
		return err
	}
	queue, err := jobs.NewQueue(pr.database.pool, pr.clock.Now)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, b := range demoBusinesses {
		err := queries.InTx(ctx, pr.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
			s := seeder{q, tx, pr.mails, pr.files, pr.addresses, queries.NewID(), hash, now, &lives{}, nil}
			if err := s.business(ctx, b); err != nil {
				return err
			}
			if err := s.mailed(ctx, pr.addresses, b); err != nil {
				return err
			}
			return queue.Metrics(ctx, tx, s.account)
		})
		if err != nil {
			return fmt.Errorf("demo data of %s: %w", b.name, err)
		}
	}
	return nil
}

type seeder struct {
	q         *queries.Queries
	tx        pgx.Tx
	mails     queries.MailMaker
	files     filestore.Store
	addresses jobs.Addresses
	account   uuid.UUID
	hash      string
	now       time.Time
	lives     *lives               // of the people of the business
	team      map[string]uuid.UUID // its staff by their short names; nil: whatever is done, its owner does
}

func (s seeder) business(ctx context.Context, b demoBusiness) error {
	if err := s.q.AccountInsert(ctx, queries.AccountInsertParams{ID: s.account, Slug: b.slug, Name: b.name, SupportEmail: b.support, Accent: b.accent,
		Accent2: b.accent2, Corners: b.corners, TimeZone: b.zone, Now: s.now.AddDate(0, 0, -demoBegan)}); err != nil {
		return err
	}
	if err := s.brand(ctx, b); err != nil {
		return err
	}
	before := s
	before.now = s.now.AddDate(0, 0, -demoBegan)
	owner, err := before.staff(ctx, b.owner, queries.StaffRoleOwner)
	if err != nil {
		return err
	}
	before.now = s.now.AddDate(0, 0, -31) // an hour and two after they were invited
	for _, other := range b.others {
		if _, err := before.staff(ctx, other.demoPerson, other.role); err != nil {
			return err
		}
	}
	if s.team, err = s.colleagues(ctx, b, owner); err != nil {
		return err
	}
	if err := s.earlier(ctx, b, owner); err != nil {
		return err
	}
	for i, p := range b.people {
		if err := s.contact(ctx, p, owner, i); err != nil {
			return fmt.Errorf("%s: %w", p.email, err)
		}
	}
	s.moves(ctx)
	s.trail(ctx)
	return inOrder(
		func() error { return s.forms(ctx, b.slug) },
		s.lives.pass,
		func() error { return s.details(ctx, owner) },
		func() error { return s.profiles(ctx) },
		func() error { return s.courses(ctx, b.slug, owner) },
	)
}

func (s seeder) staff(ctx context.Context, p demoPerson, role queries.StaffRole) (uuid.UUID, error) {
	row, err := s.q.StaffUpsert(ctx, queries.StaffUpsertParams{ID: queries.NewID(), Email: p.email, Now: s.now})
	if err != nil {
		return row.ID, err
	}
	if err := s.q.StaffSetUp(ctx, queries.StaffSetUpParams{ID: row.ID, Name: p.name, PasswordHash: s.hash}); err != nil {
		return row.ID, err
	}
	return row.ID, s.q.StaffMembershipInsert(ctx, queries.StaffMembershipInsertParams{AccountID: s.account, StaffID: row.ID, Role: role, Now: s.now})
}

// contact has the demo's lives bring what it says happened to a person. The number spreads the hours of the day.
func (s seeder) contact(ctx context.Context, p demoPerson, owner uuid.UUID, number int) error {
	ago := func(days int) time.Time {
		return s.now.AddDate(0, 0, -days).Add(-time.Duration(number*37%480) * time.Minute)
	}
	at := ago(max(p.invited, 1))
	added := ago(max(p.added, p.invited, 1))
	by := owner
	if p.by != "" {
		by = s.team[p.by]
	}
	var id, link uuid.UUID
	s.lives.at(added, func() (err error) {
		var isNew bool
		if id, isNew, err = queries.AddContact(ctx, s.q, s.account, p.email, p.name, queries.ContactSourceManual, added); err != nil || !isNew {
			return err
		}
		return s.did(ctx, by, "contact.create", p.email, id, added)
	})
	if p.invited > 0 {
		s.lives.at(at, func() error {
			mail, err := s.mails.Invite(ctx, s.q, queries.InvitationOf{AccountID: s.account, ContactID: id, By: &by, Now: at})
			if err != nil {
				return err
			}
			link, err = s.delivered(ctx, id, mail, p, at.Add(2*time.Second))
			return errors.Join(err, s.did(ctx, by, "contact.invite", p.email, id, at))
		})
	}
	if p.invited == 0 || p.bounced != "" || p.email == demoGivenUp {
		return nil
	}
	if p.joined == 0 {
		s.lives.at(at.Add(30*time.Second), func() error { return s.looked(ctx, id, link, at.Add(30*time.Second), number) })
	} else {
		joined := ago(p.joined).Add(20 * time.Minute)
		s.lives.at(joined, func() error { return s.join(ctx, id, link, p, joined, number) })
	}
	return s.reminded(ctx, &id, p, at)
}

// delivered writes what the mail server said to an invitation, and returns the link that was in it.
func (s seeder) delivered(ctx context.Context, contact, mail uuid.UUID, p demoPerson, at time.Time) (link uuid.UUID, err error) {
	links, err := s.q.MagicLinkListOfContact(ctx, queries.MagicLinkListOfContactParams{AccountID: s.account, ContactID: contact})
	if err != nil {
		return link, err
	}
	invitations, err := s.q.InvitationListOfContact(ctx, queries.InvitationListOfContactParams{AccountID: s.account, ContactID: contact})
	if err != nil {
		return link, err
	}
	link, invitation := links[0].ID, invitations[0].ID
	state := queries.MailSetStateParams{AccountID: s.account, ID: mail, State: queries.MailStateSent, Answer: "2.0.0 OK: queued", Now: at}
	if p.email == demoGivenUp {
		state.State, state.Answer = queries.MailStateFailed, "4.4.1 no answer from host"
		return link, s.q.MailSetState(ctx, state)
	}
	if p.bounced == "" {
		_, err := s.q.ContactSetDelivered(ctx, queries.ContactSetDeliveredParams{AccountID: s.account, ID: contact, Email: p.email, Invites: true, Now: at})
		return link, errors.Join(err, s.q.MailSetState(ctx, state),
			s.q.InvitationSetSent(ctx, queries.InvitationSetSentParams{AccountID: s.account, ID: invitation, Now: at}))
	}
	state.State, state.Answer = queries.MailStateBounced, p.bounced
	return link, errors.Join(s.q.MailSetState(ctx, state),
		s.q.InvitationSetBounced(ctx, queries.InvitationSetBouncedParams{AccountID: s.account, ID: invitation, Now: at}),
		s.q.ContactSetBounced(ctx, queries.ContactSetBouncedParams{AccountID: s.account, ID: contact, Email: p.email, BounceReason: p.bounced, Now: at}))
}

// looked has some of those who have not come open their link, and some mail filters.
func (s seeder) looked(ctx context.Context, contact, link uuid.UUID, at time.Time, number int) error {
	switch number % 3 {
	case 0:
		return s.opened(ctx, contact, link, "HEAD", queries.Visit{At: at, IP: demoIP(number), UserAgent: "SafeLinks scanner"})
	case 1:
		return s.opened(ctx, contact, link, "GET", queries.Visit{At: at.Add(3 * time.Hour), IP: demoIP(number), UserAgent: demoAgents[0]})
	}
	return nil
}

var demoAgents = []string{"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0"}

// demoIP is an address that documentation is free to use (RFC 5737).
func demoIP(number int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(10 + number)}) }

func (s seeder) join(ctx context.Context, id, link uuid.UUID, p demoPerson, at time.Time, number int) error {
	visit := queries.Visit{At: at, IP: demoIP(number), UserAgent: demoAgents[number%len(demoAgents)]}
	if err := s.opened(ctx, id, link, "GET", visit); err != nil {
		return err
	}
	token := queries.NewToken()
	if _, _, err := queries.Confirm(ctx, s.q, s.mails.Secret.LinkToken(link), queries.SignIn{AccountID: s.account, Token: token, Visit: visit}); err != nil {
		return err
	}
	if err := s.back(ctx, token, at, number); err != nil {
		return err
	}
	_, err := s.q.ContactSetAccepted(ctx, queries.ContactSetAcceptedParams{AccountID: s.account, ID: id, Name: p.name, PasswordHash: &s.hash, Now: at.Add(time.Minute)})
	return err
}

func splitPort(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

// inOrder does one step after the other until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
