package handlers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// chosenMost is how many contacts can be chosen one by one; more are chosen by a filter.
const chosenMost = 5000

// contactsChoose is the bar under the list: what to do with the chosen contacts, or with all the filter fits.
type contactsChoose struct {
	Path   string
	All    contactsFit
	Kinds  views.Select
	Filter []hidden // the filter the list has, to be sent along
	Token  string
}

// hidden is a value a form sends along unseen.
type hidden struct{ Name, Value string }

// taskKinds is what can be done with many contacts at once, in words, with the role it takes.
var taskKinds = []struct {
	kind    queries.TaskKind
	label   string
	role    queries.StaffRole
	verb    string // of the button that starts it; the number follows
	meaning string // what will happen, a sentence or two
}{
	{queries.TaskKindInvite, "Invite", queries.StaffRoleSupport, "Invite", "Each is mailed an invitation. Those who have joined, whose address bounced, or who asked for no more mails are left out, and you see which."},
	{queries.TaskKindMagicLink, "Send sign-in link", queries.StaffRoleAdmin, "Mail a link to", "Each is mailed a link that signs them in and works for seven days. Whoever bounced or asked for no more mails is left out."},
	{queries.TaskKindEnrol, "Enrol in a course", queries.StaffRoleAdmin, "Enrol", "Each is given the course, from now on. Whoever has it already, for as long, is left as they are, and you see which."},
	{queries.TaskKindTag, "Add a tag", queries.StaffRoleAdmin, "Tag", "Each gets the tag. Clients do not see tags."},
	{queries.TaskKindUntag, "Remove a tag", queries.StaffRoleAdmin, "Take the tag from", "The tag is taken from each that has it."},
	{queries.TaskKindExport, "Export as CSV", queries.StaffRoleAdmin, "Export", "A CSV file is made that you can download for 30 days."},
	{queries.TaskKindDelete, "Delete", queries.StaffRoleAdmin, "Delete", "They are removed with everything that belongs to them: invitations, mails, sign-ins. Whoever is signed in is out at once. This cannot be undone. Whoever has a subscription that goes on, an open invoice or a payment on its way stays, and you see which. The audit log keeps who was deleted and that you did it."},
}

func newContactsChoose(v *visit, f queries.ContactFilter, all contactsFit, token string) contactsChoose {
	p := contactsChoose{Path: v.base() + "/contacts/choose", All: all, Token: token,
		Kinds: views.Select{Name: "kind", Label: "What to do", LabelHidden: true}}
	for _, k := range taskKinds {
		if v.role.Includes(k.role) {
			p.Kinds.Options = append(p.Kinds.Options, views.Option{Value: string(k.kind), Label: k.label})
		}
	}
	for name, values := range filterQuery(f) {
		p.Filter = append(p.Filter, hidden{name, values[0]})
	}
	slices.SortFunc(p.Filter, func(a, b hidden) int { return strings.Compare(a.Name, b.Name) })
	return p
}

// contactsChosenPage asks once more before something is done with many contacts.
type contactsChosenPage struct {
	views.Page
	Heading string
	Meaning string
	Verb    string
	Danger  bool
	Problem string // why it cannot be done; empty: it can
	Back    string
	Count   contactsFit
	Tag     *views.Field // of kinds that need one
	Tags    []string     // to complete it from
	Enrol   *enrolMany   // of the kind that enrols
	Reach   *reach       // of the kinds that mail; nil: not counted, since there are too many
	Losers  *losers      // of the kind that deletes: who loses their courses; nil: nobody
	Hidden  []hidden     // what was chosen
}

// reach is whom a mail to many reaches.
type reach struct {
	N       int64
	LeftOut string // how many are not, and why, in words; empty: nobody
}

// enrolMany is which course many contacts are given.
type enrolMany struct {
	enrolForm
	Course  views.Select
	courses []queries.GrantCoursesRow
}

// contactsChosen is what the forms of the list and of the question before a task say.
type contactsChosen struct {
	kind   queries.TaskKind
	all    bool
	ids    []uuid.UUID
	filter queries.ContactFilter
}

// readChosen takes a kind only from those whose role suffices.
func readChosen(c *fiber.Ctx) (contactsChosen, error) {
	chosen := contactsChosen{all: c.FormValue("all") != "", filter: contactFilter(func(name string) string { return c.FormValue(name) })}
	for _, k := range taskKinds {
		if string(k.kind) == c.FormValue("kind") {
			if !at(c).role.Includes(k.role) {
				return chosen, errRole
			}
			chosen.kind = k.kind
		}
	}
	if chosen.kind == "" {
		return chosen, queries.ErrNotFound
	}
	for _, value := range c.Context().PostArgs().PeekMulti("id") {
		if id, err := uuid.ParseBytes(value); err == nil && !slices.Contains(chosen.ids, id) && len(chosen.ids) <= chosenMost {
			chosen.ids = append(chosen.ids, id)
		}
	}
	return chosen, nil
}

