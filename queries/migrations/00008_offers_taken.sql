-- +goose Up
-- How many have taken an offer is asked by everybody who looks at it, and whom a mail told that a course is ready by each
-- job that would tell it again.
CREATE INDEX access_grant_origin ON access_grant (account_id, origin_id, contact_id) WHERE origin_id IS NOT NULL;
CREATE INDEX mail_course ON mail (account_id, course_id, contact_id) WHERE course_id IS NOT NULL;
