-- +goose Up
-- Selling through Stripe: prices of offers, checkouts, orders, and what Stripe says about payments.

-- How often a price is charged; once: a single payment.
CREATE TYPE price_interval AS ENUM ('once', 'week', 'month', 'year');
-- How far a checkout came. processing: paid by something that takes days, such as a bank debit.
CREATE TYPE checkout_state AS ENUM ('open', 'processing', 'done', 'expired', 'failed');
-- What became of an event of Stripe's. ignored: it is about nothing of ours.
CREATE TYPE stripe_event_state AS ENUM ('waiting', 'done', 'ignored', 'failed');
-- How a subscription stands, in Stripe's words.
CREATE TYPE subscription_state AS ENUM ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'canceled', 'paused');
-- How an invoice stands, in Stripe's words.
CREATE TYPE invoice_state AS ENUM ('draft', 'open', 'paid', 'void', 'uncollectible');
-- Where the money of an invoice or order is.
CREATE TYPE payment_state AS ENUM ('waiting', 'processing', 'succeeded', 'failed');

ALTER TYPE sign_in_method ADD VALUE 'checkout';
ALTER TYPE mail_kind ADD VALUE 'order_ready';

ALTER TABLE account ADD COLUMN stripe_account text NOT NULL DEFAULT '';
COMMENT ON COLUMN account.stripe_account IS 'The connected Stripe account its sales go to; empty: the installation''s own.';
ALTER TABLE account ADD COLUMN grace_days integer NOT NULL DEFAULT 7;
COMMENT ON COLUMN account.grace_days IS 'How long access lasts after a charge of a subscription failed, in days.';

ALTER TABLE offer ADD COLUMN landing text NOT NULL DEFAULT '';
COMMENT ON COLUMN offer.landing IS 'The page of the portal that buyers arrive on; empty: the first course it gives.';

CREATE TABLE offer_price (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    charged price_interval NOT NULL,
    trial_days integer NOT NULL DEFAULT 0,
    stripe_product_id text NOT NULL DEFAULT '',
    stripe_price_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    replaced_at timestamptz,
    CONSTRAINT offer_price_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT offer_price_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id) ON DELETE CASCADE,
    CONSTRAINT offer_price_amount CHECK (amount_minor > 0),
    CONSTRAINT offer_price_currency CHECK (currency ~ '^[a-z]{3}$'),
    CONSTRAINT offer_price_trial CHECK (trial_days >= 0 AND (trial_days = 0 OR charged <> 'once'))
);
COMMENT ON TABLE offer_price IS 'What an offer costs. A price is never changed: another one replaces it, as Stripe wants it; whoever pays the old one goes on with it.';
COMMENT ON COLUMN offer_price.amount_minor IS 'In minor units of the currency, as Stripe counts them.';
COMMENT ON COLUMN offer_price.currency IS 'ISO 4217, lower case, as Stripe writes it.';
COMMENT ON COLUMN offer_price.stripe_price_id IS 'Empty until the job has made it at Stripe.';
COMMENT ON COLUMN offer_price.replaced_at IS 'When it was no longer offered; null: it is.';
CREATE UNIQUE INDEX offer_price_current ON offer_price (account_id, offer_id) WHERE replaced_at IS NULL;

