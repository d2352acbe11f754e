package handlers

import (
	"net/netip"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
)

// network is what limits per IP count: an IPv4 address, or the /64 that one visitor has of IPv6, where single addresses cost
// nothing.
func (v *visit) network() string {
	if v.ip.Is6() {
		return netip.PrefixFrom(v.ip, 64).Masked().String()
	}
	return v.ip.String()
}

// pair counts an address as tried from here, so that nobody elsewhere can use up what its owner has.
func (v *visit) pair(l queries.Limit, email string) queries.Spending {
	return queries.Spending{Limit: l, Subject: email + " " + v.network()}
}

// spend uses limits and refuses with tooMany when one is used up.
func (s *Site) spend(c *fiber.Ctx, spendings ...queries.Spending) error {
	v := at(c)
	wait, err := queries.Spend(c.UserContext(), s.q, v.accountID(), v.now, spendings...)
	if err == nil && wait > 0 {
		return tooMany{wait}
	}
	return err
}

// spendSignIn uses the limits of tries with a password, the narrowest first.
func (s *Site) spendSignIn(c *fiber.Ctx, email string) error {
	v := at(c)
	return s.spend(c, queries.Spending{Limit: queries.LimitSignInIP, Subject: v.network()}, v.pair(queries.LimitSignInAddress, email),
		queries.Spending{Limit: queries.LimitSignInAddressAll, Subject: email})
}

// spendMail uses the limits of mails that visitors can cause, the narrowest first.
func (s *Site) spendMail(c *fiber.Ctx, email string) error {
	v := at(c)
	return s.spend(c, queries.Spending{Limit: queries.LimitMailIP, Subject: v.network()}, v.pair(queries.LimitMailAddress, email),
		queries.Spending{Limit: queries.LimitMailAddressAll, Subject: email})
}

// mayMail uses the limit of mails that staff can send to one contact; beyond it, it says so in a sentence for them.
func mayMail(c *fiber.Ctx, q *queries.Queries, contact uuid.UUID) error {
	v := at(c)
	wait, err := queries.Spend(c.UserContext(), q, v.account.ID, v.now, queries.Spending{Limit: queries.LimitMailContact, Subject: contact.String()})
	if err == nil && wait > 0 {
		return queries.Invalid{Field: "email", Message: "Several mails went to this address within the hour. Wait " + tooMany{wait}.waitWords() + " and try again."}
	}
	return err
}
