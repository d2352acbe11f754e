-- name: InvoiceUpsert :one
-- Answers whether a payment of it that was on its way has just been seen to have come back.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO invoice (account_id, id, contact_id, subscription_id, order_id, stripe_id, number, state, payment, total_minor, tax_minor, paid_minor, remaining_minor, refunded_minor, disputed_minor, lost_minor,
    currency, paid_outside, memo, lines, hosted_url, pdf_url, receipt_url, stripe_account, stripe_payment_id, issued_at, due_at, paid_at, created_at, looked_at)
VALUES (@account_id, @id, @contact_id, sqlc.narg(subscription_id), sqlc.narg(order_id), @stripe_id, @number, @state, @payment, @total_minor, @tax_minor, @paid_minor, @remaining_minor, @refunded_minor, @disputed_minor, @lost_minor,
    @currency, @paid_outside, @memo, @lines, @hosted_url, @pdf_url, @receipt_url,
    (SELECT nullif(@stripe_account::text, a.stripe_account) FROM account a WHERE a.id = @account_id), @stripe_payment_id, sqlc.narg(issued_at), sqlc.narg(due_at), sqlc.narg(paid_at), @created_at, @now)
ON CONFLICT (account_id, stripe_id) DO UPDATE SET number = excluded.number, state = excluded.state, payment = excluded.payment, total_minor = excluded.total_minor,
    tax_minor = excluded.tax_minor, paid_minor = excluded.paid_minor, remaining_minor = excluded.remaining_minor, refunded_minor = excluded.refunded_minor,
    disputed_minor = excluded.disputed_minor, lost_minor = excluded.lost_minor, currency = excluded.currency, paid_outside = excluded.paid_outside,
    memo = excluded.memo, lines = excluded.lines, hosted_url = excluded.hosted_url, pdf_url = excluded.pdf_url, receipt_url = excluded.receipt_url, stripe_payment_id = excluded.stripe_payment_id,
    issued_at = excluded.issued_at, due_at = excluded.due_at, paid_at = excluded.paid_at, looked_at = excluded.looked_at,
    subscription_id = coalesce(invoice.subscription_id, excluded.subscription_id), order_id = coalesce(invoice.order_id, excluded.order_id),
    returned_at = CASE WHEN excluded.state <> 'open' OR excluded.payment <> 'waiting' THEN NULL WHEN invoice.payment = 'processing' THEN excluded.looked_at ELSE invoice.returned_at END
RETURNING id, coalesce(returned_at = looked_at, false)::boolean AS returned;

-- name: InvoiceReturned :one
-- Whom to tell that the payment of their invoice came back. ErrNotFound when they were told, cannot be, or have paid since. Nobody else
-- tells them until the transaction ends.
SELECT k.id AS contact_id, k.email FROM invoice i JOIN contact k ON k.account_id = i.account_id AND k.id = i.contact_id
WHERE i.account_id = @account_id AND i.id = @id AND i.returned_at IS NOT NULL AND i.remaining_minor > 0 AND k.bounced_at IS NULL
    AND NOT EXISTS (SELECT FROM mail m WHERE m.account_id = i.account_id AND m.invoice_id = i.id AND m.kind = 'payment_returned' AND m.created_at >= i.returned_at)
FOR UPDATE OF i;

-- name: StripeCustomerContact :one
SELECT contact_id FROM stripe_customer WHERE account_id = @account_id AND stripe_id = @stripe_id;

-- name: OrderOfCheckout :one
-- What a checkout came to, and whose it is; ErrNotFound while it is not paid.
SELECT id, contact_id FROM sales_order WHERE account_id = @account_id AND checkout_id = @checkout_id;

-- name: OrderOfPayment :one
-- The order that a payment at a Stripe account paid for, which nobody else changes until the transaction ends.
SELECT o.id, o.contact_id, o.amount_minor FROM sales_order o JOIN account a ON a.id = o.account_id
WHERE o.account_id = @account_id AND coalesce(o.stripe_account, a.stripe_account) = @stripe_account::text AND o.stripe_payment_id = @stripe_payment_id AND o.stripe_payment_id <> '' FOR UPDATE OF o;

