-- name: GrantInsert :execrows
-- Once per source and course: 0 when the source has given it before, whatever became of that.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, origin_id, given_by, starts_at, ends_at, created_at)
VALUES (@account_id, @id, @contact_id, @course_id, @source, @source_id, sqlc.narg(origin_id), sqlc.narg(given_by), @starts_at, sqlc.narg(ends_at), @now)
ON CONFLICT (account_id, source, source_id, course_id, nth) DO NOTHING;

-- name: GrantClose :execrows
-- Closes one grant that is not closed yet.
UPDATE access_grant SET ended_at = @now::timestamptz, ended_because = @ended_because::grant_end, ended_by = sqlc.narg(ended_by), ended_note = @ended_note
WHERE account_id = @account_id AND id = @id AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > @now::timestamptz);

-- name: GrantCloseOfSource :many
-- Closes what one source gave and nothing else, and answers which contacts and courses that was.
UPDATE access_grant SET ended_at = @now::timestamptz, ended_because = @ended_because::grant_end, ended_by = sqlc.narg(ended_by), ended_note = @ended_note
WHERE account_id = @account_id AND source = @source AND source_id = @source_id AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > @now::timestamptz)
RETURNING id, contact_id, course_id;

-- name: GrantExpire :execrows
-- Closes what its planned end has passed, at that end. Access does not wait for it: grant_open looks at the end itself. What a
-- subscription gives is closed by the subscription alone, whose end can still move.
-- Exempt: the schedule closes what is over in all accounts.
-- @sqlc-vet-disable
UPDATE access_grant SET ended_at = ends_at, ended_because = 'expired' WHERE (account_id, id) IN (
    SELECT account_id, id FROM access_grant WHERE ended_at IS NULL AND ends_at <= @now::timestamptz AND source <> 'subscription' LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: GrantAccess :one
-- Whether a contact may use a course at a time.
SELECT (count(*) > 0)::boolean AS is_open FROM courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until)
JOIN course k ON k.id = o.course_id WHERE k.account_id = @account_id AND k.id = @course_id;

-- name: GrantListOfContact :many
-- The ledger of a contact, newest first, each grant with its course, who gave it and what it came through: all that give or will give
-- something, and what is over up to 200 together, out of in_all.
SELECT g.id, g.course_id, k.title, (k.published_at IS NOT NULL)::boolean AS published, (k.deleted_at IS NOT NULL)::boolean AS deleted, g.source, g.starts_at, g.ends_at, g.ended_at,
    g.ended_because, g.ended_note, g.created_at, g.nth, coalesce(nullif(s.name, ''), s.email::text, '')::text AS given_by_name,
    coalesce(nullif(e.name, ''), e.email::text, '')::text AS ended_by_name, coalesce(f.title, o.title, i.file_name, '')::text AS origin, w.in_all
FROM (
    SELECT x.id AS grant_id, count(*) OVER () AS in_all FROM access_grant x WHERE x.account_id = @account_id AND x.contact_id = @contact_id
    ORDER BY (x.ended_at IS NULL AND (x.ends_at IS NULL OR x.ends_at > @now::timestamptz)) DESC, x.id DESC
    LIMIT greatest(200, (SELECT count(*) FROM access_grant x WHERE x.account_id = @account_id AND x.contact_id = @contact_id AND (x.ended_at IS NULL AND (x.ends_at IS NULL OR x.ends_at > @now::timestamptz))))
) w JOIN access_grant g ON g.account_id = @account_id AND g.id = w.grant_id
JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
LEFT JOIN staff s ON s.id = g.given_by
LEFT JOIN staff e ON e.id = g.ended_by
LEFT JOIN form f ON f.account_id = g.account_id AND f.id = g.origin_id
LEFT JOIN offer o ON o.account_id = g.account_id AND o.id = g.origin_id
LEFT JOIN contact_import i ON i.account_id = g.account_id AND i.id = g.origin_id
ORDER BY g.id DESC;

