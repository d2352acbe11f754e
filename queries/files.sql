-- name: FileInsert :exec
-- Before the first byte of it is kept, so that whatever becomes of the upload is found.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO stored_file (account_id, id, name, uploaded_by, created_at) VALUES (@account_id, @id, @name, sqlc.narg(uploaded_by), @now);

-- name: FileCame :execrows
-- A part of it came; 0 when it was given up meanwhile.
UPDATE stored_file SET came_at = @now::timestamptz WHERE account_id = @account_id AND id = @id AND ready_at IS NULL;

-- name: FileReady :execrows
-- All of it is kept; 0 when it was given up meanwhile.
UPDATE stored_file SET ready_at = @now::timestamptz, media_type = @media_type, size_bytes = @size_bytes WHERE account_id = @account_id AND id = @id AND ready_at IS NULL;

-- name: FileDrop :execrows
-- Forgets one that did not come whole.
DELETE FROM stored_file WHERE account_id = @account_id AND id = @id AND ready_at IS NULL;

-- name: FileListOfLesson :many
-- The files of a lesson in the order they are shown.
SELECT f.id, f.name, f.media_type, f.size_bytes, coalesce(f.ready_at, f.created_at)::timestamptz AS ready_at, coalesce(nullif(s.name, ''), s.email::text, '')::text AS uploaded_by_name
FROM lesson_file lf JOIN stored_file f ON f.account_id = lf.account_id AND f.id = lf.file_id
LEFT JOIN staff s ON s.id = f.uploaded_by
WHERE lf.account_id = @account_id AND lf.lesson_id = @lesson_id AND f.ready_at IS NOT NULL
ORDER BY lf.position, lf.file_id;

-- name: FileLessonLock :one
-- A lesson that is there, until the end of the transaction nobody else's to change.
SELECT l.id, l.title, l.video, l.video_url, l.video_file_id
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @id AND l.deleted_at IS NULL AND m.deleted_at IS NULL AND k.deleted_at IS NULL
FOR NO KEY UPDATE OF l;

-- name: FileVideoOfLesson :one
-- The video of a lesson that is there: a file of ours, with what there is to say of it, or an address elsewhere.
SELECT l.id AS lesson_id, l.title AS lesson_title, l.video, l.video_url, l.video_file_id, coalesce(f.name, '')::text AS name, coalesce(f.media_type, '')::text AS media_type,
    coalesce(f.size_bytes, 0)::bigint AS size_bytes, coalesce(f.ready_at, l.created_at)::timestamptz AS ready_at, coalesce(nullif(s.name, ''), s.email::text, '')::text AS uploaded_by_name
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id
LEFT JOIN stored_file f ON f.account_id = l.account_id AND f.id = l.video_file_id
LEFT JOIN staff s ON s.id = f.uploaded_by
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @id AND l.deleted_at IS NULL AND m.deleted_at IS NULL AND k.deleted_at IS NULL;

-- name: FileOfLesson :one
-- A file of a lesson, for staff.
SELECT f.id, f.name, f.media_type, f.size_bytes, coalesce(f.ready_at, f.created_at)::timestamptz AS ready_at
FROM lesson_file lf JOIN stored_file f ON f.account_id = lf.account_id AND f.id = lf.file_id
JOIN lesson l ON l.account_id = lf.account_id AND l.id = lf.lesson_id
WHERE lf.account_id = @account_id AND l.course_id = @course_id AND lf.lesson_id = @lesson_id AND lf.file_id = @id AND f.ready_at IS NOT NULL AND l.deleted_at IS NULL;

-- name: FileOfOpenLesson :one
-- A file of a lesson that is open to a client at this moment; no row otherwise, whatever the reason.
SELECT f.id, f.name, f.media_type, f.size_bytes, coalesce(f.ready_at, f.created_at)::timestamptz AS ready_at
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id AND w.is_open
JOIN lesson_file lf ON lf.account_id = l.account_id AND lf.lesson_id = l.id
JOIN stored_file f ON f.account_id = lf.account_id AND f.id = lf.file_id
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @lesson_id AND f.id = @id AND f.ready_at IS NOT NULL;

-- name: FileVideoOfOpenLesson :one
-- The video of a lesson that is open to a client at this moment, ours or elsewhere; no row otherwise, whatever the reason.
SELECT l.video, l.video_url, l.video_file_id, coalesce(f.name, '')::text AS name, coalesce(f.media_type, '')::text AS media_type,
    coalesce(f.size_bytes, 0)::bigint AS size_bytes, coalesce(f.ready_at, l.created_at)::timestamptz AS ready_at
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id AND w.is_open
LEFT JOIN stored_file f ON f.account_id = l.account_id AND f.id = l.video_file_id
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @lesson_id;

