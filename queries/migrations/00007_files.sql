-- +goose Up
ALTER TABLE stored_file ADD COLUMN came_at timestamptz;
COMMENT ON COLUMN stored_file.came_at IS 'When a part of it came last, give or take half a minute; null: none has been noted.';

-- Whether something shows a file: a lesson that is not deleted, in a course that is not. What else comes to show files belongs here.
-- +goose StatementBegin
CREATE FUNCTION file_shown(of_account uuid, of_file uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
    SELECT FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id
    WHERE l.account_id = of_account AND l.deleted_at IS NULL AND m.deleted_at IS NULL AND k.deleted_at IS NULL
        AND (l.video_file_id = of_file OR l.id IN (SELECT lf.lesson_id FROM lesson_file lf WHERE lf.account_id = of_account AND lf.file_id = of_file))
)
$$;
-- +goose StatementEnd
