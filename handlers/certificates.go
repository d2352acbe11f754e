package handlers

import (
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// certificatesPerPage is how many certificates the list shows at a time.
const certificatesPerPage = 50

// certificatesPage is everybody who was given a certificate of a course.
type certificatesPage struct {
	views.Page
	Course string // its title
	Path   string // of the course
	Tabs   courseTabs
	Rows   []certificateRow
	More   string // address of the next page; empty: there is none
	None   views.Empty
}

// certificateRow is one certificate in the list.
type certificateRow struct {
	ID        uuid.UUID
	Number    string
	Holder    string
	Email     string
	Contact   string // address of the client's page
	PDF       string // empty: it is being made
	Public    string // address of the page where anybody can look it up
	Completed views.Moment
	State     contactState
	Note      string // why it was revoked; empty: it was not
	Elsewhere bool   // its holder's name cannot be printed, and stands on the public page alone
	Revoke    string // empty: it is revoked, or the role does not include it
	Restore   string // empty: it is not revoked, or the role does not include it
	Token     string
}

func (s *Site) certificatesIndex(c *fiber.Ctx) error {
	v := at(c)
	course, err := pathID(c, "id")
	if err != nil {
		return err
	}
	before := queries.LastID
	if id, err := uuid.Parse(c.Query("before")); err == nil {
		before = id
	}
	loaded, err := queries.LoadCertificatesPage(c.UserContext(), s.DB, v.account.ID, course, before, certificatesPerPage)
	if err != nil {
		return err
	}
	p := &certificatesPage{Page: s.page(c, "Certificates of "+loaded.Course.Title), Course: loaded.Course.Title, Path: v.coursePath(course), Tabs: v.courseTabs(course, "/certificates"),
		None: views.Empty{Icon: "badge-check", Title: "No certificates yet", Text: "Whoever finishes this course is given one by itself. You find it here, and the client in the course."}}
	if !loaded.Course.Certificate {
		p.None.Text = "This course gives none. Switch certificates on in its settings, and whoever finishes it from then on is given one."
	}
	if len(loaded.Rows) > certificatesPerPage {
		loaded.Rows = loaded.Rows[:certificatesPerPage]
		p.More = p.Path + "/certificates?" + url.Values{"before": {loaded.Rows[certificatesPerPage-1].ID.String()}}.Encode()
	}
	for _, row := range loaded.Rows {
		p.Rows = append(p.Rows, s.certificateRow(v, p.Path+"/certificates/"+row.ID.String(), p.Token, row))
	}
	fragment := ""
	if before != queries.LastID {
		fragment = "certificates/_more"
	}
	return render(c, views.FrameAdmin, "certificates/index", fragment, p)
}

func (s *Site) certificateRow(v *visit, path, token string, row queries.CertificateListOfCourseRow) certificateRow {
	r := certificateRow{ID: row.ID, Number: row.Number, Holder: row.Holder, Email: row.Email, Contact: v.base() + "/contacts/" + row.ContactID.String(),
		Public: s.portalURL(v.account) + jobs.CertificatePath(row.Number), Completed: v.moment(&row.CompletedOn), State: contactState{"Valid", "success", "badge-check"},
		Note: row.RevokedNote, Elsewhere: !jobs.CertificatePrints(row.Holder), Token: token}
	if row.Printed {
		r.PDF = path
	}
	mayChange := v.role.Includes(queries.StaffRoleAdmin)
	switch {
	case row.RevokedAt != nil:
		if r.State = (contactState{"Revoked", "error", "ban"}); mayChange {
			r.Restore = path + "/restore"
		}
	case mayChange:
		r.Revoke = path + "/revoke"
	}
	if !row.Printed && row.RevokedAt == nil {
		r.State = contactState{"Being made", "info", "clock"}
	}
	return r
}

// certificatesShow sends the document to staff.
func (s *Site) certificatesShow(c *fiber.Ctx) error {
	row, err := s.certificateOfPath(c)
	if err != nil {
		return err
	}
	return sendCertificate(c, row.Number, row.Pdf)
}

// certificateOfPath is the certificate in the path of the admin side.
func (s *Site) certificateOfPath(c *fiber.Ctx) (row queries.CertificateByIDRow, err error) {
	course, err := pathID(c, "id")
	if err != nil {
		return row, err
	}
	id, err := pathID(c, "certificate")
	if err != nil {
		return row, err
	}
	row, err = s.q.CertificateByID(c.UserContext(), queries.CertificateByIDParams{AccountID: at(c).account.ID, CourseID: course, ID: id})
	return row, queries.Kind(err)
}

// certificatesDownload sends clients the certificate of a course they may use.
func (s *Site) certificatesDownload(c *fiber.Ctx) error {
	v := at(c)
	course, err := pathID(c, "id")
	if err != nil {
		return err
	}
	row, err := s.q.CertificateOfClient(c.UserContext(), queries.CertificateOfClientParams{AccountID: v.account.ID, ContactID: v.client.ContactID, CourseID: course, Now: v.now})
	if err != nil {
		return queries.Kind(err)
	}
	return sendCertificate(c, row.Number, row.Pdf)
}

// sendCertificate sends a document we drew. One that is not made yet is not there.
func sendCertificate(c *fiber.Ctx, number string, document []byte) error {
	if len(document) == 0 {
		return queries.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, disposition("Certificate "+number+".pdf", false))
	c.Set(fiber.HeaderContentSecurityPolicy, filePolicy)
	return c.Send(document)
}
