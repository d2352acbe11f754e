-- +goose Up
-- How far clients are in their courses, and what they look for in them.

-- How far a client is in each course they may use: its published lessons and how many of them are done, its minutes and those
-- left, the lesson to go on with (the one opened last unless it is done, then the first open one after it, then any before it),
-- the next day on which one unlocks, when they opened it last (null before their first lesson), and when they finished it.
-- +goose StatementBegin
CREATE FUNCTION progress_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, lessons bigint, done bigint, minutes bigint, minutes_left bigint, next_lesson_id uuid, next_opens_on date,
        opened_at timestamptz, finished_at timestamptz) LANGUAGE sql STABLE AS $$
WITH visit AS (
    SELECT v.course_id, max(v.last_opened_at) FILTER (WHERE v.last_lesson_id IS NOT NULL) AS opened_at,
        (array_agg(v.last_lesson_id ORDER BY v.last_opened_at DESC) FILTER (WHERE v.last_lesson_id IS NOT NULL))[1] AS lesson_id
    FROM course_visit v WHERE v.account_id = of_account AND v.contact_id = of_contact GROUP BY v.course_id
), way AS (
    SELECT w.course_id, w.lesson_id, w.place, w.completed_at, w.is_open, CASE WHEN w.opens_on > w.today THEN w.opens_on END AS opens_on, l.minutes,
        coalesce(max(w.place) FILTER (WHERE w.lesson_id = v.lesson_id) OVER (PARTITION BY w.course_id), 0) AS last_place
    FROM lessons_of(of_account, of_contact, at) w
    JOIN lesson l ON l.account_id = of_account AND l.course_id = w.course_id AND l.id = w.lesson_id LEFT JOIN visit v ON v.course_id = w.course_id
), sums AS (
    SELECT w.course_id, count(*) AS lessons, count(w.completed_at) AS done, sum(w.minutes) AS minutes,
        coalesce(sum(w.minutes) FILTER (WHERE w.completed_at IS NULL), 0) AS minutes_left,
        (array_agg(w.lesson_id ORDER BY w.place < w.last_place, w.place) FILTER (WHERE w.is_open AND w.completed_at IS NULL))[1] AS next_lesson_id,
        min(w.opens_on) FILTER (WHERE w.completed_at IS NULL) AS next_opens_on
    FROM way w GROUP BY w.course_id
)
SELECT o.course_id, coalesce(s.lessons, 0), coalesce(s.done, 0), coalesce(nullif(k.minutes, 0), s.minutes, 0), CASE
        WHEN k.minutes = 0 OR s.lessons IS NULL THEN coalesce(s.minutes_left, 0)
        WHEN s.minutes > 0 THEN round(k.minutes::numeric * s.minutes_left / s.minutes)::bigint
        ELSE round(k.minutes::numeric * (s.lessons - s.done) / s.lessons)::bigint END,
    s.next_lesson_id, s.next_opens_on, v.opened_at,
    (SELECT min(f.completed_at) FROM course_completion f WHERE f.account_id = of_account AND f.contact_id = of_contact AND f.course_id = o.course_id AND f.reopened_at IS NULL)
FROM courses_of(of_account, of_contact, at) o JOIN course k ON k.account_id = of_account AND k.id = o.course_id
LEFT JOIN sums s ON s.course_id = o.course_id LEFT JOIN visit v ON v.course_id = o.course_id
$$;
-- +goose StatementEnd

-- What is looked for, as websearch_to_tsquery understands it; the last word may go on.
-- +goose StatementBegin
CREATE FUNCTION search_words(words text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN q::text LIKE '%''' THEN (q::text || ':*')::tsquery ELSE q END FROM websearch_to_tsquery('simple', words) q
$$;
-- +goose StatementEnd

-- A lesson's text without the marks of markdown, for excerpts.
-- +goose StatementBegin
CREATE FUNCTION lesson_words(body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT regexp_replace(regexp_replace(body, '!?\[([^\]\n]*)\]\([^)\n]*\)', '\1', 'g'), '[*_`#>~|]+', '', 'g')
$$;
-- +goose StatementEnd

-- The lessons of a client's courses that a search finds, best first. Of one that is not open only the title is looked at, which
-- they can see, and no excerpt is given. In excerpts, U+E000 and U+E001 stand around what was found.
-- +goose StatementBegin
CREATE FUNCTION lessons_found(of_account uuid, of_contact uuid, at timestamptz, words text, most integer)
    RETURNS TABLE (course_id uuid, lesson_id uuid, opens_on date, waits boolean, is_open boolean, excerpt text, place bigint) LANGUAGE sql STABLE AS $$
SELECT f.course_id, f.lesson_id, f.opens_on, f.waits, f.is_open,
    CASE WHEN f.is_open THEN ts_headline('simple', lesson_words(f.body), f.query, U&'StartSel="\E000", StopSel="\E001", MaxWords=32, MinWords=14') ELSE '' END, f.place
FROM (
    SELECT w.course_id, w.lesson_id, w.opens_on, w.waits, w.is_open, l.body, q.query, row_number() OVER (ORDER BY ts_rank(seen.words, q.query) DESC, w.course_id, w.place) AS place
    FROM search_words(words) AS q (query), lessons_of(of_account, of_contact, at) w
    JOIN lesson l ON l.account_id = of_account AND l.course_id = w.course_id AND l.id = w.lesson_id
    CROSS JOIN LATERAL (SELECT CASE WHEN w.is_open THEN l.search ELSE ts_filter(l.search, '{a}') END AS words) seen
    WHERE seen.words @@ q.query ORDER BY place LIMIT most
) f
$$;
-- +goose StatementEnd
