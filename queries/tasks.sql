-- name: TaskInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO task (account_id, id, kind, staff_id, import_id, choice, chosen, up_to, after, created_at)
VALUES (@account_id, @id, @kind, sqlc.narg(staff_id), sqlc.narg(import_id), @choice, @chosen, @up_to, @after, @now);

-- name: TaskLease :one
-- Takes the task for a worker: nothing (ErrNotFound) when it is over or another worker has it.
UPDATE task SET leased_until = @leased_until::timestamptz, state = 'running', started_at = coalesce(started_at, @now::timestamptz)
WHERE account_id = @account_id AND id = @id AND finished_at IS NULL AND (leased_until IS NULL OR leased_until < @now::timestamptz)
RETURNING id;

-- name: TaskForWork :one
-- The task as it stands, locked until the transaction ends, so that its portions come one after the other also when two
-- workers believe they have it.
SELECT t.account_id, t.id, t.kind, t.staff_id, coalesce(s.name, '')::text AS staff_name, coalesce(s.email::text, '')::text AS staff_email, t.import_id,
    t.choice, t.chosen, t.up_to, t.after, t.total, t.done, t.counts, t.cancel_asked_at, t.created_at
FROM task t LEFT JOIN staff s ON s.id = t.staff_id
WHERE t.account_id = @account_id AND t.id = @id AND t.finished_at IS NULL FOR UPDATE OF t;

-- name: TaskMoveOn :exec
-- A portion is done; the lease is renewed with it.
UPDATE task SET after = @after, total = @total, done = @done, counts = @counts, leased_until = @leased_until::timestamptz
WHERE account_id = @account_id AND id = @id;

-- name: TaskRelease :exec
-- Gives the task back, to be taken up at once.
UPDATE task SET leased_until = NULL WHERE account_id = @account_id AND id = @id AND finished_at IS NULL;

-- name: TaskFinish :exec
UPDATE task SET state = @state, problem = @problem, finished_at = @now::timestamptz, leased_until = NULL
WHERE account_id = @account_id AND id = @id AND finished_at IS NULL;

-- name: TaskAskCancel :execrows
UPDATE task SET cancel_asked_at = @now::timestamptz
WHERE account_id = @account_id AND id = @id AND finished_at IS NULL AND cancel_asked_at IS NULL;

-- name: TaskTakeBack :many
-- Takes open tasks from workers that are gone; each is to be given a job. All others have theirs.
-- Exempt: the schedule looks after all accounts.
-- @sqlc-vet-disable
UPDATE task SET leased_until = NULL WHERE finished_at IS NULL AND leased_until < @now::timestamptz RETURNING account_id, id;

-- name: TaskByID :one
SELECT t.id, t.kind, t.state, t.import_id, t.choice, t.total, t.done, t.counts, t.problem, t.created_at, t.started_at, t.cancel_asked_at, t.finished_at,
    coalesce(nullif(s.name, ''), s.email::text, '')::text AS staff_name
FROM task t LEFT JOIN staff s ON s.id = t.staff_id
WHERE t.account_id = @account_id AND t.id = @id;

-- name: TaskList :many
-- Newest first, from before the given id.
SELECT t.id, t.kind, t.state, t.choice, t.total, t.done, t.counts, t.created_at, t.finished_at,
    coalesce(nullif(s.name, ''), s.email::text, '')::text AS staff_name
FROM task t LEFT JOIN staff s ON s.id = t.staff_id
WHERE t.account_id = @account_id AND t.id < @before
ORDER BY t.id DESC LIMIT @page_size;

-- name: TaskResultInsert :exec
-- The results of a portion, as arrays of equal length, numbered from first to last.
-- Exempt: an insert; its account_id is a column of the rows.
-- @sqlc-vet-disable
INSERT INTO task_result (account_id, task_id, number, contact_id, subject, outcome, note)
SELECT @account_id, @task_id, generate_series(@first::bigint, @last::bigint), unnest(@contact_ids::uuid[]), unnest(@subjects::text[]),
    unnest(@outcomes::text[])::task_outcome, unnest(@notes::text[]);

-- name: TaskResultList :many
-- In order from after the given number; of one outcome, or of all with empty text. With the name the contact has now, if there is one.
SELECT r.number, r.contact_id, r.subject, r.outcome, r.note, coalesce(c.name, '')::text AS name
FROM task_result r LEFT JOIN contact c ON c.account_id = r.account_id AND c.id = r.contact_id
WHERE r.account_id = @account_id AND r.task_id = @task_id AND r.number > @after::bigint AND (@outcome::text = '' OR r.outcome::text = @outcome)
ORDER BY r.number LIMIT @page_size;

-- name: TaskFileAppend :exec
-- One more part of the file the task writes.
INSERT INTO task_file (account_id, task_id, part, content)
SELECT @account_id, @task_id, count(*), @content FROM task_file WHERE account_id = @account_id AND task_id = @task_id;

-- name: TaskFilePart :one
SELECT content FROM task_file WHERE account_id = @account_id AND task_id = @task_id AND part = @part;

-- name: TaskPurge :execrows
-- Exempt: the schedule removes old tasks of all accounts.
-- @sqlc-vet-disable
DELETE FROM task WHERE (account_id, id) IN (
    SELECT account_id, id FROM task WHERE finished_at < @before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: TaskResultPurge :execrows
-- A task can have a million results, so they go before it.
-- Exempt: the schedule removes old tasks of all accounts.
-- @sqlc-vet-disable
DELETE FROM task_result WHERE (account_id, task_id, number) IN (
    SELECT r.account_id, r.task_id, r.number FROM task t JOIN task_result r ON r.account_id = t.account_id AND r.task_id = t.id
    WHERE t.finished_at < @before::timestamptz LIMIT @portion);
