-- name: OfferInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO offer (account_id, id, name, title, text, access_days, until, most, landing, created_at, changed_at)
VALUES (@account_id, @id, @name, @title, @text, sqlc.narg(access_days), sqlc.narg(until), sqlc.narg(most), @landing, @now, @now);

-- name: OfferUpdate :one
-- Nothing (ErrNotFound) when there is no such offer; ErrConflict when another one has the name.
UPDATE offer SET name = @name, title = @title, text = @text, access_days = sqlc.narg(access_days), until = sqlc.narg(until), most = sqlc.narg(most), landing = @landing, changed_at = @now
WHERE account_id = @account_id AND id = @id
RETURNING id;

-- name: OfferSetCourses :exec
-- Makes these the courses that an offer gives.
WITH given AS (SELECT unnest(@courses::uuid[]) AS course_id), gone AS (
    DELETE FROM offer_course WHERE account_id = @account_id AND offer_id = @offer_id AND course_id <> ALL (@courses::uuid[])
)
INSERT INTO offer_course (account_id, offer_id, course_id) SELECT @account_id, @offer_id, course_id FROM given ON CONFLICT DO NOTHING;

-- name: OfferSwitch :one
-- The title of the offer that was switched.
UPDATE offer SET switched_on = @switched_on, changed_at = @now WHERE account_id = @account_id AND id = @id RETURNING title;

-- name: CheckoutLanding :one
-- Where buyers arrive whose offer says nothing of it.
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT checkout_landing FROM account WHERE id = @id;

-- name: CheckoutSetLanding :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET checkout_landing = @landing, changed_at = greatest(@now::timestamptz, changed_at + interval '1 microsecond') WHERE id = @id;

-- name: OfferSetPicture :one
-- Sets the picture on an offer's page, or with an empty text takes it away, and answers the offer's title and what the picture was.
WITH old AS (
    SELECT id, picture_hash FROM offer WHERE offer.account_id = @account_id AND offer.id = @id FOR UPDATE
)
UPDATE offer SET picture_hash = @picture_hash, changed_at = CASE WHEN old.picture_hash = @picture_hash THEN offer.changed_at ELSE @now::timestamptz END FROM old
WHERE offer.account_id = @account_id AND offer.id = old.id
RETURNING offer.title, old.picture_hash AS picture_was;

-- name: OfferPicturePurge :execrows
-- Exempt: the schedule removes in all accounts the pictures that no offer shows.
-- @sqlc-vet-disable
DELETE FROM picture WHERE (account_id, hash) IN (
    SELECT p.account_id, p.hash FROM picture p
    WHERE p.hash LIKE 'offer-%' AND p.created_at < @made_before::timestamptz
        AND NOT EXISTS (SELECT FROM offer o WHERE o.account_id = p.account_id AND o.picture_hash = p.hash)
    LIMIT @portion FOR UPDATE SKIP LOCKED);

-- name: OfferHeld :one
-- How many places of an offer are held by those who are about to pay for it. A page for paying whose address Stripe never answered
-- is nobody's, and holds none for long.
SELECT count(*)::bigint AS held FROM checkout c
WHERE c.account_id = @account_id AND c.offer_id = @offer_id AND c.state IN ('open', 'processing')
    AND (c.stripe_session_id IS NOT NULL OR c.created_at > @answered_after::timestamptz);

-- name: OfferHolders :many
-- The pages for paying that hold a place of an offer and perhaps should no longer: those of one browser or client, who begins anew, and
-- then those whose time is over. What is being paid comes first, so that however many others there are, nobody pays twice.
SELECT c.stripe_session_id::text AS session_id, (c.browser_hash = @browser_hash OR c.contact_id IS NOT DISTINCT FROM sqlc.narg(contact_id)::uuid AND c.contact_id IS NOT NULL)::boolean AS own
FROM checkout c
WHERE c.account_id = @account_id AND c.offer_id = @offer_id AND c.stripe_session_id IS NOT NULL
    AND ((c.browser_hash = @browser_hash OR c.contact_id = sqlc.narg(contact_id)::uuid) AND c.state IN ('open', 'processing') OR c.state = 'open' AND c.created_at < @over_before::timestamptz)
ORDER BY own DESC, (c.state = 'processing') DESC, c.created_at LIMIT 5;

-- name: OfferPaying :one
-- Whether somebody is about to pay for an offer, or their money is on its way. Nobody begins to until the transaction ends.
SELECT EXISTS (SELECT FROM checkout c WHERE c.account_id = o.account_id AND c.offer_id = o.id
    AND (c.state = 'processing' OR c.state = 'open' AND c.created_at > @begun_after::timestamptz))::boolean AS paying
FROM offer o WHERE o.account_id = @account_id AND o.id = @id FOR UPDATE;

-- name: OfferDelete :one
-- The title of the offer that is gone; what it gave stays.
DELETE FROM offer WHERE account_id = @account_id AND id = @id RETURNING title;

