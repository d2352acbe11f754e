-- +goose Up
-- Stripe charges for the invoice of a single payment, so an account can do without.

ALTER TABLE account ADD COLUMN purchase_invoices boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN account.purchase_invoices IS 'Whether Stripe makes an invoice of what is bought once; subscriptions always have theirs.';
