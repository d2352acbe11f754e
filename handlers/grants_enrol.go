package handlers

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// enrolForm is from when and until when somebody is given a course, and whether they are told.
type enrolForm struct {
	Starts views.Field
	Ends   views.Field
	Mail   views.Check
	Silent string // why nobody can be told now; empty: they can
}

func newEnrolForm(c *fiber.Ctx) enrolForm {
	return enrolForm{
		Starts: views.Field{Name: "starts", Label: "From", Type: "date", Value: c.FormValue("starts"), Autocomplete: "off", Hint: "Left empty, it begins now. Days that unlock lessons count from here."},
		Ends:   views.Field{Name: "ends", Label: "Last day", Type: "date", Value: c.FormValue("ends"), Autocomplete: "off", Hint: "Left empty, it has no end."},
		Mail: views.Check{Name: "mail", Label: "Tell them by mail that it is ready", Checked: c.FormValue("mail") != "",
			Hint: "With a link to the course; it goes out when the access begins. Whoever has never been here is signed in by it."},
	}
}

// about fits the form to a course: of one that nobody sees, nobody is told.
func (f *enrolForm) about(k queries.GrantCourseRow) {
	switch {
	case !k.Published && !k.AppOn:
		f.Silent = "This course is a draft, and courses are switched off: they see it once it is published and courses are on again, and no mail is sent now."
	case !k.Published:
		f.Silent = "This course is a draft: they see it once it is published, and no mail is sent now."
	case !k.AppOn:
		f.Silent = "Courses are switched off: they see it once they are on again, and no mail is sent now."
	}
}

// enrolYears is how far from now a day can lie.
const enrolYears = 10

// span reads the days, which are those of the account; false when one cannot be taken, and then it stands beside its field.
func (f *enrolForm) span(v *visit) (starts time.Time, ends *time.Time, right bool) {
	starts = v.now
	if f.Starts.Value != "" {
		day, err := v.typedDay(f.Starts.Value)
		if err != nil {
			f.Starts.Refuse(messageOf(err))
			return starts, nil, false
		}
		if !sameDay(day, v.now) {
			starts = day
		}
	}
	if f.Ends.Value == "" {
		return starts, nil, true
	}
	day, err := v.typedDay(f.Ends.Value)
	next := day.AddDate(0, 0, 1)
	switch {
	case err != nil:
		f.Ends.Refuse(messageOf(err))
	case !next.After(v.now):
		f.Ends.Refuse("This day is over already.")
	case !next.After(starts):
		f.Ends.Refuse("The access would end before it begins.")
	default:
		return starts, &next, true
	}
	return starts, nil, false
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// typedDay is when a day begins where the account is; Invalid for what is none, or too far away to be meant.
func (v *visit) typedDay(typed string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, typed, v.account.Location)
	if err != nil {
		return day, queries.Invalid{Field: "day", Message: "Enter a day, such as 2026-08-31."}
	}
	if day.Before(v.now.AddDate(-enrolYears, 0, 0)) || day.After(v.now.AddDate(enrolYears, 0, 0)) {
		return day, queries.Invalid{Field: "day", Message: "This day is more than ten years away. Is there a typing error in it?"}
	}
	return day, nil
}

// enrolResult is what became of one person.
type enrolResult = inviteResult

// enrolment is what is to be done with one person.
type enrolment struct {
	course queries.GrantCourseRow
	starts time.Time
	ends   *time.Time
	mail   bool
}

// enrol gives a course to a contact there is, in the caller's transaction, with its line in the trail and the mail that tells them.
func (s *Site) enrol(c *fiber.Ctx, q *queries.Queries, tx pgx.Tx, contact uuid.UUID, e enrolment) (r enrolResult, err error) {
	v, ctx := at(c), c.UserContext()
	row, err := q.ContactByID(ctx, queries.ContactByIDParams{AccountID: v.account.ID, ID: contact})
	if err != nil {
		return r, err
	}
	r = enrolResult{Text: orElse(row.Name, row.Email), Href: v.base() + "/contacts/" + contact.String()}
	if row.Name != "" {
		r.Email = row.Email
	}
	grant, err := queries.Enrol(ctx, q, queries.Enrolment{AccountID: v.account.ID, ContactID: contact, CourseID: e.course.ID, By: &v.staff.StaffID,
		Starts: e.starts, Ends: e.ends, Now: v.now})
	if err != nil {
		return r, err
	}
	if grant == uuid.Nil {
		r.State, r.Note = contactState{"Had it already", "", "circle-minus"}, "What they were given before lasts as long, so nothing was changed."
		return r, nil
	}
	line := v.auditEntry("contact.enrol", queries.AuditSubject{Kind: "contact", ID: &contact, Name: row.Email})
	line.Note = "“" + e.course.Title + "”"
	if err := queries.Audit(ctx, q, line); err != nil {
		return r, err
	}
	r.State = contactState{"Enrolled", "success", "circle-check"}
	var later time.Time
	if e.starts.After(v.now) {
		r.State, later = contactState{"Enrolled for later", "success", "clock"}, e.starts
	}
	if !e.mail {
		return r, nil
	}
	if row.BouncedAt != nil {
		r.Note = "No mail is sent: mail to this address was refused for good."
		return r, nil
	}
	if err := mayMail(c, q, contact); err != nil {
		if messageOf(err) == "" {
			return r, err
		}
		r.Note = "No mail is sent: several went to this address within the hour."
		return r, nil
	}
	r.Note = "A mail tells them."
	return r, s.Queue.CourseReady(ctx, tx, v.account.ID, grant, later, false)
}

// enrolLine gives a course to whoever stands in a line, who becomes a contact when there is none.
func (s *Site) enrolLine(c *fiber.Ctx, l line, e enrolment) (r enrolResult, err error) {
	v, ctx := at(c), c.UserContext()
	if l.Problem != "" {
		return enrolResult{Text: l.Typed, State: contactState{"Not enrolled", "error", "circle-alert"}, Note: l.Problem}, nil
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		contact, known, err := queries.AddContact(ctx, q, v.account.ID, l.Email, l.Name, queries.ContactSourceManual, v.now)
		if err != nil {
			return err
		}
		if !known {
			if err := v.did(ctx, q, "contact.create", queries.AuditSubject{Kind: "contact", ID: &contact, Name: l.Email}); err != nil {
				return err
			}
			if err := s.Queue.Metrics(ctx, tx, v.account.ID); err != nil {
				return err
			}
		}
		if r, err = s.enrol(c, q, tx, contact, e); err == nil && !known {
			r.Note = strings.TrimSpace("New among your contacts. " + r.Note)
		}
		return err
	})
	return r, err
}
