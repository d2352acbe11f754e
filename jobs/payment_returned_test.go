package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim/simtest"
	"atrium/queries"
)

// debits pays the invoice by bank, and has the bank answer: it pays, or it does not. After each the invoice is looked at.
func (o *owing) debits(answers ...bool) {
	o.t.Helper()
	for _, pays := range answers {
		o.pays("pm_sepaDebit")
		invoice, err := simtest.API(o.sim).Invoices.Get(o.stripeID, nil)
		check(o.t, err)
		o.later(time.Hour)
		check(o.t, o.sim.Settle(invoice.PaymentIntent.ID, pays))
		o.looks()
		o.tells()
	}
}

// pays pays the invoice at Stripe, which is then looked at.
func (o *owing) pays(method string) {
	o.t.Helper()
	_, err := simtest.API(o.sim).Invoices.Pay(o.stripeID, &stripe.InvoicePayParams{PaymentMethod: stripe.String(method)})
	check(o.t, err)
	o.looks()
}

// looks looks at the invoice at Stripe, twice.
func (o *owing) looks() {
	o.t.Helper()
	for range 2 {
		o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
			return o.queue.LookNow(ctx, q, tx, o.config.Stripe, "", o.stripeID, o.config.Now())
		})
	}
}

// tells works every job that tells of a payment that came back, twice.
func (o *owing) tells() {
	o.t.Helper()
	rows, err := o.pool.Query(o.t.Context(), "SELECT (args->>'account_id')::uuid, (args->>'checkout_id')::uuid, (args->>'invoice_id')::uuid FROM river.river_job WHERE kind = 'payment_returned'")
	check(o.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[paymentReturnedArgs])
	check(o.t, err)
	worker := &paymentReturnedWorker{db: o.pool, c: o.config, queue: o.queue}
	for range 2 {
		for _, args := range all {
			check(o.t, worker.Work(o.t.Context(), jobOf(args)))
		}
	}
}

func (o *owing) told() int {
	return read[int](o.office, "SELECT count(*) FROM mail WHERE kind = 'payment_returned'")
}

// A debit of an invoice that a bank sends back is told once, however often it is looked at, and the next one again; what is paid, or an
// address that refuses mail, is no reason.
func TestInvoiceReturned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before  func(o *owing)
		answers []bool
		want    int
	}{
		"once":           {nil, []bool{false}, 1},
		"each time":      {nil, []bool{false, false}, 2},
		"paid":           {nil, []bool{true}, 0},
		"the second":     {nil, []bool{false, true}, 1},
		"wants no mails": {func(o *owing) { o.exec("UPDATE contact SET no_mail_at = now()") }, []bool{false}, 1},
		"bounced":        {func(o *owing) { o.exec("UPDATE contact SET bounced_at = now()") }, []bool{false}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := owes(t)
			if c.before != nil {
				c.before(o)
			}
			if o.debits(c.answers...); o.told() != c.want {
				t.Errorf("told %d times, want %d", o.told(), c.want)
			}
		})
	}
}

