package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"atrium/queries"
)

// colleagues gives Acme, the larger of the two, a third person with a second factor, somebody who has not answered their
// invitation yet, and the trail of what all of them did. Lumen is as it was set up.
func (s seeder) colleagues(ctx context.Context, b demoBusiness, owner uuid.UUID) (team map[string]uuid.UUID, err error) {
	if b.slug != "acme" {
		return nil, nil
	}
	samir, err := s.q.StaffByEmail(ctx, "samir@acme.example")
	if err != nil {
		return nil, err
	}
	before := s
	before.now = s.now.AddDate(0, 0, -31)
	elena, err := before.staff(ctx, demoPerson{name: "Elena Petrova", email: "elena@acme.example"}, queries.StaffRoleAdmin)
	if err != nil {
		return nil, err
	}
	if err := s.secondFactor(ctx, elena); err != nil {
		return nil, err
	}
	for number, staff := range []uuid.UUID{samir.ID, elena} {
		visit := queries.Visit{At: s.now.Add(-time.Duration(3+number*40) * time.Hour), IP: demoIP(200 + number), UserAgent: demoAgents[1+number]}
		if _, err := queries.SignInStaff(ctx, s.q, queries.StaffSignIn{StaffID: staff, Token: queries.NewToken(), CodeGiven: true, Visit: visit}); err != nil {
			return nil, err
		}
	}
	team = map[string]uuid.UUID{"maya": owner, "samir": samir.ID, "elena": elena}
	invited := queries.StaffChange{AccountID: s.account, By: owner, Now: s.now.Add(-26 * time.Hour)}
	s.lives.at(invited.Now, func() error {
		jo, mail, err := s.mails.InviteStaff(ctx, s.q, invited, "jo.mcallister@acme.example", queries.StaffRoleSupport)
		if err != nil {
			return err
		}
		team["jo"] = jo
		return s.accepted(ctx, mail, invited.Now)
	})
	return team, nil
}

func (s seeder) secondFactor(ctx context.Context, staff uuid.UUID) error {
	if err := s.mails.BeginTwoFactor(ctx, s.q, staff); err != nil {
		return err
	}
	row, err := s.q.StaffTwoFactor(ctx, staff)
	if err != nil {
		return err
	}
	key, err := s.mails.TwoFactorKey(row)
	if err != nil {
		return err
	}
	at := s.now.AddDate(0, 0, -20)
	code, err := totp.GenerateCode(key.Secret(), at)
	if err != nil {
		return err
	}
	_, err = s.mails.ConfirmTwoFactor(ctx, s.q, row, code, at)
	return err
}