// words says for the trail how many are chosen, and which.
func (chosen contactsChosen) words(fit contactsFit) string {
	many := counted(fit.N, "contact", "contacts")
	if fit.Over {
		many = "More than " + many
	}
	switch f := filterWords(chosen.filter); {
	case !chosen.all:
		return many + ", chosen one by one"
	case f == "":
		return many + ": everybody"
	default:
		return many + " that fit: " + f
	}
}

// contactsChoose shows what is about to be done, and to how many. It changes nothing.
func (s *Site) contactsChoose(c *fiber.Ctx) error {
	chosen, err := readChosen(c)
	if err != nil {
		return err
	}
	p, err := s.newChosenPage(c, chosen)
	if err != nil {
		return err
	}
	if p.Problem == "" && p.Reach != nil && p.Reach.N == 0 {
		p.Problem = "Nobody would be mailed. " + p.Reach.LeftOut
	}
	return render(c, views.FrameAdmin, "contacts/chosen", "", p)
}

func (s *Site) newChosenPage(c *fiber.Ctx, chosen contactsChosen) (*contactsChosenPage, error) {
	v := at(c)
	p := &contactsChosenPage{Page: s.page(c, "Many contacts at once"), Back: v.base() + "/contacts?" + filterQuery(chosen.filter).Encode(),
		Danger: chosen.kind == queries.TaskKindDelete, Hidden: []hidden{{"kind", string(chosen.kind)}}}
	for _, k := range taskKinds {
		if k.kind == chosen.kind {
			p.Heading, p.Meaning, p.Verb = k.label, k.meaning, k.verb
		}
	}
	if chosen.kind == queries.TaskKindTag || chosen.kind == queries.TaskKindUntag {
		p.Tag = &views.Field{Name: "new_tag", Label: "Tag", Value: c.FormValue("new_tag"), Required: true, Autofocus: true, MaxLength: queries.TagMax, Autocomplete: "off"}
	}
	if chosen.kind == queries.TaskKindEnrol {
		courses, err := s.q.GrantCourses(c.UserContext(), queries.GrantCoursesParams{AccountID: v.account.ID, Now: v.now})
		if err != nil {
			return nil, err
		}
		p.Enrol = &enrolMany{newEnrolForm(c), courseSelect(courses, c.FormValue("course")), courses}
		if len(courses) == 0 {
			p.Problem = "There is no course yet. Make one first; it can be given while it is a draft."
		}
	}
	p.Count = contactsFit{N: int64(len(chosen.ids))}
	mails := chosen.kind == queries.TaskKindInvite || chosen.kind == queries.TaskKindMagicLink
	if mails {
		if err := s.reachContacts(c, p, chosen); err != nil {
			return nil, err
		}
	} else if chosen.all || p.Tag != nil {
		found, err := queries.LoadChosen(c.UserContext(), s.DB, v.account.ID, chosen.filter, v.now)
		if err != nil {
			return nil, err
		}
		if p.Tags = found.Tags; chosen.all {
			p.Count = contactsFit{N: min(found.Fit, queries.ContactCountBound), Over: found.Fit > queries.ContactCountBound}
		}
	}
	if p.Danger {
		if err := s.loseCourses(c, p, chosen); err != nil {
			return nil, err
		}
	}
	switch {
	case chosen.all:
		p.Hidden = append(p.Hidden, hidden{"all", "on"})
	case len(chosen.ids) == 0:
		p.Problem = "No contact is chosen. Go back and tick some, or choose all that fit."
	case len(chosen.ids) > chosenMost:
		p.Problem = fmt.Sprintf("These are more than %d contacts. Go back and choose them by a filter.", chosenMost)
	}
	if !chosen.all {
		for _, id := range chosen.ids {
			p.Hidden = append(p.Hidden, hidden{"id", id.String()})
		}
	}
	for name, values := range filterQuery(chosen.filter) {
		p.Hidden = append(p.Hidden, hidden{name, values[0]})
	}
	return p, nil
}

