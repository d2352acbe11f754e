package jobs

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/internal/mail"
	"atrium/queries"
)

// Each job is worked twice in one transaction, which is rolled back: the first time changes something, the second nothing.
func TestEachJobTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(h *hands) (work func(tx pgx.Tx) error)
	}{
		"mail_send, accepted": {func(h *hands) func(pgx.Tx) error { return h.sending(nil) }},
		"mail_send, refused": {func(h *hands) func(pgx.Tx) error {
			return h.sending(&mail.Failure{Kind: mail.Bounced, Code: 550, Text: "No"})
		}},
		"mail_send, of a link that is over": {func(h *hands) func(pgx.Tx) error {
			work := h.sending(nil)
			h.later(queries.InvitationLife)
			return work
		}},
		"sign_in_mail": {func(h *hands) func(pgx.Tx) error {
			h.contact("ana@example.com", "")
			args := signInMailArgs{h.account, h.ask("ana@example.com", "browser")}
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &signInMailWorker{db: tx, c: h.config, queue: h.queue}, args)
			}
		}},
		"password_reset_mail": {func(h *hands) func(pgx.Tx) error {
			_, _, err := mails.AddStaff(h.ctx, h.q, h.account, "maya@acme.test", queries.StaffRoleOwner, h.now())
			check(h.t, err)
			h.forgot("maya@acme.test")
			args := passwordResetMailArgs{read[uuid.UUID](h.office, "SELECT id FROM staff_reset")}
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &passwordResetMailWorker{db: tx, c: h.config, queue: h.queue}, args)
			}
		}},
		"metric_count": {func(h *hands) func(pgx.Tx) error {
			h.invite(h.contact("ana@example.com", ""))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &metricCountWorker{db: tx, c: h.config}, metricCountArgs{h.account})
			}
		}},
		"metric_count_all": {func(h *hands) func(pgx.Tx) error {
			h.newAccount("lumen", "Lumen")
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &metricCountAllWorker{db: tx, queue: h.queue}, metricCountAllArgs{})
			}
		}},
		"metric_recount": {func(h *hands) func(pgx.Tx) error {
			h.contact("ana@example.com", "")
			check(h.t, countMetrics(h.ctx, h.q, h.account, h.now()))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &metricRecountWorker{db: tx, c: h.config, queue: h.queue}, metricRecountArgs{h.account})
			}
		}},
		"remind": {func(h *hands) func(pgx.Tx) error {
			h.exec("UPDATE account SET reminder_days = '{3}', time_zone = $1", zoneAtNoon(h.now()))
			h.invitedAt(h.contact("ana@example.com", ""), h.now().Add(-4*oneDay))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &remindWorker{db: tx, c: h.config, queue: h.queue}, remindArgs{h.account})
			}
		}},
		"remind_all": {func(h *hands) func(pgx.Tx) error {
			h.exec("UPDATE account SET reminder_days = '{3}', time_zone = $1", zoneAtNoon(h.now()))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &remindAllWorker{db: tx, c: h.config, queue: h.queue}, remindAllArgs{})
			}
		}},
		"remind_invoices_all": {func(h *hands) func(pgx.Tx) error {
			h.exec("UPDATE account SET invoice_reminder_days = '{3}'")
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &remindInvoicesAllWorker{db: tx, queue: h.queue}, remindInvoicesAllArgs{})
			}
		}},
		"course_ready": {func(h *hands) func(pgx.Tx) error {
			args := courseReadyArgs{h.account, h.enrol(h.contact("ana@example.com", ""), h.course(), h.now().Add(-time.Second), false), false}
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &courseReadyWorker{db: tx, c: h.config, queue: h.queue}, args)
			}
		}},
		"unlock": {func(h *hands) func(pgx.Tx) error {
			h.enrol(h.contact("ana@example.com", ""), h.course(), h.now().Add(-2*oneDay), false)
			h.exec("UPDATE contact SET joined_at = now(), time_zone = $1", zoneInTheMorning(h.now()))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &unlockWorker{db: tx, c: h.config, queue: h.queue}, unlockArgs{h.account})
			}
		}},
		"unlock_all": {func(h *hands) func(pgx.Tx) error {
			h.course()
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &unlockAllWorker{db: tx, queue: h.queue}, unlockAllArgs{})
			}
		}},
		"offer_claim": {func(h *hands) func(pgx.Tx) error {
			offer := queries.NewID()
			check(h.t, queries.OfferDraft{Name: "taster", Title: "A taster", Courses: []uuid.UUID{h.course()}}.Insert(h.ctx, h.q, h.account, offer, h.now()))
			claim, err := mails.Claim(h.ctx, h.q, queries.OfferClaim{AccountID: h.account, OfferID: offer, Email: "ana@example.com", Now: h.now(), IP: loopback})
			check(h.t, err)
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &offerClaimWorker{db: tx, c: h.config, queue: h.queue}, offerClaimArgs{h.account, claim})
			}
		}},
		"payment_returned": {func(h *hands) func(pgx.Tx) error {
			id := queries.NewID()
			h.exec("INSERT INTO invoice (account_id, id, contact_id, stripe_id, state, payment, total_minor, tax_minor, paid_minor, remaining_minor, currency, created_at, looked_at, returned_at) "+
				"VALUES ($1, $2, $3, 'in_1', 'open', 'waiting', 12000, 0, 0, 12000, 'eur', $4, $4, $4)", h.account, id, h.contact("ana@example.com", ""), h.now().Add(-time.Second))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &paymentReturnedWorker{db: tx, c: h.config, queue: h.queue}, paymentReturnedArgs{AccountID: h.account, InvoiceID: &id})
			}
		}},
		"expire": {func(h *hands) func(pgx.Tx) error {
			h.invite(h.contact("ana@example.com", ""))
			h.later(2 * queries.InvitationLife)
			return func(tx pgx.Tx) error { return workIn(h, tx, &expireWorker{db: tx, c: h.config}, expireArgs{}) }
		}},
		"purge": {func(h *hands) func(pgx.Tx) error {
			h.invite(h.contact("ana@example.com", ""))
			h.exec("UPDATE magic_link SET ended_at = now(), ended_because = 'used'")
			h.later(2 * purgeAfter)
			return func(tx pgx.Tx) error { return workIn(h, tx, &purgeWorker{db: tx, c: h.config}, purgeArgs{}) }
		}},
		"import_discard": {func(h *hands) func(pgx.Tx) error {
			i := h.upload("E-Mail\nana@example.com\n")
			check(h.t, queries.DiscardImport(h.ctx, h.q, h.account, i.id, h.now()))
			return func(tx pgx.Tx) error {
				return workIn(h, tx, &importDiscardWorker{db: tx}, importDiscardArgs{h.account, i.id})
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHands(t)
			work := c.before(h)
			stopped := h.now() // so that nothing changes by being later
			h.config.Now = func() time.Time { return stopped }
			tx, err := h.pool.Begin(t.Context())
			check(t, err)
			defer func() { check(t, tx.Rollback(context.WithoutCancel(t.Context()))) }()
			first := everything(t, tx)
			check(t, work(tx))
			second := everything(t, tx)
			if first == second {
				t.Error("the first time changes nothing")
			}
			check(t, work(tx))
			if third := everything(t, tx); third != second {
				t.Errorf("the second time changes\n%s\nto\n%s", second, third)
			}
		})
	}
}

