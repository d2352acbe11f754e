package handlers

import (
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// certificateRevokePage asks why a certificate is to be valid no longer.
type certificateRevokePage struct {
	views.Page
	Path   string // of the course
	Action string
	Number string
	Holder string
	Course string
	Reason views.Field
}

func (s *Site) newCertificateRevokePage(c *fiber.Ctx) (*certificateRevokePage, queries.CertificateByIDRow, error) {
	row, err := s.certificateOfPath(c)
	if err != nil {
		return nil, row, err
	}
	path := at(c).base() + "/courses/" + strings.ToLower(c.Params("id"))
	return &certificateRevokePage{Page: s.page(c, "Revoke a certificate"), Path: path, Action: path + "/certificates/" + row.ID.String() + "/revoke", Number: row.Number,
		Holder: row.Holder, Course: row.CourseTitle,
		Reason: views.Field{Name: "reason", Label: "Why?", Type: "textarea", Rows: 3, Required: true, MaxLength: reasonMost, Autofocus: true,
			Hint: "For your team. It stands in this list and in the audit log; nobody else sees it."}}, row, nil
}

func (s *Site) certificatesAskRevoke(c *fiber.Ctx) error {
	p, row, err := s.newCertificateRevokePage(c)
	switch {
	case err != nil:
		return err
	case row.RevokedAt != nil: // it is done already
		return goTo{p.Path + "/certificates"}
	}
	return render(c, views.FrameAdmin, "certificates/revoke", "", p)
}

// certificatesRevoke has the certificate's public page say that it is revoked, from now on.
func (s *Site) certificatesRevoke(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, row, err := s.newCertificateRevokePage(c)
	if err != nil {
		return err
	}
	p.Reason.Value = strings.Join(strings.Fields(c.FormValue("reason")), " ")
	err = tellable("reason", p.Reason.Value, reasonMost)
	if err == nil && utf8.RuneCountInString(p.Reason.Value) < reasonLeast {
		err = queries.Invalid{Field: "reason", Message: "Say in a few words why, for whoever asks later."}
	}
	if p.Reason.Error = messageOf(err); p.Reason.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "certificates/revoke", "", p)
	}
	course, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if _, err := q.CertificateRevoke(ctx, queries.CertificateRevokeParams{AccountID: v.account.ID, CourseID: course, ID: row.ID, Now: v.now, Note: p.Reason.Value}); err != nil {
			return err
		}
		e := v.auditEntry("certificate.revoke", queries.AuditSubject{Kind: "certificate", ID: &row.ID, Name: row.Number + " of " + row.Holder})
		e.Note = p.Reason.Value
		return queries.Audit(ctx, q, e)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The certificate is revoked. Its page says so from now on.")
	return redirect(c, p.Path+"/certificates")
}

// certificatesRestore takes that back.
func (s *Site) certificatesRestore(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	row, err := s.certificateOfPath(c)
	if err != nil {
		return err
	}
	course, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if row.RevokedAt != nil {
		err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
			if _, err := q.CertificateRestore(ctx, queries.CertificateRestoreParams{AccountID: v.account.ID, CourseID: course, ID: row.ID}); err != nil {
				return err
			}
			return v.did(ctx, q, "certificate.restore", queries.AuditSubject{Kind: "certificate", ID: &row.ID, Name: row.Number + " of " + row.Holder})
		})
	}
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The certificate is valid again.")
	return redirect(c, v.base()+"/courses/"+course.String()+"/certificates")
}
