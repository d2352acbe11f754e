-- +goose Up
-- The invoice that Stripe makes of what is bought once.

ALTER TABLE invoice ADD COLUMN order_id uuid;
ALTER TABLE invoice ADD CONSTRAINT invoice_order_fkey FOREIGN KEY (account_id, order_id) REFERENCES sales_order (account_id, id) ON DELETE CASCADE;
COMMENT ON COLUMN invoice.order_id IS 'What was bought once and is paid with it, whose money is the same; null for charges of subscriptions, which have an order of their own, and for what staff bill.';
CREATE INDEX invoice_order ON invoice (account_id, order_id) WHERE order_id IS NOT NULL;
