-- name: EmailChangeInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO email_change (account_id, id, contact_id, old_email, new_email, token_hash, undo_token_hash, created_at, expires_at)
VALUES (@account_id, @id, @contact_id, @old_email, @new_email, @token_hash, @undo_token_hash, @now, @expires_at);

-- name: EmailChangeWaiting :one
-- The change that a client has asked for and not confirmed yet; ErrNotFound when there is none.
SELECT id, new_email, created_at, expires_at FROM email_change
WHERE account_id = @account_id AND contact_id = @contact_id AND confirmed_at IS NULL AND ended_at IS NULL AND expires_at > @now::timestamptz
ORDER BY id DESC LIMIT 1;

-- name: EmailChangeByToken :one
-- The change behind the link to the new address; also when it is over, so that the page can say why.
SELECT e.id, e.contact_id, e.old_email, e.new_email, e.expires_at, e.confirmed_at, e.ended_at, c.name
FROM email_change e JOIN contact c ON c.account_id = e.account_id AND c.id = e.contact_id
WHERE e.account_id = @account_id AND e.token_hash = @token_hash;

-- name: EmailChangeByUndoToken :one
-- The change behind the link to the old address.
SELECT e.id, e.contact_id, e.old_email, e.new_email, e.undo_until, e.confirmed_at, e.ended_at, c.name
FROM email_change e JOIN contact c ON c.account_id = e.account_id AND c.id = e.contact_id
WHERE e.account_id = @account_id AND e.undo_token_hash = @undo_token_hash;

-- name: EmailChangeConfirm :execrows
-- 1 for the one who confirms it, 0 for everybody after.
UPDATE email_change SET confirmed_at = @now::timestamptz, undo_until = @undo_until::timestamptz
WHERE account_id = @account_id AND id = @id AND confirmed_at IS NULL AND ended_at IS NULL AND expires_at > @now::timestamptz;

-- name: EmailChangeUndo :execrows
-- 1 for the one who undoes it, 0 for everybody after.
UPDATE email_change SET ended_at = @now::timestamptz, ended_because = 'used'
WHERE account_id = @account_id AND id = @id AND confirmed_at IS NOT NULL AND ended_at IS NULL AND undo_until > @now::timestamptz;

-- name: EmailChangeEndWaiting :execrows
-- Ends what a client has asked for and not confirmed.
UPDATE email_change SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE account_id = @account_id AND contact_id = @contact_id AND confirmed_at IS NULL AND ended_at IS NULL;

-- name: EmailChangeEndOfContact :exec
-- Ends all changes of a contact, so that none can be confirmed or undone any more.
UPDATE email_change SET ended_at = @now::timestamptz, ended_because = 'revoked'
WHERE account_id = @account_id AND contact_id = @contact_id AND ended_at IS NULL;

-- name: EmailChangeListOfContact :many
SELECT old_email, new_email, created_at, confirmed_at, ended_at, ended_because
FROM email_change WHERE account_id = @account_id AND contact_id = @contact_id
ORDER BY id DESC;

-- name: EmailChangeExpire :execrows
-- Exempt: the schedule closes what is over in all accounts.
-- @sqlc-vet-disable
UPDATE email_change SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE (account_id, id) IN (
    SELECT account_id, id FROM email_change WHERE ended_at IS NULL AND coalesce(undo_until, expires_at) <= @now::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: EmailChangePurge :execrows
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM email_change WHERE (account_id, id) IN (
    SELECT account_id, id FROM email_change WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);
