-- name: MailTextList :many
-- The texts that an account has worded itself.
SELECT kind, subject, body, changed_at FROM mail_text WHERE account_id = @account_id;

-- name: MailTextOfKind :one
SELECT subject, body FROM mail_text WHERE account_id = @account_id AND kind = @kind;

-- name: MailTextSave :exec
-- Exempt: an insert; its account_id is a column of the row, and of the key that a row of before is found by.
-- @sqlc-vet-disable
INSERT INTO mail_text (account_id, kind, subject, body, changed_at) VALUES (@account_id, @kind, @subject, @body, @now)
ON CONFLICT (account_id, kind) DO UPDATE SET subject = excluded.subject, body = excluded.body, changed_at = excluded.changed_at;

-- name: MailTextRemove :execrows
-- Ours are sent again.
DELETE FROM mail_text WHERE account_id = @account_id AND kind = @kind;

-- name: MailTextReader :one
-- The newest contact that a search finds, or of all without a pattern, to see a text with somebody in it.
SELECT id, email, name FROM contact WHERE account_id = @account_id AND (@pattern::text = '' OR search LIKE @pattern OR @ascii::text <> '' AND search LIKE @ascii) ORDER BY id DESC LIMIT 1;

-- name: ContactToWelcome :one
-- The address of a contact who is to be welcomed: the account does that, it was not done before, and they take mail.
SELECT c.email FROM contact c JOIN account a ON a.id = c.account_id
WHERE c.account_id = @account_id AND c.id = @id AND a.welcome_mail AND c.no_mail_at IS NULL
    AND NOT EXISTS (SELECT FROM mail m WHERE m.account_id = c.account_id AND m.contact_id = c.id AND m.kind = 'welcome');
