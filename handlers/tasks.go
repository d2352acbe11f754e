package handlers

import (
	"encoding/json"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// How many tasks and results a page shows at a time.
const (
	tasksPerPage   = 30
	resultsPerPage = 100
)

// tasksPage is the list of long work, newest first.
type tasksPage struct {
	views.Page
	Rows []taskRow
	More string // the next page; empty: there is none
	None views.Empty
}

// taskRow is one task in words.
type taskRow struct {
	ID       uuid.UUID
	Name     string // what it does
	Href     string
	State    contactState
	Open     bool
	Waiting  bool  // not begun
	Done     int64 // contacts or rows so far
	Total    int64 // 0: not counted yet
	Outcomes []outcomeCount
	By       string
	Started  views.Moment
	Ended    views.Moment // zero: it goes on
}

// outcomeCount is how many came to one outcome.
type outcomeCount struct {
	Outcome queries.TaskOutcome
	Label   string
	N       int64
	Href    string // the results of this outcome alone; empty in lists
	Current bool
}

// taskWords says what a task does.
func taskWords(kind queries.TaskKind, choice queries.TaskChoice) string {
	words := map[queries.TaskKind]string{queries.TaskKindInvite: "Invite contacts", queries.TaskKindMagicLink: "Mail sign-in links", queries.TaskKindTag: "Add the tag",
		queries.TaskKindUntag: "Remove the tag", queries.TaskKindExport: "Export contacts", queries.TaskKindDelete: "Delete contacts",
		queries.TaskKindImportCheck: "Check a file of contacts", queries.TaskKindImport: "Import contacts",
		queries.TaskKindEnrol: "Enrol in"}[kind]
	if choice.Tag != "" {
		words += " “" + choice.Tag + "”"
	}
	if choice.Course != nil {
		words += " “" + choice.Course.Title + "”"
	}
	return words
}

func taskState(state queries.TaskState) contactState {
	return map[queries.TaskState]contactState{queries.TaskStateQueued: {"Waiting", "", "clock"}, queries.TaskStateRunning: {"Running", "info", "loader"},
		queries.TaskStateDone: {"Done", "success", "circle-check"}, queries.TaskStateCancelled: {"Cancelled", "warning", "ban"},
		queries.TaskStateFailed: {"Stopped by a fault", "error", "circle-alert"}}[state]
}

// outcomeOrder is every outcome there is, in the order they are told, with its words.
var outcomeOrder = []struct {
	outcome queries.TaskOutcome
	label   string
}{{queries.TaskOutcomeDone, "Done"}, {queries.TaskOutcomeNew, "New"}, {queries.TaskOutcomeUpdated, "Updated"}, {queries.TaskOutcomeSame, "Nothing to change"},
	{queries.TaskOutcomeSkipped, "Left out"}, {queries.TaskOutcomeDuplicate, "Twice in the file"}, {queries.TaskOutcomeInvalid, "Cannot be taken"}, {queries.TaskOutcomeFailed, "Failed"}}

func outcomeWords(o queries.TaskOutcome) string {
	for _, known := range outcomeOrder {
		if known.outcome == o {
			return known.label
		}
	}
	return ""
}

func (v *visit) taskRow(t queries.TaskListRow) (taskRow, error) {
	var choice queries.TaskChoice
	if err := json.Unmarshal(t.Choice, &choice); err != nil {
		return taskRow{}, err
	}
	counts, err := queries.ParseTaskCounts(t.Counts)
	r := taskRow{ID: t.ID, Name: taskWords(t.Kind, choice), Href: v.base() + "/tasks/" + t.ID.String(), State: taskState(t.State), Open: t.FinishedAt == nil,
		Waiting: t.State == queries.TaskStateQueued, Done: t.Done, By: t.StaffName, Started: v.moment(&t.CreatedAt), Ended: v.moment(t.FinishedAt)}
	if t.Total != nil {
		r.Total = *t.Total
	}
	for _, o := range outcomeOrder {
		if counts[o.outcome] > 0 {
			r.Outcomes = append(r.Outcomes, outcomeCount{Outcome: o.outcome, Label: o.label, N: counts[o.outcome]})
		}
	}
	return r, err
}

func (s *Site) tasksIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.TaskListParams{AccountID: v.account.ID, Before: queries.LastID, PageSize: tasksPerPage + 1}
	if before, err := uuid.Parse(c.Query("before")); err == nil {
		asked.Before = before
	}
	rows, err := s.q.TaskList(c.UserContext(), asked)
	if err != nil {
		return err
	}
	p := &tasksPage{Page: s.page(c, "Tasks"), None: views.Empty{Icon: "list-checks", Title: "Nothing has been started",
		Text: "What you do with many contacts at once runs here, with its progress and a result for each of them.", Action: "Open contacts", Href: v.base() + "/contacts"}}
	if len(rows) > tasksPerPage {
		rows = rows[:tasksPerPage]
		p.More = v.base() + "/tasks?before=" + rows[tasksPerPage-1].ID.String()
	}
	for _, row := range rows {
		r, err := v.taskRow(row)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, r)
	}
	return render(c, views.FrameAdmin, "tasks/index", "", p)
}

// tasksCancel asks a task to stop; what it did stays done.
func (s *Site) tasksCancel(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	task, err := s.q.TaskByID(ctx, queries.TaskByIDParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return queries.Kind(err)
	}
	if task.FinishedAt == nil && !mayTask(v, task.Kind) {
		return errRole
	}
	var choice queries.TaskChoice
	if err := json.Unmarshal(task.Choice, &choice); err != nil {
		return err
	}
	var asked int64
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		asked, err = q.TaskAskCancel(ctx, queries.TaskAskCancelParams{AccountID: v.account.ID, ID: id, Now: v.now})
		if err != nil || asked == 0 {
			return err
		}
		return v.did(ctx, q, "task.cancel", queries.AuditSubject{Kind: "task", ID: &id, Name: taskWords(task.Kind, choice)})
	})
	if err != nil {
		return err
	}
	if asked > 0 {
		s.flash(c, views.FlashInfo, "It stops after what it is doing right now. What is done stays done.")
	}
	return redirect(c, v.base()+"/tasks/"+id.String())
}

// mayTask says whether the role includes this kind of task.
func mayTask(v *visit, kind queries.TaskKind) bool {
	for _, k := range taskKinds {
		if k.kind == kind {
			return v.role.Includes(k.role)
		}
	}
	return v.role.Includes(queries.StaffRoleAdmin)
}

func afterNumber(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
