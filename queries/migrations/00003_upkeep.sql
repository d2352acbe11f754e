-- +goose Up
-- Imports that staff discard, the sizes of an account's icon, and the ways to what the nightly purge removes.

ALTER TABLE contact_import ADD COLUMN discarded_at timestamptz;
COMMENT ON COLUMN contact_import.discarded_at IS 'Since when nobody sees it any more; a job removes its file and rows, which can be millions, in portions.';
CREATE INDEX contact_import_age ON contact_import (created_at);

CREATE INDEX invitation_ended ON invitation (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX magic_link_ended ON magic_link (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sign_in_request_ended ON sign_in_request (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_end ON session (expires_at) WHERE ended_at IS NULL;

-- +goose StatementBegin
DROP FUNCTION contact_seen(text, timestamptz, timestamptz);
-- When a contact last used the portal: since the beginning of so many days, before, or never. Short and without arithmetic on
-- time, which depends on settings: so Postgres unfolds it.
CREATE FUNCTION contact_seen(seen text, since timestamptz, last_seen_at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE seen
    WHEN '' THEN true
    WHEN '7' THEN last_seen_at IS NOT NULL AND last_seen_at >= since
    WHEN '30' THEN last_seen_at IS NOT NULL AND last_seen_at >= since
    WHEN 'earlier' THEN last_seen_at IS NOT NULL AND last_seen_at < since
    WHEN 'never' THEN last_seen_at IS NULL
END
$$;
-- +goose StatementEnd

-- A rare tag or word is known as rare, so that a list of it finds its index instead of passing by everybody.
ALTER TABLE contact ALTER COLUMN tags SET STATISTICS 1000, ALTER COLUMN search SET STATISTICS 1000;

COMMENT ON COLUMN picture.hash IS 'Content hash, part of its path. An icon has that of its largest size, with a hyphen and its side in pixels behind it.';
-- An icon in pixels comes in three sizes, -32, -180 and -512 behind its name. Those there are have one size, which stands for all
-- until another logo is chosen; pages that are open still ask for it by its name alone.
INSERT INTO picture (account_id, hash, media_type, content, created_at)
SELECT DISTINCT p.account_id, p.hash || size, p.media_type, p.content, p.created_at
FROM picture p JOIN (
    SELECT id AS account_id, icon_hash AS hash FROM account
    UNION SELECT account_id, was ->> 'icon' FROM audit WHERE action = 'brand.logo'
) icon USING (account_id, hash)
CROSS JOIN unnest(ARRAY['-32', '-180', '-512']) AS size
WHERE p.media_type = 'image/png'
ON CONFLICT DO NOTHING;
