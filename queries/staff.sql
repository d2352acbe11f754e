-- name: StaffUpsert :one
-- The staff person of an address: a new one, or the one there is.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
INSERT INTO staff (id, email, name, created_at) VALUES (@id, @email, @name, @now)
ON CONFLICT (email) DO UPDATE SET email = staff.email
RETURNING id, name, (password_hash IS NOT NULL)::boolean AS has_password;

-- name: StaffByEmail :one
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
SELECT id, email, name, password_hash FROM staff WHERE email = @email;

-- name: StaffPasswordHash :one
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
SELECT password_hash FROM staff WHERE id = @id;

-- name: StaffSetUp :exec
-- Name and password from the set-up page. An empty name keeps the one there is.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff SET name = coalesce(nullif(@name::text, ''), name), password_hash = @password_hash::text WHERE id = @id;

-- name: StaffMembershipInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO staff_membership (account_id, staff_id, role, created_at, added_by)
VALUES (@account_id, @staff_id, @role, @now, sqlc.narg(added_by))
ON CONFLICT (account_id, staff_id) DO UPDATE SET role = excluded.role;

-- name: StaffFirstAccount :one
-- The account that a staff person has been in longest; mails that are not about one account name it.
-- Exempt: asks which accounts a person has.
-- @sqlc-vet-disable
SELECT account_id FROM staff_membership WHERE staff_id = @staff_id ORDER BY created_at, account_id LIMIT 1;

-- name: StaffSessionInsert :one
-- A new session. It waits for a code, and only until waits_until, when the person has a second factor that was not given.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
WITH person AS (
    SELECT totp_confirmed_at IS NOT NULL AND NOT @code_given::boolean AS waits FROM staff WHERE staff.id = @staff_id::uuid
)
INSERT INTO staff_session (id, staff_id, token_hash, user_agent, ip, created_at, last_seen_at, expires_at, waits_for_code)
SELECT @id, @staff_id::uuid, @token_hash, @user_agent, @ip, @now::timestamptz, @now::timestamptz,
    CASE WHEN person.waits THEN @waits_until::timestamptz ELSE @expires_at::timestamptz END, person.waits
FROM person
RETURNING waits_for_code;

-- name: StaffSessionByToken :one
-- The open session of a cookie with its person and all their roles, and for each whether its account wants a second factor and when
-- its figures were counted (the epoch: not yet), moving last_seen_at when it is over five minutes old.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
WITH clock AS (
    SELECT @now::timestamptz AS now, @idle_since::timestamptz AS idle_since
), touched AS (
    UPDATE staff_session SET last_seen_at = clock.now FROM clock
    WHERE staff_session.token_hash = @token_hash AND staff_session.ended_at IS NULL AND staff_session.expires_at > clock.now
        AND staff_session.last_seen_at > clock.idle_since AND staff_session.last_seen_at < clock.now - interval '5 minutes'
), roles AS (
    SELECT m.staff_id, array_agg(m.account_id ORDER BY m.created_at, m.account_id) AS account_ids,
        array_agg(m.role::text ORDER BY m.created_at, m.account_id) AS roles,
        array_agg(a.require_two_factor ORDER BY m.created_at, m.account_id) AS require_two_factor,
        array_agg(coalesce(f.computed_at, 'epoch') ORDER BY m.created_at, m.account_id) AS counted_at
    FROM staff_session x JOIN staff_membership m ON m.staff_id = x.staff_id JOIN account a ON a.id = m.account_id LEFT JOIN metric f ON f.account_id = m.account_id
    WHERE x.token_hash = @token_hash GROUP BY m.staff_id
)
SELECT s.id, s.staff_id, p.email, p.name, coalesce(r.account_ids, '{}')::uuid[] AS account_ids, coalesce(r.roles, '{}')::text[] AS roles,
    coalesce(r.require_two_factor, '{}')::boolean[] AS require_two_factor, coalesce(r.counted_at, '{}')::timestamptz[] AS counted_at, s.waits_for_code,
    (p.totp_confirmed_at IS NOT NULL)::boolean AS two_factor
FROM clock, staff_session s JOIN staff p ON p.id = s.staff_id LEFT JOIN roles r ON r.staff_id = s.staff_id
WHERE s.token_hash = @token_hash AND s.ended_at IS NULL AND s.expires_at > clock.now AND s.last_seen_at > clock.idle_since;

