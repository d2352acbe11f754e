package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffMembersRequireTwoFactor asks everybody for a second factor, or no longer. Who switches it on has to have one, so that
// they know what they ask for and are not locked out themselves.
func (s *Site) staffMembersRequireTwoFactor(c *fiber.Ctx) error {
	v, ctx, required := at(c), c.UserContext(), c.FormValue("required") == "yes"
	if required && !v.staff.TwoFactor {
		s.flash(c, views.FlashWarning, "Set up your own second factor first. Then you can ask others for theirs.")
		return redirect(c, v.base()+"/people")
	}
	if required == v.needsTwoFactor {
		return redirect(c, v.base()+"/people")
	}
	type setting struct {
		RequireTwoFactor bool `json:"require_two_factor"`
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := q.AccountSetRequireTwoFactor(ctx, queries.AccountSetRequireTwoFactorParams{ID: v.account.ID, Required: required, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "account.two_factor", queries.AuditSubject{Kind: "account", Name: v.account.Name}, setting{v.needsTwoFactor}, setting{required})
	})
	if err != nil {
		return err
	}
	if required {
		s.flash(c, views.FlashSuccess, "From now on everybody here needs a second factor. Who has none sets it up before they see anything.")
	} else {
		s.flash(c, views.FlashSuccess, "A second factor is up to each person now.")
	}
	return redirect(c, v.base()+"/people")
}
