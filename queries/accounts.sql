-- name: AccountInsert :exec
-- A new account; ErrConflict on account_slug_key when the slug is taken.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
INSERT INTO account (id, slug, name, support_email, accent, accent_2, corners, time_zone, created_at, changed_at)
VALUES (@id, @slug, @name, @support_email, @accent, @accent_2, @corners, @time_zone, @now, @now);

-- name: AccountList :many
-- Every account: what programs keep in memory, to find an account by its host and to show what it looks like.
-- Exempt: the directory is of all accounts.
-- @sqlc-vet-disable
SELECT id, slug, name, support_email, accent, accent_2, corners, logo_hash, show_product, time_zone,
    scheme, footer_links, menu_links, sign_in_title, sign_in_text, picture_hash, icon_hash, landing
FROM account;

-- name: AccountMailFacts :one
-- What a mail shows of its account.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT id, slug, name, support_email, accent, logo_hash, time_zone, sender_name, welcome_mail,
    coalesce((SELECT media_type FROM picture WHERE picture.account_id = account.id AND hash = logo_hash), '')::text AS logo_type,
    coalesce((SELECT host::text FROM domain WHERE domain.account_id = account.id AND verified_at IS NOT NULL ORDER BY verified_at LIMIT 1), '')::text AS domain
FROM account WHERE id = @id;

-- name: AccountSetMails :exec
-- Under which name mails to clients come, and whether those who have joined are welcomed.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET sender_name = @sender_name, welcome_mail = @welcome_mail, changed_at = @now WHERE id = @id;

-- name: AccountBySlug :one
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT id, name FROM account WHERE slug = @slug;

-- name: DomainList :many
-- Every verified domain with its account, the oldest last: it is the one that links name.
-- Exempt: the directory is of all accounts.
-- @sqlc-vet-disable
SELECT account_id, host FROM domain WHERE verified_at IS NOT NULL ORDER BY verified_at DESC;

-- name: DirectoryVersion :one
-- Changes whenever an account or a domain does; for programs that cannot LISTEN.
-- Exempt: the directory is of all accounts.
-- @sqlc-vet-disable
SELECT (SELECT count(*) FROM account) AS accounts,
    (SELECT coalesce(max(changed_at), 'epoch') FROM account)::timestamptz AS changed_at,
    (SELECT count(*) FROM domain WHERE verified_at IS NOT NULL) AS domains,
    (SELECT coalesce(max(verified_at), 'epoch') FROM domain)::timestamptz AS verified_at;
