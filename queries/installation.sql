-- name: InstallationClaim :one
-- Writes the fingerprint the first time and returns the one that stands.
-- Exempt: the table has one row for all accounts.
-- @sqlc-vet-disable
INSERT INTO installation (secret_fingerprint, created_at) VALUES (@secret_fingerprint, @now)
ON CONFLICT (only_row) DO UPDATE SET secret_fingerprint = installation.secret_fingerprint
RETURNING secret_fingerprint;

-- name: InstallationFingerprint :one
-- Exempt: the table has one row for all accounts.
-- @sqlc-vet-disable
SELECT secret_fingerprint FROM installation;

-- name: ClockRead :one
-- The database's clock, of this moment and not of the transaction's begin.
-- Exempt: it reads no table.
-- @sqlc-vet-disable
SELECT clock_timestamp()::timestamptz;
