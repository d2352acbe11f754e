-- name: MailInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO mail (account_id, id, kind, contact_id, staff_id, link_id, staff_link_id, sign_in_request_id, to_email, message_id, created_at, changed_at)
VALUES (@account_id, @id, @kind, sqlc.narg(contact_id), sqlc.narg(staff_id), sqlc.narg(link_id), sqlc.narg(staff_link_id),
    sqlc.narg(sign_in_request_id), @to_email, @message_id, @now, @now);

-- name: MailForSending :one
-- A mail that is still to be sent, with all its text needs; ErrNotFound when there is nothing left to do.
SELECT m.id, m.kind, m.contact_id, m.staff_id, m.link_id, m.staff_link_id, m.sign_in_request_id, m.to_email, m.message_id, m.state,
    m.attempts, coalesce(m.first_tried_at, m.created_at)::timestamptz AS first_tried_at, (m.first_tried_at IS NOT NULL)::boolean AS tried, m.created_at, coalesce(c.name, s.name, '')::text AS to_name,
    l.invitation_id, coalesce(l.target, 'home')::app AS target, coalesce(ib.name, mb.name, '')::text AS made_by_name,
    coalesce(l.expires_at, sl.expires_at)::timestamptz AS link_expires_at,
    (coalesce(l.ended_at, sl.ended_at) IS NOT NULL)::boolean AS link_ended
FROM mail m
LEFT JOIN contact c ON c.account_id = m.account_id AND c.id = m.contact_id
LEFT JOIN staff s ON s.id = m.staff_id
LEFT JOIN magic_link l ON l.account_id = m.account_id AND l.id = m.link_id
LEFT JOIN invitation i ON i.account_id = l.account_id AND i.id = l.invitation_id
LEFT JOIN staff ib ON ib.id = i.invited_by
LEFT JOIN staff mb ON mb.id = l.made_by
LEFT JOIN staff_link sl ON sl.id = m.staff_link_id
WHERE m.account_id = @account_id AND m.id = @id AND m.state IN ('queued', 'deferred');

-- name: MailSetState :exec
-- What the last try came to.
UPDATE mail SET state = @state::mail_state, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, @now::timestamptz), answer = @answer, changed_at = @now::timestamptz,
    sent_at = CASE WHEN @state::mail_state = 'sent' THEN @now::timestamptz END
WHERE account_id = @account_id AND id = @id;

-- name: MailWithdraw :exec
-- No longer wanted before it was sent.
UPDATE mail SET state = 'withdrawn', answer = @answer, changed_at = @now::timestamptz
WHERE account_id = @account_id AND id = @id AND state IN ('queued', 'deferred');

-- name: MailListOfContact :many
SELECT id, kind, to_email, state, attempts, answer, created_at, changed_at, sent_at
FROM mail WHERE account_id = @account_id AND contact_id = @contact_id
ORDER BY id DESC LIMIT 20;
