-- +goose Up
-- A client whose plan has been unpaid for longer than a period was led to paying its older charge, which does not bring it back: for that, the
-- newest has to be paid, which Stripe leaves a draft.

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION charge_due(of_account uuid, of_subscription uuid) RETURNS TABLE (id uuid, remaining_minor bigint, on_its_way boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT i.id, i.remaining_minor, i.payment = 'processing'
FROM subscription s JOIN invoice i ON i.account_id = s.account_id AND i.subscription_id = s.id AND i.contact_id = s.contact_id
WHERE s.account_id = of_account AND s.id = of_subscription AND s.state IN ('past_due', 'unpaid') AND i.state = 'open' AND i.remaining_minor > 0 AND i.hosted_url <> ''
    AND (i.payment = 'processing' OR NOT EXISTS (
        SELECT FROM invoice d WHERE d.account_id = i.account_id AND d.subscription_id = i.subscription_id AND d.state = 'draft' AND d.created_at > i.created_at))
ORDER BY i.created_at DESC, i.id DESC LIMIT 1
$$;
-- +goose StatementEnd
