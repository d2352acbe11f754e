package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// profiles has some clients of the demo use their profile: far zones and other ways to write dates, a wish to be deleted, and somebody
// who wants no automatic mails.
func (s seeder) profiles(ctx context.Context) error {
	for email, live := range map[string]func(context.Context, uuid.UUID) error{
		"yuki@example.com":        s.region("Asia/Tokyo", "ja-JP"),
		"ana@example.com":         s.region("America/Sao_Paulo", "en-GB"),
		"camille@example.com":     s.region("Europe/Paris", "fr-FR"),
		"lukas.meier@example.net": s.asksDeletion,
		"henrik@example.com":      s.wantsNoMail,
	} {
		contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: email})
		if errors.Is(queries.Kind(err), queries.ErrNotFound) {
			continue // somebody of another business
		}
		if err = errors.Join(err, live(ctx, contact.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (s seeder) region(zone, locale string) func(context.Context, uuid.UUID) error {
	return func(ctx context.Context, contact uuid.UUID) error {
		return s.q.ProfileSetRegion(ctx, queries.ProfileSetRegionParams{AccountID: s.account, ID: contact, TimeZone: zone, Locale: locale, Now: s.now})
	}
}

func (s seeder) wantsNoMail(ctx context.Context, contact uuid.UUID) error {
	_, err := queries.StopMails(ctx, s.q, s.account, contact, s.now.AddDate(0, 0, -9))
	return err
}

func (s seeder) asksDeletion(ctx context.Context, contact uuid.UUID) error {
	at := s.now.AddDate(0, 0, -2)
	_, err := s.q.ProfileAskDeletion(ctx, queries.ProfileAskDeletionParams{AccountID: s.account, ID: contact, Now: at})
	return errors.Join(err, queries.Audit(ctx, s.q, queries.AuditEntry{AccountID: s.account, At: at, Actor: "Lukas Meier <lukas.meier@example.net>",
		Action: "contact.deletion_ask", On: queries.AuditSubject{Kind: "contact", ID: &contact, Name: "lukas.meier@example.net"}, IP: demoIP(17)}))
}

// demoMoves are clients who asked for another address, and mostly confirmed it a few minutes later.
var demoMoves = []struct {
	from, to  string
	ago       time.Duration
	confirmed bool
}{
	{"rafael.ortega@example.net", "rafael@ortega.example", 3 * days, true},
	{"chiara.rinaldi@example.net", "chiara@rinaldi.example", 2 * hour, false},
}

// moves has the demo's lives bring them.
func (s seeder) moves(ctx context.Context) {
	for _, m := range demoMoves {
		at := s.now.Add(-m.ago)
		var change uuid.UUID
		s.lives.at(at, func() error {
			contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: m.from})
			if errors.Is(queries.Kind(err), queries.ErrNotFound) {
				return nil // somebody of another business
			} else if err != nil {
				return err
			}
			mail, err := s.mails.AskEmailChange(ctx, s.q, s.account, contact.ID, m.to, at)
			if err != nil {
				return err
			}
			row, err := s.q.MailForSending(ctx, queries.MailForSendingParams{AccountID: s.account, ID: mail})
			if err = errors.Join(err, s.accepted(ctx, mail, at)); err == nil {
				change = *row.EmailChangeID
			}
			return err
		})
		confirmed := at.Add(4 * time.Minute)
		s.lives.at(confirmed, func() error {
			if change == uuid.Nil || !m.confirmed {
				return nil
			}
			row, err := s.q.EmailChangeByToken(ctx, queries.EmailChangeByTokenParams{AccountID: s.account, TokenHash: queries.TokenHash(s.mails.Secret.EmailChangeToken(change))})
			if err != nil {
				return err
			}
			told, err := s.mails.ConfirmEmailChange(ctx, s.q, s.account, row, uuid.Nil, confirmed)
			return errors.Join(err, s.accepted(ctx, told, confirmed))
		})
	}
}

// accepted writes that the mail server took a mail.
func (s seeder) accepted(ctx context.Context, mail uuid.UUID, at time.Time) error {
	return s.q.MailSetState(ctx, queries.MailSetStateParams{AccountID: s.account, ID: mail, State: queries.MailStateSent, Answer: "2.0.0 OK: queued", Now: at.Add(2 * time.Second)})
}