// reachContacts counts how many of those who are chosen are mailed, and why the others are not.
func (s *Site) reachContacts(c *fiber.Ctx, p *contactsChosenPage, chosen contactsChosen) error {
	v, ids, filter, most := at(c), chosen.ids, (*queries.ContactFilter)(nil), int64(chosenMost)
	if chosen.all {
		ids, filter, most = nil, &chosen.filter, queries.ContactCountBound
	}
	counts, err := queries.LoadReach(c.UserContext(), s.DB, v.account.ID, ids, filter, chosen.kind == queries.TaskKindInvite, v.now, int32(most+1))
	if err != nil {
		return err
	}
	if chosen.all {
		p.Count = contactsFit{N: min(counts.Fit, most), Over: counts.Fit > most}
	}
	if counts.Fit > 0 && counts.Fit <= most {
		p.Reach = newReach(counts)
	}
	return nil
}

func newReach(counts queries.ContactReachRow) *reach {
	out := counts.Joined + counts.NoMail + counts.Bounced
	r, why := &reach{N: counts.Fit - out}, []string{}
	for _, reason := range []struct {
		n         int64
		one, many string
	}{{counts.Joined, "has joined", "have joined"}, {counts.Bounced, "has an address that bounced", "have an address that bounced"},
		{counts.NoMail, "asked for no more mails", "asked for no more mails"}} {
		if reason.n > 0 {
			why = append(why, counted(reason.n, reason.one, reason.many))
		}
	}
	if out > 0 {
		r.LeftOut = fmt.Sprintf("Of %s %s: %s.", counted(counts.Fit, "contact", "contacts"), counted(out, "is left out", "are left out"), strings.Join(why, ", "))
	}
	return r
}

// loseCourses says who of those that are to be deleted can use courses now.
func (s *Site) loseCourses(c *fiber.Ctx, p *contactsChosenPage, chosen contactsChosen) error {
	v, ids, filter := at(c), chosen.ids, (*queries.ContactFilter)(nil)
	if chosen.all {
		ids, filter = nil, &chosen.filter
	}
	holders, err := queries.LoadHolders(c.UserContext(), s.DB, v.account.ID, ids, filter, v.now, losersShown)
	if err != nil || len(holders) == 0 {
		return err
	}
	l := newLosers("their courses", v.base(), holders, func(h queries.GrantHoldersChosenRow) (uuid.UUID, string, string, int64) {
		return h.ID, h.Name, h.Email, h.Holders
	})
	l.Rest = views.Link{Label: "the contacts that are chosen from", URL: p.Back}
	p.Losers = &l
	return nil
}

// take reads what was chosen; nil when it cannot be taken, and then that stands beside its field.
func (e *enrolMany) take(v *visit) *queries.TaskCourse {
	course, known := chosenCourse(e.courses, e.Course.Value)
	if !known {
		e.Course.Error = "Choose one of these courses."
	}
	_, ends, right := e.span(v)
	if !known || !right {
		return nil
	}
	return &queries.TaskCourse{ID: course.ID, Title: course.Title, Ends: ends, Mail: e.Mail.Checked}
}

// tasksCreate starts long work with contacts and goes to its page.
func (s *Site) tasksCreate(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	chosen, err := readChosen(c)
	if err != nil {
		return err
	}
	p, err := s.newChosenPage(c, chosen)
	if err != nil {
		return err
	}
	choice := queries.TaskChoice{Filter: chosen.filter}
	if p.Tag != nil {
		choice.Tag, err = queries.ParseTag(p.Tag.Value)
		p.Tag.Error = messageOf(err)
	}
	if p.Enrol != nil && p.Problem == "" {
		choice.Course = p.Enrol.take(v)
	}
	if p.Problem != "" || p.Tag != nil && p.Tag.Error != "" || p.Enrol != nil && choice.Course == nil {
		invalid(c)
		return render(c, views.FrameAdmin, "contacts/chosen", "contacts/_chosen", p)
	}
	started := queries.NewTask{AccountID: v.account.ID, Kind: chosen.kind, StaffID: v.staff.StaffID, Choice: choice, Now: v.now}
	if !chosen.all {
		started.Chosen = chosen.ids
	}
	var id uuid.UUID
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		if id, err = queries.StartTask(ctx, q, started); err != nil {
			return err
		}
		e := v.auditEntry("contacts."+string(chosen.kind), queries.AuditSubject{Kind: "task", ID: &id, Name: taskWords(chosen.kind, choice)})
		e.Note = chosen.words(p.Count)
		if err := queries.Audit(ctx, q, e); err != nil {
			return err
		}
		return s.Queue.Task(ctx, tx, v.account.ID, id)
	})
	if err != nil {
		return err
	}
	return redirect(c, v.base()+"/tasks/"+id.String())
}
