package queries

import (
	"cmp"
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Limit is how often one subject may do one thing: Times at once, and again as they come back evenly over Per.
type Limit struct {
	Action string
	Times  int
	Per    time.Duration
}

// The limits, counted in Postgres so that they hold over several programs, and alike for known and unknown addresses.
// README shows this table; a test compares the two.
var (
	LimitSignInAddress = Limit{"sign-in tries per address", 10, 15 * time.Minute}
	LimitSignInIP      = Limit{"sign-in tries per IP", 60, 15 * time.Minute}
	LimitMailAddress   = Limit{"mails asked for per address", 5, time.Hour}
	LimitMailIP        = Limit{"mails asked for per IP", 30, time.Hour}
	LimitCodeIP        = Limit{"codes tried per IP", 30, 15 * time.Minute}
	LimitLinkIP        = Limit{"links opened per IP", 300, 15 * time.Minute}
)

// Limits is every limit there is, in the order README tells them.
var Limits = []Limit{LimitSignInAddress, LimitSignInIP, LimitMailAddress, LimitMailIP, LimitCodeIP, LimitLinkIP}

// Spending is one use of one limit by one subject.
type Spending struct {
	Limit   Limit
	Subject string // an address, an IP; only its hash is kept
}

// Spend uses each limit once and returns 0, or how long to wait when one of them is used up. Limits that still had room
// are spent all the same: a try is a try. The account is uuid.Nil on the admin host.
func Spend(ctx context.Context, q *Queries, account uuid.UUID, now time.Time, spendings ...Spending) (wait time.Duration, err error) {
	// One order for everybody: two transactions that lock the same rows in different orders would stop each other.
	slices.SortFunc(spendings, func(a, b Spending) int { return cmp.Compare(a.Limit.Action, b.Limit.Action) })
	p := AllowanceSpendParams{AccountID: account, Now: now}
	for _, s := range spendings {
		p.Actions = append(p.Actions, s.Limit.Action)
		p.Subjects = append(p.Subjects, subjectHash(s.Subject))
		p.CostsSeconds = append(p.CostsSeconds, s.Limit.Per.Seconds()/float64(s.Limit.Times))
		p.BurstsSeconds = append(p.BurstsSeconds, s.Limit.Per.Seconds())
	}
	rows, err := q.AllowanceSpend(ctx, p)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if !row.Allowed {
			wait = max(wait, time.Duration(row.WaitSeconds*float64(time.Second)), time.Second)
		}
	}
	return wait, nil
}

// Forgive gives a subject its whole limit back, as after a right password.
func Forgive(ctx context.Context, q *Queries, account uuid.UUID, s Spending) error {
	return q.AllowanceForgive(ctx, AllowanceForgiveParams{AccountID: account, Action: s.Limit.Action, Subject: subjectHash(s.Subject)})
}

func subjectHash(subject string) []byte {
	sum := sha256.Sum256([]byte(strings.ToLower(subject)))
	return sum[:]
}
