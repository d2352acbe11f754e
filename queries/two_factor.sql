-- name: StaffTwoFactor :one
-- A person's second factor and how many recovery codes are left.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
SELECT s.id, s.email, s.password_hash, s.totp_secret, s.totp_confirmed_at, s.totp_step,
    (SELECT count(*) FROM staff_recovery_code c WHERE c.staff_id = s.id AND c.used_at IS NULL) AS codes_left
FROM staff s WHERE s.id = @id;

-- name: StaffSetTwoFactorSecret :execrows
-- A new secret that waits for its first code; 0 when a second factor is on, which is not replaced this way.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff SET totp_secret = @totp_secret::bytea, totp_step = 0 WHERE id = @id AND totp_confirmed_at IS NULL;

-- name: StaffConfirmTwoFactor :execrows
-- The first code was right, for the secret that was shown; 0 when there is another by now, or it is on already.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff SET totp_confirmed_at = @now::timestamptz, totp_step = @step
WHERE id = @id AND totp_secret = @totp_secret::bytea AND totp_confirmed_at IS NULL;

-- name: StaffUseTwoFactorStep :execrows
-- Uses the code of a step up: 1 for one caller ever, 0 for it and all steps before it from then on.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff SET totp_step = @step WHERE id = @id AND totp_step < @step AND totp_confirmed_at IS NOT NULL;

-- name: StaffDropTwoFactor :execrows
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff SET totp_secret = NULL, totp_confirmed_at = NULL, totp_step = 0 WHERE id = @id AND totp_confirmed_at IS NOT NULL;

-- name: StaffRecoveryCodeInsert :exec
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
INSERT INTO staff_recovery_code (staff_id, code_hash) SELECT @staff_id, unnest(@code_hashes::bytea[]);

-- name: StaffRecoveryCodeDelete :exec
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
DELETE FROM staff_recovery_code WHERE staff_id = @staff_id;

-- name: StaffRecoveryCodeUse :execrows
-- Uses a code up: 1 for one caller ever.
-- Exempt: staff belong to several accounts.
-- @sqlc-vet-disable
UPDATE staff_recovery_code SET used_at = @now::timestamptz WHERE staff_id = @staff_id AND code_hash = @code_hash AND used_at IS NULL;

-- name: StaffAccountList :many
-- Exempt: asks which accounts a person has.
-- @sqlc-vet-disable
SELECT account_id FROM staff_membership WHERE staff_id = @staff_id ORDER BY account_id;