-- name: StaffSessionListOpen :many
-- Everywhere a staff person is signed in now, newest first.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
SELECT id, user_agent, ip, created_at, last_seen_at
FROM staff_session WHERE staff_id = @staff_id AND ended_at IS NULL AND NOT waits_for_code
    AND expires_at > @now::timestamptz AND last_seen_at > @idle_since::timestamptz
ORDER BY id DESC;

-- name: StaffSessionEnd :execrows
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff_session SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE staff_id = @staff_id AND id = @id AND ended_at IS NULL;

-- name: StaffSessionEndByToken :execrows
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff_session SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE token_hash = @token_hash AND ended_at IS NULL;

-- name: StaffSessionEndOthers :execrows
-- Ends all sessions of the person but the given one (the nil UUID ends all).
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff_session SET ended_at = @now::timestamptz, ended_because = @ended_because::end_reason
WHERE staff_id = @staff_id AND id <> @but::uuid AND ended_at IS NULL;

-- name: StaffSessionExpire :execrows
-- Exempt: the schedule closes what is over.
-- @sqlc-vet-disable
UPDATE staff_session SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE id IN (
    SELECT id FROM staff_session WHERE ended_at IS NULL AND (expires_at <= @now::timestamptz OR last_seen_at <= @idle_since::timestamptz) LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: StaffSessionPurge :execrows
-- Exempt: the schedule removes what is long over.
-- @sqlc-vet-disable
DELETE FROM staff_session WHERE id IN (
    SELECT id FROM staff_session WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: StaffLinkInsert :exec
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
INSERT INTO staff_link (id, staff_id, kind, token_hash, created_at, expires_at)
VALUES (@id, @staff_id, @kind, @token_hash, @now, @expires_at);

-- name: StaffLinkByToken :one
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
SELECT l.id, l.staff_id, l.kind, l.expires_at, l.ended_at, l.ended_because, s.email, s.name,
    ARRAY(SELECT a.name FROM staff_membership m JOIN account a ON a.id = m.account_id WHERE m.staff_id = s.id ORDER BY m.created_at, a.name)::text[] AS accounts
FROM staff_link l JOIN staff s ON s.id = l.staff_id WHERE l.token_hash = @token_hash;

-- name: StaffLinkConsume :one
-- Uses the link up: at most one caller ever gets the row, all others ErrNotFound. The person is locked before the link: two
-- links of one person, used at the same time, would stop each other otherwise.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
WITH asking AS (
    SELECT p.id FROM staff_link l JOIN staff p ON p.id = l.staff_id WHERE l.token_hash = @token_hash FOR NO KEY UPDATE OF p
)
UPDATE staff_link SET ended_at = @now::timestamptz, ended_because = 'used' FROM asking
WHERE staff_link.token_hash = @token_hash AND staff_link.staff_id = asking.id AND staff_link.ended_at IS NULL
    AND staff_link.expires_at > @now::timestamptz
RETURNING staff_link.id, staff_link.staff_id, staff_link.kind;

-- name: StaffLinkEndOthers :exec
-- A new password was chosen: no other link may change it again.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff_link SET ended_at = @now::timestamptz, ended_because = 'superseded'
WHERE staff_id = @staff_id AND ended_at IS NULL;

-- name: StaffLinkExpire :execrows
-- Exempt: the schedule closes what is over.
-- @sqlc-vet-disable
UPDATE staff_link SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE id IN (
    SELECT id FROM staff_link WHERE ended_at IS NULL AND expires_at <= @now::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: StaffLinkPurge :execrows
-- Exempt: the schedule removes what is long over.
-- @sqlc-vet-disable
DELETE FROM staff_link WHERE id IN (
    SELECT id FROM staff_link WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: StaffResetInsert :exec
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
INSERT INTO staff_reset (id, email, created_at) VALUES (@id, @email, @now);

-- name: StaffResetPurge :execrows
-- Exempt: the schedule removes what no job came for.
-- @sqlc-vet-disable
DELETE FROM staff_reset WHERE id IN (
    SELECT id FROM staff_reset WHERE created_at < @created_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: StaffResetTake :one
-- Takes the request away and returns its address; ErrNotFound when another worker had it.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
DELETE FROM staff_reset WHERE id = @id RETURNING email;
