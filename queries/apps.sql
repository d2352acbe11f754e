-- name: AppListOfAll :many
-- What accounts chose for their apps, in order; for the directory.
-- Exempt: the directory is of all accounts.
-- @sqlc-vet-disable
SELECT account_id, app, switched_on, label FROM account_app ORDER BY account_id, position;

-- name: AppListOfAccount :many
-- What the account chose, in order; nothing when it chose nothing.
SELECT app, switched_on, label FROM account_app WHERE account_id = @account_id ORDER BY position;

-- name: AppLanding :one
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT id, landing FROM account WHERE id = @account_id;

-- name: AppMoney :one
-- How many contacts have something to pay, and how many a subscription that runs.
SELECT (SELECT count(DISTINCT i.contact_id) FROM invoice i
        WHERE i.account_id = @account_id AND i.state = 'open' AND i.payment <> 'processing' AND i.remaining_minor > 0) AS unpaid,
    (SELECT count(DISTINCT s.contact_id) FROM subscription s
        WHERE s.account_id = @account_id AND s.ended_at IS NULL AND s.state NOT IN ('incomplete', 'incomplete_expired', 'canceled')) AS running;

-- name: AppSave :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO account_app (account_id, app, position, switched_on, label) VALUES (@account_id, @app, @position, @switched_on, @label)
ON CONFLICT (account_id, app) DO UPDATE SET position = excluded.position, switched_on = excluded.switched_on, label = excluded.label;

-- name: AppSetLanding :exec
-- Comes after every AppSave: it is what tells programs to read the apps again.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET landing = @landing, changed_at = greatest(@now::timestamptz, changed_at + interval '1 microsecond')
WHERE id = @account_id;
