package queries

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// AppLabelMax is how long an account's own word for an app may be, in characters.
const AppLabelMax = 30

// AppChoice is what an account chose for one app.
type AppChoice struct {
	App   App    `json:"app"`
	On    bool   `json:"on"`
	Label string `json:"label"` // the account's own word; empty: ours
}

// AlwaysOn says that an app cannot be switched off: without these a client would be nowhere.
func (a App) AlwaysOn() bool { return a == AppHome || a == AppProfile }

// AppsInOrder is every app once, as the account chose; what it has not chosen comes after that and is on.
func AppsInOrder(chosen []AppChoice) []AppChoice {
	all := make([]AppChoice, 0, len(AllAppValues()))
	for _, c := range chosen {
		c.On = c.On || c.App.AlwaysOn()
		all = append(all, c)
	}
	for _, app := range AllAppValues() {
		if !slices.ContainsFunc(chosen, func(c AppChoice) bool { return c.App == app }) {
			all = append(all, AppChoice{App: app, On: true})
		}
	}
	return all
}

// Apps is what an account chose for all its apps.
type Apps struct {
	Choices []AppChoice `json:"apps"` // every app once, in order
	Landing App         `json:"landing"`
}

// LoadApps reads an account's apps in one round trip.
func LoadApps(ctx context.Context, db DB, account uuid.UUID) (a Apps, err error) {
	var b batch
	var rows []AppListOfAccountRow
	var arrive AppLandingRow
	one(&b, &arrive, func(q *Queries) (AppLandingRow, error) { return q.AppLanding(ctx, account) })
	many(&b, &rows, func(q *Queries) ([]AppListOfAccountRow, error) { return q.AppListOfAccount(ctx, account) })
	if err := b.send(ctx, db); err != nil {
		return a, err
	}
	return Apps{appChoices(rows), arrive.Landing}, nil
}

func appChoices(rows []AppListOfAccountRow) []AppChoice {
	var chosen []AppChoice
	for _, row := range rows {
		chosen = append(chosen, AppChoice{row.App, row.SwitchedOn, row.Label})
	}
	return AppsInOrder(chosen)
}

// ChangeApps gives what the account chose to a function that changes it, and keeps what that made of it. It returns what it
// was before, as the trail tells it.
func ChangeApps(ctx context.Context, q *Queries, account uuid.UUID, now time.Time, change func(*Apps) error) (before, after Apps, err error) {
	if err = q.BrandLock(ctx, account); err != nil {
		return before, after, err
	}
	rows, err := q.AppListOfAccount(ctx, account)
	if err != nil {
		return before, after, err
	}
	arrive, err := q.AppLanding(ctx, account)
	if err != nil {
		return before, after, err
	}
	before = Apps{appChoices(rows), arrive.Landing}
	after = Apps{slices.Clone(before.Choices), before.Landing}
	if err = change(&after); err != nil {
		return before, after, err
	}
	for i, c := range after.Choices {
		if err = q.AppSave(ctx, AppSaveParams{AccountID: account, App: c.App, Position: int16(i), SwitchedOn: c.On, Label: c.Label}); err != nil {
			return before, after, err
		}
	}
	return before, after, q.AppSetLanding(ctx, AppSetLandingParams{AccountID: account, Landing: after.Landing, Now: now})
}
