-- name: InvitationOpen :one
-- The living invitation of a contact: a new one, or the one there is with its end moved.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO invitation (account_id, id, contact_id, invited_by, created_at, expires_at)
VALUES (@account_id, @id, @contact_id, sqlc.narg(invited_by), @now, @expires_at)
ON CONFLICT (account_id, contact_id) WHERE ended_at IS NULL
DO UPDATE SET expires_at = excluded.expires_at, invited_by = coalesce(excluded.invited_by, invitation.invited_by)
RETURNING id;

-- name: InvitationListOfContact :many
-- Newest first, with the state of its newest mail and whether a person or only filters looked at one of its links.
SELECT i.id, i.created_at, i.expires_at, i.sent_at, i.bounced_at, i.joined_at, i.ended_at, i.ended_because,
    coalesce(s.name, '')::text AS invited_by_name, coalesce(m.state, 'queued')::mail_state AS mail_state,
    coalesce(f.by_person, 0)::bigint AS fetched_by_person, coalesce(f.by_filter, 0)::bigint AS fetched_by_filter
FROM invitation i
LEFT JOIN staff s ON s.id = i.invited_by
LEFT JOIN LATERAL (
    SELECT mail.state FROM magic_link l JOIN mail ON mail.account_id = l.account_id AND mail.link_id = l.id
    WHERE l.account_id = i.account_id AND l.invitation_id = i.id ORDER BY mail.id DESC LIMIT 1
) m ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE NOT lf.by_filter) AS by_person, count(*) FILTER (WHERE lf.by_filter) AS by_filter
    FROM magic_link l JOIN link_fetch lf ON lf.account_id = l.account_id AND lf.link_id = l.id
    WHERE l.account_id = i.account_id AND l.invitation_id = i.id
) f ON true
WHERE i.account_id = @account_id AND i.contact_id = @contact_id
ORDER BY i.id DESC LIMIT 20;

-- name: InvitationSetSent :exec
UPDATE invitation SET sent_at = @now::timestamptz, bounced_at = NULL
WHERE account_id = @account_id AND id = @id;

-- name: InvitationSetBounced :exec
UPDATE invitation SET bounced_at = @now::timestamptz WHERE account_id = @account_id AND id = @id;

-- name: InvitationSetJoined :exec
-- Closes the contact's living invitation, whichever way they signed in.
UPDATE invitation SET joined_at = @now::timestamptz, ended_at = @now::timestamptz, ended_because = 'used'
WHERE account_id = @account_id AND contact_id = @contact_id AND ended_at IS NULL;

-- name: InvitationRevoke :execrows
UPDATE invitation SET ended_at = @now::timestamptz, ended_because = 'revoked'
WHERE account_id = @account_id AND contact_id = @contact_id AND ended_at IS NULL;

-- name: InvitationRevokeEmpty :exec
-- Ends the contact's living invitation when none of its links is open any more.
UPDATE invitation SET ended_at = @now::timestamptz, ended_because = 'revoked'
WHERE invitation.account_id = @account_id AND invitation.contact_id = @contact_id AND ended_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM magic_link l WHERE l.account_id = invitation.account_id AND l.invitation_id = invitation.id AND l.ended_at IS NULL
);

-- name: InvitationExpire :execrows
-- Exempt: the schedule closes what is over in all accounts.
-- @sqlc-vet-disable
UPDATE invitation SET ended_at = @now::timestamptz, ended_because = 'expired' WHERE (account_id, id) IN (
    SELECT account_id, id FROM invitation WHERE ended_at IS NULL AND expires_at <= @now::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: InvitationPurge :execrows
-- Exempt: the schedule removes what is long over in all accounts.
-- @sqlc-vet-disable
DELETE FROM invitation WHERE (account_id, id) IN (
    SELECT account_id, id FROM invitation WHERE ended_at < @ended_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);
