-- +goose Up
-- Which kinds of automatic mails a client wants, beside whether they want any.

ALTER TABLE contact ADD COLUMN no_course_mail_at timestamptz, ADD COLUMN no_invoice_mail_at timestamptz;
COMMENT ON COLUMN contact.no_course_mail_at IS 'When the client asked for no more automatic news of their courses; null: they come, unless no_mail_at ends them all.';
COMMENT ON COLUMN contact.no_invoice_mail_at IS 'When the client asked for no more automatic reminders of invoices; null: they come, unless no_mail_at ends them all.';

-- As before, without those who want no news of their courses.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION unlock_readers(of_account uuid, after uuid, at timestamptz, zones text[], days date[], within_days integer, most integer)
    RETURNS TABLE (contact_id uuid) LANGUAGE sql STABLE AS $$
WITH part AS MATERIALIZED (
    SELECT k.id AS course_id, k.clock, l.id AS lesson_id, CASE WHEN p.on_day IS NULL AND k.clock <> 'date' THEN p.days END AS days,
        coalesce(p.on_day, CASE WHEN k.clock = 'date' THEN k.clock_date + p.days END) AS on_day
    FROM course k JOIN course_module m ON m.account_id = k.account_id AND m.course_id = k.id AND m.deleted_at IS NULL
    JOIN lesson l ON l.account_id = m.account_id AND l.module_id = m.id AND l.course_id = m.course_id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
    CROSS JOIN LATERAL (VALUES (m.drip_days, m.drip_date), (l.drip_days, l.drip_date)) AS p (days, on_day)
    WHERE k.account_id = of_account AND k.published_at <= at AND k.deleted_at IS NULL AND num_nonnulls(p.days, p.on_day) > 0 AND app_on(of_account, 'courses')
), dripping AS MATERIALIZED (
    SELECT part.course_id, part.clock, array_agg(part.lesson_id) AS lesson_ids, array_agg(part.days) AS days, array_agg(part.on_day) AS on_days,
        coalesce(range_agg(int4range(part.days - 2, part.days + within_days + 1)) FILTER (WHERE part.days IS NOT NULL), '{}') AS ages,
        coalesce(bool_or(part.on_day BETWEEN (at AT TIME ZONE 'UTC')::date - within_days AND (at AT TIME ZONE 'UTC')::date + 1), false) AS on_a_day
    FROM part GROUP BY part.course_id, part.clock
), place AS MATERIALIZED (
    SELECT unnest(zones) AS zone, unnest(days) AS today
)
SELECT DISTINCT g.contact_id
FROM access_grant g JOIN dripping d ON d.course_id = g.course_id
JOIN contact c ON c.account_id = g.account_id AND c.id = g.contact_id AND c.joined_at IS NOT NULL AND c.no_mail_at IS NULL
    AND c.no_course_mail_at IS NULL AND c.bounced_at IS NULL
JOIN account a ON a.id = c.account_id JOIN place ON place.zone = coalesce(nullif(c.time_zone, ''), a.time_zone)
CROSS JOIN LATERAL (SELECT CASE WHEN d.clock = 'first_open' THEN coalesce((SELECT min(v.first_opened_at) FROM course_visit v
    WHERE v.account_id = g.account_id AND v.contact_id = g.contact_id AND v.course_id = g.course_id), at) ELSE g.starts_at END AS at) began
WHERE g.account_id = of_account AND g.contact_id > after AND grant_open(g.starts_at, g.ends_at, g.ended_at, at)
    AND (d.on_a_day OR floor(extract(epoch FROM at - began.at) / 86400)::integer <@ d.ages)
    AND NOT EXISTS (SELECT FROM unlock_notice n WHERE n.account_id = g.account_id AND n.contact_id = g.contact_id AND n.course_id = g.course_id AND n.day >= place.today)
    AND EXISTS (
        SELECT FROM (SELECT local_day(began.at, place.zone) AS day OFFSET 0) clock, unnest(d.lesson_ids, d.days, d.on_days) AS p (lesson_id, days, on_day)
        WHERE coalesce(p.on_day, clock.day + p.days) BETWEEN place.today - within_days + 1 AND place.today
            AND NOT EXISTS (SELECT FROM lesson_completion x WHERE x.account_id = g.account_id AND x.contact_id = g.contact_id AND x.lesson_id = p.lesson_id)
            AND NOT EXISTS (SELECT FROM unlock_notice n WHERE n.account_id = g.account_id AND n.contact_id = g.contact_id AND n.course_id = g.course_id AND p.lesson_id = ANY(n.lesson_ids))
    )
ORDER BY g.contact_id LIMIT most
$$;
-- +goose StatementEnd