// The mail says what is to be paid, as its reader writes sums, and leads to the page of that invoice alone; nobody can stop such mails.
func TestInvoiceReturnedMail(t *testing.T) {
	t.Parallel()
	o := owes(t)
	o.debits(false)
	o.work()
	got := o.received("ana@example.com")
	if !strings.Contains(got.Subject, "did not go through") || !strings.Contains(got.Text, "120,00") || !strings.Contains(got.HTML, "Three sessions") ||
		!strings.Contains(got.Text, "https://acme.portal.test/pay/"+mails.Secret.PayToken(o.invoice)) || got.Header.Get("List-Unsubscribe") != "" {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
}

// What waits to be sent stops when it is paid, or on its way, meanwhile.
func TestPaymentReturnedStops(t *testing.T) {
	t.Parallel()
	invoice := func(o *owing) { o.debits(false) }
	purchase := func(o *owing) { o.returned() }
	sql := func(statement string) func(o *owing) { return func(o *owing) { o.exec(statement) } }
	for name, c := range map[string]struct {
		before, after func(o *owing)
		sent          bool
	}{
		"an invoice":                      {invoice, sql("SELECT 1"), true},
		"an invoice that is paid":         {invoice, func(o *owing) { o.pays("pm_card_visa") }, false},
		"an invoice on its way":           {invoice, func(o *owing) { o.pays("pm_sepaDebit") }, false},
		"a purchase":                      {purchase, sql("SELECT 1"), true},
		"a purchase that is paid":         {purchase, sql(paidAgain), false},
		"a purchase that is on its way":   {purchase, sql("INSERT INTO checkout (account_id, id, offer_id, price_id, browser_hash, state, created_at, changed_at) SELECT account_id, gen_random_uuid(), offer_id, price_id, browser_hash, 'processing', now() + interval '1 hour', now() FROM checkout"), false},
		"a purchase that is paid by then": {purchase, sql("UPDATE checkout SET state = 'done'"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := owes(t)
			c.before(o)
			if o.told() != 1 {
				t.Fatalf("told %d times", o.told())
			}
			c.after(o)
			o.work()
			want := map[bool]string{true: "sent", false: "withdrawn"}[c.sent]
			eventually(t, func() (bool, string) {
				state := read[string](o.office, "SELECT max(state::text) FROM mail")
				return state == want, "the mail to be " + want + "; it is " + state
			})
		})
	}
}

// The address of a stranger whose payment came back is forgotten with the mail that told them, 30 days later and not before; what a
// contact was told stays.
func TestPaymentReturnedForgotten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, then string
		after        time.Duration
	}{
		"a stranger":        {"SELECT 1", "0 addresses, 0 mails", queries.ReturnedForget + time.Hour},
		"a stranger, early": {"SELECT 1", "1 addresses, 1 mails", queries.ReturnedForget - time.Hour},
		"a contact":         {"UPDATE mail SET contact_id = (SELECT id FROM contact)", "0 addresses, 1 mails", queries.ReturnedForget + time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := owes(t)
			o.returned()
			o.exec(c.before)
			for range 2 { // forgotten, nobody is told again
				o.later(c.after / 2)
				check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), jobOf(purgeArgs{})))
				o.tells()
			}
			if got := read[string](o.office, "SELECT count(email) || ' addresses, ' || (SELECT count(*) FROM mail) || ' mails' FROM checkout"); got != c.then {
				t.Errorf("%s are left, want %s", got, c.then)
			}
		})
	}
}

// paidAgain is another purchase of the same offer by the same address, later, and paid.
const paidAgain = `WITH buyer AS (INSERT INTO contact (account_id, id, email, source, created_at, changed_at) SELECT account_id, gen_random_uuid(), email, 'checkout', now(), now() FROM checkout RETURNING account_id, id),
	again AS (INSERT INTO checkout (account_id, id, offer_id, price_id, browser_hash, state, created_at, changed_at)
		SELECT account_id, gen_random_uuid(), offer_id, price_id, 'other', 'done', now() + interval '1 hour', now() FROM checkout RETURNING account_id, id, offer_id, price_id),
	paid AS (SELECT a.account_id, b.id AS contact_id, a.offer_id, a.price_id, a.id FROM again a, buyer b)
	INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, created_at, changed_at)
		SELECT account_id, gen_random_uuid(), contact_id, offer_id, price_id, id, true, 4900, 'eur', now() + interval '1 hour', now() FROM paid`

// returned is a purchase of a stranger's that their bank did not pay, told by then.
func (o *owing) returned() (checkout uuid.UUID) {
	o.t.Helper()
	offer, price, checkout := queries.NewID(), queries.NewID(), queries.NewID()
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		return queries.OfferDraft{Name: "talk", Title: "A talk", Courses: []uuid.UUID{o.course()}}.Insert(ctx, q, o.account, offer, o.config.Now())
	})
	o.exec("INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, created_at) VALUES ($1, $2, $3, 4900, 'eur', 'once', now())", o.account, price, offer)
	o.exec("INSERT INTO checkout (account_id, id, offer_id, price_id, browser_hash, state, email, created_at, changed_at) VALUES ($1, $2, $3, $4, 'browser', 'failed', 'nia@example.com', $5, $5)", o.account, checkout, offer, price, o.config.Now())
	o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return o.queue.insert(ctx, tx, paymentReturnedArgs{AccountID: o.account, CheckoutID: &checkout})
	})
	o.tells()
	return checkout
}
