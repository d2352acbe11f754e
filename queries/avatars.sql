-- name: AvatarInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO picture (account_id, hash, media_type, content, created_at)
VALUES (@account_id, @hash, @media_type, @content, @now)
ON CONFLICT (account_id, hash) DO NOTHING;

-- name: AvatarByHash :one
-- A picture that a contact of the account shows.
SELECT p.media_type, p.content FROM picture p
WHERE p.account_id = @account_id AND p.hash = @hash
    AND EXISTS (SELECT FROM contact c WHERE c.account_id = @account_id AND c.avatar_hash = @hash AND c.avatar_hash <> '');

-- name: AvatarDelete :exec
-- Deletes a picture that a contact showed, unless parting them from another one gives it back to that one: then AvatarPurge takes it later.
DELETE FROM picture p WHERE p.account_id = @account_id AND p.hash = @hash
    AND NOT EXISTS (SELECT FROM contact_merge m WHERE m.account_id = p.account_id AND m.kept_id = @contact_id AND m.undone_at IS NULL
        AND m.undo_until > @now::timestamptz AND m.record -> 'gone' ->> 'avatar_hash' = p.hash);

-- name: AvatarSetOfContact :one
-- Sets the picture, or with an empty text removes it, and returns what it was.
WITH old AS (
    SELECT id, avatar_hash FROM contact WHERE contact.account_id = @account_id AND contact.id = @id FOR UPDATE
)
UPDATE contact SET avatar_hash = @avatar_hash, changed_at = @now FROM old
WHERE contact.account_id = @account_id AND contact.id = old.id
RETURNING old.avatar_hash;

-- name: AvatarPurge :execrows
-- Exempt: the schedule removes what contacts left behind in all accounts. Where two contacts could still be parted again, a picture that
-- neither shows now may come back.
-- @sqlc-vet-disable
DELETE FROM picture WHERE (account_id, hash) IN (
    SELECT p.account_id, p.hash FROM picture p
    WHERE p.hash LIKE 'avatar-%' AND p.created_at < @made_before::timestamptz
        AND NOT EXISTS (SELECT FROM contact c WHERE c.account_id = p.account_id AND c.avatar_hash = p.hash AND c.avatar_hash <> '')
        AND NOT EXISTS (SELECT FROM contact_merge m WHERE m.account_id = p.account_id AND m.undone_at IS NULL AND m.undo_until > @made_before::timestamptz)
    LIMIT @portion FOR UPDATE SKIP LOCKED);
