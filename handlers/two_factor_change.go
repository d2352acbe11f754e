package handlers

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// twoFactorBegin makes a secret, a new one each time until a code of it was right.
func (s *Site) twoFactorBegin(c *fiber.Ctx) error {
	err := s.Mails.BeginTwoFactor(c.UserContext(), s.q, at(c).staff.StaffID)
	if err != nil && !errors.Is(err, queries.ErrConflict) { // on already: the page says so
		return err
	}
	if next := nextPath(c.FormValue("next")); next != "/" {
		return redirect(c, "/two-factor?next="+url.QueryEscape(next))
	}
	return redirect(c, "/two-factor")
}

// twoFactorConfirm turns it on with the first right code, shows the recovery codes, and signs out every other device: who
// came in there proved less.
func (s *Site) twoFactorConfirm(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, row, err := s.newTwoFactorPage(c)
	if err != nil {
		return err
	} else if !p.Begun {
		return redirect(c, "/two-factor")
	}
	if err := s.spend(c, queries.Spending{Limit: queries.LimitTwoFactor, Subject: row.ID.String()}); err != nil {
		return err
	}
	var codes []string
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if codes, err = s.Mails.ConfirmTwoFactor(ctx, q, row, c.FormValue("code"), v.now); err != nil {
			return err
		}
		if _, err := q.StaffSessionEndOthers(ctx, queries.StaffSessionEndOthersParams{StaffID: row.ID, But: v.staff.ID, Now: v.now,
			EndedBecause: queries.EndReasonSuperseded}); err != nil {
			return err
		}
		return v.didEverywhere(ctx, q, "staff.two_factor_on")
	})
	switch {
	case errors.Is(err, queries.ErrConflict):
		return redirect(c, "/two-factor")
	case errors.Is(err, queries.ErrWrongCode):
		p.Code.Refuse("This is not the code that the app shows now. Check that your phone's clock is right.")
		invalid(c)
		return p.render(c, "")
	case err != nil:
		return err
	}
	return p.showCodes(c, codes)
}

// showCodes shows recovery codes, which can be seen only now.
func (p *twoFactorPage) showCodes(c *fiber.Ctx, codes []string) error {
	p.NewCodes, p.CodesTaken = codes, views.Copy{Value: strings.Join(codes, "\n"), Name: "recovery codes"}
	return render(c, views.FrameAdmin, "twofactor/codes", "", p)
}

func (s *Site) twoFactorRenewCodes(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, row, err := s.newTwoFactorPage(c)
	if err != nil {
		return err
	} else if !p.On {
		return redirect(c, "/two-factor")
	}
	var codes []string
	err = s.useCode(c, func(q *queries.Queries) (err error) {
		if codes, err = queries.RenewRecoveryCodes(ctx, q, row.ID); err != nil {
			return err
		}
		return v.didEverywhere(ctx, q, "staff.recovery_codes")
	})
	if errors.Is(err, queries.ErrWrongCode) {
		p.RenewCode.Refuse(wrongCode)
		invalid(c)
		return p.render(c, "")
	} else if err != nil {
		return err
	}
	return p.showCodes(c, codes)
}

var recoveryLine = regexp.MustCompile(`^[a-z2-7]{4}(-[a-z2-7]{4}){3}$`)

// twoFactorDownload gives back the codes that the page just showed as a file: they are not kept, so the form brings them.
func (s *Site) twoFactorDownload(c *fiber.Ctx) error {
	text := "Recovery codes of Atrium for " + at(c).staff.Email + "\nEach of them counts once in place of the code of your app.\n\n"
	for code := range strings.Lines(c.FormValue("codes")) {
		if code = strings.TrimSpace(code); recoveryLine.MatchString(code) {
			text += code + "\n"
		}
	}
	c.Attachment("atrium-recovery-codes.txt")
	return c.Type("txt", "utf-8").SendString(text)
}

// twoFactorOff asks for both factors once more.
func (s *Site) twoFactorOff(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, row, err := s.newTwoFactorPage(c)
	if err != nil {
		return err
	} else if !p.On {
		return redirect(c, "/two-factor")
	}
	if err := s.spend(c, queries.Spending{Limit: queries.LimitPassword, Subject: row.ID.String()}); err != nil {
		return err
	}
	right, err := s.Passwords.Matches(ctx, c.FormValue("password"), row.PasswordHash)
	if err != nil {
		return err
	}
	if !right {
		p.Password.Refuse("This is not your password.")
	} else {
		err = s.useCode(c, func(q *queries.Queries) error {
			if err := queries.DropTwoFactor(ctx, q, row.ID); err != nil {
				return err
			}
			return v.didEverywhere(ctx, q, "staff.two_factor_off")
		})
		if errors.Is(err, queries.ErrWrongCode) {
			p.OffCode.Refuse(wrongCode)
		} else if err != nil {
			return err
		}
	}
	if p.Password.Error != "" || p.OffCode.Error != "" {
		invalid(c)
		return p.render(c, "twofactor/_off")
	}
	s.flash(c, views.FlashSuccess, "Two-factor sign-in is off.")
	return redirect(c, "/two-factor")
}
