-- +goose Up
-- The invoice that Stripe makes of what is bought once, debits that a bank sends back, and what goes off each charge of a subscription.

ALTER TABLE invoice ADD COLUMN order_id uuid;
ALTER TABLE invoice ADD CONSTRAINT invoice_order_fkey FOREIGN KEY (account_id, order_id) REFERENCES sales_order (account_id, id) ON DELETE CASCADE;
COMMENT ON COLUMN invoice.order_id IS 'What was bought once and is paid with it, whose money is the same; null for charges of subscriptions, which have an order of their own, and for what staff bill.';
CREATE INDEX invoice_order ON invoice (account_id, order_id) WHERE order_id IS NOT NULL;

ALTER TYPE mail_kind ADD VALUE 'payment_returned';

ALTER TABLE invoice ADD COLUMN returned_at timestamptz;
COMMENT ON COLUMN invoice.returned_at IS 'When it was seen that a bank had sent its payment back; null otherwise, and once it is paid or on its way again.';

ALTER TABLE checkout ADD COLUMN email citext;
COMMENT ON COLUMN checkout.email IS 'Who confirmed to pay, where the money then did not come; null otherwise, and after a while.';
CREATE INDEX checkout_email ON checkout (changed_at) WHERE email IS NOT NULL;

ALTER TABLE mail ADD COLUMN checkout_id uuid;
ALTER TABLE mail ADD CONSTRAINT mail_checkout_fkey FOREIGN KEY (account_id, checkout_id) REFERENCES checkout (account_id, id) ON DELETE CASCADE;
ALTER TABLE mail DROP CONSTRAINT mail_person;
ALTER TABLE mail ADD CONSTRAINT mail_person CHECK (num_nonnulls(contact_id, staff_id, form_submission_id, offer_claim_id, CASE WHEN contact_id IS NULL THEN checkout_id END) = 1);
COMMENT ON COLUMN mail.checkout_id IS 'What somebody wanted to buy who need not be a contact.';
CREATE INDEX mail_checkout ON mail (account_id, checkout_id) WHERE checkout_id IS NOT NULL;

ALTER TABLE subscription ADD COLUMN off_minor bigint NOT NULL DEFAULT 0, ADD COLUMN off_until timestamptz;
COMMENT ON COLUMN subscription.off_minor IS 'What a discount takes off each charge of it, in minor units; 0 for one of a single charge.';
COMMENT ON COLUMN subscription.off_until IS 'When that discount ends; null: never, or there is none.';
