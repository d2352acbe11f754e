-- +goose Up
-- A client whose plan is unpaid is led to paying the charge that failed; which one that is, is said in one place.

-- +goose StatementBegin
CREATE FUNCTION charge_due(of_account uuid, of_subscription uuid) RETURNS TABLE (id uuid, remaining_minor bigint, on_its_way boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT i.id, i.remaining_minor, i.payment = 'processing'
FROM subscription s JOIN invoice i ON i.account_id = s.account_id AND i.subscription_id = s.id AND i.contact_id = s.contact_id
WHERE s.account_id = of_account AND s.id = of_subscription AND s.state IN ('past_due', 'unpaid') AND i.state = 'open' AND i.remaining_minor > 0 AND i.hosted_url <> ''
ORDER BY i.created_at DESC, i.id DESC LIMIT 1
$$;
-- +goose StatementEnd
