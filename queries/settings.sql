-- name: AccountSettings :one
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
SELECT time_zone, staff_may_change FROM account WHERE id = @id;

-- name: AccountSetSettings :exec
-- Exempt: the row is the tenant itself.
-- @sqlc-vet-disable
UPDATE account SET time_zone = @time_zone, staff_may_change = @staff_may_change, changed_at = @now WHERE id = @id;