CREATE TABLE stripe_customer (
    account_id uuid NOT NULL,
    stripe_id text NOT NULL,
    contact_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT stripe_customer_pkey PRIMARY KEY (account_id, stripe_id),
    CONSTRAINT stripe_customer_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE stripe_customer IS 'A customer at Stripe who is a contact; one contact can be several.';
CREATE INDEX stripe_customer_contact ON stripe_customer (account_id, contact_id);

CREATE TABLE checkout (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    price_id uuid NOT NULL,
    contact_id uuid,
    browser_hash bytea NOT NULL,
    state checkout_state NOT NULL DEFAULT 'open',
    stripe_session_id text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT checkout_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT checkout_stripe_session_key UNIQUE (account_id, stripe_session_id),
    CONSTRAINT checkout_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id) ON DELETE CASCADE,
    CONSTRAINT checkout_price_fkey FOREIGN KEY (account_id, price_id) REFERENCES offer_price (account_id, id) ON DELETE CASCADE,
    CONSTRAINT checkout_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE checkout IS 'Somebody went to pay for an offer. Its id is the idempotency key at Stripe, so that asking again makes no second one.';
COMMENT ON COLUMN checkout.contact_id IS 'The client who was signed in; null: a visitor, whose address only Stripe asks for.';
COMMENT ON COLUMN checkout.browser_hash IS 'SHA-256 of the paying browser''s cookie; only that one goes on without proving who it is.';
COMMENT ON COLUMN checkout.stripe_session_id IS 'Null until Stripe has answered.';
CREATE INDEX checkout_contact ON checkout (account_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX checkout_open ON checkout (created_at) WHERE state IN ('open', 'processing');

CREATE TABLE sales_order (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    price_id uuid NOT NULL,
    checkout_id uuid NOT NULL,
    made_contact boolean NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    refunded_minor bigint NOT NULL DEFAULT 0,
    stripe_payment_id text NOT NULL DEFAULT '',
    stripe_subscription_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT sales_order_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT sales_order_checkout_key UNIQUE (account_id, checkout_id),
    CONSTRAINT sales_order_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT sales_order_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id),
    CONSTRAINT sales_order_price_fkey FOREIGN KEY (account_id, price_id) REFERENCES offer_price (account_id, id),
    CONSTRAINT sales_order_checkout_fkey FOREIGN KEY (account_id, checkout_id) REFERENCES checkout (account_id, id),
    CONSTRAINT sales_order_money CHECK (amount_minor >= 0 AND refunded_minor BETWEEN 0 AND amount_minor)
);
COMMENT ON TABLE sales_order IS 'What somebody bought and paid for; one for each checkout that was paid.';
COMMENT ON COLUMN sales_order.made_contact IS 'Whether the buyer was not known before: only then may the paying browser go on without proof.';
COMMENT ON COLUMN sales_order.amount_minor IS 'What was paid at first, in minor units; 0 for a trial or a coupon over all of it.';
COMMENT ON COLUMN sales_order.refunded_minor IS 'What was given back of it, in minor units.';
COMMENT ON COLUMN sales_order.stripe_payment_id IS 'Its payment intent; empty for subscriptions, whose invoices have one each.';
CREATE INDEX sales_order_contact ON sales_order (account_id, contact_id, id DESC);
CREATE INDEX sales_order_offer ON sales_order (account_id, offer_id, id DESC);
CREATE INDEX sales_order_payment ON sales_order (account_id, stripe_payment_id) WHERE stripe_payment_id <> '';

CREATE TABLE subscription (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    order_id uuid,
    stripe_id text NOT NULL,
    title text NOT NULL,
    state subscription_state NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    charged price_interval NOT NULL,
    every integer NOT NULL DEFAULT 1,
    card text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL,
    period_ends_at timestamptz NOT NULL,
    trial_ends_at timestamptz,
    cancels_at timestamptz,
    past_due_since timestamptz,
    ended_at timestamptz,
    created_at timestamptz NOT NULL,
    looked_at timestamptz NOT NULL,
    CONSTRAINT subscription_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT subscription_stripe_key UNIQUE (account_id, stripe_id),
    CONSTRAINT subscription_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT subscription_order_fkey FOREIGN KEY (account_id, order_id) REFERENCES sales_order (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE subscription IS 'A subscription at Stripe, as Stripe last showed it.';
COMMENT ON COLUMN subscription.order_id IS 'What it was bought by, whose grants follow it; null when it was made at Stripe.';
COMMENT ON COLUMN subscription.title IS 'What it is for: the offer''s title, or the product''s name.';
COMMENT ON COLUMN subscription.amount_minor IS 'Of one charge, before discounts and tax, in minor units.';
COMMENT ON COLUMN subscription.every IS 'How many intervals lie between two charges.';
COMMENT ON COLUMN subscription.card IS 'What is charged, such as "Visa ending in 4242"; empty when it is not known.';
COMMENT ON COLUMN subscription.cancels_at IS 'When it will end, as was asked for; null: it goes on.';
COMMENT ON COLUMN subscription.past_due_since IS 'Since when a charge is open that failed; null: none is.';
COMMENT ON COLUMN subscription.looked_at IS 'When Stripe was last asked.';
CREATE INDEX subscription_contact ON subscription (account_id, contact_id, id DESC);
CREATE INDEX subscription_state ON subscription (account_id, state, id DESC);
CREATE INDEX subscription_order ON subscription (account_id, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE invoice (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    subscription_id uuid,
    stripe_id text NOT NULL,
    number text NOT NULL DEFAULT '',
    state invoice_state NOT NULL,
    payment payment_state NOT NULL,
    total_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    remaining_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL DEFAULT 0,
    currency text NOT NULL,
    paid_outside boolean NOT NULL DEFAULT false,
    memo text NOT NULL DEFAULT '',
    lines jsonb NOT NULL DEFAULT '[]',
    hosted_url text NOT NULL DEFAULT '',
    pdf_url text NOT NULL DEFAULT '',
    stripe_payment_id text NOT NULL DEFAULT '',
    issued_at timestamptz,
    due_at timestamptz,
    paid_at timestamptz,
    created_at timestamptz NOT NULL,
    looked_at timestamptz NOT NULL,
    CONSTRAINT invoice_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT invoice_stripe_key UNIQUE (account_id, stripe_id),
    CONSTRAINT invoice_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT invoice_subscription_fkey FOREIGN KEY (account_id, subscription_id) REFERENCES subscription (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE invoice IS 'An invoice at Stripe, as Stripe last showed it; nothing in it is typed in.';
COMMENT ON COLUMN invoice.number IS 'Empty while it is a draft.';
COMMENT ON COLUMN invoice.payment IS 'Where its money is. While that is processing, nothing more is asked for.';
COMMENT ON COLUMN invoice.total_minor IS 'With tax, after discounts; all amounts in minor units.';
COMMENT ON COLUMN invoice.refunded_minor IS 'What was given back of what was paid.';
COMMENT ON COLUMN invoice.paid_outside IS 'Somebody said that it was paid past Stripe.';
COMMENT ON COLUMN invoice.lines IS 'In order: text, quantity, amount in minor units.';
COMMENT ON COLUMN invoice.hosted_url IS 'Stripe''s page where it can be paid; empty while it is a draft.';
COMMENT ON COLUMN invoice.created_at IS 'When it was made, by Stripe''s clock.';
CREATE INDEX invoice_contact ON invoice (account_id, contact_id, created_at DESC, id DESC);
CREATE INDEX invoice_listed ON invoice (account_id, created_at DESC, id DESC);
CREATE INDEX invoice_open ON invoice (account_id, due_at) WHERE state = 'open';
CREATE INDEX invoice_subscription ON invoice (account_id, subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX invoice_payment ON invoice (account_id, stripe_payment_id) WHERE stripe_payment_id <> '';

CREATE TABLE stripe_event (
    stripe_account text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    object_id text NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    state stripe_event_state NOT NULL DEFAULT 'waiting',
    problem text NOT NULL DEFAULT '',
    done_at timestamptz,
    CONSTRAINT stripe_event_pkey PRIMARY KEY (stripe_account, id)
);
COMMENT ON TABLE stripe_event IS 'An event that Stripe reported: a hint to look at its object. Which of our accounts it is about is found out then.';
COMMENT ON COLUMN stripe_event.stripe_account IS 'The connected account it is about; empty: the installation''s own.';
COMMENT ON COLUMN stripe_event.created_at IS 'When it happened, by Stripe''s clock.';
COMMENT ON COLUMN stripe_event.problem IS 'Why it failed, a sentence for staff; empty otherwise.';
CREATE INDEX stripe_event_received ON stripe_event (stripe_account, received_at DESC);
CREATE INDEX stripe_event_state ON stripe_event (state, received_at) WHERE state IN ('waiting', 'failed');
CREATE INDEX stripe_event_deleted ON stripe_event (stripe_account, object_id) WHERE type = 'invoice.deleted';

CREATE TABLE stripe_reconciliation (
    stripe_account text NOT NULL,
    id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    looked integer NOT NULL DEFAULT 0,
    differed integer NOT NULL DEFAULT 0,
    report jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT stripe_reconciliation_pkey PRIMARY KEY (stripe_account, id)
);
COMMENT ON TABLE stripe_reconciliation IS 'One walk over everything that is open at Stripe, which puts right what events did not.';
COMMENT ON COLUMN stripe_reconciliation.stripe_account IS 'As stripe_event.stripe_account.';
COMMENT ON COLUMN stripe_reconciliation.looked IS 'How many objects it looked at.';
COMMENT ON COLUMN stripe_reconciliation.differed IS 'How many of them stood differently here.';
COMMENT ON COLUMN stripe_reconciliation.report IS 'The first hundred that differed: their id and why they may have.';
