package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// stripeRangePage is what Stripe reported in some days, and has it looked at again.
type stripeRangePage struct {
	views.Page
	Path     string // of this page
	Back     string
	From, To views.Field
	Rows     []stripeEventRow
	Count    int64  // of all in those days
	More     bool   // there are more than those shown
	Most     int64  // how many are looked at again at a time
	Kept     int64  // for how many days after it was looked at one is kept
	Nothing  string // what is said when there is none

	since, until time.Time
}

const (
	rangeShown = 50
	rangeMost  = 2000
	rangeDays  = 7 // of the page when it is opened
)

// newStripeRangePage reads the days as they were typed; good says that they are a range.
func (s *Site) newStripeRangePage(c *fiber.Ctx) (p *stripeRangePage, good bool) {
	v := at(c)
	p = &stripeRangePage{Page: s.page(c, "Events"), Path: v.base() + "/stripe/events", Back: v.base() + "/stripe", Most: rangeMost,
		Kept: int64(queries.StripeEventKeep.Hours() / 24), Nothing: "Nothing was reported in those days.",
		From: views.Field{Name: "from", Label: "From", Type: "date", Required: true, Value: orElse(c.FormValue("from"), v.now.AddDate(0, 0, 1-rangeDays).Format(time.DateOnly))},
		To:   views.Field{Name: "to", Label: "To", Type: "date", Required: true, Value: orElse(c.FormValue("to"), v.now.Format(time.DateOnly))}}
	var err error
	if p.since, err = time.ParseInLocation(time.DateOnly, p.From.Value, v.now.Location()); err != nil {
		p.From.Refuse("A day, such as 2026-03-09.")
	}
	last, err := time.ParseInLocation(time.DateOnly, p.To.Value, v.now.Location())
	if err != nil {
		p.To.Refuse("A day, such as 2026-03-09.")
	} else if last.Before(p.since) {
		p.To.Refuse("It is before the first day.")
	}
	p.until = last.AddDate(0, 0, 1)
	if p.until.Before(v.now.Add(-queries.StripeEventKeep)) {
		p.Nothing = "What was reported in those days is not kept any more."
	}
	return p, p.From.Error == "" && p.To.Error == ""
}

// stripeRangeShow lists the newest of those days.
func (s *Site) stripeRangeShow(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, good := s.newStripeRangePage(c)
	if !good {
		invalid(c)
		return render(c, views.FrameAdmin, "stripe/range", "", p)
	}
	rows, count, err := queries.LoadStripeRange(ctx, s.DB, queries.StripeEventRangeParams{AccountID: v.account.ID, Since: p.since, Until: p.until, PageSize: rangeShown})
	if err != nil {
		return err
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, v.stripeEventRow(row, p.Token))
	}
	p.Count, p.More = count, count > int64(len(rows))
	return render(c, views.FrameAdmin, "stripe/range", "", p)
}

// stripeRangeReplay has all events of those days looked at again, also those that were done: a look writes what is so now, and nothing
// when that stands here already.
func (s *Site) stripeRangeReplay(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, good := s.newStripeRangePage(c)
	if !good {
		invalid(c)
		return render(c, views.FrameAdmin, "stripe/range", "", p)
	}
	n := 0
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		rows, err := q.StripeEventReplayRange(ctx, queries.StripeEventReplayRangeParams{AccountID: v.account.ID, Since: p.since, Until: p.until, Most: rangeMost})
		if n = len(rows); err != nil || n == 0 {
			return err
		}
		if err := s.Queue.StripeEvents(ctx, tx, rows); err != nil {
			return err
		}
		e := v.auditEntry("stripe.replay", queries.AuditSubject{Kind: "stripe", Name: counted(int64(n), "event", "events")})
		e.Note = p.From.Value + " to " + p.To.Value
		return queries.Audit(ctx, q, e)
	})
	switch back := p.Path + "?from=" + p.From.Value + "&to=" + p.To.Value; {
	case err != nil:
		return err
	case n == 0:
		return s.told(c, p.Nothing, "", back)
	case n == rangeMost:
		return s.told(c, "", "The newest "+counted(rangeMost, "event", "events")+" of those days are being looked at again. Choose fewer days for those before.", back)
	default:
		return s.told(c, "", counted(int64(n), "event is", "events are")+" being looked at again.", back)
	}
}
