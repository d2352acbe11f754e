-- name: MetricCompute :exec
-- Counts the account's figures afresh and keeps them, as they are at the given time. Days are hours here, as in WaitingAfter and
-- ActiveWithin: a day's length depends on the server's time zone.
-- Exempt: bound to one account by the first line of its FROM.
-- @sqlc-vet-disable
INSERT INTO metric (account_id, contacts, invited, sent, bounced, filter_opened, opened, joined, active, waiting,
    invited_bounced, invited_opened, invited_joined, invited_active, uninvited_joined, computed_at)
SELECT clock.account_id, count(c.id), count(c.invited_at), count(c.sent_at), count(c.bounced_at),
    count(*) FILTER (WHERE c.filter_opened_at IS NOT NULL AND c.opened_at IS NULL AND c.joined_at IS NULL),
    count(c.opened_at), count(c.joined_at),
    count(*) FILTER (WHERE c.last_seen_at > clock.now - interval '720 hours'),
    count(*) FILTER (WHERE c.last_invited_at < clock.now - interval '168 hours' AND c.joined_at IS NULL AND c.bounced_at IS NULL),
    count(c.bounced_at) FILTER (WHERE c.invited_at IS NOT NULL), count(c.opened_at) FILTER (WHERE c.invited_at IS NOT NULL),
    count(c.joined_at) FILTER (WHERE c.invited_at IS NOT NULL),
    count(c.joined_at) FILTER (WHERE c.invited_at IS NOT NULL AND c.last_seen_at > clock.now - interval '720 hours'),
    count(c.joined_at) FILTER (WHERE c.invited_at IS NULL), clock.now
FROM (SELECT @account_id::uuid AS account_id, @now::timestamptz AS now) clock
LEFT JOIN contact c ON c.account_id = clock.account_id
GROUP BY clock.account_id, clock.now
ON CONFLICT (account_id) DO UPDATE SET contacts = excluded.contacts, invited = excluded.invited, sent = excluded.sent,
    bounced = excluded.bounced, filter_opened = excluded.filter_opened, opened = excluded.opened, joined = excluded.joined,
    active = excluded.active, waiting = excluded.waiting, invited_bounced = excluded.invited_bounced, invited_opened = excluded.invited_opened,
    invited_joined = excluded.invited_joined, invited_active = excluded.invited_active, uninvited_joined = excluded.uninvited_joined, computed_at = excluded.computed_at;

-- name: MetricSetTook :exec
UPDATE metric SET took_ms = @took_ms WHERE account_id = @account_id;

-- name: MetricPace :one
-- When the account was last counted, and how long that took.
SELECT computed_at, took_ms FROM metric WHERE account_id = @account_id;

-- name: MetricLock :one
-- The figures as they are kept, which no count changes until the transaction ends.
SELECT contacts, invited, sent, bounced, filter_opened, opened, joined, active, waiting, invited_bounced, invited_opened, invited_joined,
    invited_active, uninvited_joined, computed_at, recounted_at, drift
FROM metric WHERE account_id = @account_id FOR UPDATE;

-- name: MetricSetRecounted :exec
UPDATE metric SET recounted_at = @now::timestamptz, drift = @drift WHERE account_id = @account_id;

-- name: MetricComputeDays :exec
-- Counts first invitations, joins and last visits per day since the given time, in the account's time zone, and keeps them.
INSERT INTO metric_day (account_id, day, invited, joined, active)
SELECT @account_id::uuid, day, sum(invited), sum(joined), sum(active) FROM (
    SELECT (invited_at AT TIME ZONE @time_zone::text)::date AS day, 1 AS invited, 0 AS joined, 0 AS active
    FROM contact WHERE contact.account_id = @account_id AND invited_at >= @since::timestamptz
    UNION ALL
    SELECT (joined_at AT TIME ZONE @time_zone::text)::date, 0, 1, 0
    FROM contact WHERE contact.account_id = @account_id AND joined_at >= @since::timestamptz
    UNION ALL
    SELECT (last_seen_at AT TIME ZONE @time_zone::text)::date, 0, 0, 1
    FROM contact WHERE contact.account_id = @account_id AND last_seen_at >= @since::timestamptz
) happened GROUP BY day
ON CONFLICT (account_id, day) DO UPDATE SET invited = excluded.invited, joined = excluded.joined, active = excluded.active;

-- name: MetricDayClear :exec
-- Before the days are counted afresh: a contact that is gone leaves no day behind.
DELETE FROM metric_day WHERE account_id = @account_id AND day >= @since::date;

-- name: MetricByAccount :one
SELECT contacts, invited, sent, bounced, filter_opened, opened, joined, active, waiting, invited_bounced, invited_opened, invited_joined,
    invited_active, uninvited_joined, computed_at, recounted_at, drift
FROM metric WHERE account_id = @account_id;

-- name: MetricDayList :many
SELECT day, invited, joined, active FROM metric_day WHERE account_id = @account_id AND day >= @since::date ORDER BY day;

-- name: MetricAccounts :many
-- Every account, for the nightly count.
-- Exempt: the schedule counts all accounts.
-- @sqlc-vet-disable
SELECT id FROM account ORDER BY id;