-- name: GrantListOfCourse :many
-- Who was given a course and why: a page of people, by the latest start of what each was given, the latest first, from before the
-- given one; each with the newest of their reasons, what gives access now before the rest. Those whose name or address the pattern fits, in
-- one state (open, upcoming or ended) or, with empty text, in all. A person is in one state, whatever else they were given.
-- What else is asked of a state follows from it, and passes by who is in another before everything of theirs is read (OFFSET 0 keeps the planner
-- from reading all open grants for a page of them); the plan is to know the state.
WITH people AS (
    SELECT g.id, g.contact_id, g.starts_at, c.name, c.email, c.avatar_hash, p.state, p.over_at, p.reasons
    FROM access_grant g JOIN contact c ON c.account_id = g.account_id AND c.id = g.contact_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS reasons, max(least(x.ended_at, x.ends_at)) AS over_at,
            CASE WHEN bool_or(grant_open(x.starts_at, x.ends_at, x.ended_at, @now::timestamptz)) THEN 'open'
                WHEN bool_or(x.starts_at > @now AND (x.ended_at IS NULL OR x.ended_at > @now)) THEN 'upcoming' ELSE 'ended' END AS state
        FROM access_grant x WHERE x.account_id = g.account_id AND x.course_id = g.course_id AND x.contact_id = g.contact_id
    ) p
    WHERE g.account_id = @account_id AND g.course_id = @course_id AND (g.starts_at, g.id) < (@before_start::timestamptz, @before::uuid)
        AND (@pattern::text = '' OR c.search LIKE @pattern OR @ascii::text <> '' AND c.search LIKE @ascii)
        AND (@state::text = '' OR @state = p.state)
        AND (@state <> 'upcoming' OR g.starts_at > @now) AND (@state <> 'ended' OR g.ended_at <= @now OR g.ends_at <= @now)
        AND (@state <> 'open' OR EXISTS (SELECT FROM access_grant o WHERE o.account_id = g.account_id AND o.course_id = g.course_id AND o.contact_id = g.contact_id
            AND grant_open(o.starts_at, o.ends_at, o.ended_at, @now) OFFSET 0))
        AND NOT EXISTS (SELECT FROM access_grant later WHERE later.account_id = g.account_id AND later.course_id = g.course_id AND later.contact_id = g.contact_id
            AND (later.starts_at, later.id) > (g.starts_at, g.id))
    ORDER BY g.starts_at DESC, g.id DESC LIMIT @page_size
)
SELECT w.id AS latest_id, w.starts_at AS latest_start, w.contact_id, w.name, w.email, w.avatar_hash, w.state, coalesce(w.over_at, @now)::timestamptz AS over_at, w.reasons,
    g.id, g.source, g.starts_at, g.ends_at, g.ended_at, g.ended_because, g.ended_note, g.created_at, g.nth,
    coalesce(nullif(s.name, ''), s.email::text, '')::text AS given_by_name, coalesce(nullif(e.name, ''), e.email::text, '')::text AS ended_by_name,
    coalesce(f.title, o.title, i.file_name, '')::text AS origin
FROM people w
CROSS JOIN LATERAL (
    SELECT x.id, x.account_id, x.source, x.starts_at, x.ends_at, x.ended_at, x.ended_because, x.ended_note, x.ended_by, x.created_at, x.nth, x.given_by, x.origin_id,
        grant_open(x.starts_at, x.ends_at, x.ended_at, @now::timestamptz) AS gives
    FROM access_grant x WHERE x.account_id = @account_id AND x.course_id = @course_id AND x.contact_id = w.contact_id
    ORDER BY gives DESC, x.starts_at DESC, x.id DESC LIMIT @reasons_most
) g
LEFT JOIN staff s ON s.id = g.given_by
LEFT JOIN staff e ON e.id = g.ended_by
LEFT JOIN form f ON f.account_id = g.account_id AND f.id = g.origin_id
LEFT JOIN offer o ON o.account_id = g.account_id AND o.id = g.origin_id
LEFT JOIN contact_import i ON i.account_id = g.account_id AND i.id = g.origin_id
ORDER BY w.starts_at DESC, w.id DESC, g.gives DESC, g.starts_at DESC, g.id DESC;

