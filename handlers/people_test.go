package handlers

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// rightPassword is that of everybody who has one. It is hashed once, since that takes a while.
const rightPassword = "correct horse battery"

var rightHash = sync.OnceValues(func() (string, error) { return hashers.Hash(context.Background(), rightPassword) })

func passwordHash(t testing.TB) string {
	t.Helper()
	hash, err := rightHash()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// contact is somebody an account knows.
type contact struct {
	account
	id          uuid.UUID
	email, name string
}

// contact adds somebody by hand.
func (s *testSite) contact(t testing.TB, a account, email, name string) contact {
	t.Helper()
	c := contact{account: a, email: email, name: name}
	inTx(t, s.DB, func(q *queries.Queries) (err error) {
		c.id, _, err = queries.AddContact(t.Context(), q, a.id, email, name, queries.ContactSourceManual, s.clock.now())
		return err
	})
	return c
}

// arrived is a contact who has joined, has a name and signs in with the right password.
func (s *testSite) arrived(t testing.TB, a account, email, name string) contact {
	t.Helper()
	c, hash := s.contact(t, a, email, name), passwordHash(t)
	inTx(t, s.DB, func(q *queries.Queries) error {
		if _, err := q.ContactSetJoined(t.Context(), queries.ContactSetJoinedParams{AccountID: a.id, ID: c.id, Now: s.clock.now()}); err != nil {
			return err
		}
		_, err := q.ContactSetAccepted(t.Context(), queries.ContactSetAcceptedParams{AccountID: a.id, ID: c.id, Name: name, PasswordHash: &hash, Now: s.clock.now()})
		return err
	})
	return c
}

// invited invites a contact, once more if it was before, and returns the path of the link in the mail.
func (s *testSite) invited(t testing.TB, c contact) (path string) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		mail, err := s.Mails.Invite(t.Context(), q, queries.InvitationOf{AccountID: c.account.id, ContactID: c.id, Now: s.clock.now()})
		if err == nil {
			path = s.linkOfMail(t, q, c.account, mail)
		}
		return err
	})
	return path
}

// sentMail is a sign-in link's mail to a contact that the mail server took.
func (s *testSite) sentMail(t testing.TB, c contact) (id uuid.UUID) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) (err error) {
		if id, err = s.Mails.MailMagicLink(t.Context(), q, queries.MagicLinkInsertParams{AccountID: c.account.id, ContactID: c.id, Kind: queries.LinkKindStaff,
			Target: queries.AppHome, Now: s.clock.now(), ExpiresAt: s.clock.now().Add(queries.MagicLinkDefault)}, c.email); err != nil {
			return err
		}
		if err := q.MailSetState(t.Context(), queries.MailSetStateParams{AccountID: c.account.id, ID: id, State: queries.MailStateSent, Answer: "2.0.0 OK: queued", Now: s.clock.now()}); err != nil {
			return err
		}
		return q.MailCopyInsert(t.Context(), queries.MailCopyInsertParams{AccountID: c.account.id, MailID: id, Subject: "Your link", BodyText: "Hello in text",
			BodyHtml: `<p style="color:red">Hello in <b>HTML</b></p>`})
	})
	return id
}

// failedJob is a job of an account that was given up with an error.
func (s *testSite) failedJob(t testing.TB, a account) (id int64) {
	t.Helper()
	if err := queries.InTx(t.Context(), s.DB, func(_ *queries.Queries, tx pgx.Tx) error { return s.Queue.Mail(t.Context(), tx, a.id, queries.NewID()) }); err != nil {
		t.Fatal(err)
	}
	s.scan(t, `UPDATE river.river_job SET state = 'discarded', attempt = 25, attempted_at = $1, finalized_at = $1,
		errors = ARRAY[jsonb_build_object('at', $1::timestamptz, 'attempt', 25, 'error', 'no such template "secret-detail"', 'trace', '')]
		WHERE id = (SELECT max(id) FROM river.river_job) RETURNING id`, []any{s.clock.now()}, &id)
	return id
}

// linkOfMail is the path of the link that a mail carries.
func (s *testSite) linkOfMail(t testing.TB, q *queries.Queries, a account, mail uuid.UUID) string {
	t.Helper()
	row, err := q.MailForSending(t.Context(), queries.MailForSendingParams{AccountID: a.id, ID: mail})
	if err != nil {
		t.Fatal(err)
	}
	if row.StaffLinkID != nil {
		return "/l/" + s.Mails.Secret.StaffLinkToken(*row.StaffLinkID)
	}
	return "/l/" + s.Mails.Secret.LinkToken(*row.LinkID)
}

// magicLink makes a link for a contact as staff do, and returns its path and id.
func (s *testSite) magicLink(t testing.TB, c contact, target queries.App, life time.Duration) (path string, id uuid.UUID) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) (err error) {
		id, err = s.Mails.Link(t.Context(), q, queries.MagicLinkInsertParams{AccountID: c.account.id, ContactID: c.id, Kind: queries.LinkKindStaff,
			Target: target, Now: s.clock.now(), ExpiresAt: s.clock.now().Add(life)})
		return err
	})
	return "/l/" + s.Mails.Secret.LinkToken(id), id
}

