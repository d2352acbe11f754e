-- name: AuditInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO audit (account_id, id, at, staff_id, actor, action, subject_kind, subject_id, subject, note, ip, was, became)
VALUES (@account_id, @id, @at, sqlc.narg(staff_id), @actor, @action, @subject_kind, sqlc.narg(subject_id), @subject, @note, sqlc.narg(ip),
    sqlc.narg(was), sqlc.narg(became));

-- name: AuditList :many
-- Newest first, from before the given id (the largest UUID for the first page) back to since; of the given actions, or of all
-- when there are none.
SELECT id, at, staff_id, actor, action, subject_kind, subject_id, subject, note, ip, was, became
FROM audit WHERE account_id = @account_id
    AND id >= @since AND id < @before AND (cardinality(@actions::text[]) = 0 OR action = ANY(@actions::text[]))
ORDER BY id DESC LIMIT @page_size;

-- name: AuditListOfStaff :many
-- As AuditList, of what one person did.
SELECT id, at, staff_id, actor, action, subject_kind, subject_id, subject, note, ip, was, became
FROM audit WHERE account_id = @account_id AND staff_id = @staff_id::uuid
    AND id >= @since AND id < @before AND (cardinality(@actions::text[]) = 0 OR action = ANY(@actions::text[]))
ORDER BY id DESC LIMIT @page_size;

-- name: AuditListOfSubject :many
-- As AuditList, of what was done to one thing, by everybody or by one person.
SELECT id, at, staff_id, actor, action, subject_kind, subject_id, subject, note, ip, was, became
FROM audit WHERE account_id = @account_id AND subject_id = @subject_id::uuid AND (sqlc.narg(staff_id)::uuid IS NULL OR staff_id = sqlc.narg(staff_id))
    AND id >= @since AND id < @before AND (cardinality(@actions::text[]) = 0 OR action = ANY(@actions::text[]))
ORDER BY id DESC LIMIT @page_size;
