package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

// profilePage is the client's own page. Each of its sections is saved alone.
type profilePage struct {
	views.Page
	Email        string
	Name         views.Field
	PhotoError   string // what is wrong with the file that was sent; empty: nothing
	NewEmail     views.Field
	EmailCurrent views.Field  // the password, in the form that changes the address
	Waiting      waitingEmail // the zero value: no change of address waits
	Region       regionForm
	Mails        mailsForm

	AskCurrent    bool // whether a change needs the password so far
	HasPassword   bool
	Current       views.Field // the password so far; asked for only when there is one
	Password      views.Field
	RemoveCurrent views.Field // the same, in the form that removes the password

	Devices []device
	Others  int // devices besides this one

	DeletionAsked views.Moment // zero: not asked for
	Delete        views.Confirm
}

func (s *Site) newProfilePage(c *fiber.Ctx) (*profilePage, error) {
	v := at(c)
	loaded, err := queries.LoadProfile(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, v.now)
	if err != nil {
		return nil, err
	}
	p := &profilePage{Page: s.page(c, "Profile"), Email: v.client.Email, HasPassword: v.client.HasPassword, AskCurrent: v.asksCurrent(),
		Name: views.Field{Name: "name", Label: "Name", Value: v.client.Name, Autocomplete: "name", Required: true, MaxLength: 120},
		NewEmail: views.Field{Name: "email", Label: "New e-mail address", Type: "email", Autocomplete: "email", InputMode: "email", Required: true,
			MaxLength: queries.EmailMax},
		Region: newRegionForm(v),
		Mails:  newMailsForm(loaded.Contact),
		Current: views.Field{Name: "current", Label: "Current password", Type: "password", Autocomplete: "current-password", Required: true,
			Hint: "Forgotten? Sign out, have a link mailed to you, and choose a new one here within half an hour."},
		Password: views.Field{Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password", Required: true,
			Hint: "At least 10 characters. You are signed out everywhere else.", MaxLength: password.Max},
		DeletionAsked: v.moment(loaded.Contact.DeletionAskedAt)}
	p.RemoveCurrent, p.EmailCurrent = p.Current, p.Current
	p.RemoveCurrent.ID, p.EmailCurrent.ID, p.EmailCurrent.Hint = "remove-current", "email-current", ""
	p.Delete = views.Confirm{ID: "ask-deletion", Title: "Ask for your data to be deleted?", Verb: "Ask for deletion", Action: "/profile/deletion", Token: p.Token,
		Text: "The people of " + v.account.Name + " see your request and write to " + v.client.Email + ". Until they act nothing is deleted, and you can take it back here."}
	if loaded.Waiting.NewEmail != "" {
		p.Waiting = waitingEmail{loaded.Waiting.NewEmail, loaded.Waiting.ExpiresAt.In(v.now.Location())}
	}
	p.showDevices(v, loaded.Devices)
	return p, nil
}

func (s *Site) profileShow(c *fiber.Ctx) error {
	p, err := s.newProfilePage(c)
	if err != nil {
		return err
	}
	return render(c, views.FramePortal, "profile/index", "", p)
}

// toProfile goes back to the section that was saved. A browser whose page htmx has is sent to the page as a whole: only to another
// place in it, it would stay as it is.
func toProfile(c *fiber.Ctx, section string) error {
	if isFragment(c) {
		return redirect(c, "/profile")
	}
	return redirect(c, "/profile#"+section)
}

// ownName is a client's name as the trail keeps it.
type ownName struct {
	Name string `json:"name"`
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
	err = s.changeOwn(c, visitChange{"Name", ownName{v.client.Name}, ownName{name}}, func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		if err := q.ContactSetName(ctx, queries.ContactSetNameParams{AccountID: v.account.ID, ID: v.client.ContactID, Name: name, Now: v.now}); err != nil {
			return err
		}
		return s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, v.client.ContactID)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Your name is saved.")
	return redirect(c, "/profile")
}
