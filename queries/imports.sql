-- name: ImportInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO contact_import (account_id, id, staff_id, file_name, size_bytes, encoding, delimiter, has_header, columns, created_at)
VALUES (@account_id, @id, @staff_id, @file_name, @size_bytes, @encoding, @delimiter, @has_header, @columns, @now);

-- name: ImportPartInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO contact_import_part (account_id, import_id, part, content) VALUES (@account_id, @import_id, @part, @content);

-- name: ImportPart :one
SELECT part, content FROM contact_import_part WHERE account_id = @account_id AND import_id = @import_id AND part = @part;

-- name: ImportByID :one
SELECT i.id, i.file_name, i.size_bytes, i.encoding, i.delimiter, i.has_header, i.columns, i.mapping, i.tags, i.update_known, i.invite, i.created_at,
    i.applied_line, coalesce(nullif(s.name, ''), s.email::text, '')::text AS staff_name, i.course_id, i.course_ends_at, i.course_mail, coalesce(k.title, '')::text AS course_title,
    coalesce(k.deleted_at IS NOT NULL, false)::boolean AS course_deleted, coalesce(k.published_at IS NULL, false)::boolean AS course_draft, app_on(i.account_id, 'courses')::boolean AS courses_on
FROM contact_import i LEFT JOIN staff s ON s.id = i.staff_id LEFT JOIN course k ON k.account_id = i.account_id AND k.id = i.course_id
WHERE i.account_id = @account_id AND i.id = @id AND i.discarded_at IS NULL;

-- name: ImportForWork :one
-- As it stands, locked until the transaction ends. A discarded one is none.
SELECT id, encoding, delimiter, has_header, mapping, tags, update_known, invite, course_id, course_ends_at, course_mail, read_bytes, read_lines, applied_line
FROM contact_import WHERE account_id = @account_id AND id = @id AND discarded_at IS NULL FOR UPDATE;

-- name: ImportList :many
-- All that were not discarded, which they are by themselves in the end, newest first, each with its newest task.
SELECT i.id, i.file_name, i.created_at, coalesce(nullif(s.name, ''), s.email::text, '')::text AS staff_name,
    coalesce(t.kind::text, '')::text AS kind, coalesce(t.state::text, '')::text AS state, coalesce(t.counts, '{}')::jsonb AS counts
FROM contact_import i LEFT JOIN staff s ON s.id = i.staff_id
LEFT JOIN LATERAL (
    SELECT task.kind, task.state, task.counts FROM task WHERE task.account_id = i.account_id AND task.import_id = i.id ORDER BY task.id DESC LIMIT 1
) t ON true
WHERE i.account_id = @account_id AND i.discarded_at IS NULL ORDER BY i.id DESC;

-- name: ImportTasks :many
-- What was done with an import, newest first.
SELECT id, kind, state, total, done, counts, problem, cancel_asked_at, finished_at
FROM task WHERE account_id = @account_id AND import_id = @import_id ORDER BY id DESC LIMIT 20;

-- name: ImportSetColumns :exec
-- How the columns are to be understood; what an earlier check read counts no more.
UPDATE contact_import SET encoding = @encoding, delimiter = @delimiter, has_header = @has_header, columns = @columns, mapping = @mapping, tags = @tags,
    update_known = @update_known, invite = @invite, course_id = sqlc.narg(course_id), course_ends_at = sqlc.narg(course_ends_at), course_mail = @course_mail,
    read_bytes = 0, read_lines = 0
WHERE account_id = @account_id AND id = @id;

-- name: ImportSetRead :exec
UPDATE contact_import SET read_bytes = @read_bytes, read_lines = @read_lines WHERE account_id = @account_id AND id = @id;

-- name: ImportSetApplied :exec
UPDATE contact_import SET applied_line = @applied_line WHERE account_id = @account_id AND id = @id;

-- name: ImportRowClear :exec
DELETE FROM contact_import_row WHERE account_id = @account_id AND import_id = @import_id;

