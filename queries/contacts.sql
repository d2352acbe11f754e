-- name: ContactInsert :one
-- A new contact, or nothing (ErrNotFound) when the address is known in this account, also as that of a merged one.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO contact (account_id, id, email, name, source, created_at, changed_at)
SELECT @account_id, @id, @email, @name, @source, @now::timestamptz, @now::timestamptz
WHERE NOT EXISTS (SELECT 1 FROM contact_merge m WHERE m.account_id = @account_id AND m.gone_email = @email AND m.undone_at IS NULL)
ON CONFLICT (account_id, email) DO NOTHING
RETURNING id;

-- name: ContactByEmail :one
-- The contact of an address, or the one that a contact of this address was merged into.
SELECT id, email, name, password_hash, joined_at, accepted_at, invited_at, bounced_at
FROM contact WHERE contact.account_id = @account_id AND contact.id = coalesce(
    (SELECT c.id FROM contact c WHERE c.account_id = @account_id AND c.email = @email),
    (SELECT m.kept_id FROM contact_merge m WHERE m.account_id = @account_id AND m.gone_email = @email AND m.undone_at IS NULL ORDER BY m.id DESC LIMIT 1)
);

-- name: ContactByID :one
SELECT id, email, name, source, created_at, invited_at, joined_at, accepted_at, bounced_at, bounce_reason, avatar_hash, deletion_asked_at,
    (password_hash IS NOT NULL)::boolean AS has_password
FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactPasswordHash :one
SELECT password_hash FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactList :many
-- Newest first, from before the given id (the largest UUID for the first page). State and source are empty where they do not matter;
-- for one of them alone an index has the list, for what else a list can be narrowed by there is ContactFind.
SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at
FROM contact
WHERE account_id = @account_id AND id < @before
    AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
        filter_opened_at, opened_at, joined_at, last_seen_at)
    AND (@source::text = '' OR source = nullif(@source, '')::contact_source)
ORDER BY id DESC LIMIT @page_size;

-- name: ContactListByName :many
-- All, in order of name (or address), from after the given name and id.
SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at
FROM contact
WHERE account_id = @account_id AND (lower(CASE WHEN name = '' THEN email::text ELSE name END), id) > (@after_name::text, @after::uuid)
ORDER BY lower(CASE WHEN name = '' THEN email::text ELSE name END), id LIMIT @page_size;

-- name: ContactListBySeen :many
-- All, whoever used the portal last first, from before the given time and id; never counts as 1970.
SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at
FROM contact
WHERE account_id = @account_id AND (coalesce(last_seen_at, 'epoch'), id) < (@before_seen::timestamptz, @before::uuid)
ORDER BY coalesce(last_seen_at, 'epoch') DESC, id DESC LIMIT @page_size;

