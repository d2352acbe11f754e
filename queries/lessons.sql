-- name: LessonList :many
-- The lessons of a course in order, with what there is in each.
SELECT l.id, l.module_id, m.title AS module_title, l.title, l.minutes, l.video, l.drip_days, l.drip_date, l.published_at, (l.body <> '')::boolean AS has_text,
    (SELECT count(*) FROM quiz_question q WHERE q.account_id = l.account_id AND q.lesson_id = l.id)::bigint AS questions,
    (SELECT count(*) FROM lesson_file f WHERE f.account_id = l.account_id AND f.lesson_id = l.id)::bigint AS files
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.deleted_at IS NULL
ORDER BY m.position, m.id, l.position, l.id;

-- name: LessonByID :one
SELECT l.id, l.module_id, l.title, l.body, l.minutes, l.video, l.video_url, l.drip_days, l.drip_date, l.quiz_pass_percent, l.quiz_tries, l.quiz_shuffled,
    l.version, l.published_at, l.changed_at, m.title AS module_title, k.title AS course_title, k.clock, k.published_at AS course_published_at
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id AND k.deleted_at IS NULL
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @id AND l.deleted_at IS NULL;

-- name: LessonInsert :execrows
-- A draft at the end of its module; 0 when there is no such module in the course.
INSERT INTO lesson (account_id, id, course_id, module_id, title, position, created_at, changed_at)
SELECT m.account_id, @id, m.course_id, m.id, @title, (SELECT coalesce(max(o.position), 0) + 1 FROM lesson o WHERE o.account_id = m.account_id AND o.course_id = m.course_id), @now, @now
FROM course_module m WHERE m.account_id = @account_id AND m.course_id = @course_id AND m.id = @module_id AND m.deleted_at IS NULL;

-- name: LessonUpdate :one
-- The version goes up when clients see a difference. An uploaded video stays while video is upload.
UPDATE lesson SET title = @title, body = @body, minutes = @minutes, video = @video, video_url = @video_url,
    video_file_id = CASE WHEN @video::video_kind = 'upload' THEN video_file_id END, drip_days = sqlc.narg(drip_days), drip_date = sqlc.narg(drip_date),
    quiz_pass_percent = @quiz_pass_percent, quiz_tries = sqlc.narg(quiz_tries), quiz_shuffled = @quiz_shuffled, changed_at = @now,
    version = version + CASE WHEN (title, body, video, video_url) IS DISTINCT FROM (@title, @body, @video, @video_url) THEN 1 ELSE 0 END
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND deleted_at IS NULL
RETURNING version;

-- name: LessonRename :one
-- Sets the title and answers what it was.
WITH old AS (
    SELECT l.id, l.title FROM lesson l WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @id AND l.deleted_at IS NULL FOR NO KEY UPDATE
)
UPDATE lesson SET title = @title, version = version + 1, changed_at = @now FROM old WHERE lesson.account_id = @account_id AND lesson.id = old.id
RETURNING old.title;

-- name: LessonPublish :execrows
-- 0 when it is published already.
UPDATE lesson SET published_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND deleted_at IS NULL AND published_at IS NULL;

-- name: LessonUnpublish :execrows
-- 0 when it is a draft already.
UPDATE lesson SET published_at = NULL, changed_at = @now
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND deleted_at IS NULL AND published_at IS NOT NULL;

-- name: LessonDelete :one
UPDATE lesson SET deleted_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND deleted_at IS NULL
RETURNING title;

-- name: LessonRestore :one
-- A deleted lesson where it was; of one that is there nothing changes. Nothing (ErrNotFound) while its module is deleted.
WITH old AS (
    SELECT l.id, l.deleted_at FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
    WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @id AND (l.deleted_at IS NULL OR l.deleted_at > @since::timestamptz) FOR UPDATE OF l
)
UPDATE lesson SET deleted_at = NULL, changed_at = CASE WHEN old.deleted_at IS NULL THEN lesson.changed_at ELSE @now::timestamptz END
FROM old WHERE lesson.account_id = @account_id AND lesson.id = old.id
RETURNING lesson.title, (old.deleted_at IS NOT NULL)::boolean AS was_deleted;

-- name: LessonTouch :exec
-- Counts that clients see something else of it, such as another quiz.
UPDATE lesson SET version = version + 1, changed_at = @now WHERE account_id = @account_id AND id = @id;

-- name: LessonPlace :exec
-- Puts lessons in an order, each into the module beside it.
UPDATE lesson SET position = array_position(@ids::uuid[], id), module_id = (@module_ids::uuid[])[array_position(@ids::uuid[], id)]
WHERE account_id = @account_id AND course_id = @course_id AND id = ANY(@ids::uuid[])
    AND (position, module_id) IS DISTINCT FROM (array_position(@ids::uuid[], id), (@module_ids::uuid[])[array_position(@ids::uuid[], id)]);

-- name: LessonMakeRoom :exec
-- Lets one more lesson stand behind this one.
UPDATE lesson SET position = lesson.position + 1
WHERE lesson.account_id = @account_id AND lesson.course_id = @course_id
    AND lesson.position > (SELECT o.position FROM lesson o WHERE o.account_id = @account_id AND o.id = @id);

-- name: LessonCopy :exec
-- The same lesson with its video and files, without its quiz: where it was in a course's copy, or behind itself. A draft unless told otherwise.
WITH made AS (
    INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, minutes, video, video_url, video_file_id, drip_days, drip_date,
        quiz_pass_percent, quiz_tries, quiz_shuffled, published_at, created_at, changed_at)
    SELECT l.account_id, @new_id, @to_course_id, @to_module_id, @title, l.position + @further::integer, l.body, l.minutes, l.video, l.video_url, l.video_file_id, l.drip_days, l.drip_date,
        l.quiz_pass_percent, l.quiz_tries, l.quiz_shuffled, CASE WHEN @as_published::boolean THEN l.published_at END, @now, @now
    FROM lesson l WHERE l.account_id = @account_id AND l.id = @id AND l.deleted_at IS NULL
    RETURNING account_id, id
)
INSERT INTO lesson_file (account_id, lesson_id, file_id, position)
SELECT made.account_id, made.id, f.file_id, f.position FROM made JOIN lesson_file f ON f.account_id = made.account_id AND f.lesson_id = @id;

-- name: LessonListDeleted :many
-- All modules and lessons of a course that can still be restored, the newest first. The lessons of a deleted module come back with it.
SELECT m.id, m.title, m.deleted_at::timestamptz AS deleted_at, true AS is_module FROM course_module m
WHERE m.account_id = @account_id AND m.course_id = @course_id AND m.deleted_at > @since::timestamptz
UNION ALL
SELECT l.id, l.title, l.deleted_at::timestamptz, false FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.deleted_at > @since::timestamptz
ORDER BY deleted_at DESC, id;

-- name: LessonFind :many
-- The first lessons whose title a pattern fits, each with its course.
SELECT l.id, l.course_id, l.title, k.title AS course_title, (l.published_at IS NULL)::boolean AS draft
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id AND k.deleted_at IS NULL
WHERE l.account_id = @account_id AND l.deleted_at IS NULL AND ' ' || lower(l.title) LIKE @pattern::text
ORDER BY k.position, k.id, m.position, m.id, l.position, l.id LIMIT @most;