-- name: ImportRowCheck :many
-- Writes the next rows of a file, given as arrays of equal length, with what each will do; answers how many of each outcome
-- there are. An address of a contact who was merged leads to another one. A row with a reason cannot be taken; the tags of a row have U+001F between them.
WITH given AS (
    SELECT unnest(@lines::bigint[]) AS row_number, unnest(@emails::text[]) AS email, unnest(@leads::text[]) AS lead, unnest(@names::text[]) AS name, unnest(@phones::text[]) AS phone,
        unnest(@companies::text[]) AS company, unnest(@notes::text[]) AS note, unnest(@tags::text[]) AS tags, unnest(@typed::text[]) AS typed,
        unnest(@reasons::text[]) AS reason
), read AS (
    SELECT row_number, nullif(lead, '')::citext AS email, CASE WHEN lower(lead) <> lower(email) THEN email || ' was merged into this contact. ' ELSE '' END AS merged, name, phone, company, note, coalesce(string_to_array(nullif(tags, ''), chr(31)), '{}')::text[] AS tags, typed, reason,
        min(row_number) FILTER (WHERE email <> '') OVER (PARTITION BY lower(lead)) AS first_given
    FROM given
), known AS (
    SELECT r.row_number, r.email, r.merged, r.name, r.phone, r.company, r.note, r.tags, r.typed, r.reason,
        coalesce(earlier.row_number, nullif(r.first_given, r.row_number)) AS first_line, c.id AS contact_id, i.update_known,
        concat_ws(', ', CASE WHEN r.name NOT IN ('', c.name) THEN 'name' END, CASE WHEN r.phone NOT IN ('', c.phone) THEN 'phone' END,
            CASE WHEN r.company NOT IN ('', c.company) THEN 'company' END, CASE WHEN r.note NOT IN ('', c.note) THEN 'note' END,
            CASE WHEN NOT c.tags::citext[] @> (r.tags || i.tags)::citext[] THEN 'tags' END) AS changes
    FROM read r JOIN contact_import i ON i.account_id = @account_id AND i.id = @import_id
    LEFT JOIN contact_import_row earlier ON earlier.account_id = i.account_id AND earlier.import_id = i.id AND earlier.email = r.email
        AND earlier.outcome <> 'duplicate' -- of an address there is one such row
    LEFT JOIN contact c ON c.account_id = i.account_id AND c.email = r.email
), written AS (
    INSERT INTO contact_import_row (account_id, import_id, row_number, email, name, phone, company, note, tags, typed, outcome, reason)
    SELECT @account_id, @import_id, row_number, email, name, phone, company, note, tags, typed,
        (CASE WHEN reason <> '' THEN 'invalid' WHEN first_line IS NOT NULL THEN 'duplicate' WHEN contact_id IS NULL THEN 'new'
            WHEN update_known AND changes <> '' THEN 'updated' ELSE 'same' END)::task_outcome,
        merged || CASE WHEN reason <> '' THEN reason WHEN first_line IS NOT NULL THEN 'Line ' || first_line || CASE WHEN merged = '' THEN ' has this address first.' ELSE ' has this contact first.' END
            WHEN contact_id IS NULL OR changes = '' THEN '' WHEN update_known THEN 'Changes ' || changes || '.'
            ELSE 'You know this contact, and known ones are left as they are.' END
    FROM known
    RETURNING outcome
)
SELECT outcome, count(*) FROM written GROUP BY outcome;

-- name: ImportRowList :many
-- In order, from after the given line.
SELECT row_number, email, name, phone, company, note, tags, typed, outcome, reason, contact_id
FROM contact_import_row
WHERE account_id = @account_id AND import_id = @import_id AND row_number > @after::bigint
ORDER BY row_number LIMIT @page_size;

-- name: ImportRowListOf :many
-- As ImportRowList, of one outcome.
SELECT row_number, email, name, phone, company, note, tags, typed, outcome, reason, contact_id
FROM contact_import_row
WHERE account_id = @account_id AND import_id = @import_id AND row_number > @after::bigint AND outcome = @outcome
ORDER BY row_number LIMIT @page_size;

-- name: ImportRowNext :many
-- The next rows that change something, in order, from after the given line; with of_all also those of contacts who stay as they are.
SELECT row_number, email::text AS email FROM contact_import_row
WHERE account_id = @account_id AND import_id = @import_id AND row_number > @after::bigint AND (outcome IN ('new', 'updated') OR @of_all::boolean AND outcome = 'same')
ORDER BY row_number LIMIT @page_size;

-- name: ImportRowLeft :one
-- How many rows ImportRowNext would find.
SELECT count(*) FROM contact_import_row
WHERE account_id = @account_id AND import_id = @import_id AND row_number > @after::bigint AND (outcome IN ('new', 'updated') OR @of_all::boolean AND outcome = 'same');

