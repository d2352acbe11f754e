-- +goose Up
-- Each account's own Stripe account, and who is shown what of it.

ALTER TABLE account ADD COLUMN stripe_pending text NOT NULL DEFAULT '';
COMMENT ON COLUMN account.stripe_pending IS 'A Stripe account made for it whose owner has not told Stripe everything yet, so that nothing is sold through it; empty: none.';
CREATE UNIQUE INDEX account_stripe ON account (stripe_account) WHERE stripe_account <> '';
CREATE INDEX account_sells ON account (stripe_account, id);

ALTER TABLE stripe_event ADD COLUMN about_account_id uuid;
ALTER TABLE stripe_event ADD CONSTRAINT stripe_event_about_fkey FOREIGN KEY (about_account_id) REFERENCES account (id) ON DELETE SET NULL;
COMMENT ON COLUMN stripe_event.about_account_id IS 'Which account''s staff are shown it: the only one that sells through that Stripe account, or the one whose object it turned out to be about; null: nobody''s that is known.';
CREATE INDEX stripe_event_about ON stripe_event (about_account_id, created_at DESC, id DESC) WHERE about_account_id IS NOT NULL;
CREATE INDEX stripe_event_unsettled ON stripe_event (about_account_id, created_at DESC, id DESC) WHERE state IN ('waiting', 'failed');

ALTER TABLE stripe_reconciliation ADD COLUMN total integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN stripe_reconciliation.total IS 'How many objects there are to look at; 0 until that is known.';
COMMENT ON COLUMN stripe_reconciliation.finished_at IS 'Null: it goes on, or it broke off.';
COMMENT ON COLUMN stripe_reconciliation.report IS 'The first hundred that differed: their id, why they may have, and whose they are.';
CREATE INDEX stripe_reconciliation_newest ON stripe_reconciliation (stripe_account, started_at DESC);