-- name: OfferByID :one
-- A price of 0 stands for a free one. The courses are in the order of the account, as the form sends them: an order of their own would be a change.
SELECT o.id, o.name, o.title, o.text, o.access_days, o.until, o.most, o.switched_on, o.landing, o.picture_hash,
    (SELECT count(DISTINCT g.contact_id) FROM access_grant g WHERE g.account_id = o.account_id AND g.origin_id = o.id)::bigint AS taken,
    ARRAY(SELECT c.course_id FROM offer_course c JOIN course k ON k.account_id = c.account_id AND k.id = c.course_id
        WHERE c.account_id = o.account_id AND c.offer_id = o.id ORDER BY k.position, k.id)::uuid[] AS courses,
    coalesce(p.amount_minor, 0)::bigint AS price_minor, coalesce(p.currency, '')::text AS currency, coalesce(p.charged, 'once')::price_interval AS charged, coalesce(p.trial_days, 0)::integer AS trial_days
FROM offer o LEFT JOIN offer_price p ON p.account_id = o.account_id AND p.offer_id = o.id AND p.replaced_at IS NULL WHERE o.account_id = @account_id AND o.id = @id;

-- name: OfferByName :one
-- A price of 0 stands for a free one. For a contact (the nil UUID: nobody): nothing is tried for nothing by who bought it before, and
-- whether they have a plan of it that goes on, paid or not, which is not to be bought beside itself.
SELECT o.id, o.name, o.title, o.text, o.access_days, o.until, o.most, o.switched_on, o.landing, o.picture_hash,
    (SELECT count(DISTINCT g.contact_id) FROM access_grant g WHERE g.account_id = o.account_id AND g.origin_id = o.id)::bigint AS taken,
    coalesce(p.amount_minor, 0)::bigint AS price_minor, coalesce(p.currency, '')::text AS currency, coalesce(p.charged, 'once')::price_interval AS charged,
    CASE WHEN EXISTS (SELECT FROM sales_order b WHERE b.account_id = o.account_id AND b.contact_id = @contact_id::uuid AND b.offer_id = o.id)
        THEN 0 ELSE coalesce(p.trial_days, 0) END::integer AS trial_days,
    (coalesce(p.charged, 'once') <> 'once' AND EXISTS (
        SELECT FROM subscription s LEFT JOIN offer_price sp ON sp.account_id = s.account_id AND sp.id = s.price_id
        LEFT JOIN sales_order b ON b.account_id = s.account_id AND b.id = s.order_id
        WHERE s.account_id = o.account_id AND s.contact_id = @contact_id::uuid AND s.ended_at IS NULL AND s.state NOT IN ('incomplete', 'incomplete_expired')
            AND coalesce(sp.offer_id, b.offer_id) = o.id))::boolean AS goes_on
FROM offer o LEFT JOIN offer_price p ON p.account_id = o.account_id AND p.offer_id = o.id AND p.replaced_at IS NULL WHERE o.account_id = @account_id AND o.name = @name;

-- name: OfferList :many
-- Newest first, from before the given id (the largest UUID for the first page), each with how many took it and the titles of its courses.
SELECT o.id, o.name, o.title, o.access_days, o.until, o.most, o.switched_on, o.picture_hash, o.created_at,
    (SELECT count(DISTINCT g.contact_id) FROM access_grant g WHERE g.account_id = o.account_id AND g.origin_id = o.id)::bigint AS taken,
    ARRAY(SELECT k.title FROM offer_course c JOIN course k ON k.account_id = c.account_id AND k.id = c.course_id
        WHERE c.account_id = o.account_id AND c.offer_id = o.id AND k.deleted_at IS NULL ORDER BY k.position, k.id)::text[] AS courses,
    coalesce(p.amount_minor, 0)::bigint AS price_minor, coalesce(p.currency, '')::text AS currency, coalesce(p.charged, 'once')::price_interval AS charged
FROM offer o LEFT JOIN offer_price p ON p.account_id = o.account_id AND p.offer_id = o.id AND p.replaced_at IS NULL
WHERE o.account_id = @account_id AND o.id < @before::uuid ORDER BY o.id DESC LIMIT @page_size;

-- name: OfferCourses :many
-- The courses of an offer, with whether clients see each now.
SELECT k.id, k.title, k.summary, (k.published_at IS NOT NULL AND k.published_at <= @now::timestamptz AND app_on(k.account_id, 'courses'))::boolean AS visible
FROM offer_course c JOIN course k ON k.account_id = c.account_id AND k.id = c.course_id
WHERE c.account_id = @account_id AND c.offer_id = @offer_id AND k.deleted_at IS NULL ORDER BY k.position, k.id;