-- name: ContactFind :many
-- As ContactList, for filters that no index has in the order of the list; they are empty text where they do not matter, and the pattern
-- is an escaped LIKE pattern in lower case; ascii is one as well, for domains as they are stored. The first contacts of the list that are looked at are enough for what many have. Beyond them
-- all that fit are found and then sorted (OFFSET 0 keeps the planner from going through the list until they come by) when asked to go
-- through, or when ContactCountNewest has found it cheap.
WITH near AS MATERIALIZED (
    SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at
    FROM (
        SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at, last_invited_at, search
        FROM contact c WHERE c.account_id = @account_id AND c.id < @before ORDER BY id DESC LIMIT @looked_at
    ) first_ones
    WHERE (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    ORDER BY id DESC LIMIT @page_size
), enough AS (SELECT count(*) >= @page_size::integer AS it_is FROM near
), beyond AS (SELECT NOT (SELECT it_is FROM enough) AND (@through::boolean OR coalesce(current_setting('atrium.contacts_cheap', true) = 'true', false)) AS it_is)
SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at FROM near WHERE NOT (SELECT it_is FROM beyond)
UNION ALL
(SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at FROM (
    SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at, last_invited_at, search
    FROM contact d
    WHERE d.account_id = @account_id AND d.id < @before AND (SELECT it_is FROM beyond)
        AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    OFFSET 0
) far ORDER BY id DESC LIMIT @page_size);

-- name: ContactFindByName :many
-- As ContactListByName and ContactFind.
WITH near AS MATERIALIZED (
    SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at
    FROM (
        SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at, last_invited_at, search
        FROM contact c WHERE c.account_id = @account_id AND (lower(CASE WHEN c.name = '' THEN c.email::text ELSE c.name END), c.id) > (@after_name::text, @after::uuid) ORDER BY lower(CASE WHEN name = '' THEN email::text ELSE name END), id LIMIT @looked_at
    ) first_ones
    WHERE (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    ORDER BY lower(CASE WHEN name = '' THEN email::text ELSE name END), id LIMIT @page_size
), enough AS (SELECT count(*) >= @page_size::integer AS it_is FROM near
), beyond AS (SELECT NOT (SELECT it_is FROM enough) AND (@through::boolean OR coalesce(current_setting('atrium.contacts_cheap', true) = 'true', false)) AS it_is)
SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at FROM near WHERE NOT (SELECT it_is FROM beyond)
UNION ALL
(SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at FROM (
    SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at, last_invited_at, search
    FROM contact d
    WHERE d.account_id = @account_id AND (lower(CASE WHEN d.name = '' THEN d.email::text ELSE d.name END), d.id) > (@after_name::text, @after::uuid) AND (SELECT it_is FROM beyond)
        AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    OFFSET 0
) far ORDER BY lower(CASE WHEN name = '' THEN email::text ELSE name END), id LIMIT @page_size);

-- name: ContactFindBySeen :many
-- As ContactListBySeen and ContactFind.
WITH near AS MATERIALIZED (
    SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at
    FROM (
        SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at, last_invited_at, search
        FROM contact c WHERE c.account_id = @account_id AND (coalesce(c.last_seen_at, 'epoch'), c.id) < (@before_seen::timestamptz, @before::uuid) ORDER BY coalesce(last_seen_at, 'epoch') DESC, id DESC LIMIT @looked_at
    ) first_ones
    WHERE (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    ORDER BY coalesce(last_seen_at, 'epoch') DESC, id DESC LIMIT @page_size
), enough AS (SELECT count(*) >= @page_size::integer AS it_is FROM near
), beyond AS (SELECT NOT (SELECT it_is FROM enough) AND (@through::boolean OR coalesce(current_setting('atrium.contacts_cheap', true) = 'true', false)) AS it_is)
SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at FROM near WHERE NOT (SELECT it_is FROM beyond)
UNION ALL
(SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at FROM (
    SELECT id, email, name, source, tags, created_at, invited_at, joined_at, bounced_at, sent_at, filter_opened_at, opened_at, last_seen_at, last_invited_at, search
    FROM contact d
    WHERE d.account_id = @account_id AND (coalesce(d.last_seen_at, 'epoch'), d.id) < (@before_seen::timestamptz, @before::uuid) AND (SELECT it_is FROM beyond)
        AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    OFFSET 0
) far ORDER BY coalesce(last_seen_at, 'epoch') DESC, id DESC LIMIT @page_size);

-- name: ContactCount :one
-- How many the filters fit, counted up to a bound, so that no page scans for a number nobody reads to the end.
SELECT count(*) FROM (SELECT 1 FROM contact
WHERE account_id = @account_id AND id < @before
    AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
    AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
        filter_opened_at, opened_at, joined_at, last_seen_at)
    AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
LIMIT @bound) counted;

-- name: ContactReach :one
-- How many contacts are chosen, by their ids or all that the filters fit, counted up to a bound, and how many of them a mail to many leaves
-- out, each for the first reason there is, as Invite and MayMailInBulk have them: an invitation is not for who has joined.
SELECT count(*) AS fit, count(*) FILTER (WHERE joined) AS joined, count(*) FILTER (WHERE NOT joined AND no_mail) AS no_mail,
    count(*) FILTER (WHERE NOT joined AND NOT no_mail AND bounced) AS bounced
FROM (
    SELECT @invites::boolean AND joined_at IS NOT NULL AS joined, no_mail_at IS NOT NULL AS no_mail, bounced_at IS NOT NULL AS bounced FROM contact
    WHERE account_id = @account_id AND (@all_that_fit::boolean OR id = ANY(@ids::uuid[]))
        AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
        AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
            filter_opened_at, opened_at, joined_at, last_seen_at)
        AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
    LIMIT @bound
) counted;

-- name: ContactCountNewest :one
-- How many of the newest contacts the filters fit; whether there may be older ones, which are not looked at; and whether all that fit are
-- cheap to find, which ContactFind then does in the same transaction: where there are few contacts, or where next to nobody of the newest,
-- nor of the first by name, has the words and the tag. Two samples, since what came by one import is together in the one order, and what one
-- name is in the other.
SELECT fit, has_older, set_config('atrium.contacts_cheap', (NOT has_older OR (@pattern::text <> '' OR @tag::text <> '') AND named < 3
    AND (SELECT count(*) FROM (
            SELECT search, tags FROM contact c WHERE c.account_id = @account_id ORDER BY lower(CASE WHEN c.name = '' THEN c.email::text ELSE c.name END), c.id LIMIT 300
        ) by_name WHERE (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii) AND (@tag::text = '' OR tags @> ARRAY[@tag])) < 2)::text, true)::boolean AS cheap
FROM (
    SELECT count(*) FILTER (WHERE (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
            AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
                filter_opened_at, opened_at, joined_at, last_seen_at)
            AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag])
            AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))) AS fit,
        count(*) FILTER (WHERE (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii) AND (@tag::text = '' OR tags @> ARRAY[@tag])) AS named,
        (count(*) >= @bound::integer)::boolean AS has_older
    FROM (
        SELECT search, invited_at, last_invited_at, sent_at, bounced_at, filter_opened_at, opened_at, joined_at, last_seen_at, source, tags
        FROM contact WHERE account_id = @account_id ORDER BY id DESC LIMIT @bound::integer
    ) newest
) counted;

