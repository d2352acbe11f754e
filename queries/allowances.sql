-- name: AllowanceSpend :one
-- Spends one from a limit. Generic cell rate algorithm: each use moves spent_until by cost; a use that would move it further
-- than burst past now is refused and moves nothing. Returns whether it was allowed, and the seconds until it would be.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
WITH asked AS (
    SELECT @account_id::uuid AS account_id, @action::text AS action, @subject::bytea AS subject, @now::timestamptz AS now,
        @cost_seconds::float8 AS cost, @burst_seconds::float8 AS burst
), spent AS (
    INSERT INTO allowance AS a (account_id, action, subject, spent_until)
    SELECT account_id, action, subject, now + make_interval(secs => cost) FROM asked
    ON CONFLICT (account_id, action, subject) DO UPDATE SET spent_until =
        greatest(a.spent_until, (SELECT now FROM asked)) + (excluded.spent_until - (SELECT now FROM asked))
    WHERE greatest(a.spent_until, (SELECT now FROM asked)) + (excluded.spent_until - (SELECT now FROM asked))
        <= (SELECT now + make_interval(secs => burst) FROM asked)
    RETURNING a.action
)
SELECT (spent.action IS NOT NULL)::boolean AS allowed,
    coalesce(greatest(0, extract(epoch FROM (old.spent_until - asked.now)) + asked.cost - asked.burst), 0)::float8 AS wait_seconds
FROM asked
LEFT JOIN spent ON true
LEFT JOIN allowance old ON old.account_id = asked.account_id AND old.action = asked.action AND old.subject = asked.subject;

-- name: AllowancePurge :execrows
-- Exempt: the schedule removes what counts like none.
-- @sqlc-vet-disable
DELETE FROM allowance WHERE (account_id, action, subject) IN (
    SELECT account_id, action, subject FROM allowance WHERE spent_until < @now::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: AllowanceForgive :exec
-- A limit starts anew, as after a right password.
DELETE FROM allowance WHERE account_id = @account_id AND action = @action AND subject = @subject;
