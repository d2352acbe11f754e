-- +goose Up
-- The people of a course are listed by when what they were given starts; without this, each page would sort all of them.
CREATE INDEX access_grant_latest ON access_grant (account_id, course_id, starts_at, id);
