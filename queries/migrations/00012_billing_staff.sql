-- +goose Up
-- What staff and clients are shown of Stripe's beside the sums: receipts, and subscriptions that are not charged for a while.

ALTER TABLE invoice ADD COLUMN receipt_url text NOT NULL DEFAULT '';
COMMENT ON COLUMN invoice.receipt_url IS 'Stripe''s receipt of its payment; empty while nothing is paid there.';

ALTER TABLE subscription ADD COLUMN collection_paused boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN subscription.collection_paused IS 'Its charges are left out until somebody lets them go on; what it gives goes on.';
CREATE INDEX subscription_listed ON subscription (account_id, id DESC);
CREATE INDEX sales_order_listed ON sales_order (account_id, id DESC);
