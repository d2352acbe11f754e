-- name: BrandByAccount :one
-- What the account looks like, as it is now, with the logo and the picture there were before the last change of them.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT name, support_email, accent, accent_2, corners, scheme, show_product, footer_links, menu_links, sign_in_title, sign_in_text,
    logo_hash, icon_hash, picture_hash,
    coalesce((SELECT was->>'logo' FROM audit WHERE audit.account_id = account.id AND action = 'brand.logo' ORDER BY audit.id DESC LIMIT 1), '')::text AS logo_before,
    coalesce((SELECT was->>'icon' FROM audit WHERE audit.account_id = account.id AND action = 'brand.logo' ORDER BY audit.id DESC LIMIT 1), '')::text AS icon_before,
    coalesce((SELECT was->>'picture' FROM audit WHERE audit.account_id = account.id AND action = 'brand.picture' ORDER BY audit.id DESC LIMIT 1), '')::text AS picture_before
FROM account WHERE account.id = @account_id;

-- name: BrandLock :exec
-- Until the end of the transaction nobody else changes what the account chose, so that what the trail says it was is true.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT FROM account WHERE id = @account_id FOR UPDATE;

-- name: BrandSave :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET name = @name, support_email = @support_email, accent = @accent, accent_2 = @accent_2, corners = @corners, scheme = @scheme,
    show_product = @show_product, footer_links = @footer_links, menu_links = @menu_links, sign_in_title = @sign_in_title,
    sign_in_text = @sign_in_text, changed_at = greatest(@now::timestamptz, changed_at + interval '1 microsecond')
WHERE id = @account_id;

-- name: BrandSetLogo :exec
-- The logo with the icon made from it; empty for none.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET logo_hash = @logo_hash, icon_hash = @icon_hash, changed_at = greatest(@now::timestamptz, changed_at + interval '1 microsecond')
WHERE id = @account_id;

-- name: BrandSetPicture :exec
-- The picture beside the sign-in form; empty for none.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET picture_hash = @picture_hash, changed_at = greatest(@now::timestamptz, changed_at + interval '1 microsecond')
WHERE id = @account_id;

-- name: PictureInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO picture (account_id, hash, media_type, content, created_at) VALUES (@account_id, @hash, @media_type, @content, @now)
ON CONFLICT (account_id, hash) DO NOTHING;

-- name: PictureOfBrand :one
-- A picture the account shows or once showed, for its path stays valid; pictures of its clients are for other eyes.
SELECT media_type, content FROM picture WHERE account_id = @account_id AND hash = @hash AND hash NOT LIKE 'avatar-%';
