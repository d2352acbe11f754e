package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffExtendPage asks how many days are given.
type staffExtendPage struct {
	views.Page
	Path       string // of the subscription's page
	Title, Who string
	Minor      int64
	Currency   string
	Next       time.Time // the next charge as it is
	From       int64     // the same in seconds, so that a form sent twice gives once
	Once       string
	Days       views.Field
}

// extendDaysMost is the most that is given at a time.
const extendDaysMost = 365

// extendMost is until how far ahead Stripe takes it: two years.
const extendMost = 729 * 24 * time.Hour

func (s *Site) newStaffExtendPage(c *fiber.Ctx) (*staffExtendPage, *staffSubscriptionPage, queries.SubscriptionLoaded, error) {
	sub, row, err := s.newStaffSubscriptionPage(c)
	if err != nil {
		return nil, nil, row, err
	}
	days := strings.TrimSpace(c.FormValue("days"))
	if c.Method() != fiber.MethodPost {
		days = "14"
	}
	p := &staffExtendPage{Page: s.page(c, "Give days to "+row.Title), Path: sub.Path, Title: row.Title, Who: sub.Who, Minor: sub.Card.NextMinor, Currency: row.Currency, Next: sub.Card.Next,
		From: row.PeriodEndsAt.Unix(), Once: onceOf(c), Days: views.Field{Name: "days", Label: "Days", Value: days, InputMode: "numeric", Autocomplete: "off",
			MaxLength: 3, Required: true, Hint: fmt.Sprintf("1 to %d. The next charge comes that much later, and those after it follow from it.", extendDaysMost)}}
	return p, sub, row, nil
}

func (s *Site) staffExtendShow(c *fiber.Ctx) error {
	p, sub, _, err := s.newStaffExtendPage(c)
	switch {
	case err != nil:
		return err
	case sub.ExtendPath == "":
		return goTo{p.Path}
	}
	return render(c, views.FrameAdmin, "staffsubscriptions/extend", "", p)
}

// staffExtend gives the days. What is paid for already is not touched: the days follow it.
func (s *Site) staffExtend(c *fiber.Ctx) error {
	p, _, row, err := s.newStaffExtendPage(c)
	if err != nil {
		return err
	}
	v, ctx := at(c), c.UserContext()
	days, err := strconv.Atoi(p.Days.Value)
	from, wrong := strconv.ParseInt(c.FormValue("from"), 10, 64)
	until := time.Unix(from, 0).UTC().AddDate(0, 0, days)
	switch {
	case err != nil || days < 1 || days > extendDaysMost:
		p.Days.Refuse(fmt.Sprintf("A whole number from 1 to %d.", extendDaysMost))
	case wrong == nil && until.Sub(v.now) > extendMost:
		p.Days.Refuse("The next charge can be at most two years away.")
	}
	if p.Days.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "staffsubscriptions/extend", "", p)
	}
	if problem, err := s.stripeWords(c, s.lookNow(c, row.StripeID)); problem != "" || err != nil {
		return s.toldUnless(c, err, problem, p.Path)
	}
	p, sub, row, err := s.newStaffExtendPage(c)
	if err != nil {
		return err
	}
	switch {
	case wrong == nil && row.PeriodEndsAt.Equal(until): // sent twice
		return s.told(c, "", extendedWords(v, row), p.Path)
	case wrong != nil || sub.ExtendPath == "" || p.From != from:
		return s.told(c, "It has changed since you opened the page, so nothing was done. This is how it stands now.", "", p.Path)
	}
	problem, err := s.atStripe(c, row.StripeID, func() error {
		if err := s.Stripe.Extend(ctx, row.StripeAccount, row.StripeID, p.Once, until); err != nil {
			return err
		}
		return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error { // before the look, which may fail of itself
			e := v.auditEntry("subscription.extend", queries.AuditSubject{Kind: "subscription", ID: &row.ID, Name: row.Title + " of " + row.Email})
			e.Note = counted(int64(days), "day", "days")
			return queries.Audit(ctx, q, e)
		})
	})
	if problem != "" || err != nil {
		return s.toldUnless(c, err, problem, p.Path)
	}
	row.PeriodEndsAt = until
	return s.told(c, "", extendedWords(v, row), p.Path)
}

func extendedWords(v *visit, row queries.SubscriptionLoaded) string {
	return "The next charge is on " + v.dateWords(v.local(row.PeriodEndsAt)) + "."
}
