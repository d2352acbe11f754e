-- +goose Up
-- Offers with a picture, and where buyers arrive.

ALTER TABLE offer ADD COLUMN picture_hash text NOT NULL DEFAULT '';
COMMENT ON COLUMN offer.picture_hash IS 'The picture on its page; empty: none.';
COMMENT ON COLUMN offer.landing IS 'The page of the portal that buyers arrive on; course: the first course it gives; empty: as the account says.';

ALTER TABLE account ADD COLUMN checkout_landing text NOT NULL DEFAULT 'course';
COMMENT ON COLUMN account.checkout_landing IS 'The page of the portal that buyers arrive on when their offer names none; course: the first course it gives.';
