-- name: FormInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO form (account_id, id, name, title, intro, fields, button, thanks, tags, confirm, invite, course_id, created_at, changed_at)
VALUES (@account_id, @id, @name, @title, @intro, @fields, @button, @thanks, @tags, @confirm, @invite, sqlc.narg(course_id), @now, @now);

-- name: FormUpdate :one
-- Nothing (ErrNotFound) when there is no such form; ErrConflict when another one has the name.
UPDATE form SET name = @name, title = @title, intro = @intro, fields = @fields, button = @button, thanks = @thanks, tags = @tags,
    confirm = @confirm, invite = @invite, course_id = sqlc.narg(course_id), changed_at = @now
WHERE account_id = @account_id AND id = @id
RETURNING id;

-- name: FormSwitch :one
-- The title of the form that was switched.
UPDATE form SET switched_on = @switched_on, changed_at = @now
WHERE account_id = @account_id AND id = @id
RETURNING title;

-- name: FormDelete :one
-- The title of the form that is gone, with all that was sent by it.
DELETE FROM form WHERE account_id = @account_id AND id = @id RETURNING title;

-- name: FormByID :one
SELECT id, name, title, intro, fields, button, thanks, tags, confirm, invite, course_id, switched_on
FROM form WHERE account_id = @account_id AND id = @id;

-- name: FormByName :one
SELECT id, name, title, intro, fields, button, thanks, tags, confirm, invite, switched_on
FROM form WHERE account_id = @account_id AND name = @name;

-- name: FormList :many
-- Newest first, from before the given id (the largest UUID for the first page). Submissions are counted up to 1001, so that a list takes as long however many there are.
SELECT f.id, f.name, f.title, f.confirm, f.invite, (f.course_id IS NOT NULL)::boolean AS enrols, f.switched_on, f.created_at,
    (SELECT count(*) FROM (SELECT FROM form_submission s WHERE s.account_id = f.account_id AND s.form_id = f.id LIMIT 1001) counted)::bigint AS submissions
FROM form f WHERE f.account_id = @account_id AND f.id < @before ORDER BY f.id DESC LIMIT @page_size;

-- name: FormSubmissionInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO form_submission (account_id, id, form_id, email, name, answers, token_hash, ip, user_agent, created_at, expires_at, confirmed_at)
VALUES (@account_id, @id, @form_id, @email, @name, @answers, @token_hash, @ip, @user_agent, @now, @expires_at, sqlc.narg(confirmed_at));

-- name: FormSubmissionList :many
-- Newest first, from before the given id (the largest UUID for the first page).
SELECT id, email, name, answers, created_at, expires_at, confirmed_at, contact_id
FROM form_submission
WHERE account_id = @account_id AND form_id = @form_id AND id < @before
ORDER BY id DESC LIMIT @page_size;

-- name: FormSubmissionByToken :one
-- What the link in a mail is about.
SELECT s.id, s.email, s.expires_at, s.confirmed_at, f.name AS form_name, f.title, f.thanks, f.switched_on
FROM form_submission s JOIN form f ON f.account_id = s.account_id AND f.id = s.form_id
WHERE s.account_id = @account_id AND s.token_hash = @token_hash;

-- name: FormSubmissionConfirm :one
-- Makes a submission count, once; nothing (ErrNotFound) when it does already, or its time has passed.
UPDATE form_submission SET confirmed_at = @now::timestamptz
WHERE account_id = @account_id AND token_hash = @token_hash AND confirmed_at IS NULL AND expires_at > @now::timestamptz
RETURNING id;

-- name: FormSubmissionLock :one
-- Locks the submission until the transaction ends, so that it becomes one mail and one contact however often its job runs.
SELECT s.id, s.form_id, s.email, s.name, s.answers, s.expires_at, s.confirmed_at, s.contact_id, f.tags, f.invite, f.course_id,
    EXISTS (SELECT FROM mail m WHERE m.account_id = s.account_id AND m.form_submission_id = s.id) AS mailed
FROM form_submission s JOIN form f ON f.account_id = s.account_id AND f.id = s.form_id
WHERE s.account_id = @account_id AND s.id = @id
FOR UPDATE OF s;

-- name: FormSubmissionSetContact :exec
UPDATE form_submission SET contact_id = @contact_id WHERE account_id = @account_id AND id = @id;

-- name: FormSubmissionPurge :execrows
-- Exempt: the schedule removes in all accounts what was never confirmed.
-- @sqlc-vet-disable
DELETE FROM form_submission WHERE (account_id, id) IN (
    SELECT account_id, id FROM form_submission WHERE confirmed_at IS NULL AND expires_at < @expired_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: FormContactFill :one
-- Fills in what is not known of a contact yet, and replaces nothing: whoever sent the form may be anybody. The row stays locked.
UPDATE contact SET name = CASE WHEN name = '' THEN @name ELSE name END, phone = CASE WHEN phone = '' THEN @phone ELSE phone END,
    company = CASE WHEN company = '' THEN @company ELSE company END, changed_at = @now
WHERE account_id = @account_id AND id = @id
RETURNING joined_at, bounced_at, no_mail_at;
