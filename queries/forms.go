package queries

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

const (
	// FormConfirmLife is how long the link works that confirms a submission's address.
	FormConfirmLife = 7 * 24 * time.Hour
	// FormForget is how long after that a submission is kept which nobody confirmed.
	FormForget = 30 * 24 * time.Hour
)

// FormKind is what a question of a form asks for. Stored in form.fields.
type FormKind string

// The kinds. The first four fill the contact's own columns; the others are the account's own questions.
const (
	FormEmail   FormKind = "email"
	FormName    FormKind = "name"
	FormPhone   FormKind = "phone"
	FormCompany FormKind = "company"
	FormLine    FormKind = "line"    // one line
	FormText    FormKind = "text"    // several lines
	FormChoice  FormKind = "choice"  // one of Options
	FormConsent FormKind = "consent" // a box to tick
)

// Own tells the account's own questions, of which a form can have several of a kind.
func (k FormKind) Own() bool {
	return k == FormLine || k == FormText || k == FormChoice || k == FormConsent
}

// FormField is one question of a form.
type FormField struct {
	Key      string   `json:"key"` // names the control; stays when the form is changed, so that a page that is open meanwhile still fits
	Kind     FormKind `json:"kind"`
	Label    string   `json:"label"`
	Required bool     `json:"required"`
	Options  []string `json:"options,omitempty"` // of a choice
	Link     string   `json:"link,omitempty"`    // of a consent: http(s) address of what is agreed to; empty: none
}

// FormAnswer is what was answered to one question, as it was asked then.
type FormAnswer struct {
	Key   string   `json:"key"`
	Kind  FormKind `json:"kind"`
	Label string   `json:"label"`
	Value string   `json:"value"`
}

// Submission is what somebody sent by a form, checked.
type Submission struct {
	AccountID uuid.UUID
	Form      FormByNameRow
	Email     string // as ParseEmail returns it
	Name      string
	Answers   []FormAnswer // the rest
	Now       time.Time
	IP        netip.Addr
	UserAgent string
}

// Submit writes a submission and returns its id, for whose job the caller inserts in the same transaction. It looks at nothing
// else: that somebody's address is known shows neither in what is done here nor in how long it takes.
func (m MailMaker) Submit(ctx context.Context, q *Queries, s Submission) (uuid.UUID, error) {
	row := FormSubmissionInsertParams{AccountID: s.AccountID, ID: NewID(), FormID: s.Form.ID, Email: s.Email, Name: s.Name, Answers: s.Answers,
		IP: s.IP, UserAgent: clip(s.UserAgent, 300), Now: s.Now, ExpiresAt: s.Now.Add(FormConfirmLife)}
	row.TokenHash = TokenHash(m.Secret.FormToken(row.ID))
	if row.Answers == nil {
		row.Answers = []FormAnswer{}
	}
	if !s.Form.Confirm {
		row.ConfirmedAt = &s.Now
	}
	return row.ID, q.FormSubmissionInsert(ctx, row)
}

// SubmissionTaken is what became of a submission.
type SubmissionTaken struct {
	Mail    *uuid.UUID // the mail that confirms or invites, whose job is to be inserted; nil: none is sent
	Counts  bool       // it made or changed a contact, so the account's figures may have moved
	Contact uuid.UUID  // that contact; nil: none
}

// TakeSubmission does what a submission is for: while its address is not confirmed it writes the mail that asks for that, and
// from then on it makes the contact. Done before, or with the submission gone, it does nothing.
func (m MailMaker) TakeSubmission(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) (SubmissionTaken, error) {
	s, err := q.FormSubmissionLock(ctx, FormSubmissionLockParams{AccountID: account, ID: id})
	switch {
	case err != nil:
		return SubmissionTaken{}, ignoreMissing(err)
	case s.ContactID != nil:
		return SubmissionTaken{}, nil
	case s.ConfirmedAt == nil:
		mail, err := m.mailConfirmation(ctx, q, account, s, now)
		return SubmissionTaken{Mail: mail}, err
	}
	contact, mail, err := m.countSubmission(ctx, q, account, s, now)
	return SubmissionTaken{Mail: mail, Counts: true, Contact: contact}, err
}

