-- name: UnlockAccounts :many
-- Every account with lessons that unlock by days or on a day.
-- Exempt: the schedule looks at all accounts.
-- @sqlc-vet-disable
SELECT a.id FROM account a WHERE EXISTS (
    SELECT FROM course k JOIN course_module m ON m.account_id = k.account_id AND m.course_id = k.id AND m.deleted_at IS NULL
    JOIN lesson l ON l.account_id = m.account_id AND l.module_id = m.id AND l.course_id = m.course_id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
    WHERE k.account_id = a.id AND k.published_at IS NOT NULL AND k.deleted_at IS NULL AND num_nonnulls(m.drip_days, m.drip_date, l.drip_days, l.drip_date) > 0
) ORDER BY a.id;

-- name: UnlockZones :many
-- The time zones of an account's contacts.
SELECT DISTINCT coalesce(nullif(c.time_zone, ''), a.time_zone)::text AS zone FROM contact c JOIN account a ON a.id = c.account_id WHERE c.account_id = @account_id;

-- name: UnlockReaders :many
-- Contacts to look at, in order of id, from after the given one, as unlock_readers() finds them.
SELECT c.id FROM unlock_readers(@account_id, @after, @now, @zones::text[], @days::date[], @within_days, @page_size) AS r (contact_id)
JOIN contact c ON c.id = r.contact_id WHERE c.account_id = @account_id ORDER BY c.id;

-- name: UnlockDue :many
-- The lessons a contact is to be told of now, in their order: those of courses they may use that unlocked since they were last told, or
-- else since they could use the course, and lately; open, not finished, and never told before.
SELECT w.course_id::uuid AS course_id, w.lesson_id::uuid AS lesson_id, w.today::date AS today
FROM lessons_of(@account_id, @contact_id, @now) AS w (course_id, module_id, lesson_id, place, opens_on, today, completed_at, waits, is_open)
JOIN courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until) ON o.course_id = w.course_id
JOIN contact c ON c.account_id = @account_id AND c.id = @contact_id JOIN account a ON a.id = c.account_id
JOIN lesson l ON l.account_id = c.account_id AND l.id = w.lesson_id AND w.is_open AND w.completed_at IS NULL AND w.opens_on > w.today - @within_days::integer
    AND w.opens_on > local_day(o.since, coalesce(nullif(c.time_zone, ''), a.time_zone))
WHERE c.account_id = @account_id AND NOT EXISTS (
    SELECT FROM unlock_notice n WHERE n.account_id = c.account_id AND n.contact_id = c.id AND n.course_id = l.course_id AND (n.day >= w.today OR l.id = ANY(n.lesson_ids))
)
ORDER BY w.course_id, w.place;

-- name: UnlockNoticeInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO unlock_notice (account_id, id, contact_id, course_id, day, lesson_ids) VALUES (@account_id, @id, @contact_id, @course_id, @day, @lesson_ids);
