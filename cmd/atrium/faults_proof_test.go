package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/jobs"
	"atrium/queries"
)

// never are questions that always have no answer, whatever happened: each names what would be wrong.
var never = []struct{ wrong, question string }{
	{"a mail was lost", `SELECT m.kind || ' to ' || m.to_email || ' is ' || m.state || ': ' || m.answer FROM mail m WHERE m.state NOT IN ('sent', 'withdrawn')`},
	{"a mail was withdrawn though its link can be used", `SELECT m.kind || ' to ' || m.to_email FROM mail m JOIN magic_link l ON l.account_id = m.account_id AND l.id = m.link_id WHERE m.state = 'withdrawn' AND l.ended_at IS NULL`},
	{"there are two mails of one kind to one person", `SELECT kind || ' to ' || to_email FROM mail GROUP BY kind, to_email, link_id, course_id HAVING count(*) > 1`},
	{"somebody is invited without a mail", `SELECT i.id::text FROM invitation i WHERE NOT EXISTS (SELECT FROM magic_link l JOIN mail m ON m.account_id = l.account_id AND m.link_id = l.id AND m.kind = 'invitation'
		WHERE l.account_id = i.account_id AND l.invitation_id = i.id)`},
	{"an invitation was done by half", `SELECT c.email::text FROM contact c WHERE (c.invited_at IS NOT NULL) <> EXISTS (SELECT FROM invitation i WHERE i.account_id = c.account_id AND i.contact_id = c.id)`},
	{"an invitation of staff is not in the audit log", `SELECT c.email::text FROM contact c WHERE c.invited_at IS NOT NULL AND NOT EXISTS (SELECT FROM audit a WHERE a.account_id = c.account_id AND a.subject_id = c.id AND a.action = 'contact.invite')`},
	{"an order has no grant", `SELECT o.id::text FROM sales_order o JOIN offer_course oc ON oc.account_id = o.account_id AND oc.offer_id = o.offer_id
		WHERE NOT EXISTS (SELECT FROM access_grant g WHERE g.account_id = o.account_id AND g.source = 'order' AND g.source_id = o.id AND g.course_id = oc.course_id AND g.ended_at IS NULL)`},
	{"a grant has no source", `SELECT g.id::text FROM access_grant g WHERE g.source <> 'order' OR NOT EXISTS (SELECT FROM sales_order o WHERE o.account_id = g.account_id AND o.id = g.source_id AND o.contact_id = g.contact_id)`},
	{"a checkout is done without an order", `SELECT c.id::text FROM checkout c WHERE (c.state = 'done') <> EXISTS (SELECT FROM sales_order o WHERE o.account_id = c.account_id AND o.checkout_id = c.id)`},
	{"an event of Stripe's was not worked", `SELECT id || ' ' || state || ' ' || problem FROM stripe_event WHERE state IN ('waiting', 'failed')`},
	{"a job was lost", `SELECT kind || ' ' || state || ' ' || args::text || coalesce(errors[array_length(errors, 1)]::text, '') FROM river.river_job WHERE state NOT IN ('completed', 'scheduled')`},
	{"long work was left", `SELECT kind || ' ' || state FROM task WHERE state NOT IN ('done', 'cancelled')`},
	{"somebody has a session whose link nobody confirmed", `SELECT c.email::text || ' ' || s.method FROM session s JOIN contact c ON c.account_id = s.account_id AND c.id = s.contact_id
		WHERE s.method IN ('invitation', 'link', 'code') AND (SELECT count(*) FROM magic_link l WHERE l.account_id = s.account_id AND l.contact_id = s.contact_id AND l.ended_because = 'used')
			< (SELECT count(*) FROM session o WHERE o.account_id = s.account_id AND o.contact_id = s.contact_id AND o.method IN ('invitation', 'link', 'code'))`},
	{"a link was used up and nobody came in", `SELECT c.email::text FROM magic_link l JOIN contact c ON c.account_id = l.account_id AND c.id = l.contact_id
		WHERE l.ended_because = 'used' AND (c.joined_at IS NULL OR NOT EXISTS (SELECT FROM session s WHERE s.account_id = l.account_id AND s.contact_id = l.contact_id))`},
	{"somebody joined without a session", `SELECT c.email::text FROM contact c WHERE c.joined_at IS NOT NULL AND NOT EXISTS (SELECT FROM session s WHERE s.account_id = c.account_id AND s.contact_id = c.id)`},
}

// holds lets everything come to rest and then proves it: what people were told is true, and nothing is lost, doubled or half done.
func (s *scene) holds() {
	s.t.Helper()
	s.rests()
	for _, n := range never {
		if found := s.lines(n.question); len(found) > 0 {
			s.t.Errorf("%s (%d times): %s", n.wrong, len(found), strings.Join(found[:min(len(found), 5)], "; "))
		}
	}
	s.mailsAgree()
	s.moneyAgrees()
	s.peopleAgree()
	s.timeHolds()
	if drift := s.drift(); drift != "" {
		s.t.Errorf("the figures are not what is counted: %s", drift)
	}
	for _, p := range []*process{s.web, s.worker} {
		if text := p.errs.String(); strings.Contains(text, "panic") || strings.Contains(text, "DATA RACE") {
			s.t.Errorf("%v said: %s", p.command.Args[1:], text)
		}
	}
}

