package main

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
)

// These make in the database what a test needs to begin with, by the product's own verbs.

func (s *site) account(slug string) uuid.UUID {
	s.t.Helper()
	row, err := queries.New(s.database.pool).AccountBySlug(s.t.Context(), slug)
	if err != nil {
		s.t.Fatalf("account %s: %v", slug, err)
	}
	return row.ID
}

func (s *site) contact(slug, email string) uuid.UUID {
	s.t.Helper()
	row, err := queries.New(s.database.pool).ContactByEmail(s.t.Context(), queries.ContactByEmailParams{AccountID: s.account(slug), Email: email})
	if err != nil {
		s.t.Fatalf("contact %s: %v", email, err)
	}
	return row.ID
}

// contactPath is the path of a contact's page on the admin host.
func (s *site) contactPath(slug, email string) string {
	s.t.Helper()
	return "/" + slug + "/contacts/" + s.contact(slug, email).String()
}

// formPath is the path on the admin host of the one form an account of the demo has.
func (s *site) formPath(slug string) string {
	s.t.Helper()
	rows, err := queries.New(s.database.pool).FormList(s.t.Context(), queries.FormListParams{AccountID: s.account(slug), Before: queries.LastID, PageSize: 100})
	if err != nil || len(rows) != 1 {
		s.t.Fatalf("forms of %s: %d, %v", slug, len(rows), err)
	}
	return "/" + slug + "/forms/" + rows[0].ID.String()
}

// formLink is the link that confirms what somebody sent by a form and has not confirmed yet.
func (s *site) formLink(slug, email string) string {
	s.t.Helper()
	var id uuid.UUID
	var name string
	if err := s.database.pool.QueryRow(s.t.Context(), `SELECT s.id, f.name::text FROM form_submission s JOIN form f ON f.id = s.form_id
		WHERE s.account_id = $1 AND s.email = $2 AND s.confirmed_at IS NULL`, s.account(slug), email).Scan(&id, &name); err != nil {
		s.t.Fatalf("submission of %s: %v", email, err)
	}
	return s.portal(slug, jobs.FormConfirmPath(name, s.mails.Secret.FormToken(id)))
}

// magicLink is a new link that signs a contact in.
func (s *site) magicLink(slug, email string, target queries.App, life time.Duration) string {
	s.t.Helper()
	id, err := s.mails.Link(s.t.Context(), queries.New(s.database.pool), queries.MagicLinkInsertParams{AccountID: s.account(slug),
		ContactID: s.contact(slug, email), Kind: queries.LinkKindStaff, Target: target, Now: s.now(), ExpiresAt: s.now().Add(life)})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.portal(slug, jobs.LinkPath(s.mails.Secret.LinkToken(id)))
}

// invite invites a contact that is there, and returns the link of the mail.
func (s *site) invite(slug, email string) string {
	s.t.Helper()
	account, contact := s.account(slug), s.contact(slug, email)
	queue, err := jobs.NewQueue(s.database.pool, time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	err = queries.InTx(s.t.Context(), s.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := s.mails.Invite(s.t.Context(), q, queries.InvitationOf{AccountID: account, ContactID: contact, Now: s.now()})
		if err != nil {
			return err
		}
		return queue.Mail(s.t.Context(), tx, account, mail)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return linkIn(s.t, s.mail(email))
}
