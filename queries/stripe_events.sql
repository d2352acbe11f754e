-- name: StripeEventInsert :execrows
-- 0 when the event is known already. While only one account sells through that Stripe account, it is about that one.
-- Exempt: which account an event is about is found out by its job.
-- @sqlc-vet-disable
INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, about_account_id)
VALUES (@stripe_account, @id, @type, @object_id, @created_at, @now,
    (SELECT (array_agg(s.id))[1] FROM (SELECT a.id FROM account a WHERE a.stripe_account = @stripe_account ORDER BY a.id LIMIT 2) s HAVING count(*) = 1)) ON CONFLICT DO NOTHING;

-- name: StripeEventForWork :one
-- An event that still waits or has failed, for its job; ErrNotFound when there is nothing left to do.
-- Exempt: which account an event is about is found out here.
-- @sqlc-vet-disable
SELECT type, object_id, created_at FROM stripe_event WHERE stripe_account = @stripe_account AND id = @id AND state IN ('waiting', 'failed');

-- name: StripeEventSetState :exec
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
UPDATE stripe_event SET state = @state, problem = @problem, done_at = @now::timestamptz, about_account_id = coalesce(sqlc.narg(about_account_id), about_account_id)
WHERE stripe_account = @stripe_account AND id = @id;

-- name: StripeEventSettle :exec
-- Events about an object that were given up, and are done now, because it was looked at.
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
UPDATE stripe_event SET state = 'done', problem = '', done_at = @now::timestamptz WHERE stripe_account = @stripe_account AND object_id = @object_id AND state = 'failed';

-- name: StripeEventSetAbout :exec
-- Whose an event is that is not done yet.
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
UPDATE stripe_event SET about_account_id = @about_account_id::uuid WHERE stripe_account = @stripe_account AND id = @id;

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

-- name: StripeIsAt :one
-- The Stripe account that an object of an account's is at: where the account sells, but for what was made before it changed that.
-- Exempt: the id is the account itself.
-- @sqlc-vet-disable
SELECT coalesce((SELECT i.stripe_account FROM invoice i WHERE i.account_id = a.id AND i.stripe_id = @object_id::text),
    (SELECT c.stripe_account FROM checkout c WHERE c.account_id = a.id AND c.stripe_session_id = @object_id::text), a.stripe_account)::text AS stripe_account
FROM account a WHERE a.id = @id;

-- name: StripeIsOurs :one
-- Whether what is at a Stripe account can be an account's: it sells there, or the object, the payment, or the checkout it comes from is known
-- to be there from when it did. What an object says of itself is not enough. ErrNotFound without such an account.
-- Exempt: the id is the account itself.
-- @sqlc-vet-disable
SELECT (a.stripe_account = @stripe_account::text
    OR EXISTS (SELECT FROM invoice i WHERE i.account_id = a.id AND i.stripe_id = @object_id::text AND i.stripe_account = @stripe_account)
    OR EXISTS (SELECT FROM sales_order o WHERE o.account_id = a.id AND o.stripe_payment_id = @object_id AND o.stripe_payment_id <> '' AND o.stripe_account = @stripe_account)
    OR EXISTS (SELECT FROM checkout c WHERE c.account_id = a.id AND c.id = @checkout_id::uuid AND c.stripe_account = @stripe_account))::boolean AS ours
FROM account a WHERE a.id = @id;

-- name: StripeStaysCheckouts :exec
-- What was made where the account sold stays there.
UPDATE checkout SET stripe_account = @stripe_account::text WHERE account_id = @account_id AND stripe_account IS NULL;

-- name: StripeStaysOrders :exec
-- As StripeStaysCheckouts.
UPDATE sales_order SET stripe_account = @stripe_account::text WHERE account_id = @account_id AND stripe_account IS NULL;

-- name: StripeStaysInvoices :exec
-- As StripeStaysCheckouts.
UPDATE invoice SET stripe_account = @stripe_account::text WHERE account_id = @account_id AND stripe_account IS NULL;

-- name: StripeAccounts :many
-- The Stripe accounts that accounts sell through; empty: the installation's own.
-- Exempt: the schedule walks them all.
-- @sqlc-vet-disable
SELECT DISTINCT stripe_account FROM account ORDER BY stripe_account;

-- name: StripeUnfinished :many
-- What is not settled here: it may have gone on at Stripe without an event coming, or its event was given up since a time. And the invoice
-- of which money went back while its order knows of none, as orders were written until a declined card told nothing of them.
-- Exempt: the schedule walks them all.
-- @sqlc-vet-disable
SELECT i.stripe_id::text AS object_id FROM invoice i JOIN account a ON a.id = i.account_id AND i.stripe_account IS NULL WHERE a.stripe_account = @stripe_account AND i.state IN ('draft', 'open', 'uncollectible')
UNION SELECT s.stripe_id FROM subscription s JOIN account a ON a.id = s.account_id WHERE a.stripe_account = @stripe_account AND s.ended_at IS NULL
UNION SELECT c.stripe_session_id FROM checkout c JOIN account a ON a.id = c.account_id AND c.stripe_account IS NULL
    WHERE a.stripe_account = @stripe_account AND c.state IN ('open', 'processing') AND c.stripe_session_id IS NOT NULL
