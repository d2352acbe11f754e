-- +goose Up
-- The dashboard said of everybody who joined that they had been invited, also of those who bought, filled a form or were enrolled. What comes after
-- "invited" on the way in is counted of the invited alone now, beside the figures of all, and who joined without an invitation by itself.
-- The older program counts on and leaves the new figures as they are; the next count of this one puts them right.

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contact_in_state(state text, active_since timestamptz, waiting_before timestamptz, invited_at timestamptz,
    last_invited_at timestamptz, sent_at timestamptz, bounced_at timestamptz, filter_opened_at timestamptz, opened_at timestamptz,
    joined_at timestamptz, last_seen_at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE state
    WHEN '' THEN true
    WHEN 'not_invited' THEN invited_at IS NULL AND joined_at IS NULL
    WHEN 'invited' THEN invited_at IS NOT NULL
    WHEN 'sent' THEN sent_at IS NOT NULL
    WHEN 'bounced' THEN bounced_at IS NOT NULL
    WHEN 'filter_opened' THEN filter_opened_at IS NOT NULL AND opened_at IS NULL AND joined_at IS NULL
    WHEN 'opened' THEN opened_at IS NOT NULL
    WHEN 'joined' THEN joined_at IS NOT NULL
    WHEN 'active' THEN joined_at IS NOT NULL AND last_seen_at IS NOT NULL AND last_seen_at > active_since
    WHEN 'waiting' THEN last_invited_at IS NOT NULL AND joined_at IS NULL AND last_invited_at < waiting_before AND bounced_at IS NULL
    WHEN 'invited_bounced' THEN bounced_at IS NOT NULL AND invited_at IS NOT NULL
    WHEN 'invited_opened' THEN opened_at IS NOT NULL AND invited_at IS NOT NULL
    WHEN 'invited_joined' THEN joined_at IS NOT NULL AND invited_at IS NOT NULL
    WHEN 'invited_active' THEN joined_at IS NOT NULL AND invited_at IS NOT NULL AND last_seen_at IS NOT NULL AND last_seen_at > active_since
    WHEN 'uninvited_joined' THEN joined_at IS NOT NULL AND invited_at IS NULL
END
$$;
-- +goose StatementEnd

ALTER TABLE metric
    ADD COLUMN invited_bounced bigint NOT NULL DEFAULT 0,
    ADD COLUMN invited_opened bigint NOT NULL DEFAULT 0,
    ADD COLUMN invited_joined bigint NOT NULL DEFAULT 0,
    ADD COLUMN invited_active bigint NOT NULL DEFAULT 0,
    ADD COLUMN uninvited_joined bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN metric.invited_bounced IS 'Contacts that were sent an invitation and whose address refuses mail.';
COMMENT ON COLUMN metric.invited_opened IS 'Contacts that were sent an invitation and looked at its link, or joined.';
COMMENT ON COLUMN metric.invited_joined IS 'Contacts that were sent an invitation and signed in at least once.';
COMMENT ON COLUMN metric.invited_active IS 'Contacts that were sent an invitation and used the portal within 30 days before computed_at.';
COMMENT ON COLUMN metric.uninvited_joined IS 'Contacts that signed in and were never sent an invitation: they bought, filled a form or were enrolled.';
