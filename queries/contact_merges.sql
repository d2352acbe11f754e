-- name: ContactWhole :one
-- Every column of a contact that a merge decides on.
SELECT id, email, name, source, phone, company, note, tags, password_hash, created_at, invited_at, last_invited_at, joined_at, accepted_at,
    bounced_at, bounce_reason, sent_at, filter_opened_at, opened_at, last_seen_at, no_mail_at, time_zone, locale, avatar_hash, deletion_asked_at, no_course_mail_at, no_invoice_mail_at
FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactLockBoth :many
-- Locks two contacts in order of id until the transaction ends.
SELECT id FROM contact WHERE account_id = @account_id AND id = ANY (@ids::uuid[]) ORDER BY id FOR UPDATE;

-- name: ContactRow :one
-- The contact's row as it is, as JSON; contact_restore writes it again.
SELECT contact_row(contact.account_id, contact.id)::jsonb AS whole FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactSetMerged :exec
UPDATE contact SET name = @name, source = @source, phone = @phone, company = @company, note = @note, tags = @tags, password_hash = sqlc.narg(password_hash),
    created_at = @created_at, invited_at = sqlc.narg(invited_at), last_invited_at = sqlc.narg(last_invited_at), joined_at = sqlc.narg(joined_at),
    accepted_at = sqlc.narg(accepted_at), sent_at = sqlc.narg(sent_at), filter_opened_at = sqlc.narg(filter_opened_at), opened_at = sqlc.narg(opened_at),
    last_seen_at = sqlc.narg(last_seen_at), no_mail_at = sqlc.narg(no_mail_at), time_zone = @time_zone, locale = @locale, avatar_hash = @avatar_hash,
    deletion_asked_at = sqlc.narg(deletion_asked_at), no_course_mail_at = sqlc.narg(no_course_mail_at), no_invoice_mail_at = sqlc.narg(no_invoice_mail_at),
    changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactMove :one
-- Points everything that points at one contact at another, and answers which rows those are.
-- Exempt: the function is bound to the account it is given.
-- @sqlc-vet-disable
SELECT contact_move(@account_id::uuid, @from_contact::uuid, @to_contact::uuid)::jsonb AS moved;

-- name: ContactMoveBack :exec
-- Exempt: the function is bound to the account it is given.
-- @sqlc-vet-disable
SELECT contact_move_back(@account_id::uuid, @from_contact::uuid, @to_contact::uuid, @moved::jsonb);

-- name: ContactRestore :exec
-- Exempt: the row carries its account, and comes from a merge of that account.
-- @sqlc-vet-disable
SELECT contact_restore(@was::jsonb);

-- name: ContactRevert :exec
-- Exempt: the rows carry their account, and come from a merge of that account.
-- @sqlc-vet-disable
SELECT contact_revert(@was::jsonb, @became::jsonb);

-- name: InvitationEndOfMerge :many
-- Ends the open invitations of the contacts, because two who become one have one invitation at most, and none once joined.
UPDATE invitation SET ended_at = @now::timestamptz, ended_because = 'superseded'
WHERE account_id = @account_id AND contact_id = ANY (@contacts::uuid[]) AND ended_at IS NULL RETURNING id;

-- name: InvitationReopenOfMerge :exec
-- Opens the invitations again that a merge ended.
UPDATE invitation SET ended_at = NULL, ended_because = NULL
WHERE account_id = @account_id AND id = ANY (@ids::uuid[]) AND ended_at = @merged_at::timestamptz AND ended_because = 'superseded';

-- name: ContactMergeInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO contact_merge (account_id, id, kept_id, gone_id, staff_id, gone_email, gone_name, record, merged_at, undo_until)
VALUES (@account_id, @id, @kept_id, @gone_id, sqlc.narg(staff_id), @gone_email, @gone_name, @record, @now, @undo_until);

-- name: ContactMergeLast :one
-- The newest merge into a contact that stands, which is the only one that can be undone.
SELECT id, kept_id, gone_id, gone_email, gone_name, record, merged_at, undo_until FROM contact_merge
WHERE account_id = @account_id AND kept_id = @kept_id AND undone_at IS NULL ORDER BY id DESC LIMIT 1 FOR UPDATE;

-- name: ContactMergeList :many
-- The merges into a contact that stand, newest first, with who did them and the grants that each brought, as long as it can be undone.
SELECT m.id, m.gone_email, m.gone_name, m.merged_at, m.undo_until, coalesce(nullif(s.name, ''), s.email::text, '')::text AS staff_name,
    ARRAY(SELECT (moved ->> 'id')::uuid FROM jsonb_array_elements(m.record -> 'moved' -> 'access_grant.contact_id') AS moved)::uuid[] AS grant_ids
FROM contact_merge m LEFT JOIN staff s ON s.id = m.staff_id
WHERE m.account_id = @account_id AND m.kept_id = @kept_id AND m.undone_at IS NULL ORDER BY m.id DESC LIMIT 20;

-- name: ContactMergedEmails :many
-- Those of the addresses that belonged to contacts who were merged, each with the address of the contact it leads to.
SELECT DISTINCT ON (m.gone_email) m.gone_email, c.email FROM contact_merge m JOIN contact c ON c.account_id = m.account_id AND c.id = m.kept_id
WHERE m.account_id = @account_id AND m.gone_email = ANY (CAST(@emails::text[] AS citext[])) AND m.undone_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM contact own WHERE own.account_id = m.account_id AND own.email = m.gone_email)
ORDER BY m.gone_email, m.id DESC;

-- name: ContactMergedInto :one
-- The contact that a contact who is gone was merged into.
SELECT kept_id FROM contact_merge WHERE account_id = @account_id AND gone_id = @gone_id AND undone_at IS NULL ORDER BY id DESC LIMIT 1;

-- name: ContactMergeSetUndone :exec
UPDATE contact_merge SET undone_at = @now::timestamptz, record = '{}' WHERE account_id = @account_id AND id = @id;

-- name: ContactMergeForget :execrows
-- Forgets what merges remember once they cannot be undone any more: it holds personal data, and a password's hash.
-- Exempt: the schedule does it in all accounts.
-- @sqlc-vet-disable
UPDATE contact_merge SET record = '{}' WHERE (account_id, id) IN (
    SELECT account_id, id FROM contact_merge WHERE undo_until < @now::timestamptz AND record <> '{}' LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: InvitationHasOpen :one
SELECT EXISTS (SELECT 1 FROM invitation WHERE account_id = @account_id AND contact_id = @contact_id AND ended_at IS NULL)::boolean AS has_open;

-- name: ContactHasEmail :one
SELECT EXISTS (SELECT 1 FROM contact WHERE account_id = @account_id AND email = @email)::boolean AS is_taken;

-- name: ContactMergeCandidates :many
-- Contacts whose name, address, company or tags fit the pattern, as in ContactList, newest first; but for one. MergeFound, and
-- one more where there are more.
SELECT id, email, name, source, created_at, invited_at, joined_at, bounced_at FROM contact
WHERE account_id = @account_id AND id <> @but AND (search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii) ORDER BY id DESC LIMIT 9;
