package handlers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// invitationsMost is how many people one form can invite.
const invitationsMost = 200

// invitePage invites one or many people to the client portal.
type invitePage struct {
	views.Page
	People views.Field // one person a line
	Search views.Field // finds contacts there are
	Found  []contactRow
	None   bool // the search found nobody
	Done   []inviteResult
	Sent   int // invitations among Done that are on their way
	Unsent int // the others
}

// inviteResult is what became of one line.
type inviteResult struct {
	Text  string // the person as it was understood, or the line as it was typed
	Email string // their address; empty where Text is that, or nobody was understood
	State contactState
	Note  string // a sentence; may be empty
	Href  string // the contact; empty when there is none
	Magic string // where a magic link can be made instead; empty: no need
}

// rank puts what there is something to do about before the hundreds of which there is not.
func (r inviteResult) rank() int {
	return slices.Index([]string{"error", "info", "success"}, r.State.Badge)
}

// line is one person as typed.
type line struct {
	Name, Email string
	Typed       string
	Problem     string // why it cannot be taken; empty: it can
}

func (s *Site) newInvitePage(c *fiber.Ctx) *invitePage {
	return &invitePage{Page: s.page(c, "Invite to Client Portal"),
		People: views.Field{Name: "people", Label: "Who should come in", Type: "textarea", Value: c.FormValue("people"), Required: true, Autofocus: true, Rows: 6,
			Hint:        fmt.Sprintf("One person a line, with or without a name: Ana Souza <ana@example.com>. Up to %d at once.", invitationsMost),
			Placeholder: "Ana Souza <ana@example.com>"},
		Search: views.Field{Name: "q", Label: "Or choose somebody you know", Type: "search", Value: c.Query("q"), Placeholder: "Search name or address"}}
}

func (s *Site) invitationsNew(c *fiber.Ctx) error {
	p := s.newInvitePage(c)
	found, err := s.findContacts(c, p.Search.Value)
	if err != nil {
		return err
	}
	p.Found, p.None = found, p.Search.Value != "" && len(found) == 0
	return render(c, views.FrameAdmin, "invitations/new", "invitations/_found", p)
}

// findContacts answers the first few contacts of a search; none for an empty one.
func (s *Site) findContacts(c *fiber.Ctx, text string) (found []contactRow, err error) {
	text = searchText(text)
	if text == "" {
		return nil, nil
	}
	rows, err := queries.FindContacts(c.UserContext(), s.DB, at(c).account.ID, text, 8, at(c).now)
	for _, row := range rows {
		found = append(found, s.newContactRow(c, row))
	}
	return found, err
}

// invitationsCreate invites everybody who was typed, each in a transaction of their own with a result of their own. When no
// line can be taken nothing is sent and the text stays to be corrected.
func (s *Site) invitationsCreate(c *fiber.Ctx) error {
	v := at(c)
	p := s.newInvitePage(c)
	lines := parseLines(p.People.Value)
	switch good := goodLines(lines); {
	case len(lines) == 0:
		p.People.Error = "Enter at least one e-mail address."
	case len(lines) > invitationsMost:
		p.People.Error = fmt.Sprintf("These are %d lines. Up to %d can be invited at once; nothing was sent.", len(lines), invitationsMost)
	case good == 0 && len(lines) == 1:
		p.People.Error = lines[0].Problem + " Nothing was sent."
	case good == 0:
		p.People.Error = "None of these lines is an e-mail address. Nothing was sent."
	}
	if p.People.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "invitations/new", "invitations/_form", p)
	}
	if len(lines) > 1 { // each is a transaction; hundreds of them to a distant database take longer than other requests may
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), 25*time.Second)
		defer cancel()
		c.SetUserContext(ctx)
	}
	var wrong []string
	for _, l := range lines {
		result, err := s.inviteLine(c, l)
		if err != nil { // what was sent is sent: say so, and keep this line for another try
			s.Log.Error("an invitation failed", "id", v.id, "account", v.account.ID, "error", err)
			result = inviteResult{Text: l.Typed, State: contactState{"Not sent", "error", "circle-alert"}, Note: "Something went wrong on our side. Please try this line again."}
		}
		if l.Problem != "" || err != nil {
			wrong = append(wrong, l.Typed)
		}
		if result.State.Badge == "success" {
			p.Sent++
		}
		p.Done = append(p.Done, result)
	}
	p.Unsent = len(p.Done) - p.Sent
	slices.SortStableFunc(p.Done, func(a, b inviteResult) int { return a.rank() - b.rank() })
	p.People.Value = strings.Join(wrong, "\n") // what could not be taken stays to be corrected
	if len(lines) == 1 && p.Done[0].State.Badge == "success" {
		s.flash(c, views.FlashSuccess, "The invitation to "+p.Done[0].Text+" is on its way.")
		return redirect(c, v.base())
	}
	return render(c, views.FrameAdmin, "invitations/new", "invitations/_form", p)
}

