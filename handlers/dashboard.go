package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// dashboardPage is what the business sees first.
type dashboardPage struct {
	views.Page
	PortalURL views.Copy
	CanLink   bool // whether the role includes magic links
	Figures   dashboardFigures
}

// dashboardFigures is the part of the dashboard that follows what happens, without a reload.
type dashboardFigures struct {
	Base      string // of the account, before every address
	Poll      string // what to ask for news
	Invited   int64
	Joined    int64 // in whatever way
	CameIn    int64 // of the invited
	Uninvited int64 // joined without an invitation
	Rate      int   // of the invited who joined, in percent
	HasRate   bool
	AsOf      views.Moment // when the figures were counted; zero before the first count
	Drift     int64        // by how much the figures were wrong when they were last proved
	Proved    views.Moment // when that was
	Funnel    []funnelStep
	Trend     trend
	Joins     []joinRow
	Attention []attentionRow
	Token     string
}

// joinRow is one of the newest joins.
type joinRow struct {
	Name  string // or the address
	Email string
	Href  string
	At    views.Moment
}

func (s *Site) loadFigures(c *fiber.Ctx, token string) (*dashboardFigures, error) {
	v, days := at(c), trendDays(c.Query("days"))
	firstDay := v.now.AddDate(0, 0, 1-days)
	d, err := queries.LoadDashboard(c.UserContext(), s.DB, v.account.ID, v.now, firstDay)
	if err != nil {
		return nil, err
	}
	m := d.Metric
	f := &dashboardFigures{Base: v.base(), Invited: m.Invited, Joined: m.Joined, CameIn: m.InvitedJoined, Uninvited: m.UninvitedJoined,
		HasRate: m.Invited > 0, Token: token,
		AsOf: views.Moment{At: m.ComputedAt, Now: v.now}, Drift: m.Drift, Proved: v.moment(m.RecountedAt),
		Funnel: v.funnel(m), Trend: newTrend(d.Days, firstDay, days, v.base()), Attention: v.attention(d, token, days)}
	f.Poll = v.base() + "/figures?days=" + strconv.Itoa(days) + "&since=" + strconv.FormatInt(m.ComputedAt.UnixMicro(), 10)
	if f.HasRate {
		f.Rate = int(min(100, (m.InvitedJoined*100+m.Invited/2)/m.Invited))
	}
	for _, row := range d.Joins {
		f.Joins = append(f.Joins, joinRow{Name: orElse(row.Name, row.Email), Email: row.Email, Href: f.Base + "/contacts/" + row.ID.String(),
			At: views.Moment{At: *row.JoinedAt, Now: v.now}})
	}
	return f, nil
}

func (s *Site) dashboardShow(c *fiber.Ctx) error {
	p := &dashboardPage{Page: s.page(c, "Dashboard"), PortalURL: views.Copy{Value: s.portalURL(at(c).account), Name: "client portal URL"}}
	f, err := s.loadFigures(c, p.Token)
	if err != nil {
		return err
	}
	p.Figures, p.CanLink = *f, at(c).role.Includes(queries.StaffRoleAdmin)
	return render(c, views.FrameAdmin, "dashboard/index", "", p)
}

// dashboardFigures answers an open dashboard that asks for news every few seconds: nothing, unless the figures were counted
// again since it last heard. That was found out by the guard, in the round trip that asks who it is.
func (s *Site) dashboardFigures(c *fiber.Ctx) error {
	if counted := at(c).counted; counted.Unix() <= 0 || strconv.FormatInt(counted.UnixMicro(), 10) == c.Query("since") {
		return c.SendStatus(fiber.StatusNoContent)
	}
	f, err := s.loadFigures(c, s.formToken(c))
	if err != nil {
		return err
	}
	return write(c, "dashboard/_figures", f)
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
