-- name: ContactDetails :one
-- The contact with everything its page tells of it.
SELECT id, email, name, source, phone, company, note, tags, created_at, invited_at, opened_at, joined_at, accepted_at, bounced_at, bounce_reason,
    last_seen_at, no_mail_at, no_course_mail_at, no_invoice_mail_at, deletion_asked_at, avatar_hash, (password_hash IS NOT NULL)::boolean AS has_password
FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactSetDetails :execrows
-- Changes those details that are given.
UPDATE contact SET name = coalesce(sqlc.narg(name), name), phone = coalesce(sqlc.narg(phone), phone),
    company = coalesce(sqlc.narg(company), company), note = coalesce(sqlc.narg(note), note), changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactDelete :one
-- Removes the contact and everything that points at it.
DELETE FROM contact WHERE account_id = @account_id AND id = @id RETURNING email, name;

-- name: SignInRequestLockOfContact :many
-- Locks the requests whose links are a contact's: they go with it, and they come first in the order of locks.
SELECT r.id FROM sign_in_request r JOIN magic_link l ON l.account_id = r.account_id AND l.id = r.link_id
WHERE r.account_id = @account_id AND l.contact_id = @contact_id ORDER BY r.id FOR UPDATE OF r;

-- name: AccountAppChoices :many
-- What the account chose for its apps; one without a row is on.
SELECT app, switched_on, label FROM account_app WHERE account_id = @account_id;