func (s *Site) inviteLine(c *fiber.Ctx, l line) (inviteResult, error) {
	v := at(c)
	if l.Problem != "" {
		return inviteResult{Text: l.Typed, State: contactState{"Not sent", "error", "circle-alert"}, Note: l.Problem}, nil
	}
	added, err := s.addAndInvite(c, l, true, true)
	r := inviteResult{Text: orElse(l.Name, l.Email), Href: v.base() + "/contacts/" + added.ID.String()}
	if l.Name != "" {
		r.Email = l.Email
	}
	switch {
	case errors.Is(err, queries.ErrJoined):
		r.State, r.Note = contactState{"Joined already", "info", "user-check"}, "They sign in by themselves, or an admin makes them a magic link."
		if v.role.Includes(queries.StaffRoleAdmin) {
			r.Note, r.Magic = "A magic link brings them in.", v.base()+"/magic-links/new?contact="+added.ID.String()
		}
	case errors.Is(err, queries.ErrNoMail):
		r.State, r.Note = contactState{"Not sent", "info", "ban"}, queries.NoMailWords+" Their page can send it all the same."
	case messageOf(err) != "":
		r.State, r.Note = contactState{"Not sent", "error", "mail-x"}, messageOf(err)
	case err != nil:
		return r, err
	case added.Again:
		r.State = contactState{"Sent again", "success", "mail-check"}
	default:
		r.State = contactState{"Invited", "success", "mail-check"}
	}
	return r, nil
}

// added is a contact after addAndInvite.
type added struct {
	ID    uuid.UUID
	Known bool // was there before
	Again bool // was invited before
}

// addAndInvite makes the contact when it is new and invites it, when asked for new or for known ones, all or nothing. The id
// of a known contact is filled also when its invitation is refused.
func (s *Site) addAndInvite(c *fiber.Ctx, l line, inviteNew, inviteKnown bool) (a added, err error) {
	v, ctx := at(c), c.UserContext()
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		if a.ID, a.Known, err = queries.AddContact(ctx, q, v.account.ID, l.Email, l.Name, queries.ContactSourceManual, v.now); err != nil {
			return err
		}
		if a.Known {
			contact, err := q.ContactLock(ctx, queries.ContactLockParams{AccountID: v.account.ID, ID: a.ID})
			if err != nil {
				return err
			}
			a.Again = contact.InvitedAt != nil
		} else if err := v.did(ctx, q, "contact.create", queries.AuditSubject{Kind: "contact", ID: &a.ID, Name: l.Email}); err != nil {
			return err
		}
		if inviteNew && !a.Known || inviteKnown && a.Known {
			return s.invite(c, q, tx, a.ID, false)
		}
		return s.Queue.Metrics(ctx, tx, v.account.ID)
	})
	return a, err
}

// parseLines takes a pasted list apart: one person a line, or several with commas or semicolons between them, with or
// without names. The same address twice counts once.
func parseLines(text string) (lines []line) {
	seen := map[string]bool{}
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		for _, typed := range splitPeople(scanner.Text()) {
			l := parseLine(typed)
			key := strings.ToLower(orElse(l.Email, l.Typed))
			if !seen[key] {
				seen[key] = true
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// personForm is a part of a line between commas, semicolons and tabs, which inside of quotes stand for themselves.
var personForm = regexp.MustCompile(`(?:"[^"]*"|[^,;\t])+`)

// surnameFirst is the same for a line with semicolons, where commas stand between surname and first name.
var surnameFirst = regexp.MustCompile(`(?:"[^"]*"|[^;])+`)

// splitPeople parts a line that holds more than one address: at commas, semicolons and tabs, and at spaces where each word is
// an address.
func splitPeople(text string) (people []string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if strings.Count(text, "@") < 2 {
		return []string{text}
	}
	form := personForm
	if strings.Contains(text, ";") {
		form = surnameFirst
	}
	for _, piece := range form.FindAllString(text, -1) {
		words := strings.Fields(piece)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(w, "@") }) {
			people = append(people, strings.TrimSpace(piece))
			continue
		}
		for _, word := range words {
			people = append(people, strings.Trim(word, `"'<>`))
		}
	}
	return people
}

// parseLine understands "ana@example.com", "Ana Souza <ana@example.com>" and "Ana Souza, ana@example.com" in either order.
func parseLine(typed string) line {
	l := line{Typed: typed}
	name, address := "", typed
	if parsed, err := mail.ParseAddress(typed); err == nil {
		name, address = parsed.Name, parsed.Address
	} else if i := strings.IndexByte(typed, '<'); i >= 0 && strings.HasSuffix(typed, ">") {
		name, address = typed[:i], typed[i+1:len(typed)-1]
	} else if i := strings.IndexAny(typed, ",;\t"); i >= 0 {
		name, address = typed[:i], typed[i+1:]
		if strings.Contains(name, "@") {
			name, address = address, name
		}
	} else if i := strings.LastIndexByte(typed, ' '); i >= 0 {
		name, address = typed[:i], typed[i+1:]
	}
	var err error
	if l.Name, err = queries.ParseName(strings.Trim(strings.TrimSpace(name), `"'`)); err == nil {
		l.Email, err = queries.ParseEmail(address)
	}
	l.Problem = messageOf(err)
	switch {
	case strings.EqualFold(l.Name, l.Email):
		l.Name = ""
	case strings.Contains(l.Name, "@") && l.Problem == "":
		l.Problem = "There are two addresses in this line. Put each on a line of its own."
	}
	return l
}

func goodLines(lines []line) (good int) {
	for _, l := range lines {
		if l.Problem == "" {
			good++
		}
	}
	return good
}
