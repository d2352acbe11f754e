-- name: ProgressCourse :one
-- A course as staff look at how its people get on, and how many of its lessons are published.
SELECT k.id, k.title, (k.published_at IS NOT NULL)::boolean AS published,
    (SELECT count(*) FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
        WHERE l.account_id = k.account_id AND l.course_id = k.id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL) AS lessons
FROM course k WHERE k.account_id = @account_id AND k.id = @id AND k.deleted_at IS NULL;

-- name: ProgressFigures :one
-- Of everybody who is or was given the course: who can use it now, who of them opened it lately and who never did, and who finished it.
WITH person AS (
    SELECT g.contact_id, bool_or(grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)) AS enrolled
    FROM access_grant g WHERE g.account_id = @account_id AND g.course_id = @course_id AND g.starts_at <= @now::timestamptz GROUP BY g.contact_id
), opened AS (
    SELECT v.contact_id, max(v.last_opened_at) AS at FROM course_visit v
    WHERE v.account_id = @account_id AND v.course_id = @course_id GROUP BY v.contact_id
)
SELECT count(*) FILTER (WHERE p.enrolled) AS enrolled, count(*) FILTER (WHERE p.enrolled AND o.at >= @active_since::timestamptz) AS active,
    count(*) FILTER (WHERE p.enrolled AND o.at IS NULL) AS unopened,
    count(*) FILTER (WHERE EXISTS (SELECT FROM course_completion f WHERE f.account_id = @account_id AND f.contact_id = p.contact_id
        AND f.course_id = @course_id AND f.reopened_at IS NULL)) AS finished
FROM person p LEFT JOIN opened o ON o.contact_id = p.contact_id;

-- name: ProgressLessons :many
-- The published lessons of a course in order: how many people opened and finished each, and how many stopped there: they can use
-- the course and have not finished it, were last at this lesson, and have not been back since the given time.
WITH stopped AS (
    SELECT s.lesson_id, count(*) AS people FROM (
        SELECT DISTINCT ON (v.contact_id) v.contact_id, v.last_lesson_id AS lesson_id, v.last_opened_at FROM course_visit v
        WHERE v.account_id = @account_id AND v.course_id = @course_id ORDER BY v.contact_id, v.last_opened_at DESC
    ) s WHERE s.last_opened_at < @stopped_before::timestamptz
        AND EXISTS (SELECT FROM access_grant g WHERE g.account_id = @account_id AND g.contact_id = s.contact_id AND g.course_id = @course_id
            AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz))
        AND NOT EXISTS (SELECT FROM course_completion f WHERE f.account_id = @account_id AND f.contact_id = s.contact_id AND f.course_id = @course_id
            AND f.reopened_at IS NULL)
    GROUP BY s.lesson_id
)
SELECT l.id, l.title, m.title AS module_title,
    (SELECT count(DISTINCT v.contact_id) FROM lesson_visit v WHERE v.account_id = l.account_id AND v.lesson_id = l.id) AS opened,
    (SELECT count(DISTINCT d.contact_id) FROM lesson_completion d WHERE d.account_id = l.account_id AND d.lesson_id = l.id) AS finished,
    coalesce(s.people, 0)::bigint AS stopped
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
LEFT JOIN stopped s ON s.lesson_id = l.id
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
ORDER BY m.position, m.id, l.position, l.id;

-- name: ProgressPeople :many
-- Everybody who is or was given the course, who opened it last first; a zero time stands for never.
WITH person AS (
    SELECT g.contact_id, bool_or(grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)) AS enrolled,
        coalesce((SELECT max(v.last_opened_at) FROM course_visit v WHERE v.account_id = @account_id AND v.contact_id = g.contact_id AND v.course_id = @course_id),
            '0001-01-01 00:00:00Z')::timestamptz AS opened_at
    FROM access_grant g WHERE g.account_id = @account_id AND g.course_id = @course_id AND g.starts_at <= @now::timestamptz GROUP BY g.contact_id
)
SELECT c.id, c.name, c.email, c.avatar_hash, p.enrolled::boolean AS enrolled, p.opened_at,
    (SELECT count(DISTINCT d.lesson_id) FROM lesson_completion d JOIN lesson l ON l.account_id = d.account_id AND l.id = d.lesson_id
        JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
        WHERE d.account_id = c.account_id AND d.contact_id = c.id AND d.course_id = @course_id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL) AS done,
    coalesce((SELECT min(f.completed_at) FROM course_completion f WHERE f.account_id = c.account_id AND f.contact_id = c.id AND f.course_id = @course_id
        AND f.reopened_at IS NULL), '0001-01-01 00:00:00Z')::timestamptz AS finished_at
FROM person p JOIN contact c ON c.id = p.contact_id
WHERE c.account_id = @account_id AND (p.opened_at, c.id) < (@before_at::timestamptz, @before::uuid)
ORDER BY p.opened_at DESC, c.id DESC LIMIT @page_size;

