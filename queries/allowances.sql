-- name: AllowanceSpend :many
-- Spends one from each of several limits, given as arrays of equal length and sorted alike by every caller so that two
-- of them cannot lock each other out. Generic cell rate algorithm: each use moves spent_until by cost; a use that would
-- move it further than burst past now is refused and moves nothing. Returns for each limit whether it was allowed and
-- the seconds until it next would be.
-- Exempt: inserts; their account_id is a column of the rows.
-- @sqlc-vet-disable
WITH clock AS (
    SELECT @account_id::uuid AS account_id, @now::timestamptz AS now
), asked AS (
    SELECT unnest(@actions::text[]) AS action, unnest(@subjects::bytea[]) AS subject,
        unnest(@costs_seconds::float8[]) AS cost, unnest(@bursts_seconds::float8[]) AS burst
), spent AS (
    INSERT INTO allowance AS a (account_id, action, subject, spent_until)
    SELECT clock.account_id, asked.action, asked.subject, clock.now + make_interval(secs => asked.cost) FROM clock, asked
    ON CONFLICT (account_id, action, subject) DO UPDATE SET spent_until =
        greatest(a.spent_until, (SELECT now FROM clock)) + (excluded.spent_until - (SELECT now FROM clock))
    WHERE greatest(a.spent_until, (SELECT now FROM clock)) + (excluded.spent_until - (SELECT now FROM clock))
        <= (SELECT clock.now + make_interval(secs => asked.burst) FROM clock, asked WHERE asked.action = a.action AND asked.subject = a.subject)
    RETURNING a.action, a.subject
)
SELECT asked.action::text AS action, (spent.action IS NOT NULL)::boolean AS allowed,
    coalesce(greatest(0, extract(epoch FROM (old.spent_until - clock.now)) + asked.cost - asked.burst), 0)::float8 AS wait_seconds
FROM clock CROSS JOIN asked
LEFT JOIN spent ON spent.action = asked.action AND spent.subject = asked.subject
LEFT JOIN allowance old ON old.account_id = clock.account_id AND old.action = asked.action AND old.subject = asked.subject;

-- name: AllowancePurge :execrows
-- Exempt: the schedule removes what counts like none.
-- @sqlc-vet-disable
DELETE FROM allowance WHERE spent_until < @now::timestamptz;

-- name: AllowanceForgive :exec
-- A limit starts anew, as after a right password.
DELETE FROM allowance WHERE account_id = @account_id AND action = @action AND subject = @subject;