// aPicture is the smallest PNG there is: one pixel.
const aPicture = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\xdac\xf8\xcf\xc0P\x0f\x00\x04\x85\x01\x80\x84\xa9\x8c!\x00\x00\x00\x00IEND\xaeB`\x82"

// avatar gives a contact a picture and returns its hash.
func (s *testSite) avatar(t testing.TB, c contact) string {
	t.Helper()
	picture := queries.Avatar{MediaType: "image/png", Content: []byte(aPicture)}
	inTx(t, s.DB, func(q *queries.Queries) error {
		return queries.ChangeAvatar(t.Context(), q, c.account.id, c.id, &picture, s.clock.now())
	})
	return picture.Hash(c.id)
}

// emailChange has a contact ask for another address, and returns the tokens that confirm the change and undo it.
func (s *testSite) emailChange(t testing.TB, c contact, to string) (confirm, undo string) {
	t.Helper()
	var id uuid.UUID
	inTx(t, s.DB, func(q *queries.Queries) error {
		mail, err := s.Mails.AskEmailChange(t.Context(), q, c.account.id, c.id, to, s.clock.now())
		if err != nil {
			return err
		}
		row, err := q.MailForSending(t.Context(), queries.MailForSendingParams{AccountID: c.account.id, ID: mail})
		id = *row.EmailChangeID
		return err
	})
	return s.Mails.Secret.EmailChangeToken(id), s.Mails.Secret.EmailUndoToken(id)
}

// session opens one for a contact in some browser that the test does not need, and returns its id.
func (s *testSite) session(t testing.TB, c contact) (id uuid.UUID) {
	t.Helper()
	visit := queries.Visit{At: s.clock.now(), IP: netip.MustParseAddr("192.0.2.1"), UserAgent: "another browser"}
	inTx(t, s.DB, func(q *queries.Queries) error {
		_, err := queries.SignInClient(t.Context(), q, queries.SignIn{AccountID: c.account.id, ContactID: c.id,
			Method: queries.SignInMethodLink, Token: queries.NewToken(), Visit: visit})
		return err
	})
	s.scan(t, "SELECT id FROM session WHERE contact_id = $1 ORDER BY id DESC LIMIT 1", []any{c.id}, &id)
	return id
}

// staff is a person of the admin side.
type staff struct {
	id    uuid.UUID
	email string
}

// person makes a staff person with the right password and one role in each of the accounts, which may be none.
func (s *testSite) person(t testing.TB, email string, role queries.StaffRole, accounts ...account) staff {
	t.Helper()
	p, hash := staff{email: email}, passwordHash(t)
	inTx(t, s.DB, func(q *queries.Queries) error {
		row, err := q.StaffUpsert(t.Context(), queries.StaffUpsertParams{ID: queries.NewID(), Email: email, Now: s.clock.now()})
		if err != nil {
			return err
		}
		p.id = row.ID
		for i, a := range accounts {
			if err := q.StaffMembershipInsert(t.Context(), queries.StaffMembershipInsertParams{AccountID: a.id, StaffID: p.id, Role: role,
				Now: s.clock.now().Add(time.Duration(i) * time.Second)}); err != nil {
				return err
			}
		}
		return q.StaffSetUp(t.Context(), queries.StaffSetUpParams{ID: p.id, Name: "Maya Lindqvist", PasswordHash: hash})
	})
	return p
}

// pending is somebody who was invited to work in an account and has not set up their sign-in.
func (s *testSite) pending(t testing.TB, a account, email string) (id uuid.UUID) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		_, _, err := s.Mails.AddStaff(t.Context(), q, a.id, email, queries.StaffRoleSupport, s.clock.now())
		return err
	})
	s.scan(t, "SELECT id FROM staff WHERE email = $1", []any{email}, &id)
	return id
}

// staffSession opens one for a person in some browser that the test does not need, and returns its id.
func (s *testSite) staffSession(t testing.TB, p staff) (id uuid.UUID) {
	t.Helper()
	visit := queries.Visit{At: s.clock.now(), IP: netip.MustParseAddr("192.0.2.1"), UserAgent: "another browser"}
	inTx(t, s.DB, func(q *queries.Queries) error {
		_, err := queries.SignInStaff(t.Context(), q, queries.StaffSignIn{StaffID: p.id, Token: queries.NewToken(), Visit: visit})
		return err
	})
	s.scan(t, "SELECT id FROM staff_session WHERE staff_id = $1 ORDER BY id DESC LIMIT 1", []any{p.id}, &id)
	return id
}

func (s *testSite) contactID(t testing.TB, email string) (id uuid.UUID) {
	t.Helper()
	s.scan(t, "SELECT id FROM contact WHERE email = $1", []any{email}, &id)
	return id
}
