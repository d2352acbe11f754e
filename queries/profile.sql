-- name: ProfileByContact :one
-- What a client's own page shows beside what their session says.
SELECT no_mail_at, no_course_mail_at, no_invoice_mail_at, deletion_asked_at FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ProfileSetRegion :exec
-- Time zone and way of writing dates and numbers; empty texts: the account's, and ours.
UPDATE contact SET time_zone = @time_zone, locale = @locale, changed_at = @now WHERE account_id = @account_id AND id = @id;

-- name: ProfileAskDeletion :execrows
-- 1 the first time, 0 while it is asked for already.
UPDATE contact SET deletion_asked_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND deletion_asked_at IS NULL;

-- name: ProfileKeepData :execrows
-- The client takes the request back: 1 when there was one.
UPDATE contact SET deletion_asked_at = NULL, changed_at = @now
WHERE account_id = @account_id AND id = @id AND deletion_asked_at IS NOT NULL;

-- name: ProfileExportContact :one
-- Everything of the contact's row that is the client's own: not the staff's note, and of the password only whether there is one.
SELECT id, email, name, phone, company, tags, source, created_at, changed_at, invited_at, last_invited_at, joined_at, accepted_at, last_seen_at,
    no_mail_at, no_course_mail_at, no_invoice_mail_at, time_zone, locale, avatar_hash, deletion_asked_at, (password_hash IS NOT NULL)::boolean AS has_password
FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ProfileExportInvitations :many
SELECT created_at, expires_at, sent_at, joined_at, ended_at, ended_because
FROM invitation WHERE account_id = @account_id AND contact_id = @contact_id ORDER BY id;

-- name: ProfileExportSessions :many
SELECT method, user_agent, ip, created_at, last_seen_at, ended_at, ended_because
FROM session WHERE account_id = @account_id AND contact_id = @contact_id AND staff_id IS NULL ORDER BY id;

-- name: ProfileExportMails :many
-- Not what became of them: of a mail to an address that another contact has, it would tell so.
SELECT kind, to_email, created_at FROM mail WHERE account_id = @account_id AND contact_id = @contact_id ORDER BY id;

-- name: ProfileExportSubmissions :many
SELECT f.title, s.email, s.name, s.answers, s.ip, s.user_agent, s.created_at, s.confirmed_at
FROM form_submission s JOIN form f ON f.account_id = s.account_id AND f.id = s.form_id
WHERE s.account_id = @account_id AND s.contact_id = @contact_id ORDER BY s.id;
