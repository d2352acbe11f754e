package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// start starts a task, as a handler does.
func (o *office) start(kind queries.TaskKind, choice queries.TaskChoice, chosen ...uuid.UUID) (id uuid.UUID) {
	o.t.Helper()
	staff, _, err := mails.AddStaff(o.t.Context(), o.q, o.account, queries.NewID().String()+"@acme.test", queries.StaffRoleOwner, o.now())
	check(o.t, err)
	by := read[uuid.UUID](o, "SELECT staff_id FROM mail WHERE id = $1", staff)
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) (err error) {
		id, err = queries.StartTask(ctx, q, queries.NewTask{AccountID: o.account, Kind: kind, StaffID: by, Choice: choice, Chosen: chosen, Now: o.now()})
		if err != nil {
			return err
		}
		return o.queue.Task(ctx, tx, o.account, id)
	})
	return id
}

// taskIs waits until a task has come to that state, and tells its counts.
func (o *office) taskIs(id uuid.UUID, state queries.TaskState) (done int64, counts queries.TaskCounts) {
	o.t.Helper()
	eventually(o.t, func() (bool, string) {
		is := read[string](o, "SELECT state::text FROM task WHERE id = $1", id)
		return is == string(state), "the task to be " + string(state) + "; it is " + is
	})
	check(o.t, json.Unmarshal(read[[]byte](o, "SELECT counts FROM task WHERE id = $1", id), &counts))
	return read[int64](o, "SELECT done FROM task WHERE id = $1", id), counts
}

// results are what became of each contact, as lines.
func (o *office) results(id uuid.UUID) []string {
	o.t.Helper()
	return read[[]string](o, "SELECT coalesce(array_agg(subject || ': ' || outcome || ' ' || note ORDER BY number), '{}') FROM task_result WHERE task_id = $1", id)
}

func (o *office) crowd(n int) {
	o.t.Helper()
	o.exec(`INSERT INTO contact (account_id, id, email, name, source, created_at, changed_at)
		SELECT $1, gen_random_uuid(), 'c' || i || '@example.com', 'Contact ' || i, 'import', now(), now() FROM generate_series(1, $2::int) i`, o.account, n)
	o.exec("UPDATE contact SET id = ('01000000-0000-7000-8000-' || right(id::text, 12))::uuid WHERE account_id = $1", o.account) // older than any task
}

func TestTaskInvites(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contact("new@example.com", "New")
	for email, column := range map[string]string{"joined@example.com": "joined_at", "bounced@example.com": "bounced_at", "quiet@example.com": "no_mail_at"} {
		o.contact(email, "")
		o.exec("UPDATE contact SET "+column+" = now() WHERE email = $1", email)
	}
	id := o.start(queries.TaskKindInvite, queries.TaskChoice{})
	o.contact("later@example.com", "Came after the task began")
	o.work()
	done, counts := o.taskIs(id, queries.TaskStateDone)
	if done != 4 || counts[queries.TaskOutcomeDone] != 1 || counts[queries.TaskOutcomeSkipped] != 3 {
		t.Errorf("done %d, counts %v", done, counts)
	}
	got := o.results(id)
	slices.Sort(got)
	want := []string{"bounced@example.com: skipped Mail to bounced@example.com was refused for good. Correct the address first.", "joined@example.com: skipped Joined already.",
		"new@example.com: done ", "quiet@example.com: skipped Asked for no more mails of this portal."}
	if !slices.Equal(got, want) {
		t.Errorf("results %q", got)
	}
	o.received("new@example.com")
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM invitation WHERE account_id = $1", o.account); n != 1 {
		t.Errorf("%d invitations", n)
	}
	if n := read[int](o, "SELECT invited FROM metric WHERE account_id = $1", o.account); n != 1 {
		t.Errorf("the dashboard says %d invited", n)
	}
}

// A worker that is gone in the middle of a task leaves its lease behind; whoever comes after it does the rest, and only that.
func TestTaskGoesOnAfterItsWorkerIsGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.crowd(3*inviteAtOnce + 7)
	id := o.start(queries.TaskKindInvite, queries.TaskChoice{})
	o.exec("DELETE FROM river.river_job WHERE kind = 'task_run'") // with the program that had it
	gone := &taskRunWorker{db: o.pool, c: o.config, queue: o.queue}
	_, err := o.q.TaskLease(t.Context(), queries.TaskLeaseParams{AccountID: o.account, ID: id, Now: o.now(), LeasedUntil: o.now().Add(taskLease)})
	check(t, err)
	over, err := gone.portion(t.Context(), o.account, id)
	if check(t, err); over {
		t.Fatal("it is over after one portion")
	}
	if _, err := o.q.TaskLease(t.Context(), queries.TaskLeaseParams{AccountID: o.account, ID: id, Now: o.now(), LeasedUntil: o.now().Add(taskLease)}); err == nil {
		t.Error("two workers have the task at once")
	}
	o.later(taskLease + time.Second)
	o.work()
	done, counts := o.taskIs(id, queries.TaskStateDone)
	if done != 3*inviteAtOnce+7 || counts[queries.TaskOutcomeDone] != done {
		t.Errorf("done %d, counts %v", done, counts)
	}
	if n := read[int](o, "SELECT count(*) FROM mail WHERE account_id = $1 AND kind = 'invitation'", o.account); int64(n) != done {
		t.Errorf("%d mails for %d contacts", n, done)
	}
	if n := read[int](o, "SELECT count(DISTINCT contact_id) FROM task_result WHERE task_id = $1", id); int64(n) != done {
		t.Errorf("results of %d contacts", n)
	}
}

