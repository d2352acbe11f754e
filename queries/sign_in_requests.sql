-- name: SignInRequestInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO sign_in_request (account_id, id, email, browser_hash, target, path, created_at, expires_at)
VALUES (@account_id, @id, @email, @browser_hash, @target, @path, @now, @expires_at);

-- name: SignInRequestLock :one
-- Locks the request until the transaction ends, so that it is answered by one mail however often its job runs.
SELECT id, email, target, path, link_id, expires_at, ended_at FROM sign_in_request
WHERE account_id = @account_id AND id = @id FOR UPDATE;

-- name: SignInRequestSetLink :exec
UPDATE sign_in_request SET link_id = @link_id WHERE account_id = @account_id AND id = @id;

-- name: SignInRequestOfBrowser :one
-- The newest one still open in this browser: whom its code page is for.
SELECT id, email, target, path, expires_at FROM sign_in_request
WHERE account_id = @account_id AND browser_hash = @browser_hash AND ended_at IS NULL AND expires_at > @now::timestamptz
ORDER BY id DESC LIMIT 1;

-- name: SignInRequestTry :one
-- Counts one try of a code and returns what it is to be compared with; the row stays locked, so that two tries
-- at once count as two. Nothing (ErrNotFound) when no request is open in this browser.
UPDATE sign_in_request SET tries = tries + 1
WHERE sign_in_request.account_id = @account_id AND sign_in_request.id = (
    SELECT r.id FROM sign_in_request r
    WHERE r.account_id = @account_id AND r.browser_hash = @browser_hash AND r.ended_at IS NULL AND r.expires_at > @now::timestamptz
    ORDER BY r.id DESC LIMIT 1 FOR UPDATE
)
RETURNING id, email, link_id, tries, target, path;

-- name: SignInRequestEnd :exec
UPDATE sign_in_request SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE account_id = @account_id AND id = @id AND ended_at IS NULL;

-- name: SignInRequestEndOfLink :exec
-- The mailed link was used: its code is over as well.
UPDATE sign_in_request SET ended_at = @now::timestamptz, ended_because = 'used'
WHERE account_id = @account_id AND link_id = @link_id AND ended_at IS NULL;

-- name: SignInRequestExpire :execrows
-- Exempt: the schedule closes what is over in all accounts.
-- @sqlc-vet-disable
UPDATE sign_in_request SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE (account_id, id) IN (
    SELECT account_id, id FROM sign_in_request WHERE ended_at IS NULL AND expires_at <= @now::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: SignInRequestPurge :execrows
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM sign_in_request WHERE (account_id, id) IN (
    SELECT account_id, id FROM sign_in_request WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);
