-- name: SubscriptionOwner :one
-- Who a subscription belongs to and what bought it: by the customer who pays it, with the order whose grants follow it; the offer whose
-- price it is charged by, the one whose price it was when it was last looked at, and the title of the newest that is known.
SELECT c.contact_id, o.id AS order_id, coalesce(fp.title, f.title, '')::text AS title, a.grace_days, p.id AS price_id, p.offer_id AS offer_id,
    s.price_id AS was_price_id, coalesce(w.offer_id, o.offer_id, '00000000-0000-0000-0000-000000000000')::uuid AS was_offer_id
FROM stripe_customer c JOIN account a ON a.id = c.account_id
LEFT JOIN subscription s ON s.account_id = c.account_id AND s.stripe_id = @stripe_id::text
LEFT JOIN offer_price w ON w.account_id = s.account_id AND w.id = s.price_id
LEFT JOIN sales_order o ON o.account_id = c.account_id AND o.stripe_subscription_id = @stripe_id::text AND o.stripe_subscription_id <> ''
LEFT JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id
LEFT JOIN offer_price p ON p.account_id = c.account_id AND p.stripe_price_id = @price::text AND p.stripe_price_id <> ''
LEFT JOIN offer fp ON fp.account_id = p.account_id AND fp.id = p.offer_id
WHERE c.account_id = @account_id AND c.stripe_id = @customer::text LIMIT 1;

-- name: SubscriptionUpsert :one
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO subscription (account_id, id, contact_id, order_id, stripe_id, title, state, amount_minor, currency, charged, every, card, started_at, period_ends_at,
    trial_ends_at, cancels_at, past_due_since, ended_at, collection_paused, price_id, given, next_minor, off_minor, off_until, created_at, looked_at)
VALUES (@account_id, @id, @contact_id, sqlc.narg(order_id), @stripe_id, @title, @state, @amount_minor, @currency, @charged, @every, @card, @started_at, @period_ends_at,
    sqlc.narg(trial_ends_at), sqlc.narg(cancels_at), sqlc.narg(past_due_since), sqlc.narg(ended_at), @collection_paused, sqlc.narg(price_id), @given, sqlc.narg(next_minor), @off_minor, sqlc.narg(off_until), @now, @now)
ON CONFLICT (account_id, stripe_id) DO UPDATE SET title = excluded.title, state = excluded.state, amount_minor = excluded.amount_minor, currency = excluded.currency,
    charged = excluded.charged, every = excluded.every, card = excluded.card, period_ends_at = excluded.period_ends_at, trial_ends_at = excluded.trial_ends_at,
    cancels_at = excluded.cancels_at, past_due_since = excluded.past_due_since, ended_at = excluded.ended_at, collection_paused = excluded.collection_paused,
    price_id = excluded.price_id, given = excluded.given, next_minor = excluded.next_minor, off_minor = excluded.off_minor, off_until = excluded.off_until, looked_at = excluded.looked_at, order_id = coalesce(subscription.order_id, excluded.order_id)
RETURNING id;

-- name: SubscriptionByStripe :one
SELECT id, contact_id FROM subscription WHERE account_id = @account_id AND stripe_id = @stripe_id;

-- name: SubscriptionListOfContact :many
-- The client's subscriptions that ever began, those that go on first, all of these and at least 100 together, out of in_all; with the offer where it can be bought again, unless the client has all it gives, and as due_ the charge that
-- brings an unpaid one back, which is its newest.
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.card, s.started_at, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since,
    s.ended_at, s.collection_paused, s.given, s.next_minor, a.grace_days, s.stripe_id, s.order_id, first_on_its_way(s.account_id, s.id) AS on_its_way, coalesce((SELECT f.name::text FROM offer f
        LEFT JOIN offer_price p ON p.account_id = f.account_id AND p.id = s.price_id LEFT JOIN sales_order o ON o.account_id = f.account_id AND o.id = s.order_id
        WHERE f.account_id = s.account_id AND f.id = coalesce(p.offer_id, o.offer_id) AND f.switched_on AND EXISTS (
            SELECT FROM offer_course gives WHERE gives.account_id = f.account_id AND gives.offer_id = f.id AND NOT EXISTS (
                SELECT FROM access_grant g WHERE g.account_id = gives.account_id AND g.contact_id = s.contact_id AND g.course_id = gives.course_id
                    AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)))), '')::text AS offer_name,
    coalesce(due.id, '00000000-0000-0000-0000-000000000000')::uuid AS due_id, coalesce(due.remaining_minor, 0)::bigint AS due_minor, coalesce(due.on_its_way, false)::boolean AS due_on_its_way,
    count(*) OVER () AS in_all
