-- +goose Up
-- Subscriptions that change their plan, days that are given, and reminders of invoices.

ALTER TYPE grant_end ADD VALUE 'plan_changed';
ALTER TYPE mail_kind ADD VALUE 'invoice_reminder';

ALTER TABLE access_grant ADD COLUMN nth integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN access_grant.nth IS 'How many times its source had given the course before; above 0 only where a subscription came back to a plan it was on.';
ALTER TABLE access_grant DROP CONSTRAINT access_grant_source_key;
ALTER TABLE access_grant ADD CONSTRAINT access_grant_source_key UNIQUE (account_id, source, source_id, course_id, nth);

ALTER TABLE subscription ADD COLUMN price_id uuid, ADD COLUMN given boolean NOT NULL DEFAULT false, ADD COLUMN next_minor bigint;
ALTER TABLE subscription ADD CONSTRAINT subscription_price_fkey FOREIGN KEY (account_id, price_id) REFERENCES offer_price (account_id, id) ON DELETE SET NULL (price_id);
COMMENT ON COLUMN subscription.price_id IS 'What it is charged by, whose offer says what it gives; null when that is no price of an offer.';
COMMENT ON COLUMN subscription.given IS 'Its trial is days that staff gave after it had begun.';
COMMENT ON COLUMN subscription.next_minor IS 'What the next charge will come to as Stripe counts it: after discounts, tax, credit, and what a change of plan left over, in minor units; null when none is to come.';
CREATE INDEX subscription_price ON subscription (account_id, price_id) WHERE price_id IS NOT NULL;

ALTER TABLE account ADD COLUMN invoice_reminder_days smallint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN account.invoice_reminder_days IS 'Days after an invoice was due on which its client is reminded; empty: never.';

CREATE TABLE invoice_reminder (
    account_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    day date NOT NULL,
    by_staff boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT invoice_reminder_pkey PRIMARY KEY (account_id, invoice_id, day),
    CONSTRAINT invoice_reminder_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES invoice (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE invoice_reminder IS 'A client was reminded of an invoice; once a day at most.';
COMMENT ON COLUMN invoice_reminder.day IS 'In the client''s time zone.';
COMMENT ON COLUMN invoice_reminder.by_staff IS 'A staff person asked for it; false: the schedule.';

ALTER TABLE mail ADD COLUMN invoice_id uuid;
ALTER TABLE mail ADD CONSTRAINT mail_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES invoice (account_id, id) ON DELETE CASCADE;
CREATE INDEX mail_invoice ON mail (account_id, invoice_id) WHERE invoice_id IS NOT NULL;
