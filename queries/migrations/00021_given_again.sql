-- +goose Up
-- What an order gave is given again when the money that had gone back comes back.

COMMENT ON COLUMN access_grant.nth IS 'How many times its source had given the course before; above 0 where a subscription came back to a plan it was on, or an order is paid again after all.';
