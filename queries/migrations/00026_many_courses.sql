-- +goose Up
-- The list of a client's courses went through all of them once for each of them: with 1,800 courses 190 ms, most of it for that. And whoever
-- opened one course had the beginnings of all of them worked out. Now both look at the course they are about, and at nothing else.

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION lessons_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, module_id uuid, lesson_id uuid, place bigint, opens_on date, today date, completed_at timestamptz, waits boolean, is_open boolean)
    LANGUAGE sql STABLE AS $$
WITH clock AS ( -- distinct, which they are anyway: so it is made once, and of one course where only that is asked for
    SELECT DISTINCT ON (k.id) k.id, k.in_order, local_day(at, z.zone) AS today, CASE k.clock
        WHEN 'date' THEN k.clock_date
        WHEN 'first_open' THEN coalesce(local_day((SELECT min(v.first_opened_at) FROM course_visit v
            WHERE v.account_id = of_account AND v.contact_id = of_contact AND v.course_id = k.id), z.zone), local_day(at, z.zone))
        ELSE local_day(o.since, z.zone) END AS day
    FROM courses_of(of_account, of_contact, at) o JOIN course k ON k.account_id = of_account AND k.id = o.course_id
    JOIN contact c ON c.account_id = of_account AND c.id = of_contact JOIN account a ON a.id = of_account
    CROSS JOIN LATERAL (SELECT coalesce(nullif(c.time_zone, ''), a.time_zone) AS zone) z
), way AS (
    SELECT l.course_id, l.module_id, l.id AS lesson_id, clock.in_order, clock.today, row_number() OVER ordered AS place,
        greatest(unlock_day(clock.day, m.drip_days, m.drip_date), unlock_day(clock.day, l.drip_days, l.drip_date)) AS opens_on,
        done.at AS completed_at, lag(done.at IS NULL, 1, false) OVER ordered AS unfinished_before
    FROM clock JOIN lesson l ON l.account_id = of_account AND l.course_id = clock.id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
    JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
    LEFT JOIN LATERAL (SELECT min(d.completed_at) AS at FROM lesson_completion d
        WHERE d.account_id = of_account AND d.contact_id = of_contact AND d.lesson_id = l.id) done ON true
    WINDOW ordered AS (PARTITION BY l.course_id ORDER BY m.position, m.id, l.position, l.id)
)
SELECT w.course_id, w.module_id, w.lesson_id, w.place, w.opens_on, w.today, w.completed_at, w.in_order AND w.unfinished_before AND w.completed_at IS NULL,
    w.completed_at IS NOT NULL OR (w.opens_on IS NULL OR w.opens_on <= w.today) AND NOT (w.in_order AND w.unfinished_before)
FROM way w
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION progress_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, lessons bigint, done bigint, minutes bigint, minutes_left bigint, next_lesson_id uuid, next_opens_on date,
        opened_at timestamptz, finished_at timestamptz) LANGUAGE sql STABLE AS $$
WITH visit AS (
    SELECT v.course_id, max(v.last_opened_at) FILTER (WHERE v.last_lesson_id IS NOT NULL) AS opened_at,
        (array_agg(v.last_lesson_id ORDER BY v.last_opened_at DESC) FILTER (WHERE v.last_lesson_id IS NOT NULL))[1] AS lesson_id
    FROM course_visit v WHERE v.account_id = of_account AND v.contact_id = of_contact GROUP BY v.course_id
)
SELECT o.course_id, s.lessons, s.done, coalesce(nullif(k.minutes, 0), s.minutes, 0), CASE
        WHEN k.minutes = 0 OR s.lessons = 0 THEN s.minutes_left
        WHEN s.minutes > 0 THEN round(k.minutes::numeric * s.minutes_left / s.minutes)::bigint
        ELSE round(k.minutes::numeric * (s.lessons - s.done) / s.lessons)::bigint END,
    s.next_lesson_id, s.next_opens_on, v.opened_at,
    (SELECT min(f.completed_at) FROM course_completion f WHERE f.account_id = of_account AND f.contact_id = of_contact AND f.course_id = o.course_id AND f.reopened_at IS NULL)
FROM courses_of(of_account, of_contact, at) o JOIN course k ON k.account_id = of_account AND k.id = o.course_id
LEFT JOIN visit v ON v.course_id = o.course_id
CROSS JOIN LATERAL (
    SELECT count(*) AS lessons, count(w.completed_at) AS done, sum(w.minutes) AS minutes,
        coalesce(sum(w.minutes) FILTER (WHERE w.completed_at IS NULL), 0) AS minutes_left,
        (array_agg(w.lesson_id ORDER BY w.place < w.last_place, w.place) FILTER (WHERE w.is_open AND w.completed_at IS NULL))[1] AS next_lesson_id,
        min(w.opens_on) FILTER (WHERE w.completed_at IS NULL) AS next_opens_on
    FROM (
        SELECT w.lesson_id, w.place, w.completed_at, w.is_open, CASE WHEN w.opens_on > w.today THEN w.opens_on END AS opens_on, l.minutes,
            coalesce(max(w.place) FILTER (WHERE w.lesson_id = v.lesson_id) OVER (), 0) AS last_place
        FROM lessons_of(of_account, of_contact, at) w JOIN lesson l ON l.account_id = of_account AND l.id = w.lesson_id WHERE w.course_id = o.course_id
    ) w
) s
$$;
-- +goose StatementEnd

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
