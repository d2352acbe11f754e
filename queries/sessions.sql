-- name: SessionInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO session (account_id, id, contact_id, token_hash, method, user_agent, ip, created_at, last_seen_at, expires_at)
VALUES (@account_id, @id, @contact_id, @token_hash, @method, @user_agent, @ip, @now, @now, @expires_at);

-- name: SessionByToken :one
-- The open session of a cookie with its client, moving last_seen_at of both when it is over five minutes old; the contact's not
-- for staff who look as they, whose session is open only as long as they are an admin of the account. The count makes the session wait for the contact: see the package on the order of locks.
WITH clock AS (
    SELECT @now::timestamptz AS now, @idle_since::timestamptz AS idle_since
), due AS (
    SELECT o.account_id, o.id, o.contact_id, o.staff_id FROM clock, session o
    WHERE o.account_id = @account_id AND o.token_hash = @token_hash AND o.ended_at IS NULL AND o.expires_at > clock.now
        AND o.last_seen_at > clock.idle_since AND o.last_seen_at < clock.now - interval '5 minutes'
), seen AS (
    UPDATE contact SET last_seen_at = clock.now FROM clock, due
    WHERE contact.account_id = due.account_id AND contact.id = due.contact_id AND due.staff_id IS NULL
        AND (contact.last_seen_at IS NULL OR contact.last_seen_at < clock.now - interval '5 minutes')
    RETURNING contact.id
), touched AS (
    UPDATE session SET last_seen_at = clock.now FROM clock, due
    WHERE session.account_id = due.account_id AND session.id = due.id AND (SELECT count(*) FROM seen) >= 0
        AND session.last_seen_at < clock.now - interval '5 minutes'
)
SELECT s.id, s.contact_id, s.method, s.created_at, c.email, c.name, c.accepted_at, c.time_zone, c.locale, c.avatar_hash,
    (c.password_hash IS NOT NULL)::boolean AS has_password, s.staff_id, s.expires_at, (s.may_change AND (s.staff_id IS NULL OR a.staff_may_change))::boolean AS may_change,
    EXISTS (SELECT FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
        WHERE g.account_id = s.account_id AND g.contact_id = s.contact_id AND k.published_at IS NOT NULL AND k.deleted_at IS NULL
            AND (g.starts_at > clock.now OR grant_open(g.starts_at, g.ends_at, g.ended_at, clock.now)) AND g.ended_at IS NULL)::boolean AS has_courses,
    EXISTS (SELECT FROM invoice i WHERE i.account_id = s.account_id AND i.contact_id = s.contact_id AND i.state <> 'draft')::boolean AS has_invoices,
    EXISTS (SELECT FROM subscription b WHERE b.account_id = s.account_id AND b.contact_id = s.contact_id AND b.state NOT IN ('incomplete', 'incomplete_expired'))::boolean AS has_subscriptions
FROM clock, session s JOIN contact c ON c.account_id = s.account_id AND c.id = s.contact_id JOIN account a ON a.id = s.account_id
WHERE s.account_id = @account_id AND s.token_hash = @token_hash AND s.ended_at IS NULL
    AND s.expires_at > clock.now AND s.last_seen_at > clock.idle_since
    AND (s.staff_id IS NULL OR EXISTS (SELECT 1 FROM staff_membership m WHERE m.account_id = s.account_id AND m.staff_id = s.staff_id AND m.role >= 'admin'));

-- name: SessionListOfContact :many
-- All that are open first, then those that are over up to 20 together, newest first, with the staff person who looks as the client.
SELECT s.id, s.method, s.user_agent, s.ip, s.created_at, s.last_seen_at, s.expires_at, s.ended_at, s.ended_because,
    s.staff_id, coalesce(nullif(p.name, ''), p.email::text, '')::text AS staff_name
FROM session s LEFT JOIN staff p ON p.id = s.staff_id WHERE s.account_id = @account_id AND s.contact_id = @contact_id
ORDER BY (s.ended_at IS NULL) DESC, s.id DESC
LIMIT greatest(20, (SELECT count(*) FROM session o WHERE o.account_id = @account_id AND o.contact_id = @contact_id AND o.ended_at IS NULL));

-- name: SessionListOpen :many
-- Everywhere the client is signed in now, newest first, and when the business looked since the given time.
WITH clock AS (
    SELECT @now::timestamptz AS now, @idle_since::timestamptz AS idle_since, @looked_since::timestamptz AS looked_since
), found AS (
    SELECT s.id, s.method, s.user_agent, s.ip, s.created_at, s.last_seen_at, s.staff_id,
        (s.ended_at IS NULL AND s.expires_at > clock.now AND s.last_seen_at > clock.idle_since)::boolean AS is_open, clock.looked_since
    FROM clock, session s WHERE s.account_id = @account_id AND s.contact_id = @contact_id
)
SELECT id, method, user_agent, ip, created_at, last_seen_at, (staff_id IS NOT NULL)::boolean AS by_staff, is_open FROM found
WHERE is_open OR (staff_id IS NOT NULL AND created_at > looked_since)
ORDER BY by_staff, id DESC;

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
UPDATE session SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE (account_id, id) IN (
    SELECT account_id, id FROM session WHERE ended_at IS NULL AND (expires_at <= @now::timestamptz OR last_seen_at <= @idle_since::timestamptz) LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: SessionPurge :execrows
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM session WHERE (account_id, id) IN (
    SELECT account_id, id FROM session WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);
