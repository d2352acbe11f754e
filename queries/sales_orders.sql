-- name: OrderInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, stripe_payment_id, stripe_subscription_id, created_at, changed_at)
VALUES (@account_id, @id, @contact_id, @offer_id, @price_id, @checkout_id, @made_contact, @amount_minor, @currency, @stripe_payment_id, @stripe_subscription_id, @now, @now);

-- name: OrderCourses :many
-- The courses an offer gives, drafts among them: who bought it has them once they are published.
SELECT course_id FROM offer_course WHERE account_id = @account_id AND offer_id = @offer_id ORDER BY course_id;

-- name: StripeCustomerUpsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO stripe_customer (account_id, stripe_id, contact_id, created_at) VALUES (@account_id, @stripe_id, @contact_id, @now)
ON CONFLICT (account_id, stripe_id) DO NOTHING;
