package jobs

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// A try that failed is in the log with its job, and so is the end of all tries.
func TestFailedTriesAreLogged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec("ALTER TABLE mail RENAME TO away")
	for level, says := range map[string]string{"WARN": "a job failed and is tried again", "ERROR": "a job failed and is given up"} {
		o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
			return o.queue.Mail(ctx, tx, o.account, queries.NewID())
		})
		id := read[int64](o, "SELECT max(id) FROM river.river_job")
		if level == "ERROR" {
			o.exec("UPDATE river.river_job SET attempt = max_attempts - 1 WHERE id = $1", id)
		}
		stop := o.work()
		var line string
		eventually(t, func() (bool, string) {
			for _, line = range o.log.of(says) { // others stumble over the missing table as well
				if strings.Contains(line, fmt.Sprintf("job=%d ", id)) {
					return true, ""
				}
			}
			return false, says
		})
		stop()
		for _, part := range []string{"level=" + level, "kind=mail_send", "attempt=", "error=", "mail"} {
			if !strings.Contains(line, part) {
				t.Errorf("the line lacks %s: %s", part, line)
			}
		}
	}
}
