-- +goose Up
-- Who types the address of somebody else at a checkout becomes one of their customers at Stripe, and no more than that; a plan whose first
-- money is on its way is not paid yet; and one whose money did not come may still be charged for, until it is ended.

ALTER TABLE stripe_customer ADD COLUMN by_address boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN stripe_customer.by_address IS 'Whether nothing but an address that was typed at a checkout says that it is the contact, who was known before and not signed in there.';

-- A customer and the order that brought them were written at the same moment.
UPDATE stripe_customer k SET by_address = true FROM sales_order o JOIN checkout c ON c.account_id = o.account_id AND c.id = o.checkout_id
WHERE o.account_id = k.account_id AND o.contact_id = k.contact_id AND o.created_at = k.created_at AND NOT o.made_contact AND c.contact_id IS NULL;

-- +goose StatementBegin
-- The customer at Stripe by whom a contact pays here; null for none. The newest of those who are the contact for certain; without one the
-- oldest of the others, so that nobody who types their address later comes before.
CREATE FUNCTION customer_of(of_account uuid, of_contact uuid) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT k.stripe_id FROM stripe_customer k WHERE k.account_id = of_account AND k.contact_id = of_contact
ORDER BY k.by_address, CASE WHEN k.by_address THEN k.created_at END, k.created_at DESC, k.stripe_id LIMIT 1
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whether the first money for a subscription is on its way: a bank takes days, and Stripe calls it active meanwhile.
CREATE FUNCTION first_on_its_way(of_account uuid, of_subscription uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(bool_or(i.state = 'open' AND i.payment = 'processing') AND NOT bool_or(i.paid_minor > 0), false)
FROM invoice i WHERE i.account_id = of_account AND i.subscription_id = of_subscription
$$;
-- +goose StatementEnd

ALTER TABLE checkout ADD COLUMN over_at timestamptz;
COMMENT ON COLUMN checkout.over_at IS 'Since when nothing can be charged any more of one whose money did not come; null otherwise, and while something may be.';
UPDATE checkout c SET over_at = c.changed_at FROM offer_price p
WHERE p.account_id = c.account_id AND p.id = c.price_id AND c.state = 'failed' AND (p.charged = 'once' OR EXISTS (SELECT FROM mail m WHERE m.account_id = c.account_id AND m.checkout_id = c.id));
