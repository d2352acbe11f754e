-- name: CheckoutInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO checkout (account_id, id, offer_id, price_id, contact_id, browser_hash, created_at, changed_at)
VALUES (@account_id, @id, @offer_id, @price_id, sqlc.narg(contact_id), @browser_hash, @now, @now);

-- name: CheckoutSetSession :exec
-- What Stripe calls it.
UPDATE checkout SET stripe_session_id = @stripe_session_id::text, changed_at = @now::timestamptz WHERE account_id = @account_id AND id = @id;

-- name: CheckoutLock :one
-- A checkout, which nobody else changes until the transaction ends.
SELECT c.id, c.offer_id, c.price_id, c.contact_id, coalesce(k.email, '')::text AS email, c.browser_hash, c.state, (c.stripe_account IS NULL OR c.stripe_account = a.stripe_account)::boolean AS sells_there, p.charged, o.access_days
FROM checkout c JOIN account a ON a.id = c.account_id JOIN offer_price p ON p.account_id = c.account_id AND p.id = c.price_id JOIN offer o ON o.account_id = c.account_id AND o.id = c.offer_id
LEFT JOIN contact k ON k.account_id = c.account_id AND k.id = c.contact_id
WHERE c.account_id = @account_id AND c.id = @id FOR UPDATE OF c;

-- name: CheckoutSetState :exec
UPDATE checkout SET state = @state, stripe_session_id = @stripe_session_id::text, changed_at = @now::timestamptz
WHERE account_id = @account_id AND id = @id AND (state <> @state OR stripe_session_id IS NULL);

-- name: CheckoutSetReturned :execrows
-- The money of a checkout that was confirmed did not come; 0 when that is known. over: and nothing of it can be charged any more.
UPDATE checkout SET state = 'failed', stripe_session_id = @stripe_session_id::text, email = nullif(@email::text, '')::citext,
    over_at = CASE WHEN @over::boolean THEN @now::timestamptz END, changed_at = @now::timestamptz
WHERE account_id = @account_id AND id = @id AND state <> 'failed';

-- name: CheckoutSetOver :exec
-- Nothing can be charged any more of a checkout whose money did not come.
UPDATE checkout SET over_at = @now::timestamptz WHERE account_id = @account_id AND id = @id AND state = 'failed' AND over_at IS NULL;

-- name: CheckoutReturned :one
-- Whom to tell that the money of their checkout did not come: the client it was for, or who confirmed it, who may be a contact. ErrNotFound
-- when they were told, or cannot be. Nobody else tells them until the transaction ends.
SELECT coalesce(k.email, c.email)::text AS email, k.id AS contact_id
FROM checkout c LEFT JOIN contact k ON k.account_id = c.account_id AND (k.id = c.contact_id OR c.contact_id IS NULL AND k.email = c.email)
WHERE c.account_id = @account_id AND c.id = @id AND c.state = 'failed' AND c.email IS NOT NULL AND k.bounced_at IS NULL
    AND NOT EXISTS (SELECT FROM mail m WHERE m.account_id = c.account_id AND m.checkout_id = c.id)
FOR UPDATE OF c;

-- name: CheckoutEmailForget :execrows
-- Exempt: the schedule forgets in all accounts the strangers who wanted to pay, with the mail that told them, a while after their money did not come.
-- @sqlc-vet-disable
WITH told AS (SELECT account_id, id FROM checkout WHERE email IS NOT NULL AND changed_at < @changed_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED),
mails AS (DELETE FROM mail m USING told WHERE m.account_id = told.account_id AND m.checkout_id = told.id AND m.contact_id IS NULL)
UPDATE checkout c SET email = NULL FROM told WHERE c.account_id = told.account_id AND c.id = told.id;

-- name: CheckoutUnpaid :one
-- Whether there is such a checkout, and it is not paid.
SELECT EXISTS (SELECT FROM checkout c WHERE c.account_id = @account_id AND c.id = @id AND c.state <> 'done')::boolean AS unpaid;

-- name: CheckoutSession :one
-- What Stripe calls a checkout, empty when it has not answered, and the Stripe account it is at.
SELECT coalesce(c.stripe_session_id, '')::text AS session_id, coalesce(c.stripe_account, a.stripe_account)::text AS stripe_account FROM checkout c JOIN account a ON a.id = c.account_id
WHERE c.account_id = @account_id AND c.id = @id;

-- name: CheckoutArrival :one
-- What the page knows that a buyer comes back to: the checkout with its order once there is one. A nil id stands for none. Of the subscription
-- and the invoice that came of it, by Stripe's ids, unseen are those that are not written here yet.
SELECT c.id, c.offer_id, c.state, (c.over_at IS NOT NULL)::boolean AS over, c.browser_hash, o.title, o.name::text AS name, (CASE o.landing WHEN '' THEN a.checkout_landing ELSE o.landing END)::text AS landing, coalesce(s.contact_id, c.contact_id, '00000000-0000-0000-0000-000000000000')::uuid AS contact_id,
    coalesce(s.made_contact, false)::boolean AS made_contact, coalesce(k.email::text, '')::text AS email, (k.joined_at IS NOT NULL)::boolean AS joined,
    coalesce(s.amount_minor, 0)::bigint AS amount_minor, coalesce(s.currency, '')::text AS currency, coalesce(s.created_at, c.created_at)::timestamptz AS bought_at,
    ARRAY(SELECT made FROM unnest(@made::text[]) made WHERE made <> ''
        AND NOT EXISTS (SELECT FROM subscription b WHERE b.account_id = c.account_id AND b.stripe_id = made)
        AND NOT EXISTS (SELECT FROM invoice i WHERE i.account_id = c.account_id AND i.stripe_id = made))::text[] AS unseen,
    coalesce((SELECT oc.course_id FROM offer_course oc JOIN course e ON e.account_id = oc.account_id AND e.id = oc.course_id
        WHERE oc.account_id = c.account_id AND oc.offer_id = c.offer_id AND e.published_at IS NOT NULL AND e.deleted_at IS NULL
        ORDER BY e.position, e.id LIMIT 1), '00000000-0000-0000-0000-000000000000')::uuid AS course_id
FROM checkout c JOIN offer o ON o.account_id = c.account_id AND o.id = c.offer_id JOIN account a ON a.id = c.account_id
LEFT JOIN sales_order s ON s.account_id = c.account_id AND s.checkout_id = c.id
LEFT JOIN contact k ON k.account_id = s.account_id AND k.id = s.contact_id
WHERE c.account_id = @account_id AND c.stripe_session_id = @stripe_session_id::text;