-- name: FileAttach :exec
-- At the end of the lesson's files.
INSERT INTO lesson_file (account_id, lesson_id, file_id, position)
SELECT l.account_id, l.id, @file_id, (SELECT coalesce(max(o.position), 0) + 1 FROM lesson_file o WHERE o.account_id = l.account_id AND o.lesson_id = l.id)::integer
FROM lesson l WHERE l.account_id = @account_id AND l.id = @lesson_id;

-- name: FileReplace :execrows
-- Another file in the place of one.
UPDATE lesson_file SET file_id = @file_id WHERE account_id = @account_id AND lesson_id = @lesson_id AND file_id = @replaced_id;

-- name: FileDetach :one
-- Takes a file from a lesson and answers what it was called.
WITH gone AS (
    DELETE FROM lesson_file lf WHERE lf.account_id = @account_id AND lf.lesson_id = @lesson_id AND lf.file_id = @file_id RETURNING lf.account_id, lf.file_id
)
SELECT f.name FROM gone JOIN stored_file f ON f.account_id = gone.account_id AND f.id = gone.file_id;

-- name: FileSetOrder :exec
-- The files of a lesson in the order of ids.
UPDATE lesson_file lf SET position = o.place FROM unnest(@ids::uuid[]) WITH ORDINALITY AS o (id, place)
WHERE lf.account_id = @account_id AND lf.lesson_id = @lesson_id AND lf.file_id = o.id;

-- name: FileLessonSetVideo :exec
-- An uploaded video in the place of whatever there was, or none.
UPDATE lesson SET video = CASE WHEN sqlc.narg(file_id)::uuid IS NULL THEN 'none' ELSE 'upload' END::video_kind, video_url = '', video_file_id = sqlc.narg(file_id)::uuid
WHERE account_id = @account_id AND id = @id;

-- name: FileLessonChanged :exec
-- What clients see of a lesson is no longer what it was; forms filled before are told from newer ones by changed_at.
UPDATE lesson SET version = version + 1, changed_at = CASE WHEN @forms_are_stale::boolean THEN @now::timestamptz ELSE changed_at END WHERE account_id = @account_id AND id = @id;

-- name: FileListAbandoned :many
-- Files that have not come whole and of which nothing came since a time, oldest first.
-- Exempt: the schedule looks after all accounts.
-- @sqlc-vet-disable
SELECT account_id, id FROM stored_file WHERE ready_at IS NULL AND created_at < @before::timestamptz AND coalesce(came_at, created_at) < @before::timestamptz ORDER BY created_at LIMIT @page_size;

-- name: FileMarkUnused :execrows
-- Remembers since when nothing shows a file, and forgets it where something does again. What is in a deleted lesson is not shown.
-- Exempt: the schedule looks after all accounts.
-- @sqlc-vet-disable
UPDATE stored_file f SET unused_since = CASE WHEN f.unused_since IS NULL THEN @now::timestamptz END
WHERE f.ready_at IS NOT NULL AND (f.unused_since IS NULL) <> file_shown(f.account_id, f.id);

-- name: FileListUnused :many
-- Files that nothing has shown since before a time.
-- Exempt: the schedule looks after all accounts.
-- @sqlc-vet-disable
SELECT account_id, id FROM stored_file WHERE unused_since < @before::timestamptz ORDER BY unused_since LIMIT @page_size;

-- name: FileLetGo :exec
-- Takes a file that nothing shows from the deleted lessons it is still in.
UPDATE lesson SET video = 'none', video_file_id = NULL WHERE account_id = @account_id AND video_file_id = @file_id AND NOT file_shown(@account_id, @file_id);

-- name: FileForget :execrows
-- Removes the row of a file that nothing shows, with its place in deleted lessons; 0 when something shows it again.
DELETE FROM stored_file WHERE account_id = @account_id AND id = @id AND NOT file_shown(@account_id, @id);

-- name: FileKnown :many
-- Which of these files have a row.
-- Exempt: the schedule looks after all accounts; ids are unique across them.
-- @sqlc-vet-disable
SELECT account_id, id FROM stored_file WHERE id = ANY(@ids::uuid[]);

-- name: FileListReady :many
-- Files that are there whole, in the order of their accounts and ids, after the given one.
-- Exempt: a backup is of all accounts.
-- @sqlc-vet-disable
SELECT account_id, id, size_bytes FROM stored_file
WHERE ready_at IS NOT NULL AND (account_id, id) > (@after_account::uuid, @after_id::uuid)
ORDER BY account_id, id LIMIT @page_size;
