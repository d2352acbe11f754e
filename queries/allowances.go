package queries

import (
	"context"
	"crypto/sha256"
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
	LimitSignInAddress    = Limit{"sign-in tries per address and IP", 10, 15 * time.Minute}
	LimitSignInAddressAll = Limit{"sign-in tries per address", 100, 15 * time.Minute}
	LimitSignInIP         = Limit{"sign-in tries per IP", 60, 15 * time.Minute}
	LimitPassword         = Limit{"tries of the current password per person", 10, 15 * time.Minute}
	LimitTwoFactor        = Limit{"two-factor codes tried per person", 10, 15 * time.Minute}
	LimitMailAddress      = Limit{"mails asked for per address and IP", 5, time.Hour}
	LimitMailAddressAll   = Limit{"mails asked for per address", 20, time.Hour}
	LimitMailIP           = Limit{"mails asked for per IP", 30, time.Hour}
	LimitMailPerson       = Limit{"mails to a new address per person", 6, time.Hour}
	LimitMailContact      = Limit{"mails staff send per contact", 6, time.Hour}
	LimitMailTest         = Limit{"test mails per staff person", 30, time.Hour}
	LimitCodeIP           = Limit{"codes tried per IP", 30, 15 * time.Minute}
	LimitLinkIP           = Limit{"links confirmed per IP", 300, 15 * time.Minute}
	LimitFormIP           = Limit{"public forms sent per IP", 60, time.Hour}
	LimitFormAddress      = Limit{"public forms sent per address", 10, time.Hour}
	LimitCouponIP         = Limit{"coupons tried per IP", 30, 15 * time.Minute}
	LimitCertificateIP    = Limit{"certificates looked up per IP", 60, 15 * time.Minute}
	LimitFormMail         = Limit{"mails public forms cause per address", 3, time.Hour}
)

// Limits is every limit there is, in the order README tells them.
var Limits = []Limit{LimitSignInAddress, LimitSignInAddressAll, LimitSignInIP, LimitPassword, LimitTwoFactor, LimitMailAddress,
	LimitMailAddressAll, LimitMailIP, LimitMailPerson, LimitMailContact, LimitMailTest, LimitCodeIP, LimitLinkIP,
	LimitFormIP, LimitFormAddress, LimitFormMail, LimitCertificateIP, LimitCouponIP}

// Spending is one use of one limit by one subject.
type Spending struct {
	Limit   Limit
	Subject string // an address, an IP; only its hash is kept
}

// Spend uses the limits once, one after the other, and returns 0, or how long to wait for the first that is used up; those after
// it are left alone. So the narrowest belongs first: an IP that is refused must not use up what belongs to somebody's address.
// The account is uuid.Nil on the admin host.
func Spend(ctx context.Context, q *Queries, account uuid.UUID, now time.Time, spendings ...Spending) (wait time.Duration, err error) {
	for _, s := range spendings {
		row, err := q.AllowanceSpend(ctx, AllowanceSpendParams{AccountID: account, Action: s.Limit.Action, Subject: subjectHash(s.Subject), Now: now,
			CostSeconds: s.Limit.Per.Seconds() / float64(s.Limit.Times), BurstSeconds: s.Limit.Per.Seconds()})
		if err != nil {
			return 0, err
		}
		if !row.Allowed {
			return max(time.Duration(row.WaitSeconds*float64(time.Second)), time.Second), nil
		}
	}
	return 0, nil
}

// Forgive gives a subject its whole limit back, as after a right password.
func Forgive(ctx context.Context, q *Queries, account uuid.UUID, s Spending) error {
	return q.AllowanceForgive(ctx, AllowanceForgiveParams{AccountID: account, Action: s.Limit.Action, Subject: subjectHash(s.Subject)})
}

func subjectHash(subject string) []byte {
	sum := sha256.Sum256([]byte(strings.ToLower(subject)))
	return sum[:]
}
