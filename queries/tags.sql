-- name: TagInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO tag (account_id, name, created_at) VALUES (@account_id, @name, @now) ON CONFLICT (account_id, name) DO NOTHING;

-- name: TagByName :one
-- The tag as it is spelled here, without regard to case.
SELECT name FROM tag WHERE account_id = @account_id AND name = @name;

-- name: TagNames :many
-- The first tags of an account by name: TagsListed, and one more where there are more.
SELECT name FROM tag WHERE account_id = @account_id ORDER BY name LIMIT 501;

-- name: ContactAddTag :many
-- Gives the tag to those of the contacts that have it not and have room for it, locking them in order of id; answers them.
WITH asked AS (
    SELECT @name::text AS name, @now::timestamptz AS now
), chosen AS (
    SELECT c.id FROM contact c, asked
    WHERE c.account_id = @account_id AND c.id = ANY (@ids::uuid[]) AND NOT asked.name = ANY (c.tags) AND cardinality(c.tags) < @most::integer
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE contact SET changed_at = asked.now,
    tags = ARRAY(SELECT t FROM unnest(contact.tags || asked.name) AS t ORDER BY lower(t), t)
FROM asked, chosen WHERE contact.account_id = @account_id AND contact.id = chosen.id RETURNING contact.id;

-- name: ContactRemoveTag :many
-- Takes the tag from those of the contacts that have it, locking them in order of id; answers them.
WITH asked AS (
    SELECT @name::text AS name, @now::timestamptz AS now
), chosen AS (
    SELECT c.id FROM contact c, asked
    WHERE c.account_id = @account_id AND c.id = ANY (@ids::uuid[]) AND asked.name = ANY (c.tags)
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE contact SET changed_at = asked.now, tags = array_remove(contact.tags, asked.name)
FROM asked, chosen WHERE contact.account_id = @account_id AND contact.id = chosen.id RETURNING contact.id;