FROM subscription s JOIN account a ON a.id = s.account_id
LEFT JOIN LATERAL charge_due(s.account_id, s.id) due ON true
WHERE s.account_id = @account_id AND s.contact_id = @contact_id AND s.state NOT IN ('incomplete', 'incomplete_expired')
ORDER BY (s.ended_at IS NOT NULL), s.id DESC
LIMIT greatest(100, (SELECT count(*) FROM subscription l WHERE l.account_id = @account_id AND l.contact_id = @contact_id AND l.state NOT IN ('incomplete', 'incomplete_expired') AND l.ended_at IS NULL));

-- name: SubscriptionOfContact :one
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.card, s.started_at, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since,
    s.ended_at, s.collection_paused, s.given, s.next_minor, a.grace_days, s.stripe_id, s.order_id, a.stripe_account, first_on_its_way(s.account_id, s.id) AS on_its_way,
    coalesce(due.id, '00000000-0000-0000-0000-000000000000')::uuid AS due_id, coalesce(due.remaining_minor, 0)::bigint AS due_minor, coalesce(due.on_its_way, false)::boolean AS due_on_its_way
FROM subscription s JOIN account a ON a.id = s.account_id
LEFT JOIN LATERAL charge_due(s.account_id, s.id) due ON true
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

-- name: SubscriptionList :many
-- An account's subscriptions, the newest first. Those that never began are nobody's business.
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.started_at, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since, s.ended_at, s.collection_paused, s.given, s.next_minor,
    c.name, c.email, a.grace_days, first_on_its_way(s.account_id, s.id) AS on_its_way, coalesce(due.on_its_way, false)::boolean AS due_on_its_way
FROM subscription s JOIN contact c ON c.account_id = s.account_id AND c.id = s.contact_id JOIN account a ON a.id = s.account_id
LEFT JOIN LATERAL charge_due(s.account_id, s.id) due ON true
WHERE s.account_id = @account_id AND s.id < @before::uuid AND s.state NOT IN ('incomplete', 'incomplete_expired')
    AND (sqlc.narg(pattern)::text IS NULL OR lower(s.title) LIKE sqlc.narg(pattern) OR lower(c.name) LIKE sqlc.narg(pattern) OR lower(c.email::text) LIKE sqlc.narg(pattern) OR lower(c.email::text) LIKE sqlc.narg(ascii)::text)
    AND (@shown::text = ''
        OR @shown = 'active' AND (s.state = 'active' OR s.given AND s.state = 'trialing') AND s.cancels_at IS NULL AND NOT s.collection_paused AND NOT first_on_its_way(s.account_id, s.id)
        OR @shown = 'coming' AND (s.state IN ('active', 'trialing') AND s.ended_at IS NULL AND NOT s.collection_paused AND first_on_its_way(s.account_id, s.id) OR due.on_its_way)
        OR @shown = 'trial' AND s.state = 'trialing' AND NOT s.given AND s.cancels_at IS NULL AND NOT s.collection_paused AND NOT first_on_its_way(s.account_id, s.id)
        OR @shown = 'failed' AND s.state IN ('past_due', 'unpaid') AND due.on_its_way IS NOT TRUE
        OR @shown = 'ending' AND s.cancels_at IS NOT NULL AND s.ended_at IS NULL
        OR @shown = 'paused' AND s.ended_at IS NULL AND (s.collection_paused OR s.state = 'paused')
        OR @shown = 'ended' AND s.state = 'canceled')
ORDER BY s.id DESC LIMIT @page_size;

-- name: SubscriptionOfAccount :one
-- A subscription as staff see it.
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.card, s.started_at, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since, s.ended_at,
    s.collection_paused, s.given, s.next_minor, s.price_id, s.stripe_id, s.order_id, s.contact_id, c.name, c.email, a.grace_days, a.stripe_account,
    first_on_its_way(s.account_id, s.id) AS on_its_way, coalesce(due.on_its_way, false)::boolean AS due_on_its_way
FROM subscription s JOIN contact c ON c.account_id = s.account_id AND c.id = s.contact_id JOIN account a ON a.id = s.account_id
LEFT JOIN LATERAL charge_due(s.account_id, s.id) due ON true
WHERE s.account_id = @account_id AND s.id = @id;

