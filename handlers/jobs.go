package handlers

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// jobsPage is the background work of an account that did not come to its end.
type jobsPage struct {
	views.Page
	Rows []jobRow
	None views.Empty
}

// jobRow is one failed job.
type jobRow struct {
	ID      int64
	For     string // what it was for, in words
	Href    string // what it was about; empty: nothing of its own
	Problem string // what went wrong, a sentence
	State   contactState
	At      views.Moment
	Next    views.Moment // when it is tried again by itself; zero: not any more
	Retry   string       // where its form posts to
	Token   string
}

// jobKindWords says what a job of an account is for, by its kind; a test finds those it lacks.
var jobKindWords = map[string]string{
	"certificate_issue": "Issuing a certificate",
	"course_ready":      "Telling a client that a course is theirs",
	"form_submission":   "Taking in a form",
	"import_discard":    "Removing a discarded import",
	"mail_send":         "Sending a mail",
	"metric_count":      "Counting the dashboard’s figures",
	"metric_recount":    "Proving the dashboard’s figures",
	"offer_claim":       "Answering somebody who wants a free offer",
	"offer_price":       "Making the price of an offer at Stripe",
	"offer_product":     "Naming an offer at Stripe",
	"payment_returned":  "Telling of a payment that came back",
	"remind":            "Reminding invited contacts",
	"remind_invoices":   "Reminding of unpaid invoices",
	"sign_in_mail":      "Writing a sign-in mail",
	"stripe_customer":   "Telling Stripe a client’s name and address",
	"task_run":          "Going on with a task",
	"unlock":            "Telling clients of lessons that have opened",
}

// jobWords says what a job of an account is for. One of a kind that a newer program left here is only work.
func jobWords(kind string) string { return orElse(jobKindWords[kind], "Work in the background") }

func jobProblem(f jobs.FailedJob) string {
	switch f.Cause {
	case jobs.CauseAway:
		return "The database could not be reached at that moment."
	case jobs.CauseSlow:
		return "It took longer than it may."
	case jobs.CauseStopped:
		return "Whoever runs this installation stopped it."
	}
	return "Something went wrong on our side. Whoever runs this installation can see what."
}

func (s *Site) jobsIndex(c *fiber.Ctx) error {
	v := at(c)
	failed, err := s.Queue.Failed(c.UserContext(), v.account.ID)
	if err != nil {
		return err
	}
	p := &jobsPage{Page: s.page(c, "Failed jobs"), None: views.Empty{Icon: "circle-check", Title: "Nothing has failed",
		Text: "Work in the background that fails appears here, such as a mail that could not be written. It can be tried again for a week."}}
	for _, f := range failed {
		p.Rows = append(p.Rows, v.jobRow(f, p.Token))
	}
	return render(c, views.FrameAdmin, "jobs/index", "", p)
}

func (v *visit) jobRow(f jobs.FailedJob, token string) jobRow {
	r := jobRow{ID: f.ID, For: jobWords(f.Kind), Problem: jobProblem(f), At: v.moment(&f.At), Next: v.moment(f.NextAt), Token: token,
		Retry: fmt.Sprintf("%s/jobs/%d/retry", v.base(), f.ID)}
	switch {
	case f.NextAt != nil:
		r.State = contactState{"Will be tried again", "warning", "clock"}
	case f.Cause == jobs.CauseStopped:
		r.State = contactState{"Stopped", "", "ban"}
	default:
		r.State = contactState{"Given up", "error", "triangle-alert"}
	}
	if f.MailID != uuid.Nil {
		r.Href = v.base() + "/mail-log/" + f.MailID.String()
	}
	return r
}

// jobsRetry has a failed job done now.
func (s *Site) jobsRetry(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil {
		return queries.ErrNotFound
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		f, err := s.Queue.Retry(ctx, tx, v.account.ID, id)
		if err != nil {
			return err
		}
		return v.did(ctx, q, "job.retry", queries.AuditSubject{Kind: "job", Name: jobWords(f.Kind)})
	})
	switch {
	case errors.Is(err, queries.ErrConflict):
		s.flash(c, views.FlashInfo, "The same work waits already, so this is not needed.")
	case err != nil:
		return err
	default:
		s.flash(c, views.FlashSuccess, "It is being tried again.")
	}
	return redirect(c, v.base()+"/jobs")
}