// mailConfirmation writes the mail that asks for an address to be confirmed, to known and unknown ones alike; nil when it was
// written before, its address is known to refuse mail, or has had enough of them.
func (m MailMaker) mailConfirmation(ctx context.Context, q *Queries, account uuid.UUID, s FormSubmissionLockRow, now time.Time) (*uuid.UUID, error) {
	if s.Mailed || !s.ExpiresAt.After(now) {
		return nil, nil
	}
	contact, err := q.ContactByEmail(ctx, ContactByEmailParams{AccountID: account, Email: s.Email})
	if err = ignoreMissing(err); err != nil || contact.BouncedAt != nil {
		return nil, err
	}
	if wait, err := Spend(ctx, q, account, now, Spending{LimitFormMail, s.Email}); err != nil || wait > 0 {
		return nil, err
	}
	mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindFormConfirm, FormSubmissionID: &s.ID, ToEmail: s.Email, Now: now})
	return &mail, err
}

// countSubmission makes the contact or fills in what is not known of it, tags it, gives it the form's course, once however often it is
// sent, and invites it where the form says so.
func (m MailMaker) countSubmission(ctx context.Context, q *Queries, account uuid.UUID, s FormSubmissionLockRow, now time.Time) (id uuid.UUID, mail *uuid.UUID, err error) {
	id, _, err = AddContact(ctx, q, account, s.Email, s.Name, ContactSourceForm, now)
	if err != nil {
		return id, nil, err
	}
	fill := FormContactFillParams{AccountID: account, ID: id, Name: s.Name, Now: now}
	for _, a := range s.Answers {
		switch a.Kind {
		case FormPhone:
			fill.Phone = a.Value
		case FormCompany:
			fill.Company = a.Value
		}
	}
	contact, err := q.FormContactFill(ctx, fill)
	if err != nil {
		return id, nil, err
	}
	for _, tag := range s.Tags {
		if _, err := TagContacts(ctx, q, account, []uuid.UUID{id}, tag, now); err != nil {
			return id, nil, err
		}
	}
	if err := q.FormSubmissionSetContact(ctx, FormSubmissionSetContactParams{AccountID: account, ID: s.ID, ContactID: &id}); err != nil {
		return id, nil, err
	}
	if s.CourseID != nil {
		if _, err := Give(ctx, q, Grant{AccountID: account, ContactID: id, CourseID: *s.CourseID, Source: GrantSourceForm, SourceID: SourceFor(s.FormID, id),
			OriginID: &s.FormID, Starts: now, Now: now}); err != nil {
			return id, nil, err
		}
	}
	if !s.Invite || contact.JoinedAt != nil || contact.BouncedAt != nil || contact.NoMailAt != nil {
		return id, nil, nil
	}
	if wait, err := Spend(ctx, q, account, now, Spending{LimitFormMail, s.Email}); err != nil || wait > 0 {
		return id, nil, err
	}
	invited, err := m.Invite(ctx, q, InvitationOf{AccountID: account, ContactID: id, Now: now})
	return id, &invited, err
}

// FormSubmissions answers one page of what was sent by a form, newest first, with the form itself, in one round trip; more says
// that there are older ones. ErrNotFound without such a form.
func FormSubmissions(ctx context.Context, db DB, account, form, before uuid.UUID, size int32) (f FormByIDRow, rows []FormSubmissionListRow, more bool, err error) {
	var b batch
	one(&b, &f, func(q *Queries) (FormByIDRow, error) {
		return q.FormByID(ctx, FormByIDParams{AccountID: account, ID: form})
	})
	many(&b, &rows, func(q *Queries) ([]FormSubmissionListRow, error) {
		return q.FormSubmissionList(ctx, FormSubmissionListParams{AccountID: account, FormID: form, Before: before, PageSize: size + 1})
	})
	err = b.send(ctx, db)
	if len(rows) > int(size) {
		return f, rows[:size], true, err
	}
	return f, rows, false, err
}

// LoadFormToEdit reads a form and the courses it could give, in one round trip. ErrNotFound without such a form.
func LoadFormToEdit(ctx context.Context, db DB, account, form uuid.UUID, now time.Time) (f FormByIDRow, courses []GrantCoursesRow, err error) {
	var b batch
	one(&b, &f, func(q *Queries) (FormByIDRow, error) {
		return q.FormByID(ctx, FormByIDParams{AccountID: account, ID: form})
	})
	many(&b, &courses, func(q *Queries) ([]GrantCoursesRow, error) {
		return q.GrantCourses(ctx, GrantCoursesParams{AccountID: account, Now: now})
	})
	return f, courses, b.send(ctx, db)
}
