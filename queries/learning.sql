-- name: LessonWay :many
-- The way of a client through one course that they may use, in order: none where they may not. A zero date or time stands for
-- none: it unlocks at once, it is not finished.
SELECT l.id, l.module_id, m.title AS module_title, l.title, l.minutes, l.video, (l.quiz_tries IS NOT NULL)::boolean AS tries_limited, l.version,
    EXISTS (SELECT FROM quiz_question q WHERE q.account_id = l.account_id AND q.lesson_id = l.id)::boolean AS has_quiz,
    w.place::bigint AS place, coalesce(w.opens_on, '0001-01-01')::date AS opens_on, w.today::date AS today,
    coalesce(w.completed_at, '0001-01-01 00:00:00Z')::timestamptz AS completed_at, w.waits::boolean AS waits, w.is_open::boolean AS is_open
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN lesson l ON l.course_id = w.course_id AND l.id = w.lesson_id JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id
WHERE l.account_id = @account_id AND l.course_id = @course_id
ORDER BY w.place;
