-- +goose Up
-- By itself, so that nobody who reads figures waits for all contacts to be counted: adding their columns locks the table.
UPDATE metric m SET invited_bounced = f.bounced, invited_opened = f.opened, invited_joined = f.joined, invited_active = f.active, uninvited_joined = f.uninvited
FROM (
    SELECT c.account_id, count(c.bounced_at) FILTER (WHERE c.invited_at IS NOT NULL) AS bounced, count(c.opened_at) FILTER (WHERE c.invited_at IS NOT NULL) AS opened,
        count(c.joined_at) FILTER (WHERE c.invited_at IS NOT NULL) AS joined,
        count(c.joined_at) FILTER (WHERE c.invited_at IS NOT NULL AND c.last_seen_at > k.computed_at - interval '720 hours') AS active,
        count(c.joined_at) FILTER (WHERE c.invited_at IS NULL) AS uninvited
    FROM contact c JOIN metric k ON k.account_id = c.account_id GROUP BY c.account_id
) f WHERE m.account_id = f.account_id;