func TestTaskCancel(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.crowd(2 * inviteAtOnce)
	id := o.start(queries.TaskKindInvite, queries.TaskChoice{})
	w := &taskRunWorker{db: o.pool, c: o.config, queue: o.queue}
	_, err := w.portion(t.Context(), o.account, id)
	check(t, err)
	_, err = o.q.TaskAskCancel(t.Context(), queries.TaskAskCancelParams{AccountID: o.account, ID: id, Now: o.now()})
	check(t, err)
	over, err := w.portion(t.Context(), o.account, id)
	if check(t, err); !over {
		t.Error("it goes on")
	}
	if done, _ := o.taskIs(id, queries.TaskStateCancelled); done != inviteAtOnce {
		t.Errorf("done %d", done)
	}
	if over, err := w.portion(t.Context(), o.account, id); err != nil || !over {
		t.Errorf("a cancelled task goes on: %v, %v", over, err)
	}
}

func TestTaskChanges(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, ben := o.contact("ana@example.com", "Ana"), o.contact("ben@example.com", "=HYPERLINK(1)")
	o.contact("cleo@example.com", "Cleo")
	o.work()
	o.taskIs(o.start(queries.TaskKindTag, queries.TaskChoice{Tag: "VIP"}, ana, ben), queries.TaskStateDone)
	again := o.start(queries.TaskKindTag, queries.TaskChoice{Tag: "vip", Filter: queries.ContactFilter{Search: "a"}})
	if _, counts := o.taskIs(again, queries.TaskStateDone); counts[queries.TaskOutcomeSkipped] != 1 || len(counts) != 1 {
		t.Errorf("tagged again: %v, %q", counts, o.results(again))
	}
	tags := func() string {
		return read[string](o, "SELECT string_agg(email::text || '=' || array_to_string(tags, '+'), ' ' ORDER BY email) FROM contact WHERE account_id = $1", o.account)
	}
	if got := tags(); got != "ana@example.com=VIP ben@example.com=VIP cleo@example.com=" {
		t.Errorf("tags: %s", got)
	}
	export := o.start(queries.TaskKindExport, queries.TaskChoice{Filter: queries.ContactFilter{Tag: "VIP"}})
	if done, _ := o.taskIs(export, queries.TaskStateDone); done != 2 {
		t.Errorf("%d exported", done)
	}
	file := read[string](o, "SELECT string_agg(convert_from(content, 'utf-8'), '' ORDER BY part) FROM task_file WHERE task_id = $1", export)
	if lines := strings.Split(file, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[0], "\ufeffE-mail,Name,") || !strings.Contains(lines[2], ",'=HYPERLINK(1),") {
		t.Errorf("the file:\n%s", file)
	}
	o.taskIs(o.start(queries.TaskKindUntag, queries.TaskChoice{Tag: "vip"}, ana), queries.TaskStateDone)
	o.exec("INSERT INTO subscription (account_id, id, contact_id, stripe_id, title, state, amount_minor, currency, charged, started_at, period_ends_at, created_at, looked_at) "+
		"VALUES ($1, $2, $2, 'sub_1', 'Inner circle', 'active', 1900, 'eur', 'month', now(), now(), now(), now())", o.account, ana)
	deleted := o.start(queries.TaskKindDelete, queries.TaskChoice{}, ana, ben)
	o.taskIs(deleted, queries.TaskStateDone)
	if n := read[int](o, `SELECT count(*) FROM audit a JOIN staff s ON s.id = a.staff_id WHERE a.account_id = $1 AND a.action = 'contact.delete' AND a.actor = s.email
		AND a.subject_kind = 'contact' AND a.subject_id = $2 AND a.subject = 'ben@example.com'`, o.account, ben); n != 1 {
		t.Errorf("%d lines say who was deleted, by whom", n)
	}
	if got := tags(); got != "ana@example.com= cleo@example.com=" {
		t.Errorf("at the end: %s", got)
	}
	if got := o.results(deleted); !slices.Contains(got, "ana@example.com: skipped Money can still be taken from them. End the subscription “Inner circle” now.") {
		t.Errorf("who pays on: %q", got)
	}
	links := o.start(queries.TaskKindMagicLink, queries.TaskChoice{}, ana)
	o.taskIs(links, queries.TaskStateDone)
	if m := o.received("ana@example.com"); !strings.Contains(fmt.Sprint(m), "/l/") {
		t.Errorf("no link in %v", m)
	}
}