UNION SELECT e.object_id FROM stripe_event e WHERE e.stripe_account = @stripe_account AND e.state = 'failed' AND e.received_at > @since::timestamptz
UNION SELECT i.stripe_id FROM invoice i JOIN account a ON a.id = i.account_id AND i.stripe_account IS NULL JOIN sales_order o ON o.account_id = i.account_id AND o.id = i.order_id
    WHERE a.stripe_account = @stripe_account AND i.refunded_minor + i.disputed_minor + i.lost_minor > 0 AND o.refunded_minor + o.disputed_minor + o.lost_minor = 0
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
INSERT INTO stripe_reconciliation (stripe_account, id, started_at) VALUES (@stripe_account, @id, @now);

-- name: StripeReconciliationGoesOn :exec
-- How far a walk is.
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
UPDATE stripe_reconciliation SET looked = @looked, total = @total WHERE stripe_account = @stripe_account AND id = @id;

-- name: StripeReconciliationFinish :exec
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
UPDATE stripe_reconciliation SET looked = @looked, total = @looked, differed = @differed, report = @report, finished_at = @now::timestamptz
WHERE stripe_account = @stripe_account AND id = @id;

-- name: StripeKnownUntil :one
-- Until when nothing of what happened at a Stripe account can have been missed: the beginning of the last walk that came to its end, or, when
-- none did, of the first checkout or invoice there; now without either.
-- Exempt: as StripeEventForWork.
-- @sqlc-vet-disable
SELECT coalesce((SELECT r.started_at FROM stripe_reconciliation r WHERE r.stripe_account = @stripe_account::text AND r.finished_at IS NOT NULL ORDER BY r.started_at DESC LIMIT 1),
    least((SELECT min(c.created_at) FROM checkout c JOIN account a ON a.id = c.account_id WHERE coalesce(c.stripe_account, a.stripe_account) = @stripe_account AND c.stripe_session_id IS NOT NULL),
        (SELECT min(i.created_at) FROM invoice i JOIN account a ON a.id = i.account_id WHERE coalesce(i.stripe_account, a.stripe_account) = @stripe_account)), @now)::timestamptz AS at;

-- name: StripeReconciliationList :many
-- The last walks over the Stripe account that an account sells through, with what of the account's differed. How many objects
-- there were is told only where nobody else sells through it; 0 otherwise.
-- Exempt: the id is the account itself, and the report is read for it alone.
-- @sqlc-vet-disable
SELECT r.id, r.started_at, r.finished_at, r.looked, r.total,
    coalesce((SELECT jsonb_agg(d) FROM jsonb_array_elements(r.report) AS d WHERE d->>'account' = (@id::uuid)::text), '[]')::jsonb AS report,
    (NOT EXISTS (SELECT FROM account b WHERE b.stripe_account = a.stripe_account AND b.id <> a.id))::boolean AS alone
FROM account a JOIN stripe_reconciliation r ON r.stripe_account = a.stripe_account
WHERE a.id = @id::uuid ORDER BY r.started_at DESC LIMIT 5;

-- name: StripeSettings :one
-- How an account sells.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT stripe_account, stripe_pending, grace_days, purchase_invoices FROM account WHERE id = @id;

-- name: StripeSettingsLock :one
-- As StripeSettings; nobody else changes them until the transaction ends.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT stripe_account, stripe_pending, grace_days, purchase_invoices FROM account WHERE id = @id FOR UPDATE;

-- name: StripeSetAccounts :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET stripe_account = @stripe_account, stripe_pending = @stripe_pending, changed_at = @now WHERE id = @id;

-- name: StripeSetGraceDays :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET grace_days = @grace_days, changed_at = @now WHERE id = @id;

-- name: StripeSetPurchaseInvoices :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET purchase_invoices = @purchase_invoices, changed_at = @now WHERE id = @id;

-- name: StripeEventFigures :one
-- How many of an account's events there are by what became of them; those of nothing of ours since a time.
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'failed') AS failed,
    (SELECT count(*) FROM stripe_event i WHERE i.about_account_id = @account_id::uuid AND i.state = 'ignored' AND i.created_at > @since::timestamptz)::bigint AS ignored
FROM stripe_event WHERE about_account_id = @account_id::uuid AND state IN ('waiting', 'failed');

-- name: StripeEventNewest :one
-- The last event about an account.
SELECT id, type, object_id, created_at, received_at, state FROM stripe_event WHERE about_account_id = @account_id::uuid ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: StripeEventNewestDone :one
-- The last event about an account that was looked at.
SELECT type, created_at, received_at, done_at FROM stripe_event
WHERE about_account_id = @account_id::uuid AND state = 'done' AND done_at IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: StripeEventUnsettled :many
-- Events about an account that wait or have failed, the newest first.
SELECT id, type, object_id, created_at, state, problem FROM stripe_event
WHERE about_account_id = @account_id::uuid AND state IN ('waiting', 'failed') ORDER BY created_at DESC, id DESC LIMIT @page_size;

