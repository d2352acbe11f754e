-- name: InvoiceReminderAccounts :many
-- Every account that has its clients reminded of invoices.
-- Exempt: the schedule looks at all accounts.
-- @sqlc-vet-disable
SELECT id FROM account WHERE invoice_reminder_days <> '{}' ORDER BY id;

-- name: InvoiceReminderSettings :one
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT invoice_reminder_days, time_zone FROM account WHERE id = @id;

-- name: InvoiceReminderSettingsSave :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET invoice_reminder_days = @invoice_reminder_days::smallint[], changed_at = @now::timestamptz WHERE id = @id;

-- name: InvoiceReminderDue :many
-- Open invoices, in order of id from after the given one, of which a day was reached lately that no reminder was sent on or after, by the
-- day of the client. For an account without days those offered are taken instead. The hour where the client is decides further.
SELECT i.id, i.stripe_id, coalesce(i.stripe_account, a.stripe_account)::text AS stripe_account, coalesce(nullif(c.time_zone, ''), a.time_zone)::text AS zone
FROM invoice i JOIN contact c ON c.account_id = i.account_id AND c.id = i.contact_id AND c.bounced_at IS NULL AND c.no_mail_at IS NULL
    AND c.no_invoice_mail_at IS NULL JOIN account a ON a.id = i.account_id
WHERE i.account_id = @account_id AND i.id > @after::uuid AND i.state = 'open' AND i.payment <> 'processing' AND i.remaining_minor > 0 AND i.due_at < @now::timestamptz AND EXISTS (
    SELECT FROM unnest(CASE WHEN a.invoice_reminder_days = '{}' THEN @offered::smallint[] ELSE a.invoice_reminder_days END) AS n (days)
    WHERE local_day(i.due_at, coalesce(nullif(c.time_zone, ''), a.time_zone)) + n.days::integer BETWEEN local_day(@now::timestamptz, coalesce(nullif(c.time_zone, ''), a.time_zone)) - @within_days::integer
            AND local_day(@now::timestamptz, coalesce(nullif(c.time_zone, ''), a.time_zone))
        AND NOT EXISTS (SELECT FROM invoice_reminder r WHERE r.account_id = i.account_id AND r.invoice_id = i.id
            AND r.day >= local_day(i.due_at, coalesce(nullif(c.time_zone, ''), a.time_zone)) + n.days::integer)
)
ORDER BY i.id LIMIT @page_size;

-- name: InvoiceReminderTake :one
-- Takes today's reminder of an invoice that is to be paid. ErrNotFound when it is not, or no longer, or its client was reminded today.
INSERT INTO invoice_reminder (account_id, invoice_id, day, by_staff, created_at)
SELECT i.account_id, i.id, local_day(@now::timestamptz, coalesce(nullif(c.time_zone, ''), a.time_zone)), @by_staff, @now::timestamptz
FROM invoice i JOIN contact c ON c.account_id = i.account_id AND c.id = i.contact_id JOIN account a ON a.id = i.account_id
WHERE i.account_id = @account_id AND i.id = @id AND i.state = 'open' AND i.payment <> 'processing' AND i.remaining_minor > 0
ON CONFLICT DO NOTHING
RETURNING day;

-- name: InvoiceContact :one
SELECT contact_id FROM invoice WHERE account_id = @account_id AND id = @id;
