package handlers

import "atrium/queries"

// funnelStep is one number of the way into the portal: how many came so far, and the list of them.
type funnelStep struct {
	State    queries.ContactState // what the list is narrowed to
	Label    string
	Icon     string
	Href     string // the list of exactly those
	Count    int64
	Share    float64 // of the step before, 0 to 1
	Of       string  // the step before, in words; empty for the first
	Width    int     // of the bar, in thousandths
	Aside    bool    // not a step on the way but one off it
	Next     string  // what to do with them next; empty while there are none
	NextWhom string  // to whom, for those who cannot see where the words stand
}

// funnel is the way from invited to active, of the invited alone. Each list has the button for its next action; support, whose role makes no magic
// links and corrects no addresses, only looks.
func (v *visit) funnel(m queries.MetricByAccountRow) (steps []funnelStep) {
	sendLink, correct := "See who", "See who"
	if v.role.Includes(queries.StaffRoleAdmin) {
		sendLink, correct = "Send a magic link", "Correct the address"
	}
	of := func(part, whole int64) float64 { return min(1, float64(part)/float64(whole)) }
	steps = []funnelStep{
		{State: queries.ContactsInvited, Label: "Invited", Icon: "mail-plus", Count: m.Invited, Next: "Send again", NextWhom: "to the invited"},
		{State: queries.ContactsSent, Label: "Sent", Icon: "mail-check", Count: m.Sent, Share: of(m.Sent, m.Invited), Of: "of invited", Next: "Send again", NextWhom: "to those it was sent to"},
		{State: queries.ContactsInvitedBounced, Label: "Bounced", Icon: "mail-x", Count: m.InvitedBounced, Share: of(m.InvitedBounced, m.Invited), Of: "of invited", Aside: true,
			Next: correct, NextWhom: "of those that bounced"},
		{State: queries.ContactsFilterOpened, Label: "Opened by a filter", Icon: "shield", Count: m.FilterOpened, Share: of(m.FilterOpened, m.Sent), Of: "of sent", Aside: true,
			Next: "Send again", NextWhom: "to those whose mail filter looked"},
		{State: queries.ContactsInvitedOpened, Label: "Opened", Icon: "mail-open", Count: m.InvitedOpened, Share: of(m.InvitedOpened, m.Sent), Of: "of sent",
			Next: sendLink, NextWhom: "of those who opened it"},
		{State: queries.ContactsInvitedJoined, Label: "Joined", Icon: "user-check", Count: m.InvitedJoined, Share: of(m.InvitedJoined, m.InvitedOpened), Of: "of opened",
			Next: sendLink, NextWhom: "of those who joined"},
		{State: queries.ContactsInvitedActive, Label: "Active in 30 days", Icon: "activity", Count: m.InvitedActive, Share: of(m.InvitedActive, m.InvitedJoined), Of: "of joined",
			Next: "See who", NextWhom: "is active"},
	}
	most := max(1, m.Invited)
	for i := range steps {
		step := &steps[i]
		step.Href = v.base() + "/contacts?state=" + string(step.State)
		if step.Count == 0 {
			step.Next = ""
			continue
		}
		step.Width = min(1000, max(6, int(step.Count*1000/most)))
	}
	return steps
}
