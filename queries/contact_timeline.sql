-- name: ContactTimeline :many
-- Everything that happened with a contact, newest first, from before the given event. What each column holds depends on the
-- kind; audit lines whose action the rows tell better are left out by their names.
WITH event AS (
    SELECT 'added'::text AS kind, c.id AS id, c.created_at AS at, c.source::text AS what, '' AS state, '' AS who, '' AS note, '' AS agent, 1 AS times
    FROM contact c WHERE c.account_id = @account_id AND c.id = @contact_id
    UNION ALL
    SELECT 'joined' AS kind, c.id AS id, c.joined_at AS at, '' AS what, '' AS state, '' AS who, '' AS note, '' AS agent, 1 AS times
    FROM contact c WHERE c.account_id = @account_id AND c.id = @contact_id AND c.joined_at IS NOT NULL
    UNION ALL
    SELECT 'invited' AS kind, i.id AS id, i.created_at AS at, '' AS what, '' AS state, coalesce(nullif(s.name, ''), s.email::text, '') AS who, '' AS note, '' AS agent, 1 AS times
    FROM invitation i LEFT JOIN staff s ON s.id = i.invited_by WHERE i.account_id = @account_id AND i.contact_id = @contact_id
    UNION ALL
    SELECT 'mail' AS kind, m.id AS id, m.created_at AS at, m.kind::text AS what, m.state::text AS state, m.to_email::text AS who, m.answer AS note, '' AS agent, 1 AS times
    FROM mail m WHERE m.account_id = @account_id AND m.contact_id = @contact_id
    UNION ALL
    SELECT CASE WHEN f.by_filter THEN 'fetched_by_filter' ELSE 'fetched' END AS kind, l.id AS id, max(f.at) AS at, l.kind::text AS what, '' AS state, '' AS who, '' AS note, (array_agg(f.user_agent ORDER BY f.id DESC))[1] AS agent, count(*) AS times
    FROM magic_link l JOIN link_fetch f ON f.account_id = l.account_id AND f.link_id = l.id
    WHERE l.account_id = @account_id AND l.contact_id = @contact_id GROUP BY l.id, l.kind, f.by_filter
    UNION ALL
    SELECT 'link' AS kind, l.id AS id, l.created_at AS at, '' AS what, coalesce(l.ended_because::text, '') AS state, coalesce(nullif(s.name, ''), s.email::text, '') AS who, '' AS note, '' AS agent, 1 AS times
    FROM magic_link l LEFT JOIN staff s ON s.id = l.made_by
    WHERE l.account_id = @account_id AND l.contact_id = @contact_id AND l.kind = 'staff'
    UNION ALL
    SELECT CASE WHEN x.staff_id IS NULL THEN 'signed_in' ELSE 'looked' END AS kind, x.id AS id, x.created_at AS at, x.method::text AS what, '' AS state, coalesce(nullif(s.name, ''), s.email::text, '') AS who, x.reason AS note, x.user_agent AS agent, 1 AS times
    FROM session x LEFT JOIN staff s ON s.id = x.staff_id WHERE x.account_id = @account_id AND x.contact_id = @contact_id
    UNION ALL
    SELECT 'signed_out' AS kind, x.id AS id, x.ended_at AS at, '' AS what, x.ended_because::text AS state, '' AS who, '' AS note, x.user_agent AS agent, 1 AS times
    FROM session x WHERE x.account_id = @account_id AND x.contact_id = @contact_id AND x.ended_at IS NOT NULL AND x.staff_id IS NULL
    UNION ALL
    SELECT 'address' AS kind, e.id AS id, e.confirmed_at AS at, e.old_email::text AS what, '' AS state, '' AS who, e.new_email::text AS note, '' AS agent, 1 AS times
    FROM email_change e WHERE e.account_id = @account_id AND e.contact_id = @contact_id AND e.confirmed_at IS NOT NULL
    UNION ALL
    SELECT 'form' AS kind, f.id AS id, coalesce(f.confirmed_at, f.created_at) AS at, g.title AS what, '' AS state, '' AS who, '' AS note, '' AS agent, 1 AS times
    FROM form_submission f JOIN form g ON g.account_id = f.account_id AND g.id = f.form_id
    WHERE f.account_id = @account_id AND f.contact_id = @contact_id
    UNION ALL
    SELECT 'access_given' AS kind, g.id AS id, g.created_at AS at, k.title AS what, g.source::text AS state, coalesce(nullif(s.name, ''), s.email::text, '') AS who, coalesce(f.title, o.title, i.file_name, '') AS note, '' AS agent, 1 AS times
    FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id LEFT JOIN staff s ON s.id = g.given_by
    LEFT JOIN form f ON f.account_id = g.account_id AND f.id = g.origin_id LEFT JOIN offer o ON o.account_id = g.account_id AND o.id = g.origin_id
    LEFT JOIN contact_import i ON i.account_id = g.account_id AND i.id = g.origin_id
    WHERE g.account_id = @account_id AND g.contact_id = @contact_id
    UNION ALL
    SELECT 'access_ended' AS kind, g.id AS id, g.ended_at AS at, k.title AS what, g.ended_because::text AS state, coalesce(nullif(s.name, ''), s.email::text, '') AS who, g.ended_note AS note, '' AS agent, 1 AS times
    FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id LEFT JOIN staff s ON s.id = g.ended_by
    WHERE g.account_id = @account_id AND g.contact_id = @contact_id AND g.ended_at IS NOT NULL
    UNION ALL
    SELECT 'audit' AS kind, a.id AS id, a.at AS at, a.action AS what, a.subject AS state, a.actor AS who, a.note AS note, '' AS agent, 1 AS times
    FROM audit a
    WHERE a.account_id = @account_id AND a.action <> ALL (@told::text[]) AND a.subject_id = ANY (@contact_id::uuid || ARRAY(
        SELECT g.gone_id FROM contact_merge g WHERE g.account_id = @account_id AND g.kept_id = @contact_id AND g.undone_at IS NULL))
)
SELECT kind::text AS kind, id::uuid AS id, at::timestamptz AS at, what::text AS what, state::text AS state, who::text AS who, note::text AS note,
    agent::text AS agent, times::bigint AS times
FROM event WHERE (at, id, kind) < (@before_at::timestamptz, @before_id::uuid, @before_kind::text)
ORDER BY at DESC, id DESC, kind DESC LIMIT @page_size;
