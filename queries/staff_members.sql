-- name: StaffMemberList :many
-- The staff of an account with what the people page tells of them: owners first, in the order they came. Of somebody who has
-- not set up their sign-in, mail_state is what became of the newest mail with a link that still works, empty without one;
-- times that there are none of are the epoch.
SELECT m.staff_id, p.email, p.name, m.role, m.created_at, coalesce(b.name, '')::text AS added_by_name,
    (p.password_hash IS NULL)::boolean AS pending, (p.totp_confirmed_at IS NOT NULL)::boolean AS two_factor,
    coalesce((SELECT max(s.last_seen_at) FROM staff_session s WHERE s.staff_id = m.staff_id AND NOT s.waits_for_code), 'epoch')::timestamptz AS last_seen_at,
    coalesce(invited.state::text, '')::text AS mail_state, coalesce(invited.answer, '')::text AS mail_answer, coalesce(invited.expires_at, 'epoch')::timestamptz AS link_expires_at
FROM staff_membership m JOIN staff p ON p.id = m.staff_id LEFT JOIN staff b ON b.id = m.added_by
LEFT JOIN LATERAL (
    SELECT mail.state, mail.answer, l.expires_at FROM staff_link l JOIN mail ON mail.staff_link_id = l.id
    WHERE l.staff_id = m.staff_id AND l.ended_at IS NULL AND l.kind = 'setup' AND mail.account_id = m.account_id
    ORDER BY l.id DESC LIMIT 1
) invited ON p.password_hash IS NULL
WHERE m.account_id = @account_id
ORDER BY m.role DESC, m.created_at, m.staff_id;

-- name: StaffMember :one
-- One of the account's staff.
SELECT m.staff_id, p.email, p.name, m.role, (p.password_hash IS NULL)::boolean AS pending
FROM staff_membership m JOIN staff p ON p.id = m.staff_id
WHERE m.account_id = @account_id AND m.staff_id = @staff_id;

-- name: StaffOwnerLock :many
-- The owners of the account who can sign in, locked until the transaction ends: whoever changes roles comes one after the
-- other, and sees what the one before left.
SELECT m.staff_id FROM staff_membership m JOIN staff p ON p.id = m.staff_id
WHERE m.account_id = @account_id AND m.role = 'owner' AND p.password_hash IS NOT NULL
ORDER BY m.staff_id FOR UPDATE OF m;

-- name: StaffMembershipSetRole :exec
UPDATE staff_membership SET role = @role WHERE account_id = @account_id AND staff_id = @staff_id;

-- name: StaffMembershipDelete :exec
DELETE FROM staff_membership WHERE account_id = @account_id AND staff_id = @staff_id;

-- name: StaffMembershipCount :one
-- In how many accounts a person is.
-- Exempt: asks which accounts a person has.
-- @sqlc-vet-disable
SELECT count(*) FROM staff_membership WHERE staff_id = @staff_id;

-- name: StaffOnlyOwnerOf :many
-- The accounts that a person cannot leave, since nobody else who can sign in owns them.
-- Exempt: asks which accounts a person has.
-- @sqlc-vet-disable
SELECT m.account_id FROM staff_membership m
WHERE m.staff_id = @staff_id AND m.role = 'owner' AND NOT EXISTS (
    SELECT 1 FROM staff_membership o JOIN staff p ON p.id = o.staff_id
    WHERE o.account_id = m.account_id AND o.staff_id <> m.staff_id AND o.role = 'owner' AND p.password_hash IS NOT NULL
);

-- name: StaffLinkRevokeOfAccount :exec
-- Ends the links that the account had mailed to somebody.
UPDATE staff_link SET ended_at = @now::timestamptz, ended_because = 'revoked' FROM mail
WHERE mail.account_id = @account_id AND mail.staff_link_id = staff_link.id AND staff_link.staff_id = @staff_id AND staff_link.ended_at IS NULL;

-- name: AccountSetRequireTwoFactor :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET require_two_factor = @required, changed_at = @now WHERE id = @id;
