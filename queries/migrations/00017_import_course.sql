-- +goose Up
-- Until when the course is given that everybody in a file gets, and whether they are told.
ALTER TABLE contact_import ADD COLUMN course_ends_at timestamptz, ADD COLUMN course_mail boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN contact_import.course_ends_at IS 'Until when they are given it; null: without end.';
COMMENT ON COLUMN contact_import.course_mail IS 'Whether they are told by mail that it is ready.';
