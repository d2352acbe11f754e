package handlers

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// taskPage is one task: how far it is, and what became of each contact.
type taskPage struct {
	views.Page
	Task    taskProgress
	Results []taskResultRow
	All     outcomeCount
	More    string // the next page of results; empty: there is none
	CSV     string // the results as a file; empty: there are none
}

// taskProgress is the part of a task's page that follows its work.
type taskProgress struct {
	taskRow
	Problem   string
	Stopping  bool   // a cancel was asked for
	Poll      string // what to ask for news; empty: it is over
	Cancel    string // where the button posts to; empty: over, or not for this role
	File      string // what it made; empty: nothing yet
	Token     string
	CancelBox views.Confirm
}

// taskResultRow is what became of one contact.
type taskResultRow struct {
	Number  int64
	Subject string // the name; or the address, as it was then
	Email   string // beside a name
	Href    string // the contact; empty when it is deleted
	State   contactState
	Note    string
}

func (s *Site) loadTask(c *fiber.Ctx) (*taskPage, queries.TaskByIDRow, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.TaskByIDRow{}, queries.ErrNotFound
	}
	only := oneOf(c.Query("outcome"), outcomeNames()...)
	task, results, err := queries.LoadTask(c.UserContext(), s.DB, queries.TaskResultListParams{AccountID: v.account.ID, TaskID: id,
		After: afterNumber(c.Query("after")), Outcome: only, PageSize: resultsPerPage + 1})
	if err != nil {
		return nil, task, err
	}
	row, err := v.taskRow(queries.TaskListRow{ID: task.ID, Kind: task.Kind, State: task.State, Choice: task.Choice, Total: task.Total, Done: task.Done,
		Counts: task.Counts, CreatedAt: task.CreatedAt, FinishedAt: task.FinishedAt, StaffName: task.StaffName})
	if err != nil {
		return nil, task, err
	}
	p := &taskPage{Page: s.page(c, row.Name), Task: s.newTaskProgress(v, row, task)}
	p.Task.Token = p.Token
	p.Task.CancelBox = views.Confirm{ID: "cancel-task", Title: "Stop this task?", Text: "What is done stays done; the rest is left as it is.", Verb: "Stop it",
		Action: p.Task.Cancel, Token: p.Token}
	if len(results) > resultsPerPage {
		results = results[:resultsPerPage]
		p.More = row.Href + "?" + url.Values{"outcome": {only}, "after": {strconv.FormatInt(results[resultsPerPage-1].Number, 10)}}.Encode()
	}
	for _, r := range results {
		p.Results = append(p.Results, v.resultRow(task.Kind, r))
	}
	p.All = outcomeCount{Label: "All", N: row.Done, Href: row.Href, Current: only == ""}
	for i, o := range p.Task.Outcomes {
		p.Task.Outcomes[i].Href, p.Task.Outcomes[i].Current = row.Href+"?outcome="+string(o.Outcome), only == string(o.Outcome)
	}
	if len(results) > 0 {
		p.CSV = row.Href + "/results.csv"
	}
	return p, task, nil
}

func (s *Site) newTaskProgress(v *visit, row taskRow, task queries.TaskByIDRow) taskProgress {
	p := taskProgress{taskRow: row, Problem: task.Problem, Stopping: row.Open && task.CancelAskedAt != nil}
	if row.Open {
		p.Poll = row.Href + "/progress?since=" + strconv.FormatInt(row.Done, 10) + "-" + string(task.State)
	}
	if row.Open && !p.Stopping && mayTask(v, task.Kind) {
		p.Cancel = row.Href + "/cancel"
	}
	if task.Kind == queries.TaskKindExport && task.State == queries.TaskStateDone && mayTask(v, task.Kind) {
		p.File = row.Href + "/file.csv"
	}
	return p
}

func (v *visit) resultRow(kind queries.TaskKind, r queries.TaskResultListRow) taskResultRow {
	row := taskResultRow{Number: r.Number, Subject: r.Subject, Note: r.Note, State: contactState{outcomeWords(r.Outcome), "success", "circle-check"}}
	if r.Name != "" {
		row.Subject, row.Email = r.Name, r.Subject
	}
	switch r.Outcome {
	case queries.TaskOutcomeSkipped, queries.TaskOutcomeSame, queries.TaskOutcomeDuplicate:
		row.State.Badge, row.State.Icon = "", "circle-minus"
	case queries.TaskOutcomeFailed, queries.TaskOutcomeInvalid:
		row.State.Badge, row.State.Icon = "error", "circle-alert"
	}
	if r.ContactID != nil && kind != queries.TaskKindDelete {
		row.Href = v.base() + "/contacts/" + r.ContactID.String()
	}
	return row
}

func outcomeNames() (names []string) {
	for _, o := range outcomeOrder {
		names = append(names, string(o.outcome))
	}
	return names
}

// tasksShow shows a task; an import has a page of its own.
func (s *Site) tasksShow(c *fiber.Ctx) error {
	p, task, err := s.loadTask(c)
	if err != nil {
		return err
	}
	if v := at(c); task.ImportID != nil && v.role.Includes(queries.StaffRoleAdmin) {
		return goTo{v.base() + "/contacts/import/" + task.ImportID.String()}
	}
	return render(c, views.FrameAdmin, "tasks/show", "", p)
}

// tasksProgress answers an open page that asks how far the task is: nothing, unless it moved on since it last heard; and the
// whole page again once it is over, with its results.
func (s *Site) tasksProgress(c *fiber.Ctx) error {
	p, task, err := s.loadTask(c)
	if err != nil {
		return err
	}
	if task.FinishedAt != nil {
		return redirect(c, p.Task.Href)
	}
	if c.Query("since") == strconv.FormatInt(task.Done, 10)+"-"+string(task.State) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return write(c, "tasks/_progress", &p.Task)
}

// tasksFile sends the file a task made, part by part.
func (s *Site) tasksFile(c *fiber.Ctx) error {
	p, _, err := s.loadTask(c)
	if err != nil {
		return err
	} else if p.Task.File == "" {
		return queries.ErrNotFound
	}
	account, id := at(c).account.ID, p.Task.ID
	return s.sendCSV(c, "contacts.csv", func(ctx context.Context, w io.Writer) error {
		for part := int32(0); ; part++ {
			content, err := s.q.TaskFilePart(ctx, queries.TaskFilePartParams{AccountID: account, TaskID: id, Part: part})
			if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
				return nil
			} else if err != nil {
				return err
			}
			if _, err := w.Write(content); err != nil {
				return err
			}
		}
	})
}

// tasksResults sends what became of each contact as a file.
func (s *Site) tasksResults(c *fiber.Ctx) error {
	_, task, err := s.loadTask(c)
	if err != nil {
		return err
	}
	account := at(c).account.ID
	return s.sendCSV(c, "results.csv", func(ctx context.Context, w io.Writer) error {
		lines := csv.NewWriter(w)
		_ = lines.Write([]string{"\ufeffNumber", "E-mail", "Result", "Note"}) // its errors come with Flush
		for after := int64(0); ; {
			rows, err := s.q.TaskResultList(ctx, queries.TaskResultListParams{AccountID: account, TaskID: task.ID, After: after, PageSize: 1000})
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, r := range rows {
				_ = lines.Write(append([]string{strconv.FormatInt(r.Number, 10)}, queries.PlainCells(r.Subject, outcomeWords(r.Outcome), r.Note)...))
				after = r.Number
			}
			if lines.Flush(); lines.Error() != nil {
				return lines.Error()
			}
		}
	})
}