-- name: GrantByID :one
SELECT g.id, g.contact_id, g.course_id, g.source, g.source_id, g.origin_id, g.starts_at, g.ends_at, g.ended_at, c.name, c.email, k.title, g.created_at
FROM access_grant g JOIN contact c ON c.account_id = g.account_id AND c.id = g.contact_id JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
WHERE g.account_id = @account_id AND g.id = @id;

-- name: GrantListBeside :many
-- The grant itself, and what gives its contact the grant's course now beside it, as GrantListOfContact.
SELECT g.id, g.course_id, k.title, (k.published_at IS NOT NULL)::boolean AS published, (k.deleted_at IS NOT NULL)::boolean AS deleted, g.source, g.starts_at, g.ends_at, g.ended_at,
    g.ended_because, g.ended_note, g.created_at, g.nth, coalesce(nullif(s.name, ''), s.email::text, '')::text AS given_by_name,
    coalesce(nullif(e.name, ''), e.email::text, '')::text AS ended_by_name, coalesce(f.title, o.title, i.file_name, '')::text AS origin, count(*) OVER () AS in_all
FROM access_grant one JOIN access_grant g ON g.account_id = one.account_id AND g.contact_id = one.contact_id AND g.course_id = one.course_id
    AND (g.id = one.id OR grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz))
JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
LEFT JOIN staff s ON s.id = g.given_by
LEFT JOIN staff e ON e.id = g.ended_by
LEFT JOIN form f ON f.account_id = g.account_id AND f.id = g.origin_id
LEFT JOIN offer o ON o.account_id = g.account_id AND o.id = g.origin_id
LEFT JOIN contact_import i ON i.account_id = g.account_id AND i.id = g.origin_id
WHERE one.account_id = @account_id AND one.id = @id
ORDER BY g.id DESC;

-- name: GrantHolders :many
-- Those who can use a course now, by name: who loses it when it is no longer published, or gone. Counted over all of them.
SELECT c.id, c.name, c.email, count(*) OVER () AS holders
FROM contact c
WHERE c.account_id = @account_id AND EXISTS (
    SELECT FROM access_grant g WHERE g.account_id = c.account_id AND g.contact_id = c.id AND g.course_id = @course_id
        AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)
)
ORDER BY lower(CASE WHEN c.name = '' THEN c.email::text ELSE c.name END), c.id LIMIT @page_size;

-- name: GrantHoldersOfAny :many
-- Those who can use any course now: who loses them when the app is switched off.
SELECT c.id, c.name, c.email, count(*) OVER () AS holders
FROM contact c
WHERE c.account_id = @account_id AND EXISTS (
    SELECT FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
    WHERE g.account_id = c.account_id AND g.contact_id = c.id AND k.published_at IS NOT NULL AND k.deleted_at IS NULL
        AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)
)
ORDER BY lower(CASE WHEN c.name = '' THEN c.email::text ELSE c.name END), c.id LIMIT @page_size;

-- name: GrantHoldersChosen :many
-- Those who can use any course now among contacts that are chosen: by their ids, or all that the filters fit. Who loses their courses
-- when they are deleted. Counted over all of them.
SELECT c.id, c.name, c.email, count(*) OVER () AS holders
FROM (
    SELECT k.id, k.name, k.email FROM contact k WHERE k.account_id = @account_id AND k.id = ANY(@ids::uuid[])
    UNION SELECT k.id, k.name, k.email FROM contact k
    WHERE @all_that_fit::boolean AND k.account_id = @account_id AND (@pattern::text = '' OR k.search LIKE @pattern OR @ascii::text <> '' AND k.search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, k.invited_at, k.last_invited_at, k.sent_at, k.bounced_at,
            k.filter_opened_at, k.opened_at, k.joined_at, k.last_seen_at)
        AND (@source::text = '' OR k.source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR k.tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, k.last_seen_at) AND (@bounced::text = '' OR (k.bounced_at IS NOT NULL) = (@bounced = 'yes'))
) c
WHERE EXISTS (
    SELECT FROM access_grant g JOIN course o ON o.account_id = g.account_id AND o.id = g.course_id
    WHERE g.account_id = @account_id AND g.contact_id = c.id AND o.published_at IS NOT NULL AND o.deleted_at IS NULL
        AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)
)
ORDER BY lower(CASE WHEN c.name = '' THEN c.email::text ELSE c.name END), c.id LIMIT @page_size;