-- name: ImportTagInsert :exec
-- The tags that these rows or the whole import give, where the account does not use them yet. Here and below, the first and last line
-- keep a plan for a small import, made before the table's statistics know better, from reading all of a large one.
INSERT INTO tag (account_id, name, created_at)
SELECT DISTINCT ON (g.name) @account_id, g.name, @now
FROM (
    SELECT unnest(r.tags || i.tags)::citext AS name FROM contact_import_row r JOIN contact_import i ON i.account_id = r.account_id AND i.id = r.import_id
    WHERE r.account_id = @account_id AND r.import_id = @import_id AND r.row_number = ANY(@lines::bigint[])
        AND r.row_number >= @first::bigint AND r.row_number <= @last::bigint
) g
ORDER BY g.name
ON CONFLICT DO NOTHING;

-- name: ImportLockKnown :exec
-- Locks the contacts there are with these addresses, in order of id, as other work on many contacts does.
SELECT id FROM contact WHERE account_id = @account_id AND email = ANY (CAST(@emails::text[] AS citext[])) ORDER BY id FOR NO KEY UPDATE;

-- name: ImportApply :many
-- Makes or changes the contacts of these rows, each with its address and an id to take when it is new; answers those that were made or
-- changed. What the file leaves empty stays as it is, and a known contact nothing would change is not touched. New ones come in
-- order of address, so that two imports never wait for each other.
WITH given AS (
    SELECT unnest(@ids::uuid[]) AS id, unnest(@lines::bigint[]) AS row_number, unnest(@emails::text[])::citext AS email
), rows AS (
    SELECT g.id, g.email, r.name, r.phone, r.company, r.note, i.update_known,
        ARRAY(SELECT t.name::text FROM tag t WHERE t.account_id = r.account_id AND t.name = ANY((r.tags || i.tags)::citext[]) ORDER BY lower(t.name::text) LIMIT @tags_most) AS tags
    FROM given g JOIN contact_import_row r ON r.account_id = @account_id AND r.import_id = @import_id AND r.row_number = g.row_number
        AND r.row_number >= @first::bigint AND r.row_number <= @last::bigint
    JOIN contact_import i ON i.account_id = r.account_id AND i.id = r.import_id
), written AS (
    INSERT INTO contact (account_id, id, email, name, phone, company, note, tags, source, created_at, changed_at)
    SELECT @account_id, id, email, name, phone, company, note, tags, 'import', @now, @now FROM rows ORDER BY email
    ON CONFLICT (account_id, email) DO UPDATE SET name = coalesce(nullif(excluded.name, ''), contact.name), phone = coalesce(nullif(excluded.phone, ''), contact.phone),
        company = coalesce(nullif(excluded.company, ''), contact.company), note = coalesce(nullif(excluded.note, ''), contact.note),
        tags = ARRAY(SELECT x FROM (SELECT unnest(contact.tags) AS x UNION SELECT unnest(excluded.tags)) both_of ORDER BY lower(x), x LIMIT @tags_most),
        changed_at = excluded.changed_at
    WHERE (SELECT i.update_known FROM contact_import i WHERE i.account_id = @account_id AND i.id = @import_id)
        AND (excluded.name NOT IN ('', contact.name) OR excluded.phone NOT IN ('', contact.phone) OR excluded.company NOT IN ('', contact.company)
            OR excluded.note NOT IN ('', contact.note) OR NOT contact.tags::citext[] @> excluded.tags::citext[])
    RETURNING contact.id
)
SELECT w.id, (rows.id IS NOT NULL)::boolean AS made FROM written w LEFT JOIN rows ON rows.id = w.id;

