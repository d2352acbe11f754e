-- name: SessionInsertVisit :execrows
-- Opens the session in which a staff person looks at the portal as a client; 0 when they are no admin of the account any more.
INSERT INTO session (account_id, id, contact_id, token_hash, method, user_agent, ip, created_at, last_seen_at, expires_at, staff_id, reason, may_change)
SELECT a.id, @id, @contact_id, @token_hash, 'staff', @user_agent, @ip, @now::timestamptz, @now::timestamptz, @expires_at, m.staff_id, @reason, a.staff_may_change
FROM staff_membership m JOIN account a ON a.id = m.account_id
WHERE m.account_id = @account_id AND m.staff_id = @staff_id AND m.role >= 'admin';

-- name: SessionEndVisitByToken :exec
-- Ends what a staff person looked at before in this browser; a client's own session of the same browser goes on.
UPDATE session SET ended_at = @now::timestamptz, ended_because = 'superseded'
WHERE account_id = @account_id AND token_hash = @token_hash AND staff_id IS NOT NULL AND ended_at IS NULL;

-- name: ContactForVisit :one
SELECT c.id, c.email, c.name, c.joined_at, a.staff_may_change FROM contact c JOIN account a ON a.id = c.account_id
WHERE c.account_id = @account_id AND c.id = @id;
