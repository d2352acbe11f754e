-- name: InstallationClaim :one
-- Writes the fingerprint the first time and returns the one that stands.
-- Exempt: the table has one row for all accounts.
-- @sqlc-vet-disable
INSERT INTO installation (secret_fingerprint, created_at) VALUES (@secret_fingerprint, @now)
ON CONFLICT (only_row) DO UPDATE SET secret_fingerprint = installation.secret_fingerprint
RETURNING secret_fingerprint;
