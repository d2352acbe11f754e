-- name: LessonWay :many
-- The way of a client through one course that they may use, in order: none where they may not. A zero date or time stands for
-- none: it unlocks at once, it is not finished.
SELECT l.id, l.course_id, l.module_id, m.title AS module_title, l.title, l.minutes, l.video, (l.quiz_tries IS NOT NULL)::boolean AS tries_limited, l.version,
    EXISTS (SELECT FROM quiz_question q WHERE q.account_id = l.account_id AND q.lesson_id = l.id)::boolean AS has_quiz,
    w.place::bigint AS place, coalesce(w.opens_on, '0001-01-01')::date AS opens_on, w.today::date AS today,
    coalesce(w.completed_at, '0001-01-01 00:00:00Z')::timestamptz AS completed_at, w.waits::boolean AS waits, w.is_open::boolean AS is_open
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.id = w.lesson_id JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id
WHERE l.account_id = @account_id AND w.course_id = @course_id::uuid
ORDER BY w.place;

-- name: LearningCourses :many
-- The courses a client may use, with how far they are, in the account's order. Zero values stand for none, as in LessonWay.
SELECT k.id, k.title, k.cover_hash, p.lessons::bigint AS lessons, p.done::bigint AS done, p.minutes::bigint AS minutes, p.minutes_left::bigint AS minutes_left,
    coalesce(p.next_lesson_id, '00000000-0000-0000-0000-000000000000')::uuid AS next_lesson_id, coalesce(n.title, '')::text AS next_title,
    coalesce(p.next_opens_on, '0001-01-01')::date AS next_opens_on, coalesce(p.opened_at, '0001-01-01 00:00:00Z')::timestamptz AS opened_at,
    coalesce(p.finished_at, '0001-01-01 00:00:00Z')::timestamptz AS finished_at
FROM progress_of(@account_id, @contact_id, @now) AS p (course_id, lessons, done, minutes, minutes_left, next_lesson_id, next_opens_on, opened_at, finished_at)
JOIN course k ON k.id = p.course_id LEFT JOIN lesson n ON n.account_id = k.account_id AND n.course_id = k.id AND n.id = p.next_lesson_id
WHERE k.account_id = @account_id
ORDER BY k.position, k.id;

-- name: LearningUpcoming :many
-- The courses that a client is given from a later time on and cannot use yet.
SELECT k.id, k.title, min(g.starts_at)::timestamptz AS starts_at
FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
WHERE g.account_id = @account_id AND g.contact_id = @contact_id AND g.starts_at > @now AND g.ended_at IS NULL
    AND k.published_at IS NOT NULL AND k.deleted_at IS NULL AND app_on(g.account_id, 'courses')
    AND NOT EXISTS (SELECT FROM access_grant o WHERE o.account_id = g.account_id AND o.contact_id = g.contact_id AND o.course_id = g.course_id
        AND grant_open(o.starts_at, o.ends_at, o.ended_at, @now))
GROUP BY k.id, k.title ORDER BY min(g.starts_at), k.id;

-- name: LearningCourse :one
-- One course that a client may use, with how far they are; see LearningCourses. The certificate is the one they can fetch.
SELECT k.id, k.title, k.summary, k.cover_hash, k.in_order, k.certificate, k.version, p.lessons::bigint AS lessons, p.done::bigint AS done,
    p.minutes::bigint AS minutes, p.minutes_left::bigint AS minutes_left,
    coalesce(p.next_lesson_id, '00000000-0000-0000-0000-000000000000')::uuid AS next_lesson_id,
    coalesce(p.next_opens_on, '0001-01-01')::date AS next_opens_on, coalesce(p.opened_at, '0001-01-01 00:00:00Z')::timestamptz AS opened_at,
    coalesce(p.finished_at, '0001-01-01 00:00:00Z')::timestamptz AS finished_at,
    EXISTS (SELECT FROM certificate c WHERE c.account_id = k.account_id AND c.contact_id = @contact_id AND c.course_id = k.id
        AND c.revoked_at IS NULL AND c.pdf IS NOT NULL)::boolean AS has_certificate
FROM progress_of(@account_id, @contact_id, @now) AS p (course_id, lessons, done, minutes, minutes_left, next_lesson_id, next_opens_on, opened_at, finished_at)
JOIN course k ON k.id = p.course_id
WHERE k.account_id = @account_id AND k.id = @course_id;