-- name: OfferCoursesByName :many
-- As OfferCourses, of the offer of a name; each with whether a contact (the nil UUID: nobody) may use it now, and when and how what
-- this offer gave them ended.
SELECT k.id, k.title, k.summary, (k.published_at IS NOT NULL AND k.published_at <= @now::timestamptz AND app_on(k.account_id, 'courses'))::boolean AS visible,
    EXISTS (SELECT FROM access_grant a WHERE a.account_id = k.account_id AND a.contact_id = @contact_id::uuid AND a.course_id = k.id
        AND grant_open(a.starts_at, a.ends_at, a.ended_at, @now::timestamptz))::boolean AS has_it,
    (g.id IS NOT NULL)::boolean AS taken, (coalesce(g.ended_because, 'expired') <> 'expired')::boolean AS revoked
FROM offer o JOIN offer_course c ON c.account_id = o.account_id AND c.offer_id = o.id
JOIN course k ON k.account_id = c.account_id AND k.id = c.course_id
LEFT JOIN LATERAL (
    SELECT x.id, x.ended_because FROM access_grant x
    WHERE x.account_id = o.account_id AND x.origin_id = o.id AND x.contact_id = @contact_id::uuid AND x.course_id = k.id ORDER BY x.id DESC LIMIT 1
) g ON true
WHERE o.account_id = @account_id AND o.name = @name AND k.deleted_at IS NULL ORDER BY k.position, k.id;

-- name: OfferTakers :many
-- Who took an offer, newest first, from before the given grant; with several courses a contact stands there once.
SELECT g.id, g.contact_id, c.name, c.email, c.avatar_hash, g.created_at
FROM access_grant g JOIN contact c ON c.account_id = g.account_id AND c.id = g.contact_id
WHERE g.account_id = @account_id AND g.origin_id = @offer_id::uuid AND g.id < @before AND NOT EXISTS (
    SELECT FROM access_grant earlier WHERE earlier.account_id = g.account_id AND earlier.origin_id = g.origin_id AND earlier.contact_id = g.contact_id AND earlier.id < g.id
)
ORDER BY g.id DESC LIMIT @page_size;

-- name: OfferLock :one
-- The offer as it stands, locked until the transaction ends, so that of two who take the last one only one is given it.
SELECT o.id, o.title, o.access_days, o.until, o.most, o.switched_on,
    EXISTS (SELECT FROM offer_price p WHERE p.account_id = o.account_id AND p.offer_id = o.id AND p.replaced_at IS NULL)::boolean AS sold
FROM offer o WHERE o.account_id = @account_id AND o.id = @id FOR UPDATE;

-- name: OfferTaken :one
-- How many contacts other than the given one took an offer, and whether that one did.
SELECT count(DISTINCT g.contact_id) FILTER (WHERE g.contact_id <> @contact_id::uuid)::bigint AS others, (count(*) FILTER (WHERE g.contact_id = @contact_id::uuid) > 0)::boolean AS own
FROM access_grant g WHERE g.account_id = @account_id AND g.origin_id = @offer_id::uuid;

-- name: OfferClaimInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO offer_claim (account_id, id, offer_id, email, name, token_hash, ip, user_agent, created_at, expires_at)
VALUES (@account_id, @id, @offer_id, @email, @name, @token_hash, @ip, @user_agent, @now, @expires_at);

-- name: OfferClaimLock :one
-- Locks the claim until the transaction ends, so that it becomes one mail however often its job runs.
SELECT c.id, c.email, c.expires_at, c.confirmed_at,
    EXISTS (SELECT FROM mail m WHERE m.account_id = c.account_id AND m.offer_claim_id = c.id)::boolean AS mailed
FROM offer_claim c WHERE c.account_id = @account_id AND c.id = @id FOR UPDATE OF c;

-- name: OfferClaimByToken :one
-- What the link in a mail is about.
SELECT c.id, c.offer_id, c.email, c.name, c.expires_at, c.confirmed_at, o.name AS offer_name, o.title
FROM offer_claim c JOIN offer o ON o.account_id = c.account_id AND o.id = c.offer_id
WHERE c.account_id = @account_id AND c.token_hash = @token_hash;

-- name: OfferClaimConfirm :one
-- Uses the link up, once; nothing (ErrNotFound) when it was, or its time has passed.
UPDATE offer_claim SET confirmed_at = @now::timestamptz
WHERE account_id = @account_id AND token_hash = @token_hash AND confirmed_at IS NULL AND expires_at > @now::timestamptz
RETURNING id, offer_id, email, name;

-- name: OfferClaimSetContact :exec
UPDATE offer_claim SET contact_id = @contact_id WHERE account_id = @account_id AND id = @id;

-- name: OfferClaimPurge :execrows
-- Exempt: the schedule removes in all accounts what was never confirmed.
-- @sqlc-vet-disable
DELETE FROM offer_claim WHERE (account_id, id) IN (
    SELECT account_id, id FROM offer_claim WHERE confirmed_at IS NULL AND expires_at < @expired_before::timestamptz LIMIT @portion FOR UPDATE SKIP LOCKED);