-- name: GrantOthersOpen :one
-- How many other grants keep a contact in a course when one of them ends.
SELECT count(*) FROM access_grant g
WHERE g.account_id = @account_id AND g.contact_id = @contact_id AND g.course_id = @course_id AND g.id <> @but
    AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz);

-- name: GrantCourse :one
-- A course as those who give it see it.
SELECT k.id, k.title, (k.published_at IS NOT NULL AND k.published_at <= @now::timestamptz)::boolean AS published, app_on(k.account_id, 'courses')::boolean AS app_on
FROM course k WHERE k.account_id = @account_id AND k.id = @id AND k.deleted_at IS NULL;

-- name: GrantCourses :many
-- The courses that can be given, in the order of the account: all of them, since a form that shows fewer than are chosen takes the others away.
SELECT k.id, k.title, (k.published_at IS NOT NULL AND k.published_at <= @now::timestamptz)::boolean AS published, app_on(k.account_id, 'courses')::boolean AS app_on
FROM course k WHERE k.account_id = @account_id AND k.deleted_at IS NULL ORDER BY k.position, k.id;

-- name: GrantHolderCount :one
-- How many contacts have an open grant of a course now.
SELECT count(DISTINCT g.contact_id) FROM access_grant g
WHERE g.account_id = @account_id AND g.course_id = @course_id AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz);

-- name: GrantCovers :one
-- Whether what a contact was given for nothing lasts as long as what is about to be given, and begins no later. What they pay for
-- may end by itself, so it does not count.
SELECT EXISTS (
    SELECT FROM access_grant g
    WHERE g.account_id = @account_id AND g.contact_id = @contact_id AND g.course_id = @course_id AND g.source NOT IN ('order', 'subscription')
        AND g.ended_at IS NULL AND g.starts_at <= @starts_at::timestamptz AND (g.ends_at IS NULL OR g.ends_at >= sqlc.narg(ends_at)::timestamptz)
)::boolean AS covered;

-- name: GrantInsertMany :many
-- As GrantInsert, of one course to many contacts, given as arrays of equal length; answers whom it is new to.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, origin_id, given_by, starts_at, ends_at, created_at)
SELECT @account_id, unnest(@ids::uuid[]), unnest(@contact_ids::uuid[]), @course_id, @source::grant_source, unnest(@source_ids::uuid[]), @origin_id::uuid, sqlc.narg(given_by), @now::timestamptz, sqlc.narg(ends_at)::timestamptz,
    @now::timestamptz
ON CONFLICT (account_id, source, source_id, course_id, nth) DO NOTHING
RETURNING id, contact_id;

-- name: GrantAccessOfCourse :one
-- A course that a contact may use now; nothing (ErrNotFound) when they may not. A zero until stands for no end.
SELECT k.id, k.title, o.since::timestamptz AS since, coalesce(o.until, '0001-01-01 00:00:00Z')::timestamptz AS until
FROM courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until) JOIN course k ON k.id = o.course_id
WHERE k.account_id = @account_id AND k.id = @course_id;

-- name: GrantCoursesOfContact :many
-- The courses a contact may use now.
SELECT k.id, k.title FROM courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until) JOIN course k ON k.id = o.course_id
WHERE k.account_id = @account_id ORDER BY k.position, k.id;

