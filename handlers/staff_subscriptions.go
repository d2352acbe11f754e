package handlers

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// staffSubscriptionsPage is an account's subscriptions with their figures.
type staffSubscriptionsPage struct {
	views.Page
	Search           views.Field
	Shown            views.Select
	Active           int64 // and to go on; this and those below are as many as their state lists
	Trials, Paused   int64
	Failed, Ending   int64
	Coming           int64 // whose money is on its way, the first or what failed before
	Started, Churned int64 // in the last churnDays
	Revenue          []monthlyRevenue
	Rows             []staffSubscriptionRow
	More             string // the next page; empty: there is none
	None             views.Empty
	Any              bool // whether there is something to search in
}

// monthlyRevenue is what comes in a month in one currency.
type monthlyRevenue struct {
	Currency string
	Minor    int64
}

// staffSubscriptionRow is one subscription of a list.
type staffSubscriptionRow struct {
	ID       uuid.UUID
	Href     string
	Title    string
	Who      string // empty where the page is about them
	State    contactState
	Minor    int64
	Currency string
	Every    string
	Next     time.Time // of the next charge; zero: there is none
}

// churnDays is the time in which subscriptions are counted that began and ended.
const churnDays = 30

var subscriptionShown = []views.Option{{Label: "Any state"}, {Value: "active", Label: "Active"}, {Value: "coming", Label: "Payment on its way"}, {Value: "trial", Label: "Trial"}, {Value: "failed", Label: "Payment failed"},
	{Value: "ending", Label: "Ending"}, {Value: "paused", Label: "Paused"}, {Value: "ended", Label: "Ended"}}

func (s *Site) staffSubscriptionsIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.SubscriptionsAsked{AccountID: v.account.ID, Shown: choiceOf(c.Query("state"), subscriptionShown), Search: searchText(c.Query("q")), Before: queries.LastID,
		Size: invoicesPerPage, Since: v.now.AddDate(0, 0, -churnDays), Now: v.now}
	if before, err := uuid.Parse(c.Query("before")); err == nil {
		asked.Before = before
	}
	loaded, err := queries.ListSubscriptions(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	narrow := asked.Shown != "" || asked.Search != ""
	p := &staffSubscriptionsPage{Page: s.page(c, "Subscriptions"), Active: loaded.Figures.Active, Trials: loaded.Figures.Trials, Coming: loaded.Figures.Coming, Paused: loaded.Figures.Paused,
		Failed: loaded.Figures.Failed, Ending: loaded.Figures.Ending,
		Started: loaded.Figures.Started, Churned: loaded.Figures.Churned,
		Any:    len(loaded.Rows) > 0 || narrow || asked.Before != queries.LastID,
		Search: views.Field{Name: "q", Label: "Search plan, name or address", LabelHidden: true, Type: "search", Value: asked.Search, Placeholder: "Search plan, name or address"},
		Shown:  views.Select{Name: "state", Label: "State", LabelHidden: true, Value: asked.Shown, Options: subscriptionShown},
		None:   views.Empty{Icon: "repeat", Title: "No subscriptions yet", Text: "Whoever buys an offer that is charged again and again is listed here."}}
	if narrow {
		p.None = views.Empty{Icon: "search", Title: "No subscription is like that", Text: "Try another state, or a shorter part of the plan, name or address."}
	}
	for _, r := range loaded.Revenue {
		p.Revenue = append(p.Revenue, monthlyRevenue{r.Currency, r.MonthMinor})
	}
	for _, row := range loaded.Rows {
		r := v.staffSubscriptionRow(queries.SubscriptionNewestRow{ID: row.ID, Title: row.Title, State: row.State, AmountMinor: row.AmountMinor, Currency: row.Currency, Charged: row.Charged,
			Every: row.Every, PeriodEndsAt: row.PeriodEndsAt, TrialEndsAt: row.TrialEndsAt, CancelsAt: row.CancelsAt, PastDueSince: row.PastDueSince, EndedAt: row.EndedAt,
			CollectionPaused: row.CollectionPaused, Given: row.Given, NextMinor: row.NextMinor, GraceDays: row.GraceDays, OnItsWay: row.OnItsWay, DueOnItsWay: row.DueOnItsWay})
		r.Who = orElse(row.Name, row.Email)
		p.Rows = append(p.Rows, r)
	}
	if loaded.More {
		p.More = v.base() + "/subscriptions?" + url.Values{"q": {asked.Search}, "state": {asked.Shown}, "before": {loaded.Rows[len(loaded.Rows)-1].ID.String()}}.Encode()
	}
	if asked.Before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "staffsubscriptions/index", "staffsubscriptions/_more", p)
	}
	return render(c, views.FrameAdmin, "staffsubscriptions/index", "staffsubscriptions/_list", p)
}

