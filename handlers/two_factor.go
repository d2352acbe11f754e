package handlers

import (
	"bytes"
	"image/png"
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// twoFactorPage is a staff person's second factor: off, being set up, or on.
type twoFactorPage struct {
	views.Page
	On         bool
	Since      views.Moment
	Begun      bool   // a secret waits for its first code
	Secret     string // to type into an app, in groups of four; empty unless begun
	WantedBy   string // an account that wants it, by name; empty: none does
	CodesLeft  int64
	Code       views.Field // the first code
	RenewCode  views.Field // for new recovery codes
	OffCode    views.Field
	Password   views.Field // for turning it off
	NewCodes   []string    // recovery codes that were just made; shown once
	CodesTaken views.Copy  // the same as one text
	Next       string      // where to go on to afterwards
}

func (s *Site) newTwoFactorPage(c *fiber.Ctx) (*twoFactorPage, queries.StaffTwoFactorRow, error) {
	v := at(c)
	row, err := s.q.StaffTwoFactor(c.UserContext(), v.staff.StaffID)
	if err != nil {
		return nil, row, err
	}
	p := &twoFactorPage{Page: s.page(c, "Two-factor sign-in"), On: row.TotpConfirmedAt != nil, Since: v.moment(row.TotpConfirmedAt),
		Begun: row.TotpConfirmedAt == nil && row.TotpSecret != nil, WantedBy: s.wantsTwoFactor(v), CodesLeft: row.CodesLeft,
		Next: nextPath(orElse(c.FormValue("next"), c.Query("next"))), Code: codeField("Code that the app shows"),
		RenewCode: codeField("Code from your app, or a recovery code"), OffCode: codeField("Code from your app, or a recovery code"),
		Password: views.Field{Name: "password", Label: "Your password", Type: "password", Autocomplete: "current-password", Required: true}}
	p.Code.InputMode, p.Code.Autofocus = "numeric", p.Begun
	p.RenewCode.ID, p.RenewCode.Autofocus = "field-renew-code", false
	p.OffCode.ID, p.OffCode.Autofocus = "field-off-code", false
	if p.Begun {
		key, err := s.Mails.TwoFactorKey(row)
		if err != nil {
			return nil, row, err
		}
		p.Secret = groupsOf4(key.Secret())
	}
	return p, row, nil
}

// wantsTwoFactor names the first account of the person that wants a second factor.
func (s *Site) wantsTwoFactor(v *visit) string {
	for i, id := range v.staff.AccountIds {
		if account := s.accounts.ByID(id); account != nil && v.staff.RequireTwoFactor[i] {
			return account.Name
		}
	}
	return ""
}

func groupsOf4(text string) string {
	var groups []string
	for len(text) > 4 {
		groups, text = append(groups, text[:4]), text[4:]
	}
	return strings.Join(append(groups, text), " ")
}

func (p *twoFactorPage) render(c *fiber.Ctx, fragment string) error {
	return render(c, views.FrameAdmin, "twofactor/index", fragment, p)
}

func (s *Site) twoFactorShow(c *fiber.Ctx) error {
	p, _, err := s.newTwoFactorPage(c)
	if err != nil {
		return err
	}
	return p.render(c, "")
}

// twoFactorPicture is the secret as a picture for the app's camera, as long as it waits for its first code.
func (s *Site) twoFactorPicture(c *fiber.Ctx) error {
	row, err := s.q.StaffTwoFactor(c.UserContext(), at(c).staff.StaffID)
	switch {
	case err != nil:
		return err
	case row.TotpSecret == nil || row.TotpConfirmedAt != nil:
		return queries.ErrNotFound
	}
	key, err := s.Mails.TwoFactorKey(row)
	if err != nil {
		return err
	}
	picture, err := key.Image(400, 400)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return err
	}
	return c.Type("png").Send(file.Bytes())
}
