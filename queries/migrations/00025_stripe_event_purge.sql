-- +goose Up
-- Events of Stripe's were kept for ever. Those that were looked at long ago are removed now, and found by when that was.
CREATE INDEX stripe_event_done ON stripe_event (done_at) WHERE state IN ('done', 'ignored') AND type <> 'invoice.deleted';
