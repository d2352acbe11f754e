-- name: SubscriptionOwner :one
-- Who a subscription belongs to and what bought it: by the customer who pays it, with the order whose grants follow it.
SELECT c.contact_id, coalesce(o.id, '00000000-0000-0000-0000-000000000000')::uuid AS order_id, coalesce(f.title, '')::text AS title, a.grace_days
FROM stripe_customer c JOIN account a ON a.id = c.account_id
LEFT JOIN sales_order o ON o.account_id = c.account_id AND o.stripe_subscription_id = @stripe_id::text AND o.stripe_subscription_id <> ''
LEFT JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id
WHERE c.account_id = @account_id AND c.stripe_id = @customer::text LIMIT 1;

-- name: SubscriptionUpsert :one
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO subscription (account_id, id, contact_id, order_id, stripe_id, title, state, amount_minor, currency, charged, every, card, started_at, period_ends_at,
    trial_ends_at, cancels_at, past_due_since, ended_at, created_at, looked_at)
VALUES (@account_id, @id, @contact_id, sqlc.narg(order_id), @stripe_id, @title, @state, @amount_minor, @currency, @charged, @every, @card, @started_at, @period_ends_at,
    sqlc.narg(trial_ends_at), sqlc.narg(cancels_at), sqlc.narg(past_due_since), sqlc.narg(ended_at), @now, @now)
ON CONFLICT (account_id, stripe_id) DO UPDATE SET title = excluded.title, state = excluded.state, amount_minor = excluded.amount_minor, currency = excluded.currency,
    charged = excluded.charged, every = excluded.every, card = excluded.card, period_ends_at = excluded.period_ends_at, trial_ends_at = excluded.trial_ends_at,
    cancels_at = excluded.cancels_at, past_due_since = excluded.past_due_since, ended_at = excluded.ended_at, looked_at = excluded.looked_at,
    order_id = coalesce(subscription.order_id, excluded.order_id)
RETURNING id;

-- name: SubscriptionByStripe :one
SELECT id, contact_id FROM subscription WHERE account_id = @account_id AND stripe_id = @stripe_id;

-- name: SubscriptionListOfContact :many
-- The client's subscriptions, those that go on first.
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.card, s.started_at, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since,
    s.ended_at, a.grace_days, s.stripe_id
FROM subscription s JOIN account a ON a.id = s.account_id
WHERE s.account_id = @account_id AND s.contact_id = @contact_id
ORDER BY (s.ended_at IS NOT NULL), s.id DESC LIMIT 100;

-- name: SubscriptionOfContact :one
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.card, s.started_at, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since,
    s.ended_at, a.grace_days, s.stripe_id, a.stripe_account, coalesce((SELECT c.stripe_id FROM stripe_customer c WHERE c.account_id = s.account_id AND c.contact_id = s.contact_id
        ORDER BY c.created_at DESC LIMIT 1), '')::text AS customer
FROM subscription s JOIN account a ON a.id = s.account_id
WHERE s.account_id = @account_id AND s.contact_id = @contact_id AND s.id = @id;

-- name: SubscriptionGives :many
-- The courses that a client has by a subscription, and whether they keep each of them by something else when it ends.
SELECT k.id, k.title, EXISTS (
    SELECT FROM access_grant other WHERE other.account_id = g.account_id AND other.contact_id = g.contact_id AND other.course_id = g.course_id AND other.id <> g.id
        AND grant_open(other.starts_at, other.ends_at, other.ended_at, @now::timestamptz)
)::boolean AS stays
FROM subscription s JOIN access_grant g ON g.account_id = s.account_id AND g.source = 'subscription' AND g.source_id = s.order_id AND g.ended_at IS NULL
JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id AND k.published_at IS NOT NULL AND k.deleted_at IS NULL
WHERE s.account_id = @account_id AND s.contact_id = @contact_id AND s.id = @id ORDER BY k.position, k.id;
