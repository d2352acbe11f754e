package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// stripeWalks are the last times everything at Stripe was looked at.
type stripeWalks struct {
	Rows []stripeWalk
	Poll string // what to ask for news; empty: nothing goes on
	Soon bool   // one was asked for and has not begun
}

// stripeWalk is one of them.
type stripeWalk struct {
	At      views.Moment
	State   contactState
	Text    string
	Looked  int32 // how far it is; 0 of 0 while that is not known
	Total   int32
	Differs []stripeDifference
}

// stripeDifference is something that stood differently here.
type stripeDifference struct{ Object, ID, Why string }

// walkLasts is after how long a walk that has not ended broke off; a little more than it may take.
const walkLasts = 6 * time.Minute

// lookingSince is when this browser asked for a walk that its page waits for; zero: it does not.
func lookingSince(c *fiber.Ctx) time.Time {
	seconds, err := strconv.ParseInt(c.Query("looking"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

func (v *visit) stripeWalks(rows []queries.StripeReconciliationListRow, since time.Time) (stripeWalks, error) {
	r := stripeWalks{Soon: !since.IsZero() && v.now.Sub(since).Abs() < walkLasts}
	running := false
	for _, row := range rows {
		walk, err := v.stripeWalk(row)
		if err != nil {
			return r, err
		}
		r.Rows = append(r.Rows, walk)
		running = running || walk.State.Icon == "loader"
		if !row.StartedAt.Before(since.Truncate(time.Second)) {
			r.Soon = false
		}
	}
	if running || r.Soon {
		r.Poll = v.base() + "/stripe/walks"
		if r.Soon {
			r.Poll += fmt.Sprintf("?looking=%d", since.Unix())
		}
	}
	return r, nil
}

func (v *visit) stripeWalk(row queries.StripeReconciliationListRow) (stripeWalk, error) {
	w := stripeWalk{At: v.moment(&row.StartedAt), State: contactState{"Done", "success", "circle-check"}}
	var differs []struct {
		Object string `json:"object"`
		Why    string `json:"why"`
	}
	if err := json.Unmarshal(row.Report, &differs); err != nil {
		return w, err
	}
	for _, d := range differs {
		w.Differs = append(w.Differs, stripeDifference{objectWords(d.Object), d.Object, upperFirst(d.Why) + "."})
	}
	switch {
	case row.FinishedAt == nil && v.now.Sub(row.StartedAt) < walkLasts:
		w.State, w.Looked, w.Total = contactState{"Running", "info", "loader"}, row.Looked, row.Total
	case row.FinishedAt == nil:
		w.State, w.Text = contactState{"Broke off", "warning", "triangle-alert"}, "Stripe stopped answering, or the program was stopped. The next one looks at everything again."
	case len(differs) > 0:
		w.Text = counted(int64(len(differs)), "thing", "things") + " of yours stood differently and " + map[bool]string{true: "was", false: "were"}[len(differs) == 1] + " put right."
	case row.Alone && row.Looked == 0:
		w.Text = "Nothing was open."
	case row.Alone:
		w.Text = "Nothing differed, of " + counted(int64(row.Looked), "thing", "things") + " looked at."
	default:
		w.Text = "Nothing of yours differed."
	}
	return w, nil
}

// objectWords says what kind of thing an id of Stripe's is.
func objectWords(id string) string {
	kind, _, _ := strings.Cut(id, "_")
	return orElse(map[string]string{"cs": "Checkout", "sub": "Subscription", "in": "Invoice", "pi": "Payment", "ch": "Charge", "re": "Refund", "cus": "Customer"}[kind], "Object")
}

// stripeReconcile has everything looked at that is open at the Stripe account.
func (s *Site) stripeReconcile(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if !s.Stripe.Open() {
		return s.stripeBack(c, views.FlashWarning, stripeClosed)
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		is, err := q.StripeSettings(ctx, v.account.ID)
		if err != nil {
			return err
		}
		if err := s.Queue.StripeReconcile(ctx, tx, is.StripeAccount); err != nil {
			return err
		}
		return v.did(ctx, q, "stripe.reconcile", v.stripeSubject())
	})
	if err != nil {
		return err
	}
	return redirect(c, fmt.Sprintf("%s/stripe?looking=%d#walks", v.base(), v.now.Unix()))
}

// stripeWalksShow is the part of the page that follows a walk.
func (s *Site) stripeWalksShow(c *fiber.Ctx) error {
	v := at(c)
	rows, err := s.q.StripeReconciliationList(c.UserContext(), v.account.ID)
	if err != nil {
		return err
	}
	walks, err := v.stripeWalks(rows, lookingSince(c))
	if err != nil {
		return err
	}
	return write(c, "stripe/_walks", walks)
}
