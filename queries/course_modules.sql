-- name: ModuleList :many
SELECT id, title, drip_days, drip_date FROM course_module
WHERE account_id = @account_id AND course_id = @course_id AND deleted_at IS NULL ORDER BY position, id;

-- name: ModuleByID :one
SELECT m.id, m.title, m.drip_days, m.drip_date, k.title AS course_title, k.clock, k.published_at AS course_published_at,
    (SELECT count(*) FROM lesson l WHERE l.account_id = m.account_id AND l.module_id = m.id AND l.deleted_at IS NULL AND l.published_at IS NOT NULL)::bigint AS published,
    (SELECT count(*) FROM lesson l WHERE l.account_id = m.account_id AND l.module_id = m.id AND l.deleted_at IS NULL)::bigint AS lessons
FROM course_module m JOIN course k ON k.account_id = m.account_id AND k.id = m.course_id AND k.deleted_at IS NULL
WHERE m.account_id = @account_id AND m.course_id = @course_id AND m.id = @id AND m.deleted_at IS NULL;

-- name: ModuleInsert :exec
-- At the end of its course.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO course_module (account_id, id, course_id, title, position, drip_days, drip_date, created_at)
VALUES (@account_id, @id, @course_id, @title, (SELECT coalesce(max(m.position), 0) + 1 FROM course_module m WHERE m.account_id = @account_id AND m.course_id = @course_id),
    sqlc.narg(drip_days), sqlc.narg(drip_date), @now);

-- name: ModuleUpdate :execrows
UPDATE course_module SET title = @title, drip_days = sqlc.narg(drip_days), drip_date = sqlc.narg(drip_date)
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND deleted_at IS NULL;

-- name: ModuleRename :one
-- Sets the title and answers what it was.
WITH old AS (
    SELECT m.id, m.title FROM course_module m WHERE m.account_id = @account_id AND m.course_id = @course_id AND m.id = @id AND m.deleted_at IS NULL FOR NO KEY UPDATE
)
UPDATE course_module SET title = @title FROM old WHERE course_module.account_id = @account_id AND course_module.id = old.id
RETURNING old.title;

-- name: ModuleDelete :one
-- Takes a module with all its lessons out of the course; they stay its own and come back with it.
UPDATE course_module SET deleted_at = @now::timestamptz
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND deleted_at IS NULL
RETURNING title;

-- name: ModuleRestore :one
-- A deleted module with its lessons; of one that is there nothing changes.
WITH old AS (
    SELECT m.id, m.deleted_at FROM course_module m
    WHERE m.account_id = @account_id AND m.course_id = @course_id AND m.id = @id AND (m.deleted_at IS NULL OR m.deleted_at > @since::timestamptz) FOR UPDATE
)
UPDATE course_module SET deleted_at = NULL FROM old WHERE course_module.account_id = @account_id AND course_module.id = old.id
RETURNING course_module.title, (old.deleted_at IS NOT NULL)::boolean AS was_deleted;

-- name: ModulePlace :exec
UPDATE course_module SET position = array_position(@ids::uuid[], id)
WHERE account_id = @account_id AND course_id = @course_id AND id = ANY(@ids::uuid[]) AND position <> array_position(@ids::uuid[], id);

-- name: ModuleCopy :exec
-- The same module of another course, without lessons.
INSERT INTO course_module (account_id, id, course_id, title, position, drip_days, drip_date, created_at)
SELECT m.account_id, @new_id, @to_course_id, m.title, m.position, m.drip_days, m.drip_date, @now
FROM course_module m WHERE m.account_id = @account_id AND m.id = @id;