// zoneAtNoon is a time zone in which it is about noon.
func zoneAtNoon(now time.Time) string {
	return fmt.Sprintf("Etc/GMT%+d", now.UTC().Hour()-12) // their signs are the other way round
}

// zoneInTheMorning is a time zone in which it is about eight.
func zoneInTheMorning(now time.Time) string {
	behind := now.UTC().Hour() - 8
	if behind > 12 { // there is none so far west, but one as far east
		behind -= 24
	}
	return fmt.Sprintf("Etc/GMT%+d", behind)
}

// sending is the job of an invitation's mail, with a mail server that answers so and hears of no mail twice.
func (h *hands) sending(answer error) (work func(tx pgx.Tx) error) {
	args, sent := mailSendArgs{h.account, h.invite(h.contact("ana@example.com", ""))}, 0
	send := func(context.Context, mail.Message) (string, error) {
		if sent++; sent > 1 {
			h.t.Error("the mail is sent again")
		}
		return "queued", answer
	}
	return func(tx pgx.Tx) error {
		return workIn(h, tx, &mailSendWorker{db: tx, c: h.config, queue: h.queue, send: send}, args)
	}
}

// everything is all rows there are, and the jobs that wait.
func everything(t *testing.T, tx pgx.Tx) (all string) {
	t.Helper()
	var query string
	check(t, tx.QueryRow(t.Context(), `SELECT string_agg(format('SELECT %L || r::text AS line FROM %I r', table_name || ' ', table_name), ' UNION ALL ')
		FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`).Scan(&query))
	check(t, tx.QueryRow(t.Context(), "SELECT string_agg(line, E'\n' ORDER BY line) FROM ("+query+
		" UNION ALL SELECT kind || ' ' || args FROM river.river_job WHERE state IN ('available', 'scheduled')) everything").Scan(&all))
	return all
}