-- name: ContactPortion :many
-- The next contacts of a task, in order of id: those the filters fit, not newer than the task.
SELECT id, email, name, phone, company, source, tags, note, created_at, invited_at, joined_at, bounced_at, last_seen_at, no_mail_at,
    no_course_mail_at
FROM contact
WHERE account_id = @account_id AND id > @after AND id <= @up_to
    AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii)
    AND contact_in_state(@state::text, @active_since::timestamptz, @waiting_before::timestamptz, invited_at, last_invited_at, sent_at, bounced_at,
        filter_opened_at, opened_at, joined_at, last_seen_at)
    AND (@source::text = '' OR source = nullif(@source, '')::contact_source) AND (@tag::text = '' OR tags @> ARRAY[@tag]) AND contact_seen(@seen::text, @seen_since::timestamptz, last_seen_at) AND (@bounced::text = '' OR (bounced_at IS NOT NULL) = (@bounced = 'yes'))
ORDER BY id LIMIT @page_size;

-- name: ContactPortionOf :many
-- As ContactPortion, of contacts chosen one by one.
SELECT id, email, name, phone, company, source, tags, note, created_at, invited_at, joined_at, bounced_at, last_seen_at, no_mail_at,
    no_course_mail_at
FROM contact
WHERE account_id = @account_id AND id > @after AND id = ANY(@chosen::uuid[])
ORDER BY id LIMIT @page_size;

-- name: PlanAfresh :exec
-- Until the transaction ends, queries are planned for the values they are asked with: a list's filters fold away, and what
-- is left finds its index. A plan for all values would fit none.
-- Exempt: it reads nothing.
-- @sqlc-vet-disable
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: PlanPage :exec
-- As PlanAfresh, for the few rows of a page. No plan reads a table from end to end, which is cheap for the account that has most of
-- it and slow for all others; what is read here and there counts as little as it does in memory; and no helpers are called for, who
-- take longer to come than a page to be read.
-- Exempt: it reads nothing.
-- @sqlc-vet-disable
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true), set_config('random_page_cost', '1.1', true),
    set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true);

-- name: ContactNewestJoins :many
SELECT id, email, name, joined_at FROM contact
WHERE account_id = @account_id AND joined_at IS NOT NULL
ORDER BY joined_at DESC LIMIT @page_size;

-- name: ContactAttention :many
-- What staff should look at: bounced addresses first, then those last invited before the given time who have not joined, but for who wants
-- no more mails.
(SELECT id, email, name, last_invited_at, bounced_at, bounce_reason FROM contact
    WHERE contact.account_id = @account_id AND bounced_at IS NOT NULL
    ORDER BY bounced_at DESC LIMIT @page_size)
UNION ALL
(SELECT id, email, name, last_invited_at, bounced_at, bounce_reason FROM contact
    WHERE contact.account_id = @account_id AND last_invited_at < @invited_before::timestamptz AND joined_at IS NULL AND bounced_at IS NULL AND no_mail_at IS NULL
    ORDER BY last_invited_at LIMIT @page_size)
LIMIT @page_size;

-- name: ContactSetInvited :exec
UPDATE contact SET invited_at = coalesce(invited_at, @now::timestamptz), last_invited_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactSetJoined :execrows
-- Marks the first confirmed sign-in: 1 the first time, 0 ever after. Whoever is in has opened their invitation.
UPDATE contact SET joined_at = @now::timestamptz, opened_at = coalesce(opened_at, @now::timestamptz), last_seen_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND joined_at IS NULL;

-- name: ContactSetBack :one
-- Marks a further sign-in, and says whether the contact was away, so that the active ones are counted again.
WITH before AS (
    SELECT c.account_id, c.id, c.last_seen_at FROM contact c WHERE c.account_id = @account_id AND c.id = @id FOR NO KEY UPDATE
)
UPDATE contact SET last_seen_at = @now::timestamptz FROM before
WHERE contact.account_id = before.account_id AND contact.id = before.id
RETURNING (before.last_seen_at IS NULL OR before.last_seen_at <= @active_since::timestamptz)::boolean AS was_away;