-- name: OrderSetBack :exec
UPDATE sales_order SET refunded_minor = @refunded_minor, disputed_minor = @disputed_minor, lost_minor = @lost_minor, changed_at = @now::timestamptz WHERE account_id = @account_id AND id = @id;

-- name: InvoiceListOfContact :many
-- A client's invoices but for drafts, the newest first; each is about what staff wrote on it, or about its first line.
SELECT id, number, state, payment, total_minor, remaining_minor, refunded_minor, currency, coalesce(nullif(memo, ''), lines -> 0 ->> 'text', '')::text AS about, issued_at, due_at, paid_at, created_at
FROM invoice WHERE account_id = @account_id AND contact_id = @contact_id AND state <> 'draft' AND (created_at, id) < (@before_at::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC LIMIT @page_size;

-- name: InvoiceToPayCount :one
-- How many invoices a client has to pay.
SELECT count(*) FROM invoice WHERE account_id = @account_id AND contact_id = @contact_id AND state = 'open' AND payment <> 'processing';

-- name: InvoiceOfContact :one
SELECT i.id, i.number, i.state, i.payment, i.total_minor, i.tax_minor, i.paid_minor, i.remaining_minor, i.refunded_minor, i.currency, i.paid_outside, i.memo, i.lines,
    i.hosted_url, i.pdf_url, i.receipt_url, i.stripe_id, i.issued_at, i.due_at, i.paid_at, i.created_at, i.returned_at, coalesce(s.title, '')::text AS subscription,
    coalesce(f.title, '')::text AS bought
FROM invoice i LEFT JOIN subscription s ON s.account_id = i.account_id AND s.id = i.subscription_id
LEFT JOIN sales_order o ON o.account_id = i.account_id AND o.id = i.order_id LEFT JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id
WHERE i.account_id = @account_id AND i.contact_id = @contact_id AND i.id = @id AND i.state <> 'draft';

-- name: InvoiceOfAccount :one
-- An invoice as staff see it, drafts among them.
SELECT i.id, i.number, i.state, i.payment, i.total_minor, i.tax_minor, i.paid_minor, i.remaining_minor, i.refunded_minor, i.disputed_minor, i.lost_minor, i.currency, i.paid_outside, i.memo, i.lines,
    i.hosted_url, i.pdf_url, i.receipt_url, i.stripe_id, i.stripe_payment_id, i.issued_at, i.due_at, i.paid_at, i.created_at, i.looked_at, i.returned_at, i.contact_id, c.name AS contact_name, c.email,
    s.id AS subscription_id, coalesce(s.title, '')::text AS subscription, i.order_id, coalesce(f.title, '')::text AS bought, coalesce(i.stripe_account, a.stripe_account)::text AS stripe_account,
    ARRAY(SELECT r.created_at FROM invoice_reminder r WHERE r.account_id = i.account_id AND r.invoice_id = i.id ORDER BY r.day DESC LIMIT 6)::timestamptz[] AS reminded
FROM invoice i JOIN contact c ON c.account_id = i.account_id AND c.id = i.contact_id JOIN account a ON a.id = i.account_id
LEFT JOIN subscription s ON s.account_id = i.account_id AND s.id = i.subscription_id
LEFT JOIN sales_order o ON o.account_id = i.account_id AND o.id = i.order_id LEFT JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id
WHERE i.account_id = @account_id AND i.id = @id;

-- name: InvoiceByToken :one
-- What the page behind a pay link shows; drafts are nobody's yet.
SELECT number, state, payment, total_minor, tax_minor, paid_minor, remaining_minor, refunded_minor, currency, paid_outside, memo, lines, hosted_url, pdf_url, stripe_id, issued_at, due_at, paid_at, returned_at
FROM invoice WHERE account_id = @account_id AND id = @id AND state <> 'draft';

-- name: InvoiceByStripe :one
SELECT id, contact_id FROM invoice WHERE account_id = @account_id AND stripe_id = @stripe_id;

-- name: InvoiceDraftDelete :execrows
-- A draft that Stripe does not have any more.
DELETE FROM invoice WHERE account_id = @account_id AND id = @id AND state = 'draft';

-- name: InvoiceReportedDeleted :one
-- Whether Stripe reported an invoice as deleted, which only a draft can be. That it is not found says less: with the key of
-- another Stripe account nothing is.
-- Exempt: which account an event is about is found out by its job.
-- @sqlc-vet-disable
SELECT EXISTS (SELECT FROM stripe_event WHERE stripe_account = @stripe_account AND object_id = @object_id AND type = 'invoice.deleted');

-- name: InvoiceDeletedAtStripe :one
-- Takes away a draft that was deleted at Stripe, and answers whose it was; ErrNotFound without it.
-- Exempt: ids of Stripe's are asked across accounts.
-- @sqlc-vet-disable
DELETE FROM invoice i USING account a
WHERE a.id = i.account_id AND i.stripe_account IS NULL AND a.stripe_account = @stripe_account AND i.stripe_id = @object_id AND i.state = 'draft' RETURNING i.account_id;

-- name: InvoiceList :many
-- An account's invoices, the newest first. shown is a state as staff know it: what it follows from is said in invoiceShown of the handlers.
SELECT i.id, i.number, i.state, i.payment, i.total_minor, i.remaining_minor, i.refunded_minor, i.currency, i.paid_outside, i.memo, i.issued_at, i.due_at, i.created_at, c.name, c.email,
    coalesce(f.title, '')::text AS bought
FROM invoice i JOIN contact c ON c.account_id = i.account_id AND c.id = i.contact_id
LEFT JOIN sales_order o ON o.account_id = i.account_id AND o.id = i.order_id LEFT JOIN offer f ON f.account_id = o.account_id AND f.id = o.offer_id
WHERE i.account_id = @account_id AND (i.created_at, i.id) < (@before_at::timestamptz, @before_id::uuid)
    AND (sqlc.narg(pattern)::text IS NULL OR lower(i.number) LIKE sqlc.narg(pattern) OR lower(c.name) LIKE sqlc.narg(pattern) OR lower(c.email::text) LIKE sqlc.narg(pattern) OR lower(c.email::text) LIKE sqlc.narg(ascii)::text)
    AND (@shown::text = ''
        OR @shown = 'draft' AND i.state = 'draft'
        OR @shown = 'open' AND i.state = 'open' AND i.payment <> 'processing'
        OR @shown = 'overdue' AND i.state = 'open' AND i.payment <> 'processing' AND i.due_at < @now::timestamptz
        OR @shown = 'processing' AND i.state = 'open' AND i.payment = 'processing'
        OR @shown = 'paid' AND i.state = 'paid' AND i.refunded_minor = 0
        OR @shown = 'refunded' AND i.state = 'paid' AND i.refunded_minor > 0
        OR @shown = 'void' AND i.state = 'void'
        OR @shown = 'uncollectible' AND i.state = 'uncollectible')
ORDER BY i.created_at DESC, i.id DESC LIMIT @page_size;

-- name: InvoiceSums :many
-- What is outstanding in each currency: to be paid, of that overdue, and on its way.
SELECT currency, (coalesce(sum(remaining_minor) FILTER (WHERE payment <> 'processing'), 0))::bigint AS waiting_minor,
    (coalesce(sum(remaining_minor) FILTER (WHERE payment <> 'processing' AND due_at < @now::timestamptz), 0))::bigint AS overdue_minor,
    (coalesce(sum(remaining_minor) FILTER (WHERE payment = 'processing'), 0))::bigint AS processing_minor
FROM invoice WHERE account_id = @account_id AND state = 'open' GROUP BY currency ORDER BY currency;

-- name: InvoiceWaiting :many
-- What a client has to pay, what is due first first.
SELECT id, number, memo, remaining_minor, currency, due_at FROM invoice
WHERE account_id = @account_id AND contact_id = @contact_id AND state = 'open' AND payment <> 'processing' AND remaining_minor > 0
ORDER BY due_at NULLS LAST, id LIMIT 4;

-- name: InvoiceNewest :many
-- The newest invoices of a contact, for their page, as SubscriptionNewest, but for those of what was bought once, which is there as an order.
SELECT id, number, state, payment, total_minor, remaining_minor, refunded_minor, currency, paid_outside, memo, due_at, created_at
FROM invoice WHERE account_id = @account_id AND contact_id = @contact_id AND order_id IS NULL ORDER BY created_at DESC, id DESC LIMIT 6;