-- name: ProgressPerson :one
-- A contact as they stand in a course: whether they can use it now, when they opened and finished it; a
-- zero time stands for never.
SELECT c.id, c.name, c.email, c.avatar_hash,
    EXISTS (SELECT FROM access_grant g WHERE g.account_id = c.account_id AND g.contact_id = c.id AND g.course_id = @course_id
        AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz))::boolean AS enrolled,
    coalesce((SELECT min(v.first_opened_at) FROM course_visit v WHERE v.account_id = c.account_id AND v.contact_id = c.id AND v.course_id = @course_id),
        '0001-01-01 00:00:00Z')::timestamptz AS first_opened_at,
    coalesce((SELECT max(v.last_opened_at) FROM course_visit v WHERE v.account_id = c.account_id AND v.contact_id = c.id AND v.course_id = @course_id),
        '0001-01-01 00:00:00Z')::timestamptz AS last_opened_at,
    coalesce((SELECT min(f.completed_at) FROM course_completion f WHERE f.account_id = c.account_id AND f.contact_id = c.id AND f.course_id = @course_id
        AND f.reopened_at IS NULL), '0001-01-01 00:00:00Z')::timestamptz AS finished_at
FROM contact c WHERE c.account_id = @account_id AND c.id = @id;

-- name: ProgressOfContact :many
-- How far a contact is in each course of the grants that GrantListOfContact answers: its published lessons, those that are done, and whether they ever opened it.
SELECT k.id AS course_id,
    (SELECT count(*) FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
        WHERE l.account_id = k.account_id AND l.course_id = k.id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL) AS lessons,
    (SELECT count(DISTINCT d.lesson_id) FROM lesson_completion d JOIN lesson l ON l.account_id = d.account_id AND l.id = d.lesson_id
        JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
        WHERE d.account_id = k.account_id AND d.contact_id = @contact_id AND d.course_id = k.id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL) AS done,
    EXISTS (SELECT FROM course_visit v WHERE v.account_id = k.account_id AND v.contact_id = @contact_id AND v.course_id = k.id)::boolean AS opened
FROM course k WHERE k.account_id = @account_id AND k.deleted_at IS NULL
    AND k.id IN (
        SELECT x.course_id FROM access_grant x WHERE x.account_id = @account_id AND x.contact_id = @contact_id
        ORDER BY (x.ended_at IS NULL AND (x.ends_at IS NULL OR x.ends_at > @now::timestamptz)) DESC, x.id DESC
        LIMIT greatest(200, (SELECT count(*) FROM access_grant x WHERE x.account_id = @account_id AND x.contact_id = @contact_id AND (x.ended_at IS NULL AND (x.ends_at IS NULL OR x.ends_at > @now::timestamptz)))));

-- name: ProgressWay :many
-- A contact's way through a course, lesson by lesson, also after they can use it no more; see LessonWay. What they wrote down is
-- not in it: it is theirs.
WITH way AS MATERIALIZED (
    SELECT w.lesson_id, w.opens_on, w.waits, w.is_open
    FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open) WHERE w.course_id = @course_id::uuid
)
SELECT l.id, l.title, m.title AS module_title, l.version,
    coalesce((SELECT min(v.first_opened_at) FROM lesson_visit v WHERE v.account_id = l.account_id AND v.contact_id = @contact_id AND v.lesson_id = l.id),
        '0001-01-01 00:00:00Z')::timestamptz AS opened_at,
    coalesce(d.completed_at, '0001-01-01 00:00:00Z')::timestamptz AS completed_at, coalesce(d.completed_by, 'button')::completed_by AS completed_by,
    coalesce(d.lesson_version, 0)::integer AS completed_version, coalesce(w.opens_on, '0001-01-01')::date AS opens_on,
    coalesce(w.waits, false)::boolean AS waits, coalesce(w.is_open, false)::boolean AS is_open
FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
LEFT JOIN way w ON w.lesson_id = l.id
LEFT JOIN LATERAL (SELECT e.completed_at, e.completed_by, e.lesson_version FROM lesson_completion e
    WHERE e.account_id = l.account_id AND e.contact_id = @contact_id AND e.lesson_id = l.id ORDER BY e.completed_at LIMIT 1) d ON true
WHERE l.account_id = @account_id AND l.course_id = @course_id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
ORDER BY m.position, m.id, l.position, l.id;

-- name: ProgressTries :many
-- A contact's tries at the quizzes of a course, newest first.
SELECT t.id, t.lesson_id, t.answers, t.right_count, t.question_count, t.passed, t.tried_at FROM quiz_try t
WHERE t.account_id = @account_id AND t.contact_id = @contact_id AND t.course_id = @course_id ORDER BY t.id DESC LIMIT 500;
