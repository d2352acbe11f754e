-- name: CertificateInsert :execrows
-- What is printed on it stays as it is now. 0 when the completion has one already or was reopened, or the course gives none.
INSERT INTO certificate (account_id, id, number, contact_id, course_id, completion_id, holder, course_title, signer, completed_on, issued_at)
SELECT d.account_id, @id, @number, d.contact_id, d.course_id, d.id, @holder, k.title, coalesce(nullif(k.certificate_signer, ''), a.name),
    local_day(d.completed_at, coalesce(nullif(c.time_zone, ''), a.time_zone)), @now
FROM course_completion d JOIN course k ON k.account_id = d.account_id AND k.id = d.course_id
JOIN contact c ON c.account_id = d.account_id AND c.id = d.contact_id JOIN account a ON a.id = d.account_id
WHERE d.account_id = @account_id AND d.id = @completion_id AND d.reopened_at IS NULL AND k.certificate
ON CONFLICT (account_id, completion_id) DO NOTHING;

-- name: CertificateDue :one
-- Whether a course gives a certificate to who has just finished it.
SELECT certificate FROM course WHERE account_id = @account_id AND id = @course_id;

-- name: CertificateHolder :one
-- Whose completion it is.
SELECT c.id, c.name, c.email FROM course_completion d JOIN contact c ON c.account_id = d.account_id AND c.id = d.contact_id
WHERE d.account_id = @account_id AND d.id = @completion_id;

-- name: CertificateForPrinting :one
-- The certificate of a completion with all that is printed on it and around it, until the end of the transaction nobody else's to
-- change.
SELECT t.id, t.number, t.contact_id, t.course_id, t.holder, t.course_title, t.signer, t.completed_on, t.issued_at, (t.pdf IS NOT NULL)::boolean AS printed,
    c.email, c.bounced_at, c.no_mail_at, c.no_course_mail_at, a.slug, a.name AS account_name, a.accent,
    coalesce((SELECT host::text FROM domain WHERE domain.account_id = t.account_id AND verified_at IS NOT NULL ORDER BY verified_at LIMIT 1), '')::text AS domain,
    coalesce(p.media_type, '')::text AS logo_type, p.content AS logo
FROM certificate t JOIN contact c ON c.account_id = t.account_id AND c.id = t.contact_id
JOIN account a ON a.id = t.account_id
LEFT JOIN picture p ON p.account_id = t.account_id AND p.hash = a.logo_hash
WHERE t.account_id = @account_id AND t.completion_id = @completion_id
FOR UPDATE OF t;

-- name: CertificateSetPDF :exec
UPDATE certificate SET pdf = @pdf WHERE account_id = @account_id AND id = @id;

-- name: CertificateByNumber :one
-- What anybody may know who has the number.
SELECT holder, course_title, completed_on, (revoked_at IS NOT NULL)::boolean AS revoked FROM certificate WHERE account_id = @account_id AND number = @number;

-- name: CertificateOfClient :one
-- The newest certificate of a client for a course they may use; none that is revoked or not yet made.
SELECT t.number, t.course_title, t.pdf
FROM courses_of(@account_id, @contact_id, @now) AS o (course_id, since, until) JOIN certificate t ON t.course_id = o.course_id
WHERE t.account_id = @account_id AND t.contact_id = @contact_id AND t.course_id = @course_id AND t.revoked_at IS NULL AND t.pdf IS NOT NULL
ORDER BY t.id DESC LIMIT 1;

-- name: CertificateByID :one
-- A certificate of a course, for staff; its document is null until the job has made it.
SELECT t.id, t.number, t.holder, t.course_title, t.revoked_at, t.pdf FROM certificate t
WHERE t.account_id = @account_id AND t.course_id = @course_id AND t.id = @id;

-- name: CertificateCourse :one
-- The course whose certificates are looked at.
SELECT title, certificate FROM course WHERE account_id = @account_id AND id = @id AND deleted_at IS NULL;

-- name: CertificateListOfCourse :many
-- The certificates of a course, newest first.
SELECT t.id, t.number, t.contact_id, t.holder, c.email, t.completed_on, t.issued_at, t.revoked_at, t.revoked_note, (t.pdf IS NOT NULL)::boolean AS printed
FROM certificate t JOIN contact c ON c.account_id = t.account_id AND c.id = t.contact_id
WHERE t.account_id = @account_id AND t.course_id = @course_id AND t.id < @before
ORDER BY t.id DESC LIMIT @page_size;

-- name: CertificateRevoke :one
-- From now on its page says that it is revoked.
UPDATE certificate SET revoked_at = @now::timestamptz, revoked_note = @note
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND revoked_at IS NULL RETURNING number, holder;

-- name: CertificateRestore :one
-- It is valid again.
UPDATE certificate SET revoked_at = NULL, revoked_note = ''
WHERE account_id = @account_id AND course_id = @course_id AND id = @id AND revoked_at IS NOT NULL RETURNING number, holder;
