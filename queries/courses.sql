-- name: CourseList :many
-- Courses in their order, from after the given place (position and id), each with its published lessons and drafts, the contacts who may use it
-- now, and those who have finished it.
SELECT k.id, k.title, k.cover_hash, k.minutes, k.position, k.published_at, l.published AS lessons, l.drafts, l.minutes::bigint AS lesson_minutes,
    (SELECT count(DISTINCT g.contact_id) FROM access_grant g WHERE g.account_id = k.account_id AND g.course_id = k.id
        AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz))::bigint AS enrolled,
    (SELECT count(DISTINCT d.contact_id) FROM course_completion d WHERE d.account_id = k.account_id AND d.course_id = k.id AND d.reopened_at IS NULL)::bigint AS finished
FROM course k
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE l.published_at IS NOT NULL) AS published, count(*) FILTER (WHERE l.published_at IS NULL) AS drafts, coalesce(sum(l.minutes), 0) AS minutes
    FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
    WHERE l.account_id = k.account_id AND l.course_id = k.id AND l.deleted_at IS NULL
) l
WHERE k.account_id = @account_id AND k.deleted_at IS NULL AND (k.position, k.id) > (@after_position::integer, @after_id::uuid)
ORDER BY k.position, k.id LIMIT @page_size;

-- name: CourseFind :many
-- The first courses whose title a pattern fits.
SELECT k.id, k.title, (k.published_at IS NULL)::boolean AS draft FROM course k
WHERE k.account_id = @account_id AND k.deleted_at IS NULL AND ' ' || lower(k.title) LIKE @pattern::text
ORDER BY k.position, k.id LIMIT @most;

-- name: CourseListDeleted :many
-- All that can still be restored, the newest first.
SELECT id, title, deleted_at::timestamptz AS deleted_at FROM course
WHERE account_id = @account_id AND deleted_at > @since::timestamptz ORDER BY deleted_at DESC, id;

-- name: CourseByID :one
SELECT id, title, summary, cover_hash, minutes, clock, clock_date, in_order, certificate, certificate_signer, version, published_at, changed_at
FROM course WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL;

-- name: CoursePeople :one
-- How many contacts may use a course now, and how many have finished it.
SELECT (SELECT count(DISTINCT g.contact_id) FROM access_grant g WHERE g.account_id = @account_id AND g.course_id = @course_id
        AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz))::bigint AS enrolled,
    (SELECT count(DISTINCT d.contact_id) FROM course_completion d WHERE d.account_id = @account_id AND d.course_id = @course_id
        AND d.reopened_at IS NULL)::bigint AS finished;

-- name: CourseLock :one
-- Whatever changes the parts of a course takes this lock first, so that nobody else does meanwhile. Clients who learn do not wait for it.
SELECT title, published_at FROM course WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL FOR NO KEY UPDATE;

-- name: CourseInsert :exec
-- A draft at the end of the list.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO course (account_id, id, title, summary, position, created_at, changed_at)
VALUES (@account_id, @id, @title, @summary, (SELECT coalesce(max(position), 0) + 1 FROM course WHERE course.account_id = @account_id), @now, @now);

-- name: CourseUpdate :one
-- Nothing (ErrNotFound) when there is no such course.
UPDATE course SET title = @title, summary = @summary, minutes = @minutes, clock = @clock, clock_date = sqlc.narg(clock_date), in_order = @in_order,
    certificate = @certificate, certificate_signer = @certificate_signer, changed_at = @now
WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL
RETURNING id;

-- name: CourseSetCover :one
-- Sets the picture, or with an empty text goes back to a drawn one, and answers the course's title and what the picture was.
WITH old AS (
    SELECT id, cover_hash FROM course WHERE course.account_id = @account_id AND course.id = @id AND deleted_at IS NULL FOR UPDATE
)
UPDATE course SET cover_hash = @cover_hash, changed_at = @now FROM old
WHERE course.account_id = @account_id AND course.id = old.id
RETURNING course.title, old.cover_hash AS cover_was;

-- name: CourseCover :one
-- The picture that a course shows.
SELECT p.media_type, p.content FROM course k JOIN picture p ON p.account_id = k.account_id AND p.hash = k.cover_hash
WHERE k.account_id = @account_id AND k.id = @id AND k.deleted_at IS NULL;

