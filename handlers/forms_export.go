package handlers

import (
	"context"
	"encoding/csv"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
)

// exportPage is how many rows are read at a time, so that an export of any length needs as much memory.
const exportPage = 500

// formsExport streams what was sent by a form as CSV, newest first, as spreadsheets take it.
func (s *Site) formsExport(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	f, err := s.q.FormByID(c.UserContext(), queries.FormByIDParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return queries.Kind(err)
	}
	e := formExport{site: s, v: v, form: f}
	return s.sendCSV(c, f.Name+".csv", e.write)
}

// formExport is an export on its way.
type formExport struct {
	site *Site
	v    *visit
	form queries.FormByIDRow
}

func (e formExport) write(ctx context.Context, w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // without it spreadsheets take UTF-8 for something else
		return err
	}
	out := csv.NewWriter(w)
	_ = out.Write(e.head()) // what fails shows in the flush below
	for before := queries.LastID; ; {
		rows, err := e.site.q.FormSubmissionList(ctx, queries.FormSubmissionListParams{AccountID: e.v.account.ID, FormID: e.form.ID, Before: before, PageSize: exportPage})
		if err != nil {
			return err
		}
		for _, row := range rows {
			_ = out.Write(e.row(row))
			before = row.ID
		}
		if out.Flush(); out.Error() != nil || len(rows) < exportPage {
			return out.Error()
		}
	}
}

func (e formExport) head() []string {
	head := []string{"Sent (" + e.v.account.Location.String() + ")", "State", "E-mail address", "Name"}
	for _, f := range e.form.Fields {
		if f.Kind != queries.FormEmail && f.Kind != queries.FormName {
			head = append(head, f.Label)
		}
	}
	return queries.PlainCells(append(head, "Answers to questions that are no longer asked")...)
}

func (e formExport) row(row queries.FormSubmissionListRow) []string {
	cells := []string{row.CreatedAt.In(e.v.account.Location).Format(time.DateTime), submissionState(row, e.v).Word, row.Email, row.Name}
	answers := map[string]queries.FormAnswer{}
	for _, a := range row.Answers {
		answers[a.Key] = a
	}
	for _, f := range e.form.Fields {
		if f.Kind != queries.FormEmail && f.Kind != queries.FormName {
			cells = append(cells, answers[f.Key].Value)
			delete(answers, f.Key)
		}
	}
	var others []string
	for _, a := range row.Answers {
		if _, left := answers[a.Key]; left && a.Value != "" {
			others = append(others, a.Label+": "+a.Value)
		}
	}
	return queries.PlainCells(append(cells, strings.Join(others, "; "))...)
}
