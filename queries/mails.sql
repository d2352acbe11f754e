-- name: MailInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO mail (account_id, id, kind, contact_id, staff_id, link_id, staff_link_id, sign_in_request_id, email_change_id, form_submission_id, course_id, certificate_id, unlock_notice_id,
    offer_claim_id, invoice_id, checkout_id, to_email, message_id, created_at, changed_at)
VALUES (@account_id, @id, @kind, sqlc.narg(contact_id), sqlc.narg(staff_id), sqlc.narg(link_id), sqlc.narg(staff_link_id),
    sqlc.narg(sign_in_request_id), sqlc.narg(email_change_id), sqlc.narg(form_submission_id), sqlc.narg(course_id), sqlc.narg(certificate_id),
    sqlc.narg(unlock_notice_id), sqlc.narg(offer_claim_id), sqlc.narg(invoice_id), sqlc.narg(checkout_id), @to_email, @message_id, @now, @now);

-- name: MailForSending :one
-- A mail that is still to be sent, with all its text needs; ErrNotFound when there is nothing left to do. A mail without a
-- link of its own is worth sending for a week. Its link_used_at is after the epoch when somebody used what only this mail says, its
-- link or code: it has arrived, whatever is written of it. The link that the command line prints with a new account is not only in its mail.
SELECT m.id, m.kind, m.contact_id, m.staff_id, m.link_id, m.staff_link_id, m.sign_in_request_id, m.email_change_id, m.form_submission_id, m.to_email, m.message_id, m.state,
    m.attempts, coalesce(m.first_tried_at, m.created_at)::timestamptz AS first_tried_at, (m.first_tried_at IS NOT NULL)::boolean AS tried, m.created_at, coalesce(c.name, s.name, '')::text AS to_name,
    l.invitation_id, coalesce(l.target, 'home')::app AS target, m.course_id, m.certificate_id, m.unlock_notice_id, m.offer_claim_id, m.invoice_id, m.checkout_id,
    coalesce(v.number, '')::text AS invoice_number, coalesce(nullif(v.memo, ''), v.lines->0->>'text', '')::text AS invoice_for, coalesce(v.remaining_minor, 0)::bigint AS invoice_minor,
    coalesce(v.currency, '')::text AS invoice_currency, v.due_at AS invoice_due_at,
    (m.invoice_id IS NOT NULL AND (v.state <> 'open' OR v.payment = 'processing' OR v.remaining_minor = 0))::boolean AS invoice_settled,
    (m.checkout_id IS NOT NULL AND (ck.state <> 'failed'
        OR EXISTS (SELECT FROM sales_order so JOIN contact sc ON sc.account_id = so.account_id AND sc.id = so.contact_id WHERE so.account_id = m.account_id AND so.offer_id = ck.offer_id AND so.created_at >= ck.created_at
            AND (so.contact_id = m.contact_id OR sc.email = m.to_email))
        OR EXISTS (SELECT FROM checkout n WHERE n.account_id = m.account_id AND n.offer_id = ck.offer_id AND n.state = 'processing' AND n.created_at >= ck.created_at
            AND (n.contact_id = m.contact_id OR n.browser_hash = ck.browser_hash))))::boolean AS checkout_settled, coalesce(c.locale, '')::text AS to_locale,
    coalesce(k.title, '')::text AS course_title, coalesce(cf.number, '')::text AS certificate_number, coalesce(o.title, '')::text AS offer_title, coalesce(o.name::text, '')::text AS offer_name,
    ARRAY(SELECT u.title FROM unlock_notice n CROSS JOIN unnest(n.lesson_ids) WITH ORDINALITY AS told (id, nth) JOIN lesson u ON u.account_id = n.account_id AND u.id = told.id
        WHERE n.account_id = m.account_id AND n.id = m.unlock_notice_id AND u.deleted_at IS NULL AND u.published_at IS NOT NULL ORDER BY told.nth)::text[] AS lesson_titles,
    (cf.revoked_at IS NOT NULL)::boolean AS certificate_revoked, coalesce(ib.name, mb.name, ab.name, '')::text AS made_by_name,
    coalesce(c.time_zone, '')::text AS to_time_zone, coalesce(e.old_email, '')::text AS old_email, coalesce(e.new_email, '')::text AS new_email,
    coalesce(f.title, '')::text AS form_title, coalesce(f.name::text, '')::text AS form_name,
    coalesce(l.expires_at, sl.expires_at, CASE WHEN m.kind = 'email_changed' THEN e.undo_until ELSE e.expires_at END, fs.expires_at, oc.expires_at, m.created_at + interval '7 days')::timestamptz AS link_expires_at,
    (coalesce(l.ended_at, sl.ended_at, e.ended_at, CASE WHEN m.kind = 'email_change' THEN e.confirmed_at END, fs.confirmed_at, oc.confirmed_at) IS NOT NULL)::boolean AS link_ended,
    coalesce(CASE WHEN l.ended_because = 'used' THEN l.ended_at END, CASE WHEN sl.ended_because = 'used' AND (m.kind <> 'staff_setup' OR sm.added_by IS NOT NULL) THEN sl.ended_at END,
        CASE WHEN m.kind = 'email_change' THEN e.confirmed_at WHEN e.ended_because = 'used' THEN e.ended_at END, fs.confirmed_at, oc.confirmed_at, 'epoch')::timestamptz AS link_used_at,
    (m.kind = 'email_change' AND EXISTS (SELECT FROM contact o WHERE o.account_id = m.account_id AND o.email = m.to_email AND o.id <> m.contact_id))::boolean AS email_taken