// rests lets pass what takes its time: pauses before the next try, what dead workers held, Stripe's own tries. A look at all that is
// open at Stripe, as there is every hour, finds what its events no longer tell.
func (s *scene) rests() {
	s.t.Helper()
	s.worker.signal(syscall.SIGTERM)
	s.forgets()
	s.startWorker()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	if err := s.sim.WaitDelivered(ctx); err != nil {
		s.t.Fatal(err)
	}
	s.worked()
	queue, err := jobs.NewQueue(s.db, func() time.Time { return time.Now().Add(-s.behind) })
	if err == nil {
		err = queries.InTx(ctx, s.db, func(_ *queries.Queries, tx pgx.Tx) error { return queue.StripeReconcile(ctx, tx, "") })
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.worked()
}

// worked waits until no job is left but those of another day.
func (s *scene) worked() {
	s.t.Helper()
	var left []string
	until(s.t, 2*time.Minute, "every job is done", func() bool {
		s.exec("UPDATE river.river_job SET state = 'available', scheduled_at = now() WHERE state IN ('retryable', 'scheduled')")
		left = s.lines("SELECT kind || ' ' || state FROM river.river_job WHERE state IN ('available', 'running', 'pending', 'retryable', 'scheduled')")
		return len(left) == 0
	})
}

func (s *scene) lines(question string, args ...any) []string {
	s.t.Helper()
	rows, err := s.db.Query(s.t.Context(), question, args...)
	if err != nil {
		s.t.Fatalf("%s: %v", question, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatalf("%s: %v", question, err)
	}
	return lines
}

// same complains about what is in one list and not in the other.
func (s *scene) same(what string, want, got []string) {
	s.t.Helper()
	for _, line := range want {
		if !slices.Contains(got, line) {
			s.t.Errorf("%s: %s is missing", what, line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			s.t.Errorf("%s: %s should not be there", what, line)
		}
	}
}

// mailsAgree compares what the mail server took with what is said of it. A mail may have come twice, but then as the same one.
func (s *scene) mailsAgree() {
	s.t.Helper()
	var came []string
	for _, m := range s.box.Messages() {
		if line := m.To + " " + m.MessageID; !slices.Contains(came, line) {
			came = append(came, line)
		}
	}
	for _, line := range s.lines("SELECT to_email || ' ' || message_id FROM mail WHERE state = 'sent'") {
		if !slices.Contains(came, line) {
			s.t.Errorf("%s is said to be sent and has not come", line)
		}
	}
	// Whoever uses the link of a mail that came before we could write down that it had has no need of it any more.
	known := s.lines(`SELECT m.to_email || ' ' || m.message_id FROM mail m LEFT JOIN magic_link l ON l.account_id = m.account_id AND l.id = m.link_id
		WHERE m.state = 'sent' OR m.state = 'withdrawn' AND l.ended_because = 'used'`)
	for _, line := range came {
		if !slices.Contains(known, line) {
			s.t.Errorf("%s has come and is not said to be sent", line)
		}
	}
}

// moneyAgrees compares what was paid at Stripe with what was sold.
func (s *scene) moneyAgrees() {
	s.t.Helper()
	var paid, buyers []string
	for list := s.api.CheckoutSessions.List(&stripe.CheckoutSessionListParams{}); list.Next(); {
		if session := list.CheckoutSession(); session.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid {
			paid = append(paid, fmt.Sprintf("%s %s %d", session.ID, session.CustomerDetails.Email, session.AmountTotal))
			buyers = append(buyers, session.CustomerDetails.Email)
		}
	}
	s.same("orders", paid, s.lines(`SELECT concat_ws(' ', k.stripe_session_id, c.email, o.amount_minor) FROM sales_order o JOIN checkout k ON k.account_id = o.account_id AND k.id = o.checkout_id
		JOIN contact c ON c.account_id = o.account_id AND c.id = o.contact_id`))
	for _, email := range s.crowd.paid {
		if !slices.Contains(buyers, email) {
			s.t.Errorf("%s was led back from Stripe and has not paid", email)
		}
	}
}

// peopleAgree compares what people were told with what is so.
func (s *scene) peopleAgree() {
	s.t.Helper()
	invited := s.lines("SELECT email::text FROM contact WHERE invited_at IS NOT NULL")
	for _, email := range s.crowd.invited {
		if !slices.Contains(invited, email) {
			s.t.Errorf("the owner was told that %s is invited, who is not", email)
		}
	}
	joined := s.lines("SELECT email::text FROM contact WHERE joined_at IS NOT NULL AND accepted_at IS NOT NULL")
	for email, in := range s.crowd.joined {
		if in && !slices.Contains(joined, email) {
			s.t.Errorf("%s was in, and has not joined", email)
		}
	}
	for _, email := range s.lines("SELECT c.email::text FROM contact c WHERE c.joined_at IS NOT NULL OR EXISTS (SELECT FROM session s WHERE s.account_id = c.account_id AND s.contact_id = c.id)") {
		if strings.HasPrefix(email, "guest-") && lurks(email) {
			s.t.Errorf("%s is in, whose link was only looked at", email)
		}
	}
}

// drift is by how much the figures differ from a count for the moment they are of; empty: they do not.
func (s *scene) drift() (difference string) {
	s.t.Helper()
	err := pgx.BeginFunc(s.t.Context(), s.db, func(tx pgx.Tx) error {
		q := queries.New(tx)
		kept, err := q.MetricLock(s.t.Context(), s.account)
		if err != nil {
			return err
		}
		if err := q.MetricCompute(s.t.Context(), queries.MetricComputeParams{AccountID: s.account, Now: kept.ComputedAt}); err != nil {
			return err
		}
		counted, err := q.MetricLock(s.t.Context(), s.account)
		counted.RecountedAt, kept.RecountedAt = nil, nil
		if err == nil && counted != kept {
			difference = fmt.Sprintf("kept %+v, counted %+v", kept, counted)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return difference
}