-- name: LearningLesson :one
-- What a lesson holds. It says nothing about who may see it; LoadLesson does.
SELECT l.id, l.body, l.video, l.video_url, l.version, l.quiz_pass_percent, l.quiz_tries, l.quiz_shuffled
FROM lesson l WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @id;

-- name: LearningFiles :many
SELECT f.id, f.name, f.media_type, f.size_bytes
FROM lesson_file a JOIN stored_file f ON f.account_id = a.account_id AND f.id = a.file_id
WHERE a.account_id = @account_id AND a.lesson_id = @lesson_id AND f.ready_at IS NOT NULL
ORDER BY a.position, f.id;

-- name: LearningPosition :one
-- Where a client left the lesson's video, in seconds.
SELECT position_seconds FROM lesson_visit
WHERE account_id = @account_id AND contact_id = @contact_id AND lesson_id = @lesson_id ORDER BY last_opened_at DESC LIMIT 1;

-- name: LearningSearch :many
-- The lessons of a client's courses that a search finds, best first; see lessons_found.
SELECT l.id, l.course_id, l.title, k.title AS course_title, coalesce(f.opens_on, '0001-01-01')::date AS opens_on, f.waits::boolean AS waits,
    f.is_open::boolean AS is_open, f.excerpt::text AS excerpt
FROM lessons_found(@account_id, @contact_id, @now, @words, @page_size) AS f (course_id, lesson_id, opens_on, waits, is_open, excerpt, place)
JOIN lesson l ON l.course_id = f.course_id AND l.id = f.lesson_id JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id
WHERE l.account_id = @account_id
ORDER BY f.place;

-- name: LearningCover :one
-- The cover of a course that a client may use or is given from a later time on.
SELECT p.media_type, p.content FROM picture p JOIN course k ON k.account_id = p.account_id AND k.cover_hash = p.hash
WHERE p.account_id = @account_id AND k.id = @course_id AND k.cover_hash = @hash AND k.cover_hash <> ''
    AND EXISTS (SELECT FROM courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until) WHERE o.course_id = k.id);

-- name: CourseVisit :exec
-- That a client opens a course that they may use. The id is theirs and the course's, so that there is one row.
INSERT INTO course_visit (account_id, id, contact_id, course_id, first_opened_at, last_opened_at)
SELECT k.account_id, @id::uuid, @contact_id::uuid, k.id, @now::timestamptz, @now
FROM courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until) JOIN course k ON k.id = o.course_id
WHERE k.account_id = @account_id AND k.id = @course_id
ON CONFLICT (account_id, id) DO UPDATE SET last_opened_at = greatest(course_visit.last_opened_at, excluded.last_opened_at);

-- name: CourseVisitAt :exec
-- As CourseVisit, at a lesson that is open to them.
INSERT INTO course_visit (account_id, id, contact_id, course_id, first_opened_at, last_opened_at, last_lesson_id)
SELECT l.account_id, @id::uuid, @contact_id::uuid, l.course_id, @now::timestamptz, @now, l.id
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id AND w.is_open
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @lesson_id
ON CONFLICT (account_id, id) DO UPDATE SET last_opened_at = greatest(course_visit.last_opened_at, excluded.last_opened_at), last_lesson_id = excluded.last_lesson_id;

-- name: LessonVisit :exec
-- That a client opens a lesson that is open to them.
INSERT INTO lesson_visit (account_id, id, contact_id, course_id, lesson_id, first_opened_at, last_opened_at)
SELECT l.account_id, @id::uuid, @contact_id::uuid, l.course_id, l.id, @now::timestamptz, @now
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id AND w.is_open
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @lesson_id
ON CONFLICT (account_id, id) DO UPDATE SET last_opened_at = greatest(lesson_visit.last_opened_at, excluded.last_opened_at);

-- name: LessonVisitSetPosition :execrows
-- Keeps how far the video of an open lesson was watched; 0 when it is not open to them.
INSERT INTO lesson_visit (account_id, id, contact_id, course_id, lesson_id, first_opened_at, last_opened_at, position_seconds)
SELECT l.account_id, @id::uuid, @contact_id::uuid, l.course_id, l.id, @now::timestamptz, @now, @position_seconds
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id AND w.is_open
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @lesson_id
ON CONFLICT (account_id, id) DO UPDATE SET last_opened_at = greatest(lesson_visit.last_opened_at, excluded.last_opened_at), position_seconds = excluded.position_seconds;

