-- +goose Up
-- Whether something shows a file read all lessons of the account, for each file anew. Now it looks at those that have it.

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION file_shown(of_account uuid, of_file uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
    SELECT FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id
    WHERE l.account_id = of_account AND l.deleted_at IS NULL AND m.deleted_at IS NULL AND k.deleted_at IS NULL
        AND l.id IN (
            SELECT v.id FROM lesson v WHERE v.account_id = of_account AND v.video_file_id = of_file
            UNION ALL SELECT lf.lesson_id FROM lesson_file lf WHERE lf.account_id = of_account AND lf.file_id = of_file)
)
$$;
-- +goose StatementEnd
