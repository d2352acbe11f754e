-- name: OrderInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, stripe_account, stripe_payment_id, stripe_subscription_id, created_at, changed_at)
VALUES (@account_id, @id, @contact_id, @offer_id, @price_id, @checkout_id, @made_contact, @amount_minor, @currency,
    (SELECT c.stripe_account FROM checkout c WHERE c.account_id = @account_id AND c.id = @checkout_id), @stripe_payment_id, @stripe_subscription_id, @now, @now);

-- name: OrderCourses :many
-- The courses an offer gives, drafts among them: who bought it has them once they are published.
SELECT course_id FROM offer_course WHERE account_id = @account_id AND offer_id = @offer_id ORDER BY course_id;

-- name: StripeCustomerUpsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO stripe_customer (account_id, stripe_id, contact_id, created_at, by_address) VALUES (@account_id, @stripe_id, @contact_id, @now, @by_address)
ON CONFLICT (account_id, stripe_id) DO NOTHING;

-- name: StripeCustomersOf :many
-- The customers at Stripe who are one of these contacts.
SELECT stripe_id FROM stripe_customer WHERE account_id = @account_id AND contact_id = ANY (@contacts::uuid[]) ORDER BY stripe_id;

-- name: StripeCustomerIs :one
-- Who a customer at Stripe is, and the Stripe account they are at; ErrNotFound for nobody's.
SELECT c.email, c.name, a.stripe_account FROM stripe_customer k JOIN contact c ON c.account_id = k.account_id AND c.id = k.contact_id JOIN account a ON a.id = k.account_id
WHERE k.account_id = @account_id AND k.stripe_id = @stripe_id;

-- name: OrderList :many
-- What was bought, the newest first.
SELECT o.id, f.title, c.name, c.email, o.amount_minor, o.currency, o.refunded_minor, (o.stripe_subscription_id <> '')::boolean AS subscribed, o.created_at
FROM sales_order o JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id JOIN contact c ON c.account_id = o.account_id AND c.id = o.contact_id
WHERE o.account_id = @account_id AND o.id < @before::uuid
    AND (sqlc.narg(pattern)::text IS NULL OR lower(f.title) LIKE sqlc.narg(pattern) OR lower(c.name) LIKE sqlc.narg(pattern) OR lower(c.email::text) LIKE sqlc.narg(pattern) OR lower(c.email::text) LIKE sqlc.narg(ascii)::text)
    AND (@shown::text = '' OR @shown = 'paid' AND o.refunded_minor < o.amount_minor OR @shown = 'refunded' AND o.refunded_minor > 0 OR @shown = 'free' AND o.amount_minor = 0)
ORDER BY o.id DESC LIMIT @page_size;

-- name: OrderOfAccount :one
SELECT o.id, f.title, o.offer_id, o.contact_id, c.name, c.email, o.made_contact, o.amount_minor, o.currency, o.refunded_minor, o.disputed_minor, o.lost_minor, o.stripe_payment_id, s.id AS subscription_id, o.created_at, coalesce(o.stripe_account, a.stripe_account)::text AS stripe_account,
    EXISTS (SELECT FROM access_grant g WHERE g.account_id = o.account_id AND g.source = 'order' AND g.source_id = o.id AND g.nth > 0 AND g.ended_at IS NULL)::boolean AS given_again,
    i.id AS invoice_id, coalesce(i.number, '')::text AS invoice_number
FROM sales_order o JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id JOIN contact c ON c.account_id = o.account_id AND c.id = o.contact_id JOIN account a ON a.id = o.account_id
LEFT JOIN subscription s ON s.account_id = o.account_id AND s.order_id = o.id LEFT JOIN invoice i ON i.account_id = o.account_id AND i.order_id = o.id
WHERE o.account_id = @account_id AND o.id = @id LIMIT 1;

-- name: OrderGives :many
-- The courses that a client has by an order, and whether they keep each of them by something else when it ends.
SELECT k.id, k.title, EXISTS (
    SELECT FROM access_grant other WHERE other.account_id = g.account_id AND other.contact_id = g.contact_id AND other.course_id = g.course_id AND other.id <> g.id
        AND grant_open(other.starts_at, other.ends_at, other.ended_at, @now::timestamptz)
)::boolean AS stays
FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id AND k.deleted_at IS NULL
WHERE g.account_id = @account_id AND g.source IN ('order', 'subscription') AND g.source_id = @id::uuid AND g.ended_at IS NULL ORDER BY k.position, k.id;

-- name: OrderNewest :many
-- The newest orders of a contact, for their page, as SubscriptionNewest.
SELECT o.id, f.title, o.amount_minor, o.currency, o.refunded_minor, (o.stripe_subscription_id <> '')::boolean AS subscribed, o.created_at
FROM sales_order o JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id
WHERE o.account_id = @account_id AND o.contact_id = @contact_id ORDER BY o.id DESC LIMIT 6;

-- name: ContactForBilling :one
-- Whom an invoice is for: with the customer at Stripe by whom they pay, empty for none.
SELECT c.id, c.name, c.email, a.stripe_account, coalesce(customer_of(c.account_id, c.id), '')::text AS customer
FROM contact c JOIN account a ON a.id = c.account_id WHERE c.account_id = @account_id AND c.id = @id;