-- name: StripeEventReplay :many
-- Has failed events of an account wait again, a thousand at a time; or with an id that one, whatever became of it.
UPDATE stripe_event e SET state = 'waiting', problem = ''
FROM (SELECT f.stripe_account, f.id FROM stripe_event f WHERE f.about_account_id = @account_id::uuid AND (@id::text = '' AND f.state = 'failed' OR f.id = @id::text)
    ORDER BY f.created_at DESC, f.id DESC LIMIT 1000 FOR UPDATE) AS chosen
WHERE e.about_account_id = @account_id::uuid AND e.stripe_account = chosen.stripe_account AND e.id = chosen.id
RETURNING e.stripe_account, e.id, e.type, e.object_id;

-- name: StripeEventReplayRange :many
-- Has the events of an account wait again that happened from a time until before another, whatever became of them: the newest so many.
UPDATE stripe_event e SET state = 'waiting', problem = ''
FROM (SELECT f.stripe_account, f.id FROM stripe_event f WHERE f.about_account_id = @account_id::uuid AND f.created_at >= @since::timestamptz AND f.created_at < @until::timestamptz
    ORDER BY f.created_at DESC, f.id DESC LIMIT @most FOR UPDATE) AS chosen
WHERE e.about_account_id = @account_id::uuid AND e.stripe_account = chosen.stripe_account AND e.id = chosen.id
RETURNING e.stripe_account, e.id;

-- name: StripeEventRange :many
-- The events about an account that happened from a time until before another, the newest first.
SELECT id, type, object_id, created_at, state, problem FROM stripe_event
WHERE about_account_id = @account_id::uuid AND created_at >= @since::timestamptz AND created_at < @until::timestamptz ORDER BY created_at DESC, id DESC LIMIT @page_size;

-- name: StripeEventRangeCount :one
SELECT count(*) FROM stripe_event WHERE about_account_id = @account_id::uuid AND created_at >= @since::timestamptz AND created_at < @until::timestamptz;

-- name: StripeEventIsThere :one
-- Whether an event is one about the account, whatever became of it.
SELECT EXISTS (SELECT FROM stripe_event WHERE about_account_id = @account_id::uuid AND id = @id);

-- name: StripeEventPurge :execrows
-- Removes what was looked at before a time. An event of a deleted invoice stays, since InvoiceReportedDeleted asks for it, and so do the newest
-- about an account and the newest of those that were done, which its page about Stripe tells of.
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM stripe_event WHERE (stripe_account, id) IN (
    SELECT e.stripe_account, e.id FROM stripe_event e
    WHERE e.state IN ('done', 'ignored') AND e.type <> 'invoice.deleted' AND e.done_at < @done_before::timestamptz AND (e.about_account_id IS NULL OR EXISTS (
        SELECT FROM stripe_event n WHERE n.about_account_id = e.about_account_id AND (n.created_at, n.id) > (e.created_at, e.id) AND (n.state = 'done' OR e.state = 'ignored')))
    LIMIT @portion FOR UPDATE OF e SKIP LOCKED);

-- name: StripeUnderWay :one
-- What of an account's still goes on at the Stripe account it sells through.
SELECT (SELECT count(*) FROM subscription s WHERE s.account_id = @account_id AND s.ended_at IS NULL AND s.state <> 'incomplete_expired')::bigint AS subscriptions,
    (SELECT count(*) FROM invoice i WHERE i.account_id = @account_id AND i.state IN ('draft', 'open'))::bigint AS invoices,
    (SELECT count(*) FROM checkout c WHERE c.account_id = @account_id AND (c.state = 'processing' OR c.state = 'open' AND c.stripe_session_id IS NOT NULL AND c.created_at > @since::timestamptz))::bigint AS checkouts;

-- name: StripeForgetPrices :exec
-- The prices that are offered are to be made anew, at another Stripe account.
UPDATE offer_price SET stripe_product_id = '', stripe_price_id = '' WHERE account_id = @account_id AND stripe_price_id <> '';

-- name: StripeForgetCustomers :exec
-- Another Stripe account knows no customer of the one before.
DELETE FROM stripe_customer WHERE account_id = @account_id;

-- name: StripePricesToMake :many
-- Prices that are offered and not made at Stripe yet.
SELECT id FROM offer_price WHERE account_id = @account_id AND stripe_price_id = '' AND replaced_at IS NULL;

-- name: SubscriptionsPastDue :many
-- Stripe's ids of the subscriptions whose access ends with the days of grace.
SELECT stripe_id FROM subscription WHERE account_id = @account_id AND past_due_since IS NOT NULL AND ended_at IS NULL;
