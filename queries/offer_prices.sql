-- name: OfferPriceCurrent :one
-- What an offer costs now; ErrNotFound for a free one.
SELECT p.id, p.offer_id, p.amount_minor, p.currency, p.charged, p.trial_days, p.stripe_price_id, o.title, o.name::text AS name, a.stripe_account
FROM offer_price p JOIN offer o ON o.account_id = p.account_id AND o.id = p.offer_id JOIN account a ON a.id = p.account_id
WHERE p.account_id = @account_id AND p.offer_id = @offer_id AND p.replaced_at IS NULL;

-- name: OfferPriceForStripe :one
-- A price as it is to be made at Stripe, what it is there already, and the product there that the offer has; empty for none.
SELECT p.id, p.offer_id, p.amount_minor, p.currency, p.charged, o.title, a.stripe_account, p.stripe_price_id,
    coalesce((SELECT r.stripe_product_id FROM offer_price r WHERE r.account_id = p.account_id AND r.offer_id = p.offer_id AND r.stripe_product_id <> ''
        ORDER BY r.created_at DESC LIMIT 1), '')::text AS product
FROM offer_price p JOIN offer o ON o.account_id = p.account_id AND o.id = p.offer_id JOIN account a ON a.id = p.account_id
WHERE p.account_id = @account_id AND p.id = @id;

-- name: OfferProduct :one
-- What an offer is at Stripe, with what it is called here; ErrNotFound when it is nothing there.
SELECT p.stripe_product_id, o.title, o.changed_at, a.stripe_account
FROM offer_price p JOIN offer o ON o.account_id = p.account_id AND o.id = p.offer_id JOIN account a ON a.id = p.account_id
WHERE p.account_id = @account_id AND p.offer_id = @offer_id AND p.stripe_product_id <> '' ORDER BY p.created_at DESC LIMIT 1;

-- name: OfferPriceInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, trial_days, created_at)
VALUES (@account_id, @id, @offer_id, @amount_minor, @currency, @charged, @trial_days, @now);

-- name: OfferPriceReplace :execrows
-- Ends the price that is offered now.
UPDATE offer_price SET replaced_at = @now::timestamptz WHERE account_id = @account_id AND offer_id = @offer_id AND replaced_at IS NULL;

-- name: OfferPriceSetStripe :exec
UPDATE offer_price SET stripe_product_id = @stripe_product_id, stripe_price_id = @stripe_price_id WHERE account_id = @account_id AND id = @id;

-- name: OfferPriceByName :one
-- What an offer that is switched on costs now, by the offer's name; ErrNotFound for a free one.
SELECT p.id, p.offer_id, p.amount_minor, p.currency, p.charged, p.stripe_product_id, p.stripe_price_id, a.stripe_account, a.purchase_invoices,
    coalesce(customer_of(p.account_id, @contact_id::uuid), '')::text AS customer
FROM offer o JOIN offer_price p ON p.account_id = o.account_id AND p.offer_id = o.id AND p.replaced_at IS NULL JOIN account a ON a.id = o.account_id
WHERE o.account_id = @account_id AND o.name = @name AND o.switched_on;
