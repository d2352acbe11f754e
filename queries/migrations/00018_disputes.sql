-- +goose Up
-- Money that a bank took back, or is deciding about, because the payer disputed it.

ALTER TYPE grant_end ADD VALUE 'disputed';

ALTER TABLE sales_order ADD COLUMN disputed_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE sales_order ADD COLUMN lost_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE sales_order ADD CONSTRAINT sales_order_disputed CHECK (disputed_minor >= 0 AND lost_minor >= 0 AND refunded_minor + disputed_minor + lost_minor <= amount_minor);
COMMENT ON COLUMN sales_order.disputed_minor IS 'What the payer disputes of it and a bank is deciding about, in minor units; it counts as paid until then.';
COMMENT ON COLUMN sales_order.lost_minor IS 'What a bank took back of it for good, in minor units.';

ALTER TABLE invoice ADD COLUMN disputed_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE invoice ADD COLUMN lost_minor bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN invoice.disputed_minor IS 'As sales_order.disputed_minor.';
COMMENT ON COLUMN invoice.lost_minor IS 'As sales_order.lost_minor.';
