-- name: ContactInsert :one
-- A new contact, or nothing (ErrNotFound) when the address is known in this account.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO contact (account_id, id, email, name, source, created_at, changed_at)
VALUES (@account_id, @id, @email, @name, @source, @now, @now)
ON CONFLICT (account_id, email) DO NOTHING
RETURNING id;

-- name: ContactByEmail :one
SELECT id, email, name, password_hash, joined_at, accepted_at, invited_at, bounced_at
FROM contact WHERE account_id = @account_id AND email = @email;

-- name: ContactByID :one
SELECT id, email, name, source, created_at, invited_at, joined_at, accepted_at, bounced_at, bounce_reason,
    (password_hash IS NOT NULL)::boolean AS has_password
FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactPasswordHash :one
SELECT password_hash FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactList :many
-- Newest first, from before the given id (the largest UUID for the first page).
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at
FROM contact
WHERE account_id = @account_id AND id < @before
ORDER BY id DESC LIMIT @page_size;

-- name: ContactSearch :many
-- As ContactList, of those whose name or address contains the text; the pattern is an escaped ILIKE pattern.
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at
FROM contact
WHERE account_id = @account_id AND id < @before AND (name || ' ' || email::text) ILIKE @pattern
ORDER BY id DESC LIMIT @page_size;

-- name: ContactListJoined :many
-- Those who joined, newest first of all.
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at
FROM contact
WHERE account_id = @account_id AND id < @before AND joined_at IS NOT NULL
ORDER BY id DESC LIMIT @page_size;

-- name: ContactListInvited :many
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at
FROM contact
WHERE account_id = @account_id AND id < @before AND invited_at IS NOT NULL
ORDER BY id DESC LIMIT @page_size;

-- name: ContactListWaiting :many
-- Those last invited before the given time who have not joined.
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at
FROM contact
WHERE account_id = @account_id AND id < @before AND last_invited_at < @invited_before::timestamptz AND joined_at IS NULL AND bounced_at IS NULL
ORDER BY id DESC LIMIT @page_size;

-- name: ContactListBounced :many
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at
FROM contact
WHERE account_id = @account_id AND id < @before AND bounced_at IS NOT NULL
ORDER BY id DESC LIMIT @page_size;

-- name: ContactNewestJoins :many
SELECT id, email, name, joined_at FROM contact
WHERE account_id = @account_id AND joined_at IS NOT NULL
ORDER BY joined_at DESC LIMIT @page_size;

-- name: ContactAttention :many
-- What staff should look at: bounced addresses first, then those last invited before the given time who have not joined.
(SELECT id, email, name, last_invited_at, bounced_at, bounce_reason FROM contact
    WHERE contact.account_id = @account_id AND bounced_at IS NOT NULL
    ORDER BY bounced_at DESC LIMIT @page_size)
UNION ALL
(SELECT id, email, name, last_invited_at, bounced_at, bounce_reason FROM contact
    WHERE contact.account_id = @account_id AND last_invited_at < @invited_before::timestamptz AND joined_at IS NULL AND bounced_at IS NULL
    ORDER BY last_invited_at LIMIT @page_size)
LIMIT @page_size;

-- name: ContactSetInvited :exec
UPDATE contact SET invited_at = coalesce(invited_at, @now::timestamptz), last_invited_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactSetJoined :execrows
-- Marks the first confirmed sign-in: 1 the first time, 0 ever after.
UPDATE contact SET joined_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND joined_at IS NULL;

-- name: ContactSetAccepted :execrows
-- The first arrival is finished: the name, and a password or none (link only). 0 when it was before: a password is not
-- replaced this way.
UPDATE contact SET name = @name, password_hash = coalesce(sqlc.narg(password_hash), password_hash),
    accepted_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND accepted_at IS NULL;

-- name: ContactSetName :exec
UPDATE contact SET name = @name, changed_at = @now WHERE account_id = @account_id AND id = @id;

-- name: ContactSetPassword :exec
-- A new password, or none with null.
UPDATE contact SET password_hash = sqlc.narg(password_hash), changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactSetEmail :one
-- Corrects the address and forgets what belonged to the old one: that it bounced, and the password of whoever reads it. Nothing (ErrNotFound) when there is no such contact,
-- ErrConflict on contact_email_key when the address is another contact's.
UPDATE contact SET email = @email, bounced_at = NULL, bounce_reason = '', password_hash = NULL, accepted_at = NULL, changed_at = @now
WHERE account_id = @account_id AND id = @id
RETURNING id;

-- name: ContactSetBounced :exec
UPDATE contact SET bounced_at = @now::timestamptz, bounce_reason = @bounce_reason, changed_at = @now
WHERE account_id = @account_id AND id = @id AND email = @email;

-- name: ContactSetDelivered :execrows
-- A mail to the address was accepted, so it no longer counts as bounced: 1 when it did before.
UPDATE contact SET bounced_at = NULL, bounce_reason = '', changed_at = @now
WHERE account_id = @account_id AND id = @id AND email = @email AND bounced_at IS NOT NULL;

-- name: ContactLock :one
-- Locks the contact until the transaction ends, so that two invitations or sign-ins of it come one after the other.
SELECT id, email, name, joined_at, invited_at, bounced_at FROM contact
WHERE account_id = @account_id AND id = @id FOR UPDATE;
