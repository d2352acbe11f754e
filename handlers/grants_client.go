package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// clientAccessPage tells a client why they have a course, and until when.
type clientAccessPage struct {
	views.Page
	CourseTitle string
	Back        string // the course
	Until       time.Time
	Reasons     []clientReason
	Several     bool // the course stays as long as the longest of them
}

// clientReason is one of the reasons; Lead, a day and Tail make a sentence.
type clientReason struct {
	Lead   string // "Maya gave it to you on"
	Since  time.Time
	Tail   string
	Ends   time.Time // the last day; zero: no end
	EndsBy string    // what ends it otherwise, a sentence; empty: nothing does
}

func (s *Site) clientAccessShow(c *fiber.Ctx) error {
	v := at(c)
	course, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	a, err := queries.LoadClientAccess(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, course, v.now)
	if err != nil {
		return err
	}
	p := &clientAccessPage{Page: s.page(c, "Why you have “"+a.Course.Title+"”"), CourseTitle: a.Course.Title, Back: queries.CoursePath(course), Several: len(a.Grants) > 1}
	if !a.Course.Until.IsZero() {
		p.Until = v.lastDay(a.Course.Until)
	}
	for _, g := range a.Grants {
		r := v.clientReason(g.Source, g.GivenByName, g.Origin)
		if r.Since = v.local(g.StartsAt); g.EndsAt != nil {
			r.Ends = v.lastDay(*g.EndsAt)
		}
		p.Reasons = append(p.Reasons, r)
	}
	return render(c, views.FramePortal, "grants/client", "", p)
}

// clientReason is what gave a course, in words for the client. Staff without a name are the business.
func (v *visit) clientReason(source queries.GrantSource, by, origin string) (r clientReason) {
	switch source {
	case queries.GrantSourceOrder:
		r.Lead, r.EndsBy = "you bought it on", "If it is refunded, the course goes with it."
	case queries.GrantSourceSubscription:
		r.Lead, r.EndsBy = "it belongs to your subscription since", "It stays as long as the subscription is paid."
	case queries.GrantSourceFreeOffer:
		if r.Lead = "you took a free offer on"; origin != "" {
			r.Lead = "you took the free offer “" + origin + "” on"
		}
	case queries.GrantSourceForm:
		if r.Lead = "you filled in a form on"; origin != "" {
			r.Lead = "you filled in “" + origin + "” on"
		}
	case queries.GrantSourceManual, queries.GrantSourceImport:
		if source == queries.GrantSourceImport || by == "" {
			by = v.account.Name
		}
		r.Lead, r.Tail = by+" gave it to you on", ""
	}
	return r
}
