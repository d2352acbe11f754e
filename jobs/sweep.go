package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// sweepPortion is how many rows a statement of a sweep takes, so that none holds many locks or writes a huge transaction.
const sweepPortion = 2000

// sweepTurn is how long a job sweeps before it makes room for others; well below the time a job may take.
const sweepTurn = time.Minute

// step is one thing of a sweep. It takes up to a portion of rows and answers how many it took; each stands by itself, so that one
// that fails holds up no other.
type step struct {
	what string
	do   func(portion int32) (int64, error)
}

// sweep does every step until nothing is left of it. What does not come to its end in one turn goes on in the next one.
func sweep(ctx context.Context, steps ...step) error {
	var faults []error
	end := time.Now().Add(sweepTurn)
	for _, s := range steps {
		for more := true; more; {
			n, err := s.do(sweepPortion)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", s.what, err))
			}
			if more = err == nil && n >= sweepPortion; more && (ctx.Err() != nil || time.Now().After(end)) {
				return errors.Join(append(faults, river.JobSnooze(0))...)
			}
		}
	}
	return errors.Join(faults...)
}
