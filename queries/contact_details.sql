-- name: ContactDetails :one
-- The contact with everything its page tells of it, and whether there is something of theirs in the apps, as the portal asks (SessionByToken).
SELECT id, email, name, source, phone, company, note, tags, created_at, invited_at, opened_at, joined_at, accepted_at, bounced_at, bounce_reason,
    last_seen_at, no_mail_at, no_course_mail_at, no_invoice_mail_at, deletion_asked_at, avatar_hash, (password_hash IS NOT NULL)::boolean AS has_password,
    EXISTS (SELECT FROM invoice i WHERE i.account_id = c.account_id AND i.contact_id = c.id AND i.state <> 'draft')::boolean AS has_invoices,
    EXISTS (SELECT FROM subscription s WHERE s.account_id = c.account_id AND s.contact_id = c.id AND s.state NOT IN ('incomplete', 'incomplete_expired'))::boolean AS has_subscriptions
FROM contact c WHERE c.account_id = @account_id AND c.id = @id;

-- name: ContactSetDetails :execrows
-- Changes those details that are given.
UPDATE contact SET name = coalesce(sqlc.narg(name), name), phone = coalesce(sqlc.narg(phone), phone),
    company = coalesce(sqlc.narg(company), company), note = coalesce(sqlc.narg(note), note), changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactDelete :one
-- Removes the contact and everything that points at it.
DELETE FROM contact WHERE account_id = @account_id AND id = @id RETURNING email, name;

-- name: ContactInTheWay :many
-- By what money can still be taken from a contact: subscriptions that have not ended, invoices that are open, and checkouts whose payment
-- is on its way. Stripe would go on with them if they were removed here. InTheWayShown, and one more where there are more.
SELECT 'subscription'::text AS kind, s.id, s.title, false AS coming FROM subscription s
WHERE s.account_id = @account_id AND s.contact_id = @contact_id AND s.ended_at IS NULL AND s.state NOT IN ('canceled', 'incomplete_expired')
UNION ALL
SELECT 'invoice', i.id, i.number, i.payment = 'processing' FROM invoice i WHERE i.account_id = @account_id AND i.contact_id = @contact_id AND i.state = 'open'
UNION ALL
SELECT 'checkout', c.id, f.title, true FROM checkout c JOIN offer f ON f.account_id = c.account_id AND f.id = c.offer_id
WHERE c.account_id = @account_id AND c.contact_id = @contact_id AND c.state = 'processing'
LIMIT 21;

-- name: SignInRequestLockOfContact :many
-- Locks the requests whose links are a contact's: they go with it, and they come first in the order of locks.
SELECT r.id FROM sign_in_request r JOIN magic_link l ON l.account_id = r.account_id AND l.id = r.link_id
WHERE r.account_id = @account_id AND l.contact_id = @contact_id ORDER BY r.id FOR UPDATE OF r;

-- name: AccountAppChoices :many
-- What the account chose for its apps; one without a row is on.
SELECT app, switched_on, label FROM account_app WHERE account_id = @account_id;
