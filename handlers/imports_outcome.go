package handlers

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
)

// importsOutcome sends every row with what it will do or did.
func (s *Site) importsOutcome(c *fiber.Ctx) error {
	account := at(c).account.ID
	id, err := importOf(c)
	if err != nil {
		return err
	}
	loaded, err := queries.LoadImport(c.UserContext(), s.DB, queries.ImportAsked{AccountID: account, ID: id})
	if err != nil {
		return err
	}
	stage, err := stageOf(loaded.Tasks, loaded.Import.CourseID != nil)
	if err != nil {
		return err
	}
	return s.sendCSV(c, "import.csv", func(ctx context.Context, w io.Writer) error {
		lines := csv.NewWriter(w)
		_ = lines.Write([]string{"\ufeffLine", "E-mail", "Name", "Phone", "Company", "Tags", "Note", "Result", "Reason"}) // its errors come with Flush
		for after := int64(0); ; {
			rows, err := s.q.ImportRowList(ctx, queries.ImportRowListParams{AccountID: account, ImportID: id, After: after, PageSize: 1000})
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, row := range rows {
				email := row.Typed
				if row.Email != nil {
					email = *row.Email
				}
				_ = lines.Write(append([]string{strconv.FormatInt(row.RowNumber, 10)}, queries.PlainCells(email, row.Name, row.Phone, row.Company,
					strings.Join(row.Tags, ", "), row.Note, importRowState(row, stage.runs > 0).Word, row.Reason)...))
				after = row.RowNumber
			}
			if lines.Flush(); lines.Error() != nil {
				return lines.Error()
			}
		}
	})
}