-- name: LessonCompletionInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO lesson_completion (account_id, id, contact_id, course_id, lesson_id, lesson_version, completed_at, completed_by)
VALUES (@account_id, @id, @contact_id, @course_id, @lesson_id, @lesson_version, @now, @completed_by);

-- name: CourseCompletionInsert :execrows
-- That a client finished a course, unless it is written already and stands: 1 when it is news.
INSERT INTO course_completion (account_id, id, contact_id, course_id, course_version, completed_at)
SELECT k.account_id, @id, @contact_id, k.id, k.version, @now FROM course k
WHERE k.account_id = @account_id AND k.id = @course_id AND NOT EXISTS (
    SELECT FROM course_completion f WHERE f.account_id = k.account_id AND f.contact_id = @contact_id AND f.course_id = k.id AND f.reopened_at IS NULL
);

-- name: NoteList :many
-- What a client wrote down beside a lesson, oldest first: the newest 200, so that what they write now stands there. All are in their export.
SELECT id, text, created_at, changed_at FROM (
    SELECT n.id, n.text, n.created_at, n.changed_at FROM lesson_note n
    WHERE n.account_id = @account_id AND n.contact_id = @contact_id AND n.lesson_id = @lesson_id ORDER BY n.id DESC LIMIT 200
) newest ORDER BY id;

-- name: NoteInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO lesson_note (account_id, id, contact_id, course_id, lesson_id, text, created_at, changed_at)
VALUES (@account_id, @id, @contact_id, @course_id, @lesson_id, @text, @now, @now);

-- name: NoteSave :execrows
UPDATE lesson_note SET text = @text, changed_at = @now
WHERE account_id = @account_id AND contact_id = @contact_id AND lesson_id = @lesson_id AND id = @id;

-- name: NoteDelete :execrows
DELETE FROM lesson_note WHERE account_id = @account_id AND contact_id = @contact_id AND lesson_id = @lesson_id AND id = @id;

-- name: LessonIsOpen :one
-- Whether a lesson is open to a client now.
SELECT (count(*) > 0)::boolean AS is_open
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id AND w.is_open
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.id = @lesson_id;

-- name: LearningExport :many
-- What a client did in courses, for their export: completions and tries, in order of time.
SELECT k.title AS course_title, l.title AS lesson_title, 'lesson finished'::text AS what, d.completed_at AS at
FROM lesson_completion d JOIN lesson l ON l.account_id = d.account_id AND l.id = d.lesson_id JOIN course k ON k.account_id = d.account_id AND k.id = d.course_id
WHERE d.account_id = @account_id AND d.contact_id = @contact_id
UNION ALL
SELECT k.title, '', 'course finished', f.completed_at
FROM course_completion f JOIN course k ON k.account_id = f.account_id AND k.id = f.course_id
WHERE f.account_id = @account_id AND f.contact_id = @contact_id
UNION ALL
SELECT k.title, l.title, 'quiz tried: ' || t.right_count || ' of ' || t.question_count || ' right', t.tried_at
FROM quiz_try t JOIN lesson l ON l.account_id = t.account_id AND l.id = t.lesson_id JOIN course k ON k.account_id = t.account_id AND k.id = t.course_id
WHERE t.account_id = @account_id AND t.contact_id = @contact_id
UNION ALL
SELECT k.title, l.title, 'lesson first opened', v.first_opened_at
FROM lesson_visit v JOIN lesson l ON l.account_id = v.account_id AND l.id = v.lesson_id JOIN course k ON k.account_id = v.account_id AND k.id = v.course_id
WHERE v.account_id = @account_id AND v.contact_id = @contact_id
ORDER BY at;

-- name: NoteExport :many
-- What a client wrote down beside lessons, for their export.
SELECT k.title AS course_title, l.title AS lesson_title, n.text, n.created_at, n.changed_at
FROM lesson_note n JOIN lesson l ON l.account_id = n.account_id AND l.id = n.lesson_id JOIN course k ON k.account_id = n.account_id AND k.id = n.course_id
WHERE n.account_id = @account_id AND n.contact_id = @contact_id ORDER BY n.id;
