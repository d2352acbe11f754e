-- name: MagicLinkInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO magic_link (account_id, id, contact_id, kind, invitation_id, target, token_hash, made_by, created_at, expires_at, reason, path)
VALUES (@account_id, @id, @contact_id, @kind, sqlc.narg(invitation_id), @target, @token_hash, sqlc.narg(made_by), @now, @expires_at, @reason, @path);

-- name: MagicLinkByToken :one
-- The link with its contact; also when it is over, so that the page can say why.
SELECT l.id, l.kind, l.target, l.expires_at, l.ended_at, l.ended_because, l.contact_id, c.email, c.name, c.joined_at,
    c.filter_opened_at, c.opened_at, a.staff_may_change, l.path
FROM magic_link l JOIN account a ON a.id = l.account_id JOIN contact c ON c.account_id = l.account_id AND c.id = l.contact_id
WHERE l.account_id = @account_id AND l.token_hash = @token_hash;

-- name: MagicLinkByID :one
SELECT l.id, l.kind, l.target, l.expires_at, l.ended_at, l.contact_id, l.invitation_id
FROM magic_link l WHERE l.account_id = @account_id AND l.id = @id;

-- name: MagicLinkConsume :one
-- Uses the link up: at most one caller ever gets the row, all others ErrNotFound. Its code's request is locked first, then
-- the contact, then the link, as by whatever else writes these: two invitations of one contact, or a link and its code, used
-- at the same time, would stop each other otherwise. The count makes the second lock wait for the first.
WITH code AS (
    SELECT r.id FROM magic_link l JOIN sign_in_request r ON r.account_id = l.account_id AND r.link_id = l.id
    WHERE l.account_id = @account_id AND l.token_hash = @token_hash FOR NO KEY UPDATE OF r
), asking AS (
    SELECT c.id FROM magic_link l JOIN contact c ON c.account_id = l.account_id AND c.id = l.contact_id
    WHERE l.account_id = @account_id AND l.token_hash = @token_hash AND (SELECT count(*) FROM code) >= 0 FOR NO KEY UPDATE OF c
)
UPDATE magic_link SET ended_at = @now::timestamptz, ended_because = 'used' FROM asking
WHERE magic_link.account_id = @account_id AND magic_link.token_hash = @token_hash AND magic_link.contact_id = asking.id
    AND magic_link.ended_at IS NULL AND magic_link.expires_at > @now::timestamptz
RETURNING magic_link.id, magic_link.contact_id, magic_link.kind, magic_link.target, magic_link.made_by, magic_link.reason, magic_link.path;

-- name: MagicLinkConsumeByID :one
-- As MagicLinkConsume, for the link behind a code, whose request is locked already.
WITH asking AS (
    SELECT c.id FROM magic_link l JOIN contact c ON c.account_id = l.account_id AND c.id = l.contact_id
    WHERE l.account_id = @account_id AND l.id = @id FOR NO KEY UPDATE OF c
)
UPDATE magic_link SET ended_at = @now::timestamptz, ended_because = 'used' FROM asking
WHERE magic_link.account_id = @account_id AND magic_link.id = @id AND magic_link.contact_id = asking.id
    AND magic_link.ended_at IS NULL AND magic_link.expires_at > @now::timestamptz
RETURNING magic_link.id, magic_link.contact_id, magic_link.kind, magic_link.target;

-- name: MagicLinkListOfContact :many
-- The open ones first, then those that are over, newest first, 20 in all; without those of staff who look as the client.
-- in_all is how many are open.
SELECT l.id, l.kind, l.target, l.created_at, l.expires_at, l.ended_at, l.ended_because,
    coalesce(s.name, '')::text AS made_by_name,
    coalesce(f.by_person, 0)::bigint AS fetched_by_person, coalesce(f.by_filter, 0)::bigint AS fetched_by_filter,
    coalesce(f.last_at, 'epoch')::timestamptz AS last_fetched_at, coalesce(f.last_agent, '')::text AS last_agent, l.in_all
FROM (
    SELECT id, account_id, kind, target, made_by, created_at, expires_at, ended_at, ended_because, count(*) FILTER (WHERE m.ended_at IS NULL) OVER () AS in_all FROM magic_link m
    WHERE m.account_id = @account_id AND m.contact_id = @contact_id AND m.kind <> 'visit' ORDER BY (m.ended_at IS NULL) DESC, m.id DESC LIMIT 20
) l
LEFT JOIN staff s ON s.id = l.made_by
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE NOT by_filter) AS by_person, count(*) FILTER (WHERE by_filter) AS by_filter,
        max(at) AS last_at, (array_agg(user_agent ORDER BY id DESC))[1] AS last_agent
    FROM link_fetch WHERE link_fetch.account_id = l.account_id AND link_fetch.link_id = l.id
) f ON true
ORDER BY (l.ended_at IS NULL) DESC, l.id DESC;

-- name: MagicLinkEndOfInvitations :exec
-- The contact has joined: the other links of their invitations have done their work.
UPDATE magic_link SET ended_at = @now::timestamptz, ended_because = 'superseded'
WHERE account_id = @account_id AND contact_id = @contact_id AND kind = 'invitation' AND ended_at IS NULL;

-- name: MagicLinkRevokeOfContact :execrows
-- Ends every open link of a contact.
UPDATE magic_link SET ended_at = @now::timestamptz, ended_because = 'revoked'
WHERE account_id = @account_id AND contact_id = @contact_id AND ended_at IS NULL;

-- name: MagicLinkRevoke :execrows
UPDATE magic_link SET ended_at = @now::timestamptz, ended_because = 'revoked'
WHERE account_id = @account_id AND contact_id = @contact_id AND id = @id AND ended_at IS NULL;

-- name: MagicLinkExtendOfInvitation :exec
-- Older links of an invitation live as long as the invitation. One that is over stays over, though nobody has closed it yet:
-- whoever found an old link may have a new one mailed, and must not get in by the old one for it.
UPDATE magic_link SET expires_at = @expires_at
WHERE account_id = @account_id AND invitation_id = @invitation_id AND ended_at IS NULL AND expires_at > @now::timestamptz;

-- name: MagicLinkExpire :execrows
-- Exempt: the schedule closes what is over in all accounts.
-- @sqlc-vet-disable
UPDATE magic_link SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE (account_id, id) IN (
    SELECT account_id, id FROM magic_link WHERE ended_at IS NULL AND expires_at <= @now::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: MagicLinkPurge :execrows
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM magic_link WHERE (account_id, id) IN (
    SELECT account_id, id FROM magic_link WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: LinkFetchInsert :exec
-- Remembers that a link was looked at; no more than 50 times by filters and 50 by persons, so that nobody fills the table with one link.
INSERT INTO link_fetch (account_id, id, link_id, at, method, user_agent, ip, by_filter)
SELECT @account_id, @id, @link_id, @now::timestamptz, @method, @user_agent, @ip, @by_filter
WHERE (SELECT count(*) FROM link_fetch f WHERE f.account_id = @account_id AND f.link_id = @link_id AND f.by_filter = @by_filter) < 50;