-- name: ImportRowSettle :many
-- Writes down what became of these rows, given with their addresses: which contact each has now, and whether it was made or
-- changed; answers how many of each outcome there are. Each contact is looked up by itself: the tables grow faster than their
-- statistics, and a plan for small ones would compare every address with every other.
WITH given AS (
    SELECT unnest(@lines::bigint[]) AS row_number, unnest(@emails::text[]) AS email
), c AS MATERIALIZED (
    SELECT given.row_number, found.id FROM given CROSS JOIN LATERAL (
        SELECT contact.id FROM contact WHERE contact.account_id = @account_id AND contact.email = given.email::citext LIMIT 1
    ) found
), settled AS (
    UPDATE contact_import_row r SET contact_id = c.id,
        outcome = (CASE WHEN c.id = ANY(@made::uuid[]) THEN 'new' WHEN c.id = ANY(@changed::uuid[]) THEN 'updated' ELSE 'same' END)::task_outcome,
        reason = CASE WHEN r.outcome = 'new' AND NOT c.id = ANY(@made::uuid[]) THEN 'This contact was added after the check.'
            WHEN r.outcome <> 'new' AND c.id = ANY(@made::uuid[]) THEN 'This contact was deleted after the check, and is here again.'
            WHEN r.outcome = 'updated' AND NOT c.id = ANY(@changed::uuid[]) THEN 'This contact was changed after the check, and nothing was left to do.'
            ELSE r.reason END
    FROM c
    WHERE r.account_id = @account_id AND r.import_id = @import_id AND r.row_number = c.row_number
        AND r.row_number >= @first::bigint AND r.row_number <= @last::bigint
    RETURNING r.outcome
)
SELECT outcome, count(*) FROM settled GROUP BY outcome;

-- name: ImportRowContacts :many
-- The contacts that rows led to, each once, with why they may get no mail, and whether they can use the import's course as it is.
SELECT c.id, c.bounced_at, c.no_mail_at, c.no_course_mail_at, EXISTS (
    SELECT FROM access_grant g JOIN contact_import i ON i.account_id = g.account_id AND i.course_id = g.course_id
    WHERE i.account_id = c.account_id AND i.id = @import_id AND g.contact_id = c.id AND grant_open(g.starts_at, g.ends_at, g.ended_at, @now::timestamptz)
)::boolean AS had
FROM contact c WHERE c.account_id = @account_id AND c.id IN (
    SELECT r.contact_id FROM contact_import_row r WHERE r.account_id = @account_id AND r.import_id = @import_id AND r.row_number = ANY(@lines::bigint[])
        AND r.row_number >= @first::bigint AND r.row_number <= @last::bigint
) ORDER BY c.id;

-- name: ImportRowEnrolled :exec
-- Writes into rows what became of the course for the contacts they led to, given as arrays of equal length.
UPDATE contact_import_row r SET reason = ltrim(r.reason || ' ' || n.note)
FROM (SELECT unnest(@contact_ids::uuid[]) AS contact_id, unnest(@notes::text[]) AS note) n
WHERE r.account_id = @account_id AND r.import_id = @import_id AND r.row_number = ANY(@lines::bigint[]) AND r.row_number >= @first::bigint AND r.row_number <= @last::bigint
    AND r.contact_id = n.contact_id;

-- name: ImportDiscard :execrows
-- Nobody sees it any more. The caller has it locked, looked whether something is being done with it, and removes it by a job.
UPDATE contact_import SET discarded_at = @now::timestamptz WHERE account_id = @account_id AND id = @id AND discarded_at IS NULL;

-- name: ImportDiscardTasks :exec
-- What was done with an import goes with it.
DELETE FROM task WHERE account_id = @account_id AND import_id = @import_id;

-- name: ImportDiscardOld :execrows
-- Discards imports that were uploaded before the given time and have no open work.
-- Exempt: the schedule removes what is old in all accounts.
-- @sqlc-vet-disable
UPDATE contact_import SET discarded_at = @now::timestamptz WHERE (account_id, id) IN (
    SELECT i.account_id, i.id FROM contact_import i WHERE i.created_at < @before::timestamptz AND i.discarded_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM task t WHERE t.account_id = i.account_id AND t.import_id = i.id AND t.finished_at IS NULL)
    LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: ImportDiscarded :many
-- Some of those that are discarded and not removed yet.
-- Exempt: the schedule removes them in all accounts.
-- @sqlc-vet-disable
SELECT account_id, id FROM contact_import WHERE discarded_at IS NOT NULL ORDER BY discarded_at LIMIT @portion;

-- name: ImportRowDrop :execrows
-- Removes the first rows that are left of a discarded import.
DELETE FROM contact_import_row r WHERE r.account_id = @account_id AND r.import_id = @import_id AND r.row_number IN (
    SELECT n.row_number FROM contact_import_row n WHERE n.account_id = @account_id AND n.import_id = @import_id ORDER BY n.row_number LIMIT @portion);

-- name: ImportDrop :exec
-- Removes a discarded import with its file, once its rows are gone.
DELETE FROM contact_import WHERE account_id = @account_id AND id = @id AND discarded_at IS NOT NULL;
