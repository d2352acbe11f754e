-- +goose Up
-- What an order gave is given again when the money that had gone back comes back.

COMMENT ON COLUMN access_grant.nth IS 'How many times its source had given the course before; above 0 where a subscription came back to a plan it was on, or an order is paid again after all.';

-- Money is given back, and disputed, where it was taken, also when the account sells through another Stripe account by then.

ALTER TABLE checkout ADD COLUMN stripe_account text;
ALTER TABLE sales_order ADD COLUMN stripe_account text;
ALTER TABLE invoice ADD COLUMN stripe_account text;
COMMENT ON COLUMN checkout.stripe_account IS 'The connected Stripe account it is at, empty for the installation''s own; null: the one that the account sells through, as long as it has not changed that.';
COMMENT ON COLUMN sales_order.stripe_account IS 'As checkout.stripe_account: where its money went.';
COMMENT ON COLUMN invoice.stripe_account IS 'As checkout.stripe_account.';

-- What Stripe reported from elsewhere is from before a change.
UPDATE checkout c SET stripe_account = e.stripe_account FROM account a, (SELECT object_id, min(stripe_account) AS stripe_account FROM stripe_event WHERE object_id LIKE 'cs\_%' GROUP BY object_id) e
WHERE a.id = c.account_id AND e.object_id = c.stripe_session_id AND a.stripe_account <> e.stripe_account;
UPDATE invoice i SET stripe_account = e.stripe_account FROM account a, (SELECT object_id, min(stripe_account) AS stripe_account FROM stripe_event WHERE object_id LIKE 'in\_%' GROUP BY object_id) e
WHERE a.id = i.account_id AND e.object_id = i.stripe_id AND a.stripe_account <> e.stripe_account;
UPDATE sales_order o SET stripe_account = c.stripe_account FROM checkout c WHERE c.account_id = o.account_id AND c.id = o.checkout_id AND c.stripe_account IS NOT NULL;
