package handlers

import (
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// attentionRow is a contact that staff should look at, with its one next action.
type attentionRow struct {
	Name, Email string
	Href        string
	Bounced     bool
	GivenUp     string // what the mail was that was given up; empty: none was
	Reason      string // the mail server's words, when bounced or given up
	Since       views.Moment
	InvitePath  string // where the button "Send again" posts to; empty: Next is a link
	Next        string // what to do, in words
	NextHref    string
	Days        int // of the trend, to come back to it
	Token       string
}

// attentionMost is how many of them the dashboard shows.
const attentionMost = 5

// attention puts together what staff should look at: addresses that bounce, mails that were given up, and who waits for long.
func (v *visit) attention(d queries.Dashboard, token string, days int) (rows []attentionRow) {
	seen := map[uuid.UUID]bool{}
	add := func(id uuid.UUID, email, name string, fill func(r *attentionRow)) {
		if seen[id] || len(rows) == attentionMost {
			return
		}
		seen[id] = true
		r := attentionRow{Name: orElse(name, email), Email: email, Href: v.base() + "/contacts/" + id.String(), Days: days, Token: token}
		fill(&r)
		rows = append(rows, r)
	}
	for _, row := range d.Attention {
		if row.BouncedAt != nil {
			add(row.ID, row.Email, row.Name, func(r *attentionRow) {
				r.Bounced, r.Reason, r.Since, r.Next, r.NextHref = true, row.BounceReason, v.moment(row.BouncedAt), "Look", r.Href
				if v.role.Includes(queries.StaffRoleAdmin) {
					r.Next = "Correct address"
				}
			})
		}
	}
	for _, row := range d.GivenUp {
		add(row.ID, row.Email, row.Name, func(r *attentionRow) {
			r.GivenUp, r.Reason, r.Since = mailWords(row.Kind), row.Answer, v.moment(&row.ChangedAt)
			v.sendAfresh(r, row)
		})
	}
	for _, row := range d.Attention {
		if row.BouncedAt == nil {
			add(row.ID, row.Email, row.Name, func(r *attentionRow) {
				r.Since, r.InvitePath, r.Next = v.moment(row.LastInvitedAt), r.Href+"/invite", "Send again"
			})
		}
	}
	return rows
}

// sendAfresh offers what can be sent in place of a mail that was given up.
func (v *visit) sendAfresh(r *attentionRow, row queries.MailListGivenUpRow) {
	switch {
	case row.JoinedAt == nil && (row.Kind == queries.MailKindInvitation || row.Kind == queries.MailKindReminder):
		r.InvitePath, r.Next = r.Href+"/invite", "Send again"
	case v.role.Includes(queries.StaffRoleAdmin) && (row.Kind == queries.MailKindMagicLink || row.Kind == queries.MailKindSignIn):
		r.NextHref, r.Next = v.base()+"/magic-links/new?contact="+row.ID.String(), "Make a new link"
	default:
		r.NextHref, r.Next = r.Href, "Look"
	}
}
