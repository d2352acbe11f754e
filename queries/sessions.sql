-- name: SessionInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO session (account_id, id, contact_id, token_hash, method, user_agent, ip, created_at, last_seen_at, expires_at)
VALUES (@account_id, @id, @contact_id, @token_hash, @method, @user_agent, @ip, @now, @now, @expires_at);

-- name: SessionByToken :one
-- The open session of a cookie with its client, moving last_seen_at when it is over five minutes old.
WITH clock AS (
    SELECT @now::timestamptz AS now, @idle_since::timestamptz AS idle_since
), touched AS (
    UPDATE session SET last_seen_at = clock.now FROM clock
    WHERE session.account_id = @account_id AND session.token_hash = @token_hash AND session.ended_at IS NULL
        AND session.expires_at > clock.now AND session.last_seen_at > clock.idle_since
        AND session.last_seen_at < clock.now - interval '5 minutes'
)
SELECT s.id, s.contact_id, s.method, s.created_at, c.email, c.name, c.accepted_at, (c.password_hash IS NOT NULL)::boolean AS has_password
FROM clock, session s JOIN contact c ON c.account_id = s.account_id AND c.id = s.contact_id
WHERE s.account_id = @account_id AND s.token_hash = @token_hash AND s.ended_at IS NULL
    AND s.expires_at > clock.now AND s.last_seen_at > clock.idle_since;

-- name: SessionListOfContact :many
-- The open ones first, then those that are over, newest first.
SELECT id, method, user_agent, ip, created_at, last_seen_at, ended_at, ended_because
FROM session WHERE account_id = @account_id AND contact_id = @contact_id
ORDER BY (ended_at IS NULL) DESC, id DESC LIMIT 20;

-- name: SessionListOpen :many
-- Where the client is signed in now, newest first.
SELECT id, method, user_agent, ip, created_at, last_seen_at
FROM session WHERE account_id = @account_id AND contact_id = @contact_id AND ended_at IS NULL
    AND expires_at > @now::timestamptz AND last_seen_at > @idle_since::timestamptz
ORDER BY id DESC LIMIT 50;

-- name: SessionEnd :execrows
UPDATE session SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE account_id = @account_id AND contact_id = @contact_id AND id = @id AND ended_at IS NULL;

-- name: SessionEndByToken :execrows
UPDATE session SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE account_id = @account_id AND token_hash = @token_hash AND ended_at IS NULL;

-- name: SessionEndOthers :execrows
-- Ends all sessions of the contact but the given one (the nil UUID ends all).
UPDATE session SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE account_id = @account_id AND contact_id = @contact_id AND id <> @but AND ended_at IS NULL;

-- name: SessionExpire :execrows
-- Exempt: the schedule closes what is over in all accounts.
-- @sqlc-vet-disable
UPDATE session SET ended_at = @now::timestamptz, ended_because = 'expired'
WHERE ended_at IS NULL AND (expires_at <= @now::timestamptz OR last_seen_at <= @idle_since::timestamptz);

-- name: SessionPurge :execrows
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM session WHERE ended_at < @ended_before::timestamptz;