-- name: SubscriptionEnds :many
-- As SubscriptionGives, for staff, whoever's it is.
SELECT k.id, k.title, EXISTS (
    SELECT FROM access_grant other WHERE other.account_id = g.account_id AND other.contact_id = g.contact_id AND other.course_id = g.course_id AND other.id <> g.id
        AND grant_open(other.starts_at, other.ends_at, other.ended_at, @now::timestamptz)
)::boolean AS stays
FROM subscription s JOIN access_grant g ON g.account_id = s.account_id AND g.source = 'subscription' AND g.source_id = s.order_id AND g.ended_at IS NULL
JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id AND k.deleted_at IS NULL
WHERE s.account_id = @account_id AND s.id = @id ORDER BY k.position, k.id;

-- name: SubscriptionInvoices :many
-- What a subscription was charged, the newest first: SubscriptionChargesShown, and one more where there are more.
SELECT id, number, state, payment, total_minor, remaining_minor, refunded_minor, currency, paid_outside, memo, due_at, created_at
FROM invoice WHERE account_id = @account_id AND subscription_id = @subscription_id::uuid ORDER BY created_at DESC, id DESC LIMIT 25;

-- name: SubscriptionFigures :one
-- How many are in each state that SubscriptionList can be narrowed to, began in the time since, and ended in it after they had been paid for, as
-- one is taken to be of which no invoice is known. Those that never began count nowhere, given days are no trial, and a charge that failed
-- and is paid now by a bank is coming.
WITH paying AS (
    SELECT u.id FROM subscription u CROSS JOIN LATERAL charge_due(u.account_id, u.id) due
    WHERE u.account_id = @account_id AND u.state IN ('past_due', 'unpaid') AND due.on_its_way
), coming AS (
    SELECT DISTINCT i.subscription_id FROM invoice i
    WHERE i.account_id = @account_id AND i.state = 'open' AND i.payment = 'processing' AND first_on_its_way(i.account_id, i.subscription_id)
)
SELECT count(*) FILTER (WHERE (state = 'active' OR given AND state = 'trialing') AND cancels_at IS NULL AND NOT collection_paused AND c.subscription_id IS NULL) AS active,
    count(*) FILTER (WHERE state = 'trialing' AND NOT given AND cancels_at IS NULL AND NOT collection_paused AND c.subscription_id IS NULL) AS trials,
    count(*) FILTER (WHERE state IN ('past_due', 'unpaid') AND s.id NOT IN (SELECT id FROM paying)) AS failed,
    count(*) FILTER (WHERE cancels_at IS NOT NULL AND ended_at IS NULL AND state NOT IN ('incomplete', 'incomplete_expired')) AS ending,
    count(*) FILTER (WHERE (state = 'paused' OR collection_paused) AND ended_at IS NULL AND state NOT IN ('incomplete', 'incomplete_expired')) AS paused,
    count(*) FILTER (WHERE state IN ('active', 'trialing') AND ended_at IS NULL AND NOT collection_paused AND c.subscription_id IS NOT NULL
        OR s.id IN (SELECT id FROM paying)) AS coming,
    count(*) FILTER (WHERE state NOT IN ('incomplete', 'incomplete_expired') AND started_at >= @since::timestamptz) AS started,
    count(*) FILTER (WHERE state = 'canceled' AND ended_at >= @since::timestamptz AND (trial_ends_at IS NULL OR given OR ended_at > trial_ends_at)
        AND coalesce((SELECT bool_or(i.state = 'paid' OR i.paid_minor > 0) FROM invoice i WHERE i.account_id = s.account_id AND i.subscription_id = s.id), true)) AS churned
FROM subscription s LEFT JOIN coming c ON c.subscription_id = s.id WHERE s.account_id = @account_id;

-- name: SubscriptionRevenue :many
-- What comes in a month in each currency, after the discounts that go on, from those that are paid for: a year counts as twelve months, a
-- week as 12/52 of one. A charge that failed counts as long as it is tried, and the first one not before it has come.
WITH coming AS (
    SELECT DISTINCT i.subscription_id FROM invoice i
    WHERE i.account_id = @account_id AND i.state = 'open' AND i.payment = 'processing' AND first_on_its_way(i.account_id, i.subscription_id)
)
SELECT currency, round(sum((amount_minor - CASE WHEN coalesce(off_until > @now::timestamptz, true) THEN off_minor ELSE 0 END)::numeric / greatest(every, 1) * CASE charged WHEN 'year' THEN 1.0 / 12 WHEN 'week' THEN 52.0 / 12 ELSE 1 END))::bigint AS month_minor
FROM subscription s
WHERE s.account_id = @account_id AND (state IN ('active', 'past_due') OR given AND state = 'trialing') AND ended_at IS NULL AND NOT collection_paused
    AND NOT EXISTS (SELECT FROM coming c WHERE c.subscription_id = s.id)
