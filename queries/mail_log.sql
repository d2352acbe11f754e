-- name: MailLogList :many
-- Mails newest first, of one state or kind or to addresses that have a text in them, or all. The patterns are in lower case; see
-- patternOf.
SELECT id, kind, to_email, state, attempts, answer, created_at, sent_at, contact_id
FROM mail
WHERE account_id = @account_id AND id < @before
    AND (sqlc.narg(state)::mail_state IS NULL OR state = sqlc.narg(state)::mail_state)
    AND (sqlc.narg(kind)::mail_kind IS NULL OR kind = sqlc.narg(kind)::mail_kind)
    AND (sqlc.narg(pattern)::text IS NULL OR lower(to_email::text) LIKE sqlc.narg(pattern)::text OR lower(to_email::text) LIKE sqlc.narg(ascii)::text)
ORDER BY id DESC LIMIT @page_size;

-- name: MailLogByID :one
-- One mail and its copy, which is empty until a server has taken it.
SELECT m.id, m.kind, m.to_email, m.state, m.attempts, m.answer, m.message_id, m.created_at, m.first_tried_at, m.changed_at, m.sent_at,
    m.contact_id, coalesce(c.name, s.name, '')::text AS to_name, m.staff_id,
    coalesce(k.subject, '')::text AS subject, coalesce(k.body_text, '')::text AS body_text, coalesce(k.body_html, '')::text AS body_html
FROM mail m
LEFT JOIN contact c ON c.account_id = m.account_id AND c.id = m.contact_id
LEFT JOIN staff s ON s.id = m.staff_id
LEFT JOIN mail_copy k ON k.account_id = m.account_id AND k.mail_id = m.id
WHERE m.account_id = @account_id AND m.id = @id;

-- name: MailCopyInsert :exec
-- A mail has one copy; a second one changes nothing.
INSERT INTO mail_copy (account_id, mail_id, subject, body_text, body_html)
SELECT mail.account_id, mail.id, @subject, @body_text, @body_html FROM mail WHERE mail.account_id = @account_id AND mail.id = @mail_id
ON CONFLICT DO NOTHING;

-- name: MailCopyOfMail :one
SELECT subject, body_text, body_html FROM mail_copy WHERE account_id = @account_id AND mail_id = @mail_id;
