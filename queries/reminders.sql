-- name: ReminderAccounts :many
-- Every account that has its contacts reminded.
-- Exempt: the schedule looks at all accounts.
-- @sqlc-vet-disable
SELECT id, time_zone FROM account WHERE reminder_days <> '{}' ORDER BY id;

-- name: ReminderSettings :one
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT reminder_days, time_zone FROM account WHERE id = @id;

-- name: ReminderSettingsSave :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET reminder_days = @reminder_days::smallint[], changed_at = @now::timestamptz WHERE id = @id;

-- name: ReminderDue :many
-- Living invitations whose next reminder is due: of as many days as are behind an invitation, the next one is reached. For an account
-- without days those offered are taken instead; with none either, nothing is due. Those that end after expires_by were sent again
-- lately. OFFSET 0 keeps the planner from asking every contact
-- first: invitation_reminder leads to the few that are due among a million.
-- Exempt: bound to one account by its first line.
-- @sqlc-vet-disable
WITH clock AS (
    SELECT a.id AS account_id, @now::timestamptz AS now, CASE WHEN a.reminder_days = '{}' THEN @offered::smallint[] ELSE a.reminder_days END AS days
    FROM account a WHERE a.id = @account_id
)
SELECT due.id, due.contact_id
FROM clock CROSS JOIN unnest(clock.days) WITH ORDINALITY AS d(day, nth) CROSS JOIN LATERAL (
    SELECT i.id, i.contact_id FROM invitation i
    WHERE i.account_id = clock.account_id AND i.reminded = d.nth - 1 AND i.created_at <= clock.now - d.day * interval '24 hours'
        AND i.ended_at IS NULL AND i.bounced_at IS NULL AND i.sent_at IS NOT NULL AND i.expires_at > clock.now
        AND i.expires_at <= @expires_by::timestamptz AND (i.reminded_at IS NULL OR i.reminded_at <= clock.now - interval '24 hours')
    OFFSET 0
) due CROSS JOIN LATERAL (
    SELECT 1 FROM contact c
    WHERE c.account_id = clock.account_id AND c.id = due.contact_id AND c.joined_at IS NULL AND c.bounced_at IS NULL AND c.no_mail_at IS NULL
    OFFSET 0
) wanted
LIMIT @page_size;

-- name: ReminderTake :one
-- Takes the reminder of an invitation when it is still due: all days that are reached are behind it from then on. Its contact is
-- locked and was looked at. ErrNotFound when there is nothing to remind of any more.
-- Exempt: bound to one account by the first line of its WHERE.
-- @sqlc-vet-disable
WITH clock AS (SELECT @account_id::uuid AS account_id, @id::uuid AS id, @now::timestamptz AS now, @days::smallint[] AS days), reached AS (
    SELECT i.account_id, i.id, (SELECT count(*) FROM unnest(clock.days) AS day WHERE i.created_at <= clock.now - day * interval '24 hours') AS days
    FROM clock JOIN invitation i ON i.account_id = clock.account_id AND i.id = clock.id
)
UPDATE invitation SET reminded = reached.days, reminded_at = clock.now FROM clock, reached
WHERE invitation.account_id = reached.account_id AND invitation.id = reached.id AND invitation.reminded < reached.days
    AND invitation.ended_at IS NULL AND invitation.bounced_at IS NULL AND invitation.sent_at IS NOT NULL AND invitation.expires_at > clock.now
    AND (invitation.reminded_at IS NULL OR invitation.reminded_at <= clock.now - interval '24 hours')
RETURNING invitation.contact_id, invitation.expires_at;