FROM mail m
LEFT JOIN contact c ON c.account_id = m.account_id AND c.id = m.contact_id
LEFT JOIN staff s ON s.id = m.staff_id
LEFT JOIN magic_link l ON l.account_id = m.account_id AND l.id = m.link_id
LEFT JOIN invitation i ON i.account_id = l.account_id AND i.id = l.invitation_id
LEFT JOIN staff ib ON ib.id = i.invited_by
LEFT JOIN staff mb ON mb.id = l.made_by
LEFT JOIN staff_link sl ON sl.id = m.staff_link_id
LEFT JOIN form_submission fs ON fs.account_id = m.account_id AND fs.id = m.form_submission_id
LEFT JOIN form f ON f.account_id = fs.account_id AND f.id = fs.form_id
LEFT JOIN staff_membership sm ON sm.account_id = m.account_id AND sm.staff_id = m.staff_id
LEFT JOIN staff ab ON ab.id = sm.added_by
LEFT JOIN email_change e ON e.account_id = m.account_id AND e.id = m.email_change_id
LEFT JOIN course k ON k.account_id = m.account_id AND k.id = m.course_id
LEFT JOIN certificate cf ON cf.account_id = m.account_id AND cf.id = m.certificate_id
LEFT JOIN offer_claim oc ON oc.account_id = m.account_id AND oc.id = m.offer_claim_id
LEFT JOIN checkout ck ON ck.account_id = m.account_id AND ck.id = m.checkout_id
LEFT JOIN offer o ON o.account_id = m.account_id AND o.id = coalesce(oc.offer_id, ck.offer_id)
LEFT JOIN invoice v ON v.account_id = m.account_id AND v.id = m.invoice_id
WHERE m.account_id = @account_id AND m.id = @id AND m.state IN ('queued', 'deferred');

-- name: MailOldest :one
-- Since when the mail waits that waits longest to be sent, of those made from the given id on; now when none waits.
-- Exempt: it looks over all accounts, one after the other, as the index has them.
-- @sqlc-vet-disable
SELECT coalesce(min(m.created_at), @now)::timestamptz AS since
FROM account a CROSS JOIN (VALUES ('queued'::mail_state), ('deferred')) AS waits (state)
CROSS JOIN LATERAL (SELECT created_at FROM mail WHERE mail.account_id = a.id AND mail.state = waits.state AND mail.id >= @from_id ORDER BY mail.id LIMIT 1) m;

-- name: MailSetState :exec
-- What the last try came to.
UPDATE mail SET state = @state::mail_state, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, @now::timestamptz), answer = @answer, changed_at = @now::timestamptz,
    sent_at = CASE WHEN @state::mail_state = 'sent' THEN @now::timestamptz END
WHERE account_id = @account_id AND id = @id;

-- name: MailSetArrived :exec
-- Its link was used, so a server accepted it before that, though what the server said was lost.
UPDATE mail SET state = 'sent', attempts = greatest(attempts, 1), first_tried_at = coalesce(first_tried_at, @used_at::timestamptz), answer = '',
    sent_at = @used_at::timestamptz, changed_at = @now
WHERE account_id = @account_id AND id = @id AND state IN ('queued', 'deferred');

-- name: MailWithdraw :exec
-- No longer wanted before it was sent.
UPDATE mail SET state = 'withdrawn', answer = @answer, changed_at = @now::timestamptz
WHERE account_id = @account_id AND id = @id AND state IN ('queued', 'deferred');

-- name: MailListGivenUp :many
-- Contacts whose newest mail was given up, newest first, of those given up lately: nothing was sent to them since. An invitation to who wants
-- no more mails need not be sent again.
SELECT c.id, c.email, c.name, c.joined_at, m.kind, m.answer, m.changed_at
FROM (
    SELECT mail.account_id, mail.id, mail.kind, mail.contact_id, mail.to_email, mail.answer, mail.changed_at FROM mail
    WHERE mail.account_id = @account_id AND mail.state = 'failed' ORDER BY mail.id DESC LIMIT 200
) m JOIN contact c ON c.account_id = m.account_id AND c.id = m.contact_id AND c.email = m.to_email AND c.bounced_at IS NULL
WHERE m.changed_at > @since::timestamptz AND NOT (c.no_mail_at IS NOT NULL AND m.kind IN ('invitation', 'reminder')) AND NOT EXISTS (
    SELECT 1 FROM mail later WHERE later.account_id = m.account_id AND later.contact_id = m.contact_id AND later.id > m.id
)
ORDER BY m.id DESC LIMIT @page_size;

-- name: MailWithdrawAutomatic :exec
-- Mails of these kinds that wait for a try are no longer wanted.
UPDATE mail SET state = 'withdrawn', answer = @answer, changed_at = @now::timestamptz
WHERE account_id = @account_id AND contact_id = @contact_id AND kind::text = ANY (@kinds::text[]) AND state IN ('queued', 'deferred');