-- name: ContactSetOpened :execrows
-- Marks the first look at an invitation's link, by a filter or by a person: 1 when it was the first of its kind.
UPDATE contact SET
    filter_opened_at = CASE WHEN @by_filter::boolean THEN @now::timestamptz ELSE filter_opened_at END,
    opened_at = CASE WHEN @by_filter::boolean THEN opened_at ELSE @now::timestamptz END
WHERE account_id = @account_id AND id = @id AND CASE WHEN @by_filter::boolean THEN filter_opened_at ELSE opened_at END IS NULL;

-- name: ContactSetNoMail :execrows
-- The client wants no more mails but those they ask for; with null they want them again. 1 when that is news.
UPDATE contact SET no_mail_at = sqlc.narg(no_mail_at)::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND (no_mail_at IS NULL) <> (sqlc.narg(no_mail_at)::timestamptz IS NULL);

-- name: ContactSetMailChoices :execrows
-- Which kinds of automatic mails the client wants; when one was ended stays while it is. 1 when that is news.
UPDATE contact SET no_course_mail_at = CASE WHEN NOT @courses::boolean THEN coalesce(no_course_mail_at, @now::timestamptz) END,
    no_invoice_mail_at = CASE WHEN NOT @invoices::boolean THEN coalesce(no_invoice_mail_at, @now::timestamptz) END, changed_at = @now
WHERE account_id = @account_id AND id = @id
    AND ((no_course_mail_at IS NULL) <> @courses::boolean OR (no_invoice_mail_at IS NULL) <> @invoices::boolean);

-- name: ContactForStop :one
-- Who a link that stops mails is about.
SELECT id, email, name, no_mail_at FROM contact WHERE account_id = @account_id AND id = @id;

-- name: ContactSetAccepted :execrows
-- The first arrival is finished: the name, and a password or none (link only). 0 when it was before: a password is not
-- replaced this way.
UPDATE contact SET name = @name, password_hash = coalesce(sqlc.narg(password_hash), password_hash),
    accepted_at = @now::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND accepted_at IS NULL;

-- name: ContactSetName :exec
UPDATE contact SET name = @name, changed_at = @now WHERE account_id = @account_id AND id = @id;

-- name: ContactSetPassword :exec
-- A new password, or none with null.
UPDATE contact SET password_hash = sqlc.narg(password_hash), changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactSetEmail :one
-- Corrects the address and forgets what belonged to the old one: that it bounced, the password of whoever reads it, and as long
-- as the contact has not joined, that mail reached it and its links were looked at. Who joined came in once, whatever their address;
-- and who wants no more mails wants none at another address either. Nothing (ErrNotFound) when there is no such contact,
-- ErrConflict on contact_email_key when the address is another contact's.
UPDATE contact SET email = @email, bounced_at = NULL, bounce_reason = '', password_hash = NULL, accepted_at = NULL,
    sent_at = CASE WHEN joined_at IS NULL THEN NULL ELSE sent_at END,
    filter_opened_at = CASE WHEN joined_at IS NULL THEN NULL ELSE filter_opened_at END,
    opened_at = CASE WHEN joined_at IS NULL THEN NULL ELSE opened_at END, changed_at = @now
WHERE account_id = @account_id AND id = @id
RETURNING id;

-- name: ContactMoveEmail :exec
-- Another address of the same person, who has confirmed it; the password stays. ErrConflict on contact_email_key when the address is
-- another contact's.
UPDATE contact SET email = @email, bounced_at = NULL, bounce_reason = '', changed_at = @now
WHERE account_id = @account_id AND id = @id;

-- name: ContactSetBounced :exec
UPDATE contact SET bounced_at = @now::timestamptz, bounce_reason = @bounce_reason, changed_at = @now
WHERE account_id = @account_id AND id = @id AND email = @email;

-- name: ContactSetDelivered :execrows
-- A mail to the address was accepted, so it no longer counts as bounced, and an invitation has reached it: 1 when either is news. It may
-- have been a while ago.
UPDATE contact SET bounced_at = NULL, bounce_reason = '', sent_at = CASE WHEN @invites::boolean THEN coalesce(sent_at, @now::timestamptz) ELSE sent_at END,
    changed_at = greatest(changed_at, @now::timestamptz)
WHERE account_id = @account_id AND id = @id AND email = @email AND (bounced_at IS NOT NULL OR @invites::boolean AND sent_at IS NULL);

-- name: ContactLock :one
-- Locks the contact until the transaction ends, so that two invitations or sign-ins of it come one after the other.
SELECT id, email, name, joined_at, invited_at, bounced_at, no_mail_at, no_course_mail_at, no_invoice_mail_at FROM contact
WHERE account_id = @account_id AND id = @id FOR UPDATE;
