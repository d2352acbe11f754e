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
-- As AuditList, of what was done to one thing, by everybody or by one person; to a contact also as those who were merged into it.
SELECT a.id, a.at, a.staff_id, a.actor, a.action, a.subject_kind, a.subject_id, a.subject, a.note, a.ip, a.was, a.became
FROM audit a WHERE a.account_id = @account_id AND a.subject_id = ANY (@subject_id::uuid || ARRAY(
        SELECT g.gone_id FROM contact_merge g WHERE g.account_id = @account_id AND g.kept_id = @subject_id AND g.undone_at IS NULL))
    AND (sqlc.narg(staff_id)::uuid IS NULL OR a.staff_id = sqlc.narg(staff_id))
    AND a.id >= @since AND a.id < @before AND (cardinality(@actions::text[]) = 0 OR a.action = ANY(@actions::text[]))
ORDER BY a.id DESC LIMIT @page_size;