GROUP BY currency ORDER BY currency;

-- name: SubscriptionUnpaid :many
-- A client's subscriptions whose charge failed, or whose trial is over with nothing to charge.
SELECT s.id, s.title, s.state, s.currency, s.period_ends_at, s.cancels_at, s.past_due_since, a.grace_days,
    coalesce(due.id, '00000000-0000-0000-0000-000000000000')::uuid AS due_id, coalesce(due.remaining_minor, 0)::bigint AS due_minor, coalesce(due.on_its_way, false)::boolean AS due_on_its_way
FROM subscription s JOIN account a ON a.id = s.account_id
LEFT JOIN LATERAL charge_due(s.account_id, s.id) due ON true
WHERE s.account_id = @account_id AND s.contact_id = @contact_id AND s.state IN ('past_due', 'unpaid', 'paused') AND s.ended_at IS NULL ORDER BY s.id LIMIT 4;

-- name: SubscriptionNewest :many
-- The newest subscriptions of a contact, for their page: SalesShown, and one more where there are more.
SELECT s.id, s.title, s.state, s.amount_minor, s.currency, s.charged, s.every, s.period_ends_at, s.trial_ends_at, s.cancels_at, s.past_due_since, s.ended_at, s.collection_paused, s.given, s.next_minor, a.grace_days,
    first_on_its_way(s.account_id, s.id) AS on_its_way, coalesce(due.on_its_way, false)::boolean AS due_on_its_way
FROM subscription s JOIN account a ON a.id = s.account_id
LEFT JOIN LATERAL charge_due(s.account_id, s.id) due ON true
WHERE s.account_id = @account_id AND s.contact_id = @contact_id AND s.state NOT IN ('incomplete', 'incomplete_expired') ORDER BY s.id DESC LIMIT 6;

-- name: SubscriptionPlans :many
-- What a subscription can change to: prices that offers are sold for again and again, in its currency, and made at Stripe.
SELECT p.id, p.offer_id, f.title, p.amount_minor, p.currency, p.charged, p.stripe_price_id
FROM subscription s JOIN offer_price p ON p.account_id = s.account_id AND p.currency = s.currency AND p.charged <> 'once' AND p.replaced_at IS NULL AND p.stripe_price_id <> ''
    AND p.id IS DISTINCT FROM s.price_id
JOIN offer f ON f.account_id = p.account_id AND f.id = p.offer_id AND f.switched_on
WHERE s.account_id = @account_id AND s.id = @id ORDER BY f.title, p.amount_minor, p.id;

-- name: SubscriptionPlanCourses :many
-- What changes for a client with another plan: the courses that come, or that go, and whether they have or keep each by something else.
SELECT k.id, k.title, (oc.course_id IS NOT NULL)::boolean AS comes, EXISTS (
    SELECT FROM access_grant other WHERE other.account_id = s.account_id AND other.contact_id = s.contact_id AND other.course_id = k.id
        AND NOT (other.source = 'subscription' AND other.source_id = s.order_id)
        AND grant_open(other.starts_at, other.ends_at, other.ended_at, @now::timestamptz)
)::boolean AS stays
FROM subscription s JOIN course k ON k.account_id = s.account_id AND k.deleted_at IS NULL
LEFT JOIN offer_price p ON p.account_id = s.account_id AND p.id = @price_id::uuid
LEFT JOIN offer_course oc ON oc.account_id = s.account_id AND oc.offer_id = p.offer_id AND oc.course_id = k.id
LEFT JOIN access_grant g ON g.account_id = s.account_id AND g.source = 'subscription' AND g.source_id = s.order_id AND g.course_id = k.id AND g.ended_at IS NULL
WHERE s.account_id = @account_id AND s.id = @id AND s.order_id IS NOT NULL AND (oc.course_id IS NULL) <> (g.id IS NULL) ORDER BY k.position, k.id;

-- name: SubscriptionCharges :many
-- What a client's subscription was charged, the newest first: SubscriptionChargesListed, and one more where there are more.
SELECT id, number, state, payment, total_minor, remaining_minor, refunded_minor, currency, coalesce(nullif(memo, ''), lines -> 0 ->> 'text', '')::text AS about, issued_at, due_at, paid_at, created_at
FROM invoice WHERE account_id = @account_id AND contact_id = @contact_id AND subscription_id = @subscription_id::uuid AND state <> 'draft' AND total_minor > 0
ORDER BY created_at DESC, id DESC LIMIT 61;
