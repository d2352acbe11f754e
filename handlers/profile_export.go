package handlers

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
)

// ownData is the file of everything a portal knows of a client. Its names are read by people and programs elsewhere, so they stay.
type ownData struct {
	Portal      string           `json:"portal"`
	Made        time.Time        `json:"made_at"`
	Person      ownPerson        `json:"person"`
	Invitations []ownInvitation  `json:"invitations"`
	SignIns     []ownSignIn      `json:"sign_ins"`
	Mails       []ownMail        `json:"mails"`
	Submissions []ownSubmission  `json:"forms"`
	Changes     []ownEmailChange `json:"address_changes"`
	Learning    []ownStep        `json:"courses"`
	Notes       []ownNote        `json:"course_notes"`
}

// ownStep is something the client did in a course.
type ownStep struct {
	Course string    `json:"course"`
	Lesson string    `json:"lesson,omitempty"`
	What   string    `json:"what"`
	At     time.Time `json:"at"`
}

type ownNote struct {
	Course  string    `json:"course"`
	Lesson  string    `json:"lesson"`
	Text    string    `json:"text"`
	Written time.Time `json:"written_at"`
	Changed time.Time `json:"changed_at"`
}

type ownPerson struct {
	ID            string     `json:"id"`
	Email         string     `json:"email"`
	Name          string     `json:"name"`
	Phone         string     `json:"phone"`
	Company       string     `json:"company"`
	Tags          []string   `json:"tags"`
	Source        string     `json:"source"`
	HasPassword   bool       `json:"has_password"`
	TimeZone      string     `json:"time_zone"`
	Locale        string     `json:"locale"`
	Picture       string     `json:"picture,omitempty"` // its address, for whoever is signed in
	Added         time.Time  `json:"added_at"`
	Changed       time.Time  `json:"changed_at"`
	Invited       *time.Time `json:"invited_at"`
	LastInvited   *time.Time `json:"last_invited_at"`
	Joined        *time.Time `json:"joined_at"`
	Arrived       *time.Time `json:"arrived_at"`
	LastSeen      *time.Time `json:"last_seen_at"`
	NoMail        *time.Time `json:"no_automatic_mails_since"`
	NoCourseMail  *time.Time `json:"no_course_news_since"`
	NoInvoiceMail *time.Time `json:"no_invoice_reminders_since"`
	DeletionAsked *time.Time `json:"deletion_asked_at"`
}

type ownInvitation struct {
	Made    time.Time          `json:"made_at"`
	Expires time.Time          `json:"expires_at"`
	Sent    *time.Time         `json:"sent_at"`
	Joined  *time.Time         `json:"joined_at"`
	Ended   *time.Time         `json:"ended_at"`
	Because *queries.EndReason `json:"ended_because"`
}

type ownSignIn struct {
	Method   queries.SignInMethod `json:"method"`
	Agent    string               `json:"user_agent"`
	IP       string               `json:"ip"`
	Began    time.Time            `json:"began_at"`
	LastSeen time.Time            `json:"last_seen_at"`
	Ended    *time.Time           `json:"ended_at"`
	Because  *queries.EndReason   `json:"ended_because"`
}

type ownMail struct {
	Kind queries.MailKind `json:"kind"`
	To   string           `json:"to"`
	Made time.Time        `json:"made_at"`
}

type ownSubmission struct {
	Form      string               `json:"form"`
	Email     string               `json:"email"`
	Name      string               `json:"name"`
	Answers   []queries.FormAnswer `json:"answers"`
	IP        string               `json:"ip"`
	Agent     string               `json:"user_agent"`
	Sent      time.Time            `json:"sent_at"`
	Confirmed *time.Time           `json:"confirmed_at"`
}

type ownEmailChange struct {
	From      string             `json:"from"`
	To        string             `json:"to"`
	Asked     time.Time          `json:"asked_at"`
	Confirmed *time.Time         `json:"confirmed_at"`
	Ended     *time.Time         `json:"ended_at"`
	Because   *queries.EndReason `json:"ended_because"`
}

// profileExport sends the client what the portal knows of them, as a file.
func (s *Site) profileExport(c *fiber.Ctx) error {
	v := at(c)
	if v.visiting() { // it holds the client's notes, which nobody else reads
		return errClientsOwn
	}
	loaded, err := queries.LoadOwnData(c.UserContext(), s.DB, v.account.ID, v.client.ContactID)
	if err != nil {
		return err
	}
	data := newOwnData(loaded)
	data.Portal, data.Made = s.portalURL(v.account), v.now
	if path := avatarPath(data.Portal, loaded.Contact.AvatarHash); path != "" {
		data.Person.Picture = path
	}
	file, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="my-data-`+v.now.Format(time.DateOnly)+`.json"`)
	return c.Send(file)
}

// newOwnData puts the rows into the file's form. Lists are never null there.
func newOwnData(from queries.OwnData) ownData {
	p := from.Contact
	data := ownData{Invitations: []ownInvitation{}, SignIns: []ownSignIn{}, Mails: []ownMail{}, Submissions: []ownSubmission{}, Changes: []ownEmailChange{}, Learning: []ownStep{}, Notes: []ownNote{},
		Person: ownPerson{ID: p.ID.String(), Email: p.Email, Name: p.Name, Phone: p.Phone, Company: p.Company, Tags: append([]string{}, p.Tags...),
			Source: string(p.Source), HasPassword: p.HasPassword, TimeZone: p.TimeZone, Locale: p.Locale, Added: p.CreatedAt, Changed: p.ChangedAt,
			Invited: p.InvitedAt, LastInvited: p.LastInvitedAt, Joined: p.JoinedAt, Arrived: p.AcceptedAt, LastSeen: p.LastSeenAt, NoMail: p.NoMailAt,
			NoCourseMail: p.NoCourseMailAt, NoInvoiceMail: p.NoInvoiceMailAt, DeletionAsked: p.DeletionAskedAt}}
	for _, row := range from.Invitations {
		data.Invitations = append(data.Invitations, ownInvitation{row.CreatedAt, row.ExpiresAt, row.SentAt, row.JoinedAt, row.EndedAt, row.EndedBecause})
	}
	for _, row := range from.Sessions {
		data.SignIns = append(data.SignIns, ownSignIn{row.Method, row.UserAgent, row.IP.String(), row.CreatedAt, row.LastSeenAt, row.EndedAt, row.EndedBecause})
	}
	for _, row := range from.Mails {
		data.Mails = append(data.Mails, ownMail{row.Kind, row.ToEmail, row.CreatedAt})
	}
	for _, row := range from.Submissions {
		data.Submissions = append(data.Submissions, ownSubmission{row.Title, row.Email, row.Name, row.Answers, row.IP.String(), row.UserAgent, row.CreatedAt, row.ConfirmedAt})
	}
	for _, row := range from.Changes {
		data.Changes = append(data.Changes, ownEmailChange{row.OldEmail, row.NewEmail, row.CreatedAt, row.ConfirmedAt, row.EndedAt, row.EndedBecause})
	}
	for _, row := range from.Learning {
		data.Learning = append(data.Learning, ownStep{row.CourseTitle, row.LessonTitle, row.What, row.At})
	}
	for _, row := range from.Notes {
		data.Notes = append(data.Notes, ownNote{row.CourseTitle, row.LessonTitle, row.Text, row.CreatedAt, row.ChangedAt})
	}
	return data
}
