package handlers

import (
	"errors"
	"strconv"
	"time"

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
	Joined    int64
	Rate      int // joined of invited, in percent
	HasRate   bool
	AsOf      views.Moment // when the figures were counted; zero before the first count
	Trend     []trendDay
	TrendMax  int64 // the largest number of a day; at least 1
	TrendSums [2]int64
	Joins     []joinRow
	Attention []attentionRow
	Token     string
}

// trendDay is one day of the trend; X and heights are in the units of the drawing, 100 high.
type trendDay struct {
	Day             string // "3 Nov"
	Invited, Joined int64
	X               int
	InvitedHeight   int
	InvitedY        int
	JoinedHeight    int
	JoinedY         int
}

// joinRow is one of the newest joins.
type joinRow struct {
	Name  string // or the address
	Email string
	Href  string
	At    views.Moment
}

// attentionRow is a contact that staff should look at, with its one next action.
type attentionRow struct {
	Name, Email string
	Href        string
	Bounced     bool
	Reason      string // the mail server's words, when bounced
	Since       views.Moment
	InvitePath  string // where the button "Send again" posts to; empty when the address has to be corrected first
	Token       string
}

func (s *Site) loadFigures(c *fiber.Ctx, token string) (*dashboardFigures, error) {
	v := at(c)
	firstDay := v.now.AddDate(0, 0, 1-queries.TrendDays)
	d, err := queries.LoadDashboard(c.UserContext(), s.DB, v.account.ID, v.now, firstDay)
	if err != nil {
		return nil, err
	}
	m := d.Metric
	f := &dashboardFigures{Base: v.base(), Invited: m.Invited, Joined: m.Joined, HasRate: m.Invited > 0,
		AsOf: views.Moment{At: m.ComputedAt, Now: v.now}, Token: token, TrendMax: 1}
	f.Poll = v.base() + "/figures?since=" + strconv.FormatInt(m.ComputedAt.UnixMicro(), 10)
	if f.HasRate {
		f.Rate = int(min(100, (m.Joined*100+m.Invited/2)/m.Invited))
	}
	f.fillTrend(d.Days, firstDay)
	for _, row := range d.Joins {
		f.Joins = append(f.Joins, joinRow{Name: orElse(row.Name, row.Email), Email: row.Email, Href: f.Base + "/contacts/" + row.ID.String(),
			At: views.Moment{At: *row.JoinedAt, Now: v.now}})
	}
	for _, row := range d.Attention {
		a := attentionRow{Name: orElse(row.Name, row.Email), Email: row.Email, Href: f.Base + "/contacts/" + row.ID.String(), Token: token,
			Bounced: row.BouncedAt != nil, Reason: row.BounceReason}
		if a.Bounced {
			a.Since = views.Moment{At: *row.BouncedAt, Now: v.now}
		} else {
			a.Since, a.InvitePath = views.Moment{At: *row.LastInvitedAt, Now: v.now}, a.Href+"/invite"
		}
		f.Attention = append(f.Attention, a)
	}
	return f, nil
}

// fillTrend lays the days out as pairs of bars, 100 units high, 12 wide each pair.
func (f *dashboardFigures) fillTrend(days []queries.MetricDayListRow, first time.Time) {
	byDay := map[string]queries.MetricDayListRow{}
	for _, day := range days {
		byDay[day.Day.Format(time.DateOnly)] = day
		f.TrendMax = max(f.TrendMax, day.Invited, day.Joined)
		f.TrendSums[0] += day.Invited
		f.TrendSums[1] += day.Joined
	}
	height := func(n int64) int {
		if n == 0 {
			return 0
		}
		return max(2, int(n*96/f.TrendMax))
	}
	for i := range queries.TrendDays {
		date := first.AddDate(0, 0, i)
		day := byDay[date.Format(time.DateOnly)]
		t := trendDay{Day: date.Format("2 Jan"), Invited: day.Invited, Joined: day.Joined, X: i * 12,
			InvitedHeight: height(day.Invited), JoinedHeight: height(day.Joined)}
		t.InvitedY, t.JoinedY = 100-t.InvitedHeight, 100-t.JoinedHeight
		f.Trend = append(f.Trend, t)
	}
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
// again since it last heard.
func (s *Site) dashboardFigures(c *fiber.Ctx) error {
	v := at(c)
	metric, err := s.q.MetricByAccount(c.UserContext(), v.account.ID)
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) || err == nil && strconv.FormatInt(metric.ComputedAt.UnixMicro(), 10) == c.Query("since") {
		return c.SendStatus(fiber.StatusNoContent)
	} else if err != nil {
		return err
	}
	f, err := s.loadFigures(c, s.formToken(c))
	if err != nil {
		return err
	}
	return c.Render("dashboard/_figures", f)
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
