-- name: StripeEventInsert :execrows
-- 0 when the event is known already.
-- Exempt: which account an event is about is found out by its job.
-- @sqlc-vet-disable
INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at)
VALUES (@stripe_account, @id, @type, @object_id, @created_at, @now) ON CONFLICT DO NOTHING;

-- name: StripeEventForWork :one
-- An event that still waits or has failed, for its job; ErrNotFound when there is nothing left to do.
-- Exempt: which account an event is about is found out here.
-- @sqlc-vet-disable
SELECT type, object_id, created_at FROM stripe_event WHERE stripe_account = @stripe_account AND id = @id AND state IN ('waiting', 'failed');

-- name: StripeEventSetState :exec
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
UPDATE stripe_event SET state = @state, problem = @problem, done_at = @now::timestamptz WHERE stripe_account = @stripe_account AND id = @id;

-- name: StripeLock :exec
-- Waits until nobody else writes what Stripe says about an object, until the transaction ends.
-- Exempt: a lock, no row.
-- @sqlc-vet-disable
SELECT pg_advisory_xact_lock(hashtextextended('stripe:' || @stripe_account::text || ':' || @object_id::text, 0));

-- name: AccountOfStripe :one
-- The connected Stripe account that an account sells through; empty: the installation's own.
-- Exempt: the id is the account itself.
-- @sqlc-vet-disable
SELECT stripe_account FROM account WHERE id = @id;

-- name: StripeAccounts :many
-- The Stripe accounts that accounts sell through; empty: the installation's own.
-- Exempt: the schedule walks them all.
-- @sqlc-vet-disable
SELECT DISTINCT stripe_account FROM account ORDER BY stripe_account;

-- name: StripeUnfinished :many
-- What is not settled here: it may have gone on at Stripe without an event coming.
-- Exempt: the schedule walks them all.
-- @sqlc-vet-disable
SELECT i.stripe_id::text AS object_id FROM invoice i JOIN account a ON a.id = i.account_id WHERE a.stripe_account = @stripe_account AND i.state IN ('draft', 'open', 'uncollectible')
UNION SELECT s.stripe_id FROM subscription s JOIN account a ON a.id = s.account_id WHERE a.stripe_account = @stripe_account AND s.ended_at IS NULL
UNION SELECT c.stripe_session_id FROM checkout c JOIN account a ON a.id = c.account_id
    WHERE a.stripe_account = @stripe_account AND c.state IN ('open', 'processing') AND c.stripe_session_id IS NOT NULL
LIMIT 20000;

-- name: StripeStanding :one
-- How an object stands here, as a fingerprint that changes with anything but when it was looked at.
-- Exempt: ids of Stripe's are asked across accounts.
-- @sqlc-vet-disable
SELECT md5(coalesce((SELECT string_agg((to_jsonb(i) - 'looked_at')::text, '') FROM invoice i JOIN account a ON a.id = i.account_id WHERE a.stripe_account = @stripe_account AND i.stripe_id = @object_id), '')
    || coalesce((SELECT string_agg((to_jsonb(s) - 'looked_at')::text, '') FROM subscription s JOIN account a ON a.id = s.account_id WHERE a.stripe_account = @stripe_account AND s.stripe_id = @object_id), '')
    || coalesce((SELECT string_agg(c.state::text, '') FROM checkout c JOIN account a ON a.id = c.account_id WHERE a.stripe_account = @stripe_account AND c.stripe_session_id = @object_id), ''))::text AS standing;

-- name: StripeReconciliationInsert :exec
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
INSERT INTO stripe_reconciliation (stripe_account, id, started_at, finished_at, looked, differed, report)
VALUES (@stripe_account, @id, @started_at, @finished_at, @looked, @differed, @report);