-- name: GrantListOpen :many
-- The grants that let a contact use a course now, the oldest first, for telling the client; of staff the name alone.
SELECT g.id, g.source, g.starts_at, g.ends_at, coalesce(s.name, '')::text AS given_by_name, coalesce(f.title, o.title, '')::text AS origin
FROM access_grant g
LEFT JOIN staff s ON s.id = g.given_by
LEFT JOIN form f ON f.account_id = g.account_id AND f.id = g.origin_id
LEFT JOIN offer o ON o.account_id = g.account_id AND o.id = g.origin_id
WHERE g.account_id = @account_id AND g.contact_id = @contact_id AND g.course_id = @course_id AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)
ORDER BY g.starts_at, g.id;

-- name: GrantReadyMailed :one
-- Whether a contact was told that a course is ready since a time.
SELECT EXISTS (
    SELECT FROM mail m WHERE m.account_id = @account_id AND m.course_id = @course_id AND m.contact_id = @contact_id AND m.kind = 'course_ready' AND m.created_at >= @since::timestamptz
)::boolean AS mailed;
-- name: GrantMoveEnd :execrows
-- Moves the end of what a subscription gives, to a date or to none. What was over before it was given, because nobody heard of it
-- for long, is there for no time, and can still move.
UPDATE access_grant SET ends_at = CASE WHEN sqlc.narg(ends_at)::timestamptz < starts_at + interval '1 microsecond' THEN starts_at + interval '1 microsecond' ELSE sqlc.narg(ends_at)::timestamptz END
WHERE account_id = @account_id AND source = 'subscription' AND source_id = @source_id AND ended_at IS NULL AND ends_at IS DISTINCT FROM sqlc.narg(ends_at)::timestamptz;

-- name: GrantGiveOfPlan :execrows
-- What the plan gives that a subscription changed to, where the subscription does not give it already; 0 then. Whoever comes back to
-- a plan has a line more for it, since closed ones stay as they are.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, origin_id, starts_at, ends_at, created_at, nth)
SELECT @account_id::uuid, @id::uuid, @contact_id::uuid, @course_id::uuid, 'subscription', @source_id::uuid, @origin_id::uuid, @now::timestamptz, sqlc.narg(ends_at)::timestamptz, @now::timestamptz,
    (SELECT count(*) FROM access_grant g WHERE g.account_id = @account_id AND g.source = 'subscription' AND g.source_id = @source_id AND g.course_id = @course_id)
WHERE NOT EXISTS (SELECT FROM access_grant g WHERE g.account_id = @account_id AND g.source = 'subscription' AND g.source_id = @source_id AND g.course_id = @course_id AND g.ended_at IS NULL);

-- name: GrantTakenBack :many
-- What an order gave and does not give any more, because its money went back: of each course the newest line, unless its planned end is over.
SELECT contact_id, course_id, origin_id, starts_at, ends_at, nth FROM (
    SELECT DISTINCT ON (g.course_id) g.contact_id, g.course_id, g.origin_id, g.starts_at, g.ends_at, g.nth, g.ended_because
    FROM access_grant g WHERE g.account_id = @account_id AND g.source = 'order' AND g.source_id = @source_id ORDER BY g.course_id, g.nth DESC
) newest WHERE ended_because IN ('refunded', 'disputed') AND (ends_at IS NULL OR ends_at > @now::timestamptz);

-- name: GrantGiveAgain :exec
-- Gives what GrantTakenBack found, on a new line, since closed ones stay as they are. It begins when the first did, by which lessons unlock.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, origin_id, starts_at, ends_at, created_at, nth)
VALUES (@account_id, @id, @contact_id, @course_id, 'order', @source_id, sqlc.narg(origin_id), @starts_at, sqlc.narg(ends_at), @now, @nth);

-- name: GrantCloseOfPlan :many
-- Closes what a subscription gave and the plan does not give that it changed to.
UPDATE access_grant SET ended_at = @now::timestamptz, ended_because = 'plan_changed'
WHERE account_id = @account_id AND source = 'subscription' AND source_id = @source_id AND ended_at IS NULL AND NOT (course_id = ANY(@courses::uuid[]))
RETURNING id, contact_id, course_id;
