package handlers

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// certificatePage is what anybody may know of a certificate who has its number.
type certificatePage struct {
	views.Page
	Number  string // as it was asked for
	Known   bool
	Revoked bool
	Holder  string // of a valid one: to whom, for what and when it was given
	Course  string
	Day     time.Time
}

// certificatesVerify says whether a certificate is valid, revoked or unknown. Each answer takes the same way to the same page.
func (s *Site) certificatesVerify(c *fiber.Ctx) error {
	v := at(c)
	if err := s.spend(c, queries.Spending{Limit: queries.LimitCertificateIP, Subject: v.network()}); err != nil {
		return err
	}
	typed, err := url.PathUnescape(c.Params("number"))
	if err != nil {
		typed = c.Params("number")
	}
	number := queries.ParseCertificateNumber(typed)
	row, err := s.q.CertificateByNumber(c.UserContext(), queries.CertificateByNumberParams{AccountID: v.account.ID, Number: number})
	if err = queries.Kind(err); err != nil && !errors.Is(err, queries.ErrNotFound) {
		return err
	}
	p := &certificatePage{Page: s.secretPage(c, "Certificate"), Number: number, Known: err == nil, Revoked: row.Revoked}
	if p.Known && !p.Revoked { // of a revoked one, whose it was and what for is nobody's business any more
		p.Holder, p.Course, p.Day = row.Holder, row.CourseTitle, row.CompletedOn
	}
	if !p.Known {
		p.Number = shortText(strings.ToValidUTF8(typed, ""))
		c.Status(fiber.StatusNotFound)
	}
	return render(c, views.FrameCard, "certificates/show", "", p)
}
