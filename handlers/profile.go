package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

// profilePage is the client's own page: name, password, devices.
type profilePage struct {
	views.Page
	Email         string
	Name          views.Field
	AskCurrent    bool // whether a change needs the password so far
	HasPassword   bool
	Current       views.Field // the password so far; asked for only when there is one
	Password      views.Field
	RemoveCurrent views.Field // the same, in the form that removes the password
	Devices       []device
	Others        int // devices besides this one
}

// device is a browser in which somebody is signed in.
type device struct {
	ID      uuid.UUID
	Name    string // "Firefox on Windows"
	Phone   bool
	This    bool
	IP      string
	Method  string // how it signed in, in words; empty for staff
	Began   views.Moment
	Seen    views.Moment
	EndPath string
	Token   string
}

func (s *Site) newProfilePage(c *fiber.Ctx) (*profilePage, error) {
	v := at(c)
	open, err := s.q.SessionListOpen(c.UserContext(), queries.SessionListOpenParams{AccountID: v.account.ID, ContactID: v.client.ContactID,
		Now: v.now, IdleSince: v.now.Add(-queries.SessionIdle)})
	if err != nil {
		return nil, err
	}
	p := &profilePage{Page: s.page(c, "Profile"), Email: v.client.Email, HasPassword: v.client.HasPassword, AskCurrent: v.asksCurrent(),
		Name: views.Field{Name: "name", Label: "Name", Value: v.client.Name, Autocomplete: "name", Required: true, MaxLength: 120},
		Current: views.Field{Name: "current", Label: "Current password", Type: "password", Autocomplete: "current-password", Required: true,
			Hint: "Forgotten? Sign out, have a link mailed to you, and choose a new one here within half an hour."},
		Password: views.Field{Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password", Required: true,
			Hint: "At least 10 characters. You are signed out everywhere else.", MaxLength: password.Max}}
	p.RemoveCurrent = p.Current
	p.RemoveCurrent.ID = "remove-current"
	for _, row := range open {
		p.Devices = append(p.Devices, device{ID: row.ID, Name: agentWords(row.UserAgent), Phone: isPhone(row.UserAgent), This: row.ID == v.client.ID,
			IP: row.IP.String(), Method: methodWords(row.Method), Began: views.Moment{At: row.CreatedAt, Now: v.now},
			Seen: views.Moment{At: row.LastSeenAt, Now: v.now}, EndPath: "/profile/devices/" + row.ID.String() + "/end", Token: p.Token})
	}
	p.Others = len(p.Devices) - 1
	return p, nil
}

func (s *Site) profileShow(c *fiber.Ctx) error {
	p, err := s.newProfilePage(c)
	if err != nil {
		return err
	}
	return render(c, views.FramePortal, "profile/index", "", p)
}

func (s *Site) profileSaveName(c *fiber.Ctx) error {
	v := at(c)
	name, err := requiredName(c.FormValue("name"))
	if err != nil {
		p, fault := s.newProfilePage(c)
		if fault != nil {
			return fault
		}
		p.Name.Value, p.Name.Error = c.FormValue("name"), messageOf(err)
		invalid(c)
		return render(c, views.FramePortal, "profile/index", "profile/_name", p)
	}
	if err := s.q.ContactSetName(c.UserContext(), queries.ContactSetNameParams{AccountID: v.account.ID, ID: v.client.ContactID, Name: name, Now: v.now}); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Your name is saved.")
	return redirect(c, "/profile")
}

// profileSavePassword sets a password, or removes it, and ends every other session: whoever else was in is out.
func (s *Site) profileSavePassword(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newProfilePage(c)
	if err != nil {
		return err
	}
	remove := c.FormValue("remove") != "" && v.client.HasPassword
	problem, err := s.currentProblem(c)
	if err != nil {
		return err
	}
	if remove {
		p.RemoveCurrent.Refuse(problem)
	} else {
		p.Current.Refuse(problem)
		p.Password.Refuse(password.Problem(c.FormValue("password"), v.client.Email, v.account.Name))
	}
	if problem != "" || p.Password.Error != "" {
		invalid(c)
		return render(c, views.FramePortal, "profile/index", "profile/_password", p)
	}
	var hash *string
	if !remove {
		made, err := s.Passwords.Hash(ctx, c.FormValue("password"))
		if err != nil {
			return err
		}
		hash = &made
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := q.ContactSetPassword(ctx, queries.ContactSetPasswordParams{AccountID: v.account.ID, ID: v.client.ContactID, PasswordHash: hash, Now: v.now}); err != nil {
			return err
		}
		_, err := q.SessionEndOthers(ctx, queries.SessionEndOthersParams{AccountID: v.account.ID, ContactID: v.client.ContactID, But: v.client.ID,
			Now: v.now, EndedBecause: queries.EndReasonPasswordChanged})
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case remove:
		s.flash(c, views.FlashSuccess, "Your password is removed. You sign in by a link in your mail.")
	case v.client.HasPassword:
		s.flash(c, views.FlashSuccess, "Your password is changed, and you are signed out everywhere else.")
	default:
		s.flash(c, views.FlashSuccess, "Your password is saved. You can sign in with it from now on.")
	}
	return redirect(c, "/profile")
}

// freshProof is how long a sign-in by mail lets a forgotten password be replaced.
const freshProof = 30 * time.Minute

// asksCurrent says whether a change of the password needs the one so far: always, but for somebody who has just proved by
// mail who they are, since that is how a forgotten one is replaced.
func (v *visit) asksCurrent() bool {
	byMail := v.client.Method != queries.SignInMethodPassword && v.client.CreatedAt.After(v.now.Add(-freshProof))
	return v.client.HasPassword && !byMail
}

// currentProblem checks the password so far, within the limit of sign-in tries; empty when it is right or there is none.
func (s *Site) currentProblem(c *fiber.Ctx) (string, error) {
	v, ctx := at(c), c.UserContext()
	if !v.asksCurrent() {
		return "", nil
	}
	if err := s.spend(c, queries.Spending{Limit: queries.LimitPassword, Subject: v.client.ContactID.String()}); err != nil {
		return "", err
	}
	hash, err := s.q.ContactPasswordHash(ctx, queries.ContactPasswordHashParams{AccountID: v.account.ID, ID: v.client.ContactID})
	if err != nil {
		return "", err
	}
	if right, err := s.Passwords.Matches(ctx, c.FormValue("current"), hash); err != nil || right {
		return "", err
	}
	return "This is not your current password.", nil
}

func (s *Site) profileEndDevice(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	ended, err := s.q.SessionEnd(c.UserContext(), queries.SessionEndParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: id,
		Now: v.now, EndedBecause: queries.EndReasonSignedOut})
	if err != nil {
		return err
	} else if ended == 0 {
		return queries.ErrNotFound
	}
	s.flash(c, views.FlashSuccess, "That device is signed out.")
	return redirect(c, "/profile#devices")
}

func (s *Site) profileEndOthers(c *fiber.Ctx) error {
	v := at(c)
	if _, err := s.q.SessionEndOthers(c.UserContext(), queries.SessionEndOthersParams{AccountID: v.account.ID, ContactID: v.client.ContactID,
		But: v.client.ID, Now: v.now, EndedBecause: queries.EndReasonSignedOut}); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "All your other devices are signed out.")
	return redirect(c, "/profile#devices")
}