-- name: CourseCoverPurge :execrows
-- Exempt: the schedule removes in all accounts the covers that no course shows, be it there or deleted.
-- @sqlc-vet-disable
DELETE FROM picture WHERE (account_id, hash) IN (
    SELECT p.account_id, p.hash FROM picture p
    WHERE p.hash LIKE 'cover-%' AND p.created_at < @made_before::timestamptz
        AND NOT EXISTS (SELECT FROM course k WHERE k.account_id = p.account_id AND k.cover_hash = p.hash)
    LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: CourseCoverInsert :exec
-- Each picture once; chosen again it is as good as new, so that the night does not take it.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO picture (account_id, hash, media_type, content, created_at) VALUES (@account_id, @hash, @media_type, @content, @now)
ON CONFLICT (account_id, hash) DO UPDATE SET created_at = excluded.created_at;

-- name: CoursePublish :execrows
-- 0 when it is published already.
UPDATE course SET published_at = @now::timestamptz, version = version + 1, changed_at = @now
WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL AND published_at IS NULL;

-- name: CourseUnpublish :execrows
-- 0 when it is a draft already.
UPDATE course SET published_at = NULL, changed_at = @now
WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL AND published_at IS NOT NULL;

-- name: CourseDelete :execrows
UPDATE course SET deleted_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL;

-- name: CourseRestore :one
-- A deleted course as it was; of one that is there nothing changes.
WITH old AS (
    SELECT k.id, k.deleted_at FROM course k WHERE k.account_id = @account_id AND k.id = @id AND (k.deleted_at IS NULL OR k.deleted_at > @since::timestamptz) FOR UPDATE
)
UPDATE course SET deleted_at = NULL, changed_at = CASE WHEN old.deleted_at IS NULL THEN course.changed_at ELSE @now::timestamptz END
FROM old WHERE course.account_id = @account_id AND course.id = old.id
RETURNING course.title, (old.deleted_at IS NOT NULL)::boolean AS was_deleted;

-- name: CourseGrow :exec
-- Counts that a lesson appeared or went.
UPDATE course SET version = version + 1, changed_at = @now WHERE account_id = @account_id AND id = @id;

-- name: CourseOrder :many
-- All courses in their order, locked so that nobody else arranges them meanwhile.
SELECT id FROM course WHERE account_id = @account_id AND deleted_at IS NULL ORDER BY position, id FOR NO KEY UPDATE;

-- name: CoursePlace :exec
UPDATE course SET position = array_position(@ids::uuid[], id)
WHERE account_id = @account_id AND id = ANY(@ids::uuid[]) AND position <> array_position(@ids::uuid[], id);

-- name: CourseBehind :one
-- How many finished the course and have not finished this lesson, or, with the id of a module or the nil id, not all that is published of
-- the module or the course.
SELECT count(DISTINCT d.contact_id) FROM course_completion d
WHERE d.account_id = @account_id AND d.course_id = @course_id AND d.reopened_at IS NULL AND EXISTS (
    SELECT FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
    WHERE l.account_id = d.account_id AND l.course_id = d.course_id AND l.deleted_at IS NULL
        AND (l.id = @lesson_id OR (m.id = @lesson_id OR @lesson_id = '00000000-0000-0000-0000-000000000000'::uuid) AND l.published_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM lesson_completion c WHERE c.account_id = d.account_id AND c.contact_id = d.contact_id AND c.lesson_id = l.id)
);

-- name: CourseReopen :execrows
-- Those of CourseBehind have more to do from now on.
UPDATE course_completion d SET reopened_at = @now::timestamptz
WHERE d.account_id = @account_id AND d.course_id = @course_id AND d.reopened_at IS NULL AND EXISTS (
    SELECT FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
    WHERE l.account_id = d.account_id AND l.course_id = d.course_id AND l.deleted_at IS NULL
        AND (l.id = @lesson_id OR (m.id = @lesson_id OR @lesson_id = '00000000-0000-0000-0000-000000000000'::uuid) AND l.published_at IS NOT NULL)
        AND NOT EXISTS (SELECT FROM lesson_completion c WHERE c.account_id = d.account_id AND c.contact_id = d.contact_id AND c.lesson_id = l.id)
);

-- name: CourseCopy :exec
-- A draft that says the same, at the end of the list and without parts.
INSERT INTO course (account_id, id, title, summary, cover_hash, minutes, position, clock, clock_date, in_order, certificate, certificate_signer, created_at, changed_at)
SELECT k.account_id, @new_id, @title, k.summary, k.cover_hash, k.minutes, (SELECT coalesce(max(o.position), 0) + 1 FROM course o WHERE o.account_id = k.account_id),
    k.clock, k.clock_date, k.in_order, k.certificate, k.certificate_signer, @now, @now
FROM course k WHERE k.account_id = @account_id AND k.id = @id AND k.deleted_at IS NULL;