func (v *visit) staffSubscriptionRow(row queries.SubscriptionNewestRow) staffSubscriptionRow {
	card := v.subscriptionCard(queries.SubscriptionOfContactRow{ID: row.ID, Title: row.Title, State: row.State, AmountMinor: row.AmountMinor, Currency: row.Currency, Charged: row.Charged,
		Every: row.Every, PeriodEndsAt: row.PeriodEndsAt, TrialEndsAt: row.TrialEndsAt, CancelsAt: row.CancelsAt, PastDueSince: row.PastDueSince, EndedAt: row.EndedAt,
		CollectionPaused: row.CollectionPaused, Given: row.Given, NextMinor: row.NextMinor, GraceDays: row.GraceDays, OnItsWay: row.OnItsWay, DueOnItsWay: row.DueOnItsWay})
	return staffSubscriptionRow{ID: row.ID, Href: v.base() + "/subscriptions/" + row.ID.String(), Title: row.Title, State: card.State, Minor: row.AmountMinor, Currency: row.Currency,
		Every: card.Every, Next: card.Next}
}

// staffSubscriptionPage is one subscription, what it was charged, and what can be done about it.
type staffSubscriptionPage struct {
	views.Page
	Path         string // of this page
	Card         subscriptionCard
	Who, WhoHref string
	Email        string
	Started      time.Time
	Paused       bool   // its charges are left out
	Order        string // the page of what it was bought by; empty: it was made at Stripe
	Invoices     []staffInvoiceRow
	OlderPath    string // the list that has its older charges too; empty: these are all
	LogPath      string // empty: the role does not include it
	CancelPath   string // empty: not now, or not by this role; so the others
	KeepPath     string
	ResumePath   string
	PlanPath     string
	ExtendPath   string
	Pause        *views.Confirm
}

func (s *Site) staffSubscriptionsShow(c *fiber.Ctx) error {
	p, _, err := s.newStaffSubscriptionPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "staffsubscriptions/show", "", p)
}

func (s *Site) newStaffSubscriptionPage(c *fiber.Ctx) (*staffSubscriptionPage, queries.SubscriptionLoaded, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.SubscriptionLoaded{}, queries.ErrNotFound
	}
	row, err := queries.LoadSubscription(c.UserContext(), s.DB, v.account.ID, id, v.now)
	if err != nil {
		return nil, row, err
	}
	p := &staffSubscriptionPage{Page: s.page(c, row.Title), Path: v.base() + "/subscriptions/" + id.String(), Who: orElse(row.Name, row.Email), WhoHref: v.base() + "/contacts/" + row.ContactID.String(),
		Email: row.Email, Started: row.StartedAt.In(v.now.Location()), Paused: row.CollectionPaused,
		Card: v.subscriptionCard(queries.SubscriptionOfContactRow{ID: row.ID, Title: row.Title, State: row.State, AmountMinor: row.AmountMinor, Currency: row.Currency, Charged: row.Charged,
			Every: row.Every, Card: row.Card, PeriodEndsAt: row.PeriodEndsAt, TrialEndsAt: row.TrialEndsAt, CancelsAt: row.CancelsAt, PastDueSince: row.PastDueSince, EndedAt: row.EndedAt,
			CollectionPaused: row.CollectionPaused, Given: row.Given, NextMinor: row.NextMinor, GraceDays: row.GraceDays, OrderID: row.OrderID, OnItsWay: row.OnItsWay, DueOnItsWay: row.DueOnItsWay})}
	charges, older := cut(row.Invoices, queries.SubscriptionChargesShown)
	if older {
		p.OlderPath = v.base() + "/invoices?" + url.Values{"q": {row.Email}}.Encode()
	}
	for _, i := range charges {
		p.Invoices = append(p.Invoices, v.staffInvoiceRow(queries.InvoiceNewestRow(i)))
	}
	if row.OrderID != nil {
		p.Order = v.base() + "/orders/" + row.OrderID.String()
	}
	if v.role.Includes(queries.StaffRoleAdmin) {
		p.LogPath = v.base() + "/audit-log?subject=" + id.String()
		p.offer(row.SubscriptionOfAccountRow)
	}
	return p, row, nil
}

// offer is what can be done with a subscription that stands like this.
func (p *staffSubscriptionPage) offer(row queries.SubscriptionOfAccountRow) {
	if row.EndedAt != nil || row.State == queries.SubscriptionStateCanceled || row.State == queries.SubscriptionStateIncompleteExpired {
		return
	}
	if !p.Card.Coming { // money on its way cannot be called back
		p.CancelPath = p.Path + "/cancel"
	}
	if row.CancelsAt != nil {
		p.KeepPath = p.Path + "/keep"
	}
	if changesPlan(row) {
		p.PlanPath, p.ExtendPath = p.Path+"/plan", p.Path+"/extend"
	}
	switch {
	case row.CollectionPaused, row.State == queries.SubscriptionStatePaused:
		p.ResumePath = p.Path + "/resume"
	case !unpaid(row.State): // a pause leaves out what comes, not what is open, which Stripe goes on trying
		p.Pause = &views.Confirm{ID: "pause", Title: "Pause the charges of " + row.Title + "?", Text: p.Who + " is not charged until you resume it, and what would have been charged is not asked for later. " +
			"What it gives goes on.", Verb: "Pause charges", Action: p.Path + "/pause", Token: p.Token}
	}
}

// changesPlan says whether a subscription that stands like this can be given another plan, or days: it goes on, and nothing is open.
func changesPlan(row queries.SubscriptionOfAccountRow) bool {
	return (row.State == queries.SubscriptionStateActive || row.State == queries.SubscriptionStateTrialing) && row.CancelsAt == nil && row.EndedAt == nil && !row.CollectionPaused
}
