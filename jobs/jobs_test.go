package jobs

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/internal/mail"
	"atrium/queries"
)

var one, two = uuid.MustParse("00000000-0000-7000-8000-000000000001"), uuid.MustParse("00000000-0000-7000-8000-000000000002")

// stored is every job as it stands in the queue, where a program of before or after may find it: changing a line is a migration.
var stored = map[string]struct {
	args river.JobArgs
	json string
}{
	"course_ready":         {courseReadyArgs{one, two, true}, `{"account_id":"00000000-0000-7000-8000-000000000001","grant_id":"00000000-0000-7000-8000-000000000002","bulk":true}`},
	"offer_claim":          {offerClaimArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","claim_id":"00000000-0000-7000-8000-000000000002"}`},
	"payment_returned":     {paymentReturnedArgs{AccountID: one, InvoiceID: &two}, `{"account_id":"00000000-0000-7000-8000-000000000001","invoice_id":"00000000-0000-7000-8000-000000000002"}`},
	"unlock":               {unlockArgs{one}, `{"account_id":"00000000-0000-7000-8000-000000000001"}`},
	"unlock_all":           {unlockAllArgs{}, `{}`},
	"certificate_issue":    {certificateIssueArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","completion_id":"00000000-0000-7000-8000-000000000002"}`},
	"expire":               {expireArgs{}, `{}`},
	"file_clean":           {fileCleanArgs{}, `{}`},
	"file_sweep":           {fileSweepArgs{}, `{}`},
	"form_submission":      {formSubmissionArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","submission_id":"00000000-0000-7000-8000-000000000002"}`},
	"import_discard":       {importDiscardArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","import_id":"00000000-0000-7000-8000-000000000002"}`},
	"mail_send":            {mailSendArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","mail_id":"00000000-0000-7000-8000-000000000002"}`},
	"metric_count":         {metricCountArgs{one}, `{"account_id":"00000000-0000-7000-8000-000000000001"}`},
	"metric_count_all":     {metricCountAllArgs{}, `{}`},
	"metric_recount":       {metricRecountArgs{one}, `{"account_id":"00000000-0000-7000-8000-000000000001"}`},
	"password_reset_mail":  {passwordResetMailArgs{one}, `{"request_id":"00000000-0000-7000-8000-000000000001"}`},
	"purge":                {purgeArgs{}, `{}`},
	"remind":               {remindArgs{one}, `{"account_id":"00000000-0000-7000-8000-000000000001"}`},
	"remind_all":           {remindAllArgs{}, `{}`},
	"offer_price":          {offerPriceArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","price_id":"00000000-0000-7000-8000-000000000002"}`},
	"offer_product":        {offerProductArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","offer_id":"00000000-0000-7000-8000-000000000002"}`},
	"stripe_customer":      {stripeCustomerArgs{one, "cus_1"}, `{"account_id":"00000000-0000-7000-8000-000000000001","customer":"cus_1"}`},
	"stripe_event":         {stripeEventArgs{"acct_1", "evt_1"}, `{"stripe_account":"acct_1","event_id":"evt_1"}`},
	"stripe_look":          {stripeLookArgs{"acct_1", "in_1"}, `{"stripe_account":"acct_1","object_id":"in_1"}`},
	"stripe_reconcile":     {stripeReconcileArgs{"acct_1"}, `{"stripe_account":"acct_1"}`},
	"stripe_reconcile_all": {stripeReconcileAllArgs{}, `{}`},
	"remind_invoices":      {remindInvoicesArgs{one}, `{"account_id":"00000000-0000-7000-8000-000000000001"}`},
	"remind_invoices_all":  {remindInvoicesAllArgs{}, `{}`},
	"sign_in_mail":         {signInMailArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","request_id":"00000000-0000-7000-8000-000000000002"}`},
	"task_resume":          {taskResumeArgs{}, `{}`},
	"task_run":             {taskRunArgs{one, two}, `{"account_id":"00000000-0000-7000-8000-000000000001","task_id":"00000000-0000-7000-8000-000000000002"}`},
}

func TestStoredJobs(t *testing.T) {
	t.Parallel()
	for kind, c := range stored {
		encoded, err := json.Marshal(c.args)
		if err != nil || c.args.Kind() != kind || string(encoded) != c.json {
			t.Errorf("%s is %s %s, %v; want %s", kind, c.args.Kind(), encoded, err, c.json)
		}
	}
	if got, want := kindsInSource(t), slices.Sorted(maps.Keys(stored)); !slices.Equal(got, want) {
		t.Errorf("the source has the kinds %v, this test %v", got, want)
	}
}

// kindsInSource is what the Kind methods of this folder return.
func kindsInSource(t *testing.T) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	check(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		check(t, err)
		for _, declared := range file.Decls {
			function, isFunction := declared.(*ast.FuncDecl)
			if !isFunction || function.Recv == nil || function.Name.Name != "Kind" {
				continue
			}
			literal := function.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
			kind, err := strconv.Unquote(literal.Value)
			check(t, err)
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// A program that only inserts jobs needs no worker, but one that works has to know every kind it may find.
func TestEveryKindHasItsWorker(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	workers := allWorkers(o.config, o.queue, mail.New(o.config.Server))
	for kind, c := range stored {
		client, err := river.NewClient(o.queue.client.Driver(), &river.Config{Schema: queries.RiverSchema, Workers: workers, Logger: o.config.Log})
		check(t, err)
		if _, err := client.Insert(t.Context(), c.args, nil); err != nil { // which refuses kinds without a worker
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	insert := map[string]func(tx pgx.Tx) error{
		"mail_send mail 1 100":             func(tx pgx.Tx) error { return o.queue.Mail(t.Context(), tx, one, two) },
		"mail_send mail 2 100":             func(tx pgx.Tx) error { return o.queue.BulkMail(t.Context(), tx, one, two) },
		"sign_in_mail default 1 25":        func(tx pgx.Tx) error { return o.queue.SignIn(t.Context(), tx, one, two) },
		"password_reset_mail default 1 25": func(tx pgx.Tx) error { return o.queue.PasswordReset(t.Context(), tx, one) },
		"metric_count default 1 25": func(tx pgx.Tx) error {
			for range 3 { // several that wait are one
				if err := o.queue.Metrics(t.Context(), tx, one); err != nil {
					return err
				}
			}
			return nil
		},
	}
	for want, insert := range insert {
		tx, err := o.pool.Begin(t.Context())
		check(t, err)
		check(t, insert(tx))
		var got string
		check(t, tx.QueryRow(t.Context(), "SELECT string_agg(concat_ws(' ', kind, queue, priority, max_attempts), ', ') FROM river.river_job").Scan(&got))
		check(t, tx.Rollback(t.Context()))
		if got != want {
			t.Errorf("inserted %s, want %s", got, want)
		}
	}
	if n := read[int](o, "SELECT count(*) FROM river.river_job"); n != 0 {
		t.Errorf("%d jobs of transactions that were rolled back", n)
	}
}

func TestMetricsOfTwoAccountsAreTwoJobs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, account := range []uuid.UUID{one, two, one} {
		tx, err := o.pool.Begin(t.Context())
		check(t, err)
		check(t, o.queue.Metrics(t.Context(), tx, account))
		check(t, tx.Commit(t.Context()))
	}
	if n := read[int](o, "SELECT count(*) FROM river.river_job"); n != 2 {
		t.Errorf("%d jobs", n)
	}
}
