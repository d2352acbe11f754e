-- The picture of the database: what queries/migrations builds, in one place.
-- sqlc reads it; a test builds one database from each and compares them.
--
-- Every table of an account has account_id, leading its primary key and every
-- foreign key, so that a row of one account cannot even point at another's.
-- Ids are UUIDv7 made by the program. Times come in as parameters.

CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- What a person of the business may do in one account; each includes the ones before it.
CREATE TYPE staff_role AS ENUM ('support', 'admin', 'owner');
-- One section of the portal.
CREATE TYPE app AS ENUM ('home', 'courses', 'communities', 'invoices', 'documents', 'subscriptions', 'affiliate', 'profile');
-- Where a contact came from.
CREATE TYPE contact_source AS ENUM ('checkout', 'form', 'import', 'manual');
-- What a mail is for; it names the template.
CREATE TYPE mail_kind AS ENUM ('invitation', 'magic_link', 'sign_in', 'staff_setup', 'password_reset', 'reminder', 'welcome', 'form_confirm', 'email_change', 'email_changed', 'staff_added', 'course_ready', 'lessons_unlocked', 'certificate_ready', 'offer_confirm', 'order_ready', 'invoice_reminder', 'payment_returned');
-- queued: waiting for its first try. sent: the server accepted it. deferred: refused for now, will be tried again.
-- bounced: the address was refused for good. failed: given up after a day of deferrals.
-- withdrawn: no longer wanted before it was sent.
CREATE TYPE mail_state AS ENUM ('queued', 'sent', 'deferred', 'bounced', 'failed', 'withdrawn');
-- Why a magic link exists: sent with an invitation, made by staff, asked for by the client, or for staff to look as the client.
CREATE TYPE link_kind AS ENUM ('invitation', 'staff', 'sign_in', 'visit');
-- Why a link, invitation, code or session is over.
CREATE TYPE end_reason AS ENUM ('used', 'expired', 'revoked', 'superseded', 'signed_out', 'password_changed', 'too_many_tries');
-- How somebody proved who they are.
CREATE TYPE sign_in_method AS ENUM ('password', 'invitation', 'link', 'code', 'staff', 'checkout');
-- What a staff link lets its holder do.
CREATE TYPE staff_link_kind AS ENUM ('setup', 'password_reset');
-- Corner style of the account's pages.
CREATE TYPE corner_style AS ENUM ('sharp', 'soft', 'round');
-- How a page chooses between light and dark: as the reader's system says, or always one.
CREATE TYPE color_scheme AS ENUM ('auto', 'light', 'dark');
-- Long work that staff started, which goes on without them.
CREATE TYPE task_kind AS ENUM ('invite', 'magic_link', 'tag', 'untag', 'export', 'delete', 'import_check', 'import', 'enrol');
CREATE TYPE task_state AS ENUM ('queued', 'running', 'done', 'cancelled', 'failed');
-- What became of one contact or one row of a task. The last five are an import's.
CREATE TYPE task_outcome AS ENUM ('done', 'skipped', 'failed', 'new', 'updated', 'same', 'invalid', 'duplicate');
-- Why a contact may use a course: what gave it to them.
CREATE TYPE grant_source AS ENUM ('order', 'subscription', 'manual', 'import', 'form', 'free_offer');
-- Why a grant was closed before its planned end, or at it.
CREATE TYPE grant_end AS ENUM ('expired', 'revoked', 'refunded', 'cancelled', 'lapsed', 'plan_changed', 'disputed');
-- From when the days count after which a course unlocks its parts.
CREATE TYPE drip_clock AS ENUM ('grant', 'first_open', 'date');
-- Where the video of a lesson comes from; upload is a file of ours, the others are addresses elsewhere.
CREATE TYPE video_kind AS ENUM ('none', 'upload', 'youtube', 'vimeo', 'hls', 'mp4');
-- How a question of a quiz is answered.
CREATE TYPE question_kind AS ENUM ('single', 'multiple', 'text');
-- What finished a lesson.
CREATE TYPE completed_by AS ENUM ('button', 'video', 'quiz');
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

CREATE TABLE installation (
    only_row boolean NOT NULL DEFAULT true,
    secret_fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (only_row),
    CONSTRAINT installation_only_row CHECK (only_row)
);
COMMENT ON TABLE installation IS 'One row: facts about this installation as a whole.';
COMMENT ON COLUMN installation.secret_fingerprint IS 'SHA-256 over the derived form of SECRET, so that a program started with another one is refused.';

CREATE TABLE account (
    id uuid NOT NULL,
    slug citext NOT NULL,
    name text NOT NULL,
    support_email citext NOT NULL,
    accent text NOT NULL DEFAULT '#3457d5',
    accent_2 text NOT NULL DEFAULT '#0f766e',
    corners corner_style NOT NULL DEFAULT 'soft',
    logo_hash text NOT NULL DEFAULT '',
    show_product boolean NOT NULL DEFAULT false,
    time_zone text NOT NULL DEFAULT 'UTC',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    scheme color_scheme NOT NULL DEFAULT 'auto',
    footer_links jsonb NOT NULL DEFAULT '[]',
    menu_links jsonb NOT NULL DEFAULT '[]',
    sign_in_title text NOT NULL DEFAULT '',
    sign_in_text text NOT NULL DEFAULT '',
    picture_hash text NOT NULL DEFAULT '',
    icon_hash text NOT NULL DEFAULT '',
    landing app NOT NULL DEFAULT 'home',
    sender_name text NOT NULL DEFAULT '',
    reminder_days smallint[] NOT NULL DEFAULT '{}',
    staff_may_change boolean NOT NULL DEFAULT false,
    require_two_factor boolean NOT NULL DEFAULT false,
    welcome_mail boolean NOT NULL DEFAULT false,
    stripe_account text NOT NULL DEFAULT '',
    grace_days integer NOT NULL DEFAULT 7,
    stripe_pending text NOT NULL DEFAULT '',
    invoice_reminder_days smallint[] NOT NULL DEFAULT '{}',
    checkout_landing text NOT NULL DEFAULT 'course',
    purchase_invoices boolean NOT NULL DEFAULT true,
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_slug_key UNIQUE (slug),
    CONSTRAINT account_slug_form CHECK (slug::text ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    CONSTRAINT account_name_length CHECK (char_length(name) BETWEEN 1 AND 60),
    CONSTRAINT account_accent_form CHECK (accent ~ '^#[0-9a-f]{6}$' AND accent_2 ~ '^#[0-9a-f]{6}$')
);
COMMENT ON TABLE account IS 'One business: its portal, brand, contacts and data. The tenant.';
COMMENT ON COLUMN account.slug IS 'First label of the portal host; lower case letters, digits and inner hyphens, 1 to 40 characters.';
COMMENT ON COLUMN account.support_email IS 'Shown to clients and set as Reply-To of every mail to them.';
COMMENT ON COLUMN account.accent IS 'First brand colour, #rrggbb in lower case.';
COMMENT ON COLUMN account.accent_2 IS 'Second brand colour, #rrggbb in lower case.';
COMMENT ON COLUMN account.logo_hash IS 'The logo; empty when the account has none and its name stands instead.';
COMMENT ON COLUMN account.show_product IS 'Whether portal pages and mails may name Atrium.';
COMMENT ON COLUMN account.time_zone IS 'IANA name; days of the trend and times in mails are told in it.';
COMMENT ON COLUMN account.changed_at IS 'Moves forward with every change of the row; programs refresh their memory of accounts by it.';
COMMENT ON COLUMN account.footer_links IS 'Links at the foot of portal pages, in order: label and url.';
COMMENT ON COLUMN account.menu_links IS 'Links of the account''s own in the portal''s menu, in order: label and url.';
COMMENT ON COLUMN account.sign_in_title IS 'Heading of the sign-in page; empty: ours.';
COMMENT ON COLUMN account.sign_in_text IS 'Text beside the sign-in form; empty: none.';
COMMENT ON COLUMN account.picture_hash IS 'The picture beside the sign-in form; empty: none.';
COMMENT ON COLUMN account.icon_hash IS 'The icon made from the logo; empty: one is drawn from name and colour.';
COMMENT ON COLUMN account.landing IS 'Where a client arrives.';
COMMENT ON COLUMN account.sender_name IS 'Name mails to clients come from; empty: the account''s name.';
COMMENT ON COLUMN account.reminder_days IS 'Days after an invitation on which whoever has not joined is reminded; empty: never.';
COMMENT ON COLUMN account.staff_may_change IS 'Whether staff who look at the portal as a client may change what they see.';
COMMENT ON COLUMN account.require_two_factor IS 'Whether staff of this account need a second factor.';
COMMENT ON COLUMN account.welcome_mail IS 'Whether a client who has joined is sent a welcome, once.';
COMMENT ON COLUMN account.stripe_account IS 'The connected Stripe account its sales go to; empty: the installation''s own.';
COMMENT ON COLUMN account.checkout_landing IS 'The page of the portal that buyers arrive on when their offer names none; course: the first course it gives.';
COMMENT ON COLUMN account.purchase_invoices IS 'Whether Stripe makes an invoice of what is bought once; subscriptions always have theirs.';
COMMENT ON COLUMN account.grace_days IS 'How long access lasts after a charge of a subscription failed, in days.';
COMMENT ON COLUMN account.stripe_pending IS 'A Stripe account made for it whose owner has not told Stripe everything yet, so that nothing is sold through it; empty: none.';
COMMENT ON COLUMN account.invoice_reminder_days IS 'Days after an invoice was due on which its client is reminded; empty: never.';
CREATE UNIQUE INDEX account_stripe ON account (stripe_account) WHERE stripe_account <> '';
CREATE INDEX account_sells ON account (stripe_account, id);
CREATE INDEX account_changed ON account (changed_at);

CREATE TABLE domain (
    account_id uuid NOT NULL,
    host citext NOT NULL,
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    CONSTRAINT domain_pkey PRIMARY KEY (account_id, host),
    CONSTRAINT domain_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
COMMENT ON TABLE domain IS 'A host name of its own for an account''s portal.';
COMMENT ON COLUMN domain.verified_at IS 'When the account proved that the domain is its own; null until then, and then it serves nothing.';
CREATE UNIQUE INDEX domain_verified_host ON domain (host) WHERE verified_at IS NOT NULL;

-- Programs keep accounts and domains in memory; this tells them what to read again.
CREATE FUNCTION account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('account_changed', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER account_changed AFTER INSERT OR UPDATE OR DELETE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION account_changed();
CREATE TRIGGER domain_changed AFTER INSERT OR UPDATE OR DELETE ON domain
    FOR EACH STATEMENT EXECUTE FUNCTION account_changed();

CREATE TABLE staff (
    id uuid NOT NULL,
    email citext NOT NULL,
    name text NOT NULL DEFAULT '',
    password_hash text,
    created_at timestamptz NOT NULL,
    totp_secret bytea,
    totp_confirmed_at timestamptz,
    totp_step bigint NOT NULL DEFAULT 0,
    CONSTRAINT staff_pkey PRIMARY KEY (id),
    CONSTRAINT staff_email_key UNIQUE (email)
);
COMMENT ON TABLE staff IS 'A person who uses the admin side, of one account or several.';
COMMENT ON COLUMN staff.password_hash IS 'argon2id; null until the set-up link was used.';
COMMENT ON COLUMN staff.totp_secret IS 'The second factor''s secret, encrypted with a key from SECRET; null without one.';
COMMENT ON COLUMN staff.totp_confirmed_at IS 'When the first code was right; null until then, and then no code is asked for.';
COMMENT ON COLUMN staff.totp_step IS 'The last 30-second step whose code was used, so that none is used twice.';

CREATE TABLE staff_membership (
    account_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    role staff_role NOT NULL,
    created_at timestamptz NOT NULL,
    added_by uuid,
    CONSTRAINT staff_membership_pkey PRIMARY KEY (account_id, staff_id),
    CONSTRAINT staff_membership_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT staff_membership_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT staff_membership_added_by_fkey FOREIGN KEY (added_by) REFERENCES staff (id) ON DELETE SET NULL
);
COMMENT ON TABLE staff_membership IS 'The role a staff person has in one account.';
COMMENT ON COLUMN staff_membership.added_by IS 'The staff person who invited them; null when the program did or the person is gone.';
CREATE INDEX staff_membership_staff ON staff_membership (staff_id);

CREATE TABLE staff_session (
    id uuid NOT NULL,
    staff_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    user_agent text NOT NULL,
    ip inet NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because end_reason,
    waits_for_code boolean NOT NULL DEFAULT false,
    CONSTRAINT staff_session_pkey PRIMARY KEY (id),
    CONSTRAINT staff_session_token_key UNIQUE (token_hash),
    CONSTRAINT staff_session_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT staff_session_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON COLUMN staff_session.token_hash IS 'SHA-256 of the cookie''s value.';
COMMENT ON COLUMN staff_session.last_seen_at IS 'Kept to within five minutes; 14 days after it the session is over.';
COMMENT ON COLUMN staff_session.expires_at IS 'Over at this time however much it was used; 90 days after it began.';
COMMENT ON COLUMN staff_session.waits_for_code IS 'The password was right and the second factor is still to come; until then it opens nothing else.';
CREATE INDEX staff_session_open ON staff_session (staff_id) WHERE ended_at IS NULL;
CREATE INDEX staff_session_seen ON staff_session (staff_id, last_seen_at DESC) WHERE NOT waits_for_code;

CREATE TABLE staff_link (
    id uuid NOT NULL,
    staff_id uuid NOT NULL,
    kind staff_link_kind NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because end_reason,
    CONSTRAINT staff_link_pkey PRIMARY KEY (id),
    CONSTRAINT staff_link_token_key UNIQUE (token_hash),
    CONSTRAINT staff_link_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT staff_link_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE staff_link IS 'A single-use link that lets a staff person set up their sign-in or choose a new password.';
COMMENT ON COLUMN staff_link.token_hash IS 'SHA-256 of the token in the path.';
CREATE INDEX staff_link_open ON staff_link (staff_id) WHERE ended_at IS NULL;

CREATE TABLE staff_reset (
    id uuid NOT NULL,
    email citext NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT staff_reset_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE staff_reset IS 'Somebody asked to reset the password of this address, known or not; a job finds out, so that the answer takes the same time.';

-- Which part of the funnel a contact is in; the parts overlap, since who joined was also invited. A function, so that lists,
-- counts and long work mean the same, and short, so that Postgres unfolds it and finds the partial index of the part.
CREATE FUNCTION contact_in_state(state text, active_since timestamptz, waiting_before timestamptz, invited_at timestamptz,
    last_invited_at timestamptz, sent_at timestamptz, bounced_at timestamptz, filter_opened_at timestamptz, opened_at timestamptz,
    joined_at timestamptz, last_seen_at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE state
    WHEN '' THEN true
    WHEN 'not_invited' THEN invited_at IS NULL AND joined_at IS NULL
    WHEN 'invited' THEN invited_at IS NOT NULL
    WHEN 'sent' THEN sent_at IS NOT NULL
    WHEN 'bounced' THEN bounced_at IS NOT NULL
    WHEN 'filter_opened' THEN filter_opened_at IS NOT NULL AND opened_at IS NULL AND joined_at IS NULL
    WHEN 'opened' THEN opened_at IS NOT NULL
    WHEN 'joined' THEN joined_at IS NOT NULL
    WHEN 'active' THEN joined_at IS NOT NULL AND last_seen_at IS NOT NULL AND last_seen_at > active_since
    WHEN 'waiting' THEN last_invited_at IS NOT NULL AND joined_at IS NULL AND last_invited_at < waiting_before AND bounced_at IS NULL
    WHEN 'invited_bounced' THEN bounced_at IS NOT NULL AND invited_at IS NOT NULL
    WHEN 'invited_opened' THEN opened_at IS NOT NULL AND invited_at IS NOT NULL
    WHEN 'invited_joined' THEN joined_at IS NOT NULL AND invited_at IS NOT NULL
    WHEN 'invited_active' THEN joined_at IS NOT NULL AND invited_at IS NOT NULL AND last_seen_at IS NOT NULL AND last_seen_at > active_since
    WHEN 'uninvited_joined' THEN joined_at IS NOT NULL AND invited_at IS NULL
END
$$;

-- When a contact last used the portal: since the beginning of so many days, before, or never. Short and without arithmetic on
-- time, which depends on settings: so Postgres unfolds it.
CREATE FUNCTION contact_seen(seen text, since timestamptz, last_seen_at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE seen
    WHEN '' THEN true
    WHEN '7' THEN last_seen_at IS NOT NULL AND last_seen_at >= since
    WHEN '30' THEN last_seen_at IS NOT NULL AND last_seen_at >= since
    WHEN 'earlier' THEN last_seen_at IS NOT NULL AND last_seen_at < since
    WHEN 'never' THEN last_seen_at IS NULL
END
$$;

-- What a search of contacts looks through. array_to_string is only stable for the sake of types whose text depends on settings;
-- text itself does not.
CREATE FUNCTION contact_search(name text, email citext, company text, tags text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT ' ' || lower(name || ' ' || email::text || ' ' || company || ' ' || array_to_string(tags, ' '))
$$;

CREATE TABLE contact (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    email citext NOT NULL,
    name text NOT NULL DEFAULT '',
    source contact_source NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    invited_at timestamptz,
    last_invited_at timestamptz,
    joined_at timestamptz,
    accepted_at timestamptz,
    bounced_at timestamptz,
    bounce_reason text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    company text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    tags text[] NOT NULL DEFAULT '{}',
    sent_at timestamptz,
    filter_opened_at timestamptz,
    opened_at timestamptz,
    last_seen_at timestamptz,
    no_mail_at timestamptz,
    time_zone text NOT NULL DEFAULT '',
    locale text NOT NULL DEFAULT '',
    avatar_hash text NOT NULL DEFAULT '',
    search text NOT NULL GENERATED ALWAYS AS (contact_search(name, email, company, tags)) STORED,
    deletion_asked_at timestamptz,
    no_course_mail_at timestamptz,
    no_invoice_mail_at timestamptz,
    CONSTRAINT contact_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT contact_email_key UNIQUE (account_id, email),
    CONSTRAINT contact_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT contact_email_length CHECK (char_length(email::text) BETWEEN 3 AND 254),
    CONSTRAINT contact_name_length CHECK (char_length(name) <= 120)
);
COMMENT ON TABLE contact IS 'A person the business knows; as portal user it is the client.';
COMMENT ON COLUMN contact.email IS 'Unique in its account without regard to case; the domain part in ASCII.';
COMMENT ON COLUMN contact.name IS 'Full name; empty when not known yet.';
COMMENT ON COLUMN contact.password_hash IS 'argon2id; null means: signs in by link only.';
COMMENT ON COLUMN contact.invited_at IS 'When the contact was first invited; null means never.';
COMMENT ON COLUMN contact.last_invited_at IS 'When the newest invitation was asked for.';
COMMENT ON COLUMN contact.joined_at IS 'When the contact first signed in; set once. A fetched link is not a join.';
COMMENT ON COLUMN contact.accepted_at IS 'When the contact finished their first arrival (name, password or link only); null means that page comes next.';
COMMENT ON COLUMN contact.bounced_at IS 'When a mail server refused the address for good; null again once the address is corrected or a later mail is accepted.';
COMMENT ON COLUMN contact.bounce_reason IS 'The refusing server''s words; empty unless bounced.';
COMMENT ON COLUMN contact.note IS 'For staff; the client never sees it.';
COMMENT ON COLUMN contact.tags IS 'Names of tags, spelled as in their table, each once.';
COMMENT ON COLUMN contact.sent_at IS 'When a mail server first accepted an invitation to the contact.';
COMMENT ON COLUMN contact.filter_opened_at IS 'When only something like a mail filter first looked at an invitation''s link.';
COMMENT ON COLUMN contact.opened_at IS 'When a person first looked at an invitation''s link, or joined without.';
COMMENT ON COLUMN contact.last_seen_at IS 'When the client last used the portal, kept to within five minutes.';
COMMENT ON COLUMN contact.no_mail_at IS 'When the client asked for no more mails of this portal but those they ask for themselves.';
COMMENT ON COLUMN contact.time_zone IS 'IANA name; empty: the account''s.';
COMMENT ON COLUMN contact.locale IS 'How dates and numbers are written, such as de-DE; empty: en-GB.';
COMMENT ON COLUMN contact.avatar_hash IS 'The client''s picture; empty: none.';
COMMENT ON COLUMN contact.search IS 'What a search looks through: a blank, then name, address, company and tags in lower case.';
COMMENT ON COLUMN contact.deletion_asked_at IS 'When the client asked for their data to be deleted; null: they have not, or took it back.';
COMMENT ON COLUMN contact.no_course_mail_at IS 'When the client asked for no more automatic news of their courses; null: they come, unless no_mail_at ends them all.';
COMMENT ON COLUMN contact.no_invoice_mail_at IS 'When the client asked for no more automatic reminders of invoices; null: they come, unless no_mail_at ends them all.';
-- A rare tag or word is known as rare, so that a list of it finds its index instead of passing by everybody.
ALTER TABLE contact ALTER COLUMN tags SET STATISTICS 1000, ALTER COLUMN search SET STATISTICS 1000;
CREATE INDEX contact_search ON contact USING gin (account_id, search gin_trgm_ops);
CREATE INDEX contact_tags ON contact USING gin (account_id, tags);
CREATE INDEX contact_by_name ON contact (account_id, (lower(CASE WHEN name = '' THEN email::text ELSE name END)), id);
CREATE INDEX contact_by_seen ON contact (account_id, (coalesce(last_seen_at, 'epoch')) DESC, id DESC);
CREATE INDEX contact_source ON contact (account_id, source, id DESC);
CREATE INDEX contact_not_invited ON contact (account_id, id DESC) WHERE invited_at IS NULL AND joined_at IS NULL;
CREATE INDEX contact_sent ON contact (account_id, id DESC) WHERE sent_at IS NOT NULL;
CREATE INDEX contact_filter_opened ON contact (account_id, id DESC) WHERE filter_opened_at IS NOT NULL AND opened_at IS NULL AND joined_at IS NULL;
CREATE INDEX contact_opened ON contact (account_id, id DESC) WHERE opened_at IS NOT NULL;
CREATE INDEX contact_avatar ON contact (account_id, avatar_hash) WHERE avatar_hash <> '';
CREATE INDEX contact_joined_list ON contact (account_id, id DESC) WHERE joined_at IS NOT NULL;
CREATE INDEX contact_bounced_list ON contact (account_id, id DESC) WHERE bounced_at IS NOT NULL;
CREATE INDEX contact_joined ON contact (account_id, joined_at DESC) WHERE joined_at IS NOT NULL;
CREATE INDEX contact_waiting ON contact (account_id, last_invited_at) WHERE last_invited_at IS NOT NULL AND joined_at IS NULL;
CREATE INDEX contact_invited ON contact (account_id, invited_at) WHERE invited_at IS NOT NULL;
CREATE INDEX contact_bounced ON contact (account_id, bounced_at DESC) WHERE bounced_at IS NOT NULL;

CREATE TABLE invitation (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    invited_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    sent_at timestamptz,
    bounced_at timestamptz,
    joined_at timestamptz,
    ended_at timestamptz,
    ended_because end_reason,
    reminded smallint NOT NULL DEFAULT 0,
    reminded_at timestamptz,
    CONSTRAINT invitation_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT invitation_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT invitation_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT invitation_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE invitation IS 'A contact was asked into the portal. Inviting again while it lives sends another mail and moves its end.';
COMMENT ON COLUMN invitation.invited_by IS 'The staff person; null when the program did it by itself or the person is gone.';
COMMENT ON COLUMN invitation.expires_at IS 'Its links work until then; 30 days after it was last sent.';
COMMENT ON COLUMN invitation.sent_at IS 'When a mail server last accepted a mail of it.';
COMMENT ON COLUMN invitation.bounced_at IS 'When its last mail was refused for good; null again once one is accepted.';
COMMENT ON COLUMN invitation.joined_at IS 'When the contact accepted it by a confirmed sign-in.';
COMMENT ON COLUMN invitation.reminded IS 'How many of the account''s reminder days are behind it.';
COMMENT ON COLUMN invitation.reminded_at IS 'When the last reminder was queued; null before the first.';
CREATE UNIQUE INDEX invitation_open ON invitation (account_id, contact_id) WHERE ended_at IS NULL;
CREATE INDEX invitation_contact ON invitation (account_id, contact_id, id DESC);
CREATE INDEX invitation_expiry ON invitation (expires_at) WHERE ended_at IS NULL;
CREATE INDEX invitation_ended ON invitation (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX invitation_reminder ON invitation (account_id, reminded, created_at) WHERE ended_at IS NULL AND bounced_at IS NULL AND sent_at IS NOT NULL;

CREATE TABLE magic_link (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind link_kind NOT NULL,
    invitation_id uuid,
    target app NOT NULL DEFAULT 'home',
    token_hash bytea NOT NULL,
    made_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because end_reason,
    reason text NOT NULL DEFAULT '',
    path text NOT NULL DEFAULT '',
    CONSTRAINT magic_link_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT magic_link_token_key UNIQUE (account_id, token_hash),
    CONSTRAINT magic_link_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT magic_link_invitation_fkey FOREIGN KEY (account_id, invitation_id) REFERENCES invitation (account_id, id) ON DELETE CASCADE,
    CONSTRAINT magic_link_made_by_fkey FOREIGN KEY (made_by) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT magic_link_invitation CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL)),
    CONSTRAINT magic_link_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE magic_link IS 'A single-use, time-limited sign-in link for one contact.';
COMMENT ON COLUMN magic_link.token_hash IS 'SHA-256 of the token in the path. The token itself is derived from SECRET and the id, and stored nowhere.';
COMMENT ON COLUMN magic_link.target IS 'The app the client lands on.';
COMMENT ON COLUMN magic_link.reason IS 'Why staff want to look as the client; empty for all kinds but visit.';
COMMENT ON COLUMN magic_link.path IS 'The page of the portal the client lands on, such as a lesson; empty: the target app.';
CREATE INDEX magic_link_contact ON magic_link (account_id, contact_id, id DESC);
CREATE INDEX magic_link_invitation ON magic_link (account_id, invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX magic_link_expiry ON magic_link (expires_at) WHERE ended_at IS NULL;
CREATE INDEX magic_link_ended ON magic_link (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE link_fetch (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    link_id uuid NOT NULL,
    at timestamptz NOT NULL,
    method text NOT NULL,
    user_agent text NOT NULL,
    ip inet NOT NULL,
    by_filter boolean NOT NULL,
    CONSTRAINT link_fetch_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT link_fetch_link_fkey FOREIGN KEY (account_id, link_id) REFERENCES magic_link (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE link_fetch IS 'Somebody or something looked at a magic link without confirming; at most 50 by filters and 50 by persons a link.';
COMMENT ON COLUMN link_fetch.by_filter IS 'Looks like a mail filter or preview: HEAD, a known scanner''s agent, or no agent at all.';
CREATE INDEX link_fetch_link ON link_fetch (account_id, link_id, id);

CREATE TABLE sign_in_request (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    email citext NOT NULL,
    browser_hash bytea NOT NULL,
    target app NOT NULL DEFAULT 'home',
    link_id uuid,
    tries smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because end_reason,
    path text NOT NULL DEFAULT '',
    CONSTRAINT sign_in_request_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT sign_in_request_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT sign_in_request_link_fkey FOREIGN KEY (account_id, link_id) REFERENCES magic_link (account_id, id) ON DELETE CASCADE,
    CONSTRAINT sign_in_request_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE sign_in_request IS 'Somebody asked to be mailed a sign-in link; written alike for known and unknown addresses, so that neither answer nor time tells which.';
COMMENT ON COLUMN sign_in_request.browser_hash IS 'SHA-256 of the asking browser''s cookie; the code works only there.';
COMMENT ON COLUMN sign_in_request.link_id IS 'The link that was mailed; null until the job ran, and for unknown addresses for ever.';
COMMENT ON COLUMN sign_in_request.tries IS 'Codes tried; the fifth wrong one ends the request.';
COMMENT ON COLUMN sign_in_request.path IS 'The page they wanted before they were asked to sign in; empty: the target app.';
CREATE INDEX sign_in_request_browser ON sign_in_request (account_id, browser_hash, id DESC) WHERE ended_at IS NULL;
CREATE INDEX sign_in_request_link ON sign_in_request (account_id, link_id) WHERE link_id IS NOT NULL;
CREATE INDEX sign_in_request_expiry ON sign_in_request (expires_at) WHERE ended_at IS NULL;
CREATE INDEX sign_in_request_ended ON sign_in_request (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE session (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    method sign_in_method NOT NULL,
    user_agent text NOT NULL,
    ip inet NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because end_reason,
    staff_id uuid,
    reason text NOT NULL DEFAULT '',
    may_change boolean NOT NULL DEFAULT true,
    CONSTRAINT session_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT session_token_key UNIQUE (account_id, token_hash),
    CONSTRAINT session_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT session_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE session IS 'A browser in which a client is signed in.';
COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the cookie''s value.';
COMMENT ON COLUMN session.last_seen_at IS 'Kept to within five minutes; 14 days after it the session is over.';
COMMENT ON COLUMN session.expires_at IS 'Over at this time however much it was used; 90 days after it began.';
COMMENT ON COLUMN session.staff_id IS 'Set: a staff person looks at the portal as this client.';
COMMENT ON COLUMN session.reason IS 'Why they do; empty for clients themselves.';
COMMENT ON COLUMN session.may_change IS 'Whether it may change anything.';
CREATE INDEX session_contact ON session (account_id, contact_id, id DESC);
CREATE INDEX session_expiry ON session (last_seen_at) WHERE ended_at IS NULL;
CREATE INDEX session_end ON session (expires_at) WHERE ended_at IS NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE mail (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    kind mail_kind NOT NULL,
    contact_id uuid,
    staff_id uuid,
    link_id uuid,
    staff_link_id uuid,
    sign_in_request_id uuid,
    to_email citext NOT NULL,
    message_id text NOT NULL,
    state mail_state NOT NULL DEFAULT 'queued',
    attempts integer NOT NULL DEFAULT 0,
    first_tried_at timestamptz,
    answer text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    sent_at timestamptz,
    form_submission_id uuid,
    email_change_id uuid,
    course_id uuid,
    certificate_id uuid,
    unlock_notice_id uuid,
    offer_claim_id uuid,
    invoice_id uuid,
    checkout_id uuid,
    CONSTRAINT mail_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT mail_message_id_key UNIQUE (account_id, message_id),
    CONSTRAINT mail_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT mail_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT mail_link_fkey FOREIGN KEY (account_id, link_id) REFERENCES magic_link (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_staff_link_fkey FOREIGN KEY (staff_link_id) REFERENCES staff_link (id) ON DELETE CASCADE,
    CONSTRAINT mail_sign_in_request_fkey FOREIGN KEY (account_id, sign_in_request_id) REFERENCES sign_in_request (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_person CHECK (num_nonnulls(contact_id, staff_id, form_submission_id, offer_claim_id, CASE WHEN contact_id IS NULL THEN checkout_id END) = 1),
    CONSTRAINT mail_link CHECK ((link_id IS NULL OR contact_id IS NOT NULL) AND (staff_link_id IS NULL OR staff_id IS NOT NULL))
);
COMMENT ON TABLE mail IS 'One mail to one person, and what became of it.';
COMMENT ON COLUMN mail.to_email IS 'The address as it was when the mail was queued.';
COMMENT ON COLUMN mail.message_id IS 'Message-ID without angle brackets; the same at every try, so that a repeat is recognisable.';
COMMENT ON COLUMN mail.attempts IS 'Tries made so far.';
COMMENT ON COLUMN mail.first_tried_at IS 'When it was first tried; a day after it a deferred mail is given up.';
COMMENT ON COLUMN mail.answer IS 'The mail server''s last words, one line; empty before the first try.';
COMMENT ON COLUMN mail.sent_at IS 'When the server accepted it.';
CREATE INDEX mail_contact ON mail (account_id, contact_id, id DESC) WHERE contact_id IS NOT NULL;
CREATE INDEX mail_link ON mail (account_id, link_id) WHERE link_id IS NOT NULL;
CREATE INDEX mail_staff_link ON mail (staff_link_id) WHERE staff_link_id IS NOT NULL;
CREATE INDEX mail_sign_in_request ON mail (account_id, sign_in_request_id) WHERE sign_in_request_id IS NOT NULL;

CREATE TABLE allowance (
    account_id uuid NOT NULL,
    action text NOT NULL,
    subject bytea NOT NULL,
    spent_until timestamptz NOT NULL,
    CONSTRAINT allowance_pkey PRIMARY KEY (account_id, action, subject)
);
COMMENT ON TABLE allowance IS 'How much of a limit somebody has used, as one time per subject (generic cell rate algorithm).';
COMMENT ON COLUMN allowance.account_id IS 'The account; the nil UUID for the admin host, which serves all.';
COMMENT ON COLUMN allowance.subject IS 'SHA-256 of the address, IP or browser the limit counts.';
COMMENT ON COLUMN allowance.spent_until IS 'When all that was used has come back; a row in the past counts like none.';
CREATE INDEX allowance_spent ON allowance (spent_until);

CREATE TABLE metric (
    account_id uuid NOT NULL,
    contacts bigint NOT NULL,
    invited bigint NOT NULL,
    joined bigint NOT NULL,
    bounced bigint NOT NULL,
    waiting bigint NOT NULL,
    computed_at timestamptz NOT NULL,
    sent bigint NOT NULL DEFAULT 0,
    filter_opened bigint NOT NULL DEFAULT 0,
    opened bigint NOT NULL DEFAULT 0,
    active bigint NOT NULL DEFAULT 0,
    recounted_at timestamptz,
    drift bigint NOT NULL DEFAULT 0,
    took_ms bigint NOT NULL DEFAULT 0,
    invited_bounced bigint NOT NULL DEFAULT 0,
    invited_opened bigint NOT NULL DEFAULT 0,
    invited_joined bigint NOT NULL DEFAULT 0,
    invited_active bigint NOT NULL DEFAULT 0,
    uninvited_joined bigint NOT NULL DEFAULT 0,
    CONSTRAINT metric_pkey PRIMARY KEY (account_id),
    CONSTRAINT metric_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
COMMENT ON TABLE metric IS 'The dashboard''s figures of one account, as of computed_at.';
COMMENT ON COLUMN metric.invited IS 'Contacts that were sent an invitation.';
COMMENT ON COLUMN metric.joined IS 'Contacts that signed in at least once.';
COMMENT ON COLUMN metric.waiting IS 'Contacts last invited over seven days before computed_at and not joined.';
COMMENT ON COLUMN metric.sent IS 'Contacts whose invitation a mail server accepted.';
COMMENT ON COLUMN metric.filter_opened IS 'Contacts of whose invitation only filters looked at the link.';
COMMENT ON COLUMN metric.opened IS 'Contacts who looked at their invitation''s link, or joined.';
COMMENT ON COLUMN metric.active IS 'Contacts who used the portal within 30 days before computed_at.';
COMMENT ON COLUMN metric.recounted_at IS 'When the nightly count last proved the figures.';
COMMENT ON COLUMN metric.drift IS 'By how much the figures were wrong then, summed over all of them.';
COMMENT ON COLUMN metric.took_ms IS 'How long the count took, in milliseconds; the next one keeps a distance by it.';
COMMENT ON COLUMN metric.invited_bounced IS 'Contacts that were sent an invitation and whose address refuses mail.';
COMMENT ON COLUMN metric.invited_opened IS 'Contacts that were sent an invitation and looked at its link, or joined.';
COMMENT ON COLUMN metric.invited_joined IS 'Contacts that were sent an invitation and signed in at least once.';
COMMENT ON COLUMN metric.invited_active IS 'Contacts that were sent an invitation and used the portal within 30 days before computed_at.';
COMMENT ON COLUMN metric.uninvited_joined IS 'Contacts that signed in and were never sent an invitation: they bought, filled a form or were enrolled.';

CREATE TABLE metric_day (
    account_id uuid NOT NULL,
    day date NOT NULL,
    invited bigint NOT NULL,
    joined bigint NOT NULL,
    active bigint NOT NULL DEFAULT 0,
    CONSTRAINT metric_day_pkey PRIMARY KEY (account_id, day),
    CONSTRAINT metric_day_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
COMMENT ON TABLE metric_day IS 'First invitations and joins of one day in the account''s time zone; a day without either has no row.';
COMMENT ON COLUMN metric_day.active IS 'Clients who were last seen on that day.';

CREATE TABLE picture (
    account_id uuid NOT NULL,
    hash text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT picture_pkey PRIMARY KEY (account_id, hash),
    CONSTRAINT picture_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
COMMENT ON TABLE picture IS 'A picture of an account or its clients: logo, icon, sign-in picture, avatar; checked and encoded anew before it came here.';
COMMENT ON COLUMN picture.hash IS 'Content hash, part of its path. An icon has that of its largest size, with a hyphen and its side in pixels behind it.';

CREATE TABLE account_app (
    account_id uuid NOT NULL,
    app app NOT NULL,
    position smallint NOT NULL,
    switched_on boolean NOT NULL,
    label text NOT NULL DEFAULT '',
    CONSTRAINT account_app_pkey PRIMARY KEY (account_id, app),
    CONSTRAINT account_app_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT account_app_label_length CHECK (char_length(label) <= 30)
);
COMMENT ON TABLE account_app IS 'What an account chose for one app; an app without a row is on, in the order of its type.';
COMMENT ON COLUMN account_app.label IS 'The account''s own word for the app; empty: ours.';

CREATE TABLE mail_text (
    account_id uuid NOT NULL,
    kind mail_kind NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT mail_text_pkey PRIMARY KEY (account_id, kind),
    CONSTRAINT mail_text_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT mail_text_length CHECK (char_length(subject) BETWEEN 1 AND 200 AND char_length(body) BETWEEN 1 AND 10000)
);
COMMENT ON TABLE mail_text IS 'The account''s own words for one kind of mail; without a row ours are sent.';
COMMENT ON COLUMN mail_text.body IS 'Markdown with named placeholders.';

CREATE TABLE mail_copy (
    account_id uuid NOT NULL,
    mail_id uuid NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL,
    CONSTRAINT mail_copy_pkey PRIMARY KEY (account_id, mail_id),
    CONSTRAINT mail_copy_mail_fkey FOREIGN KEY (account_id, mail_id) REFERENCES mail (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE mail_copy IS 'A mail as it was handed to the mail server, but for its link and code, which nobody else is to have; a test mail, which has neither, also as it waits to be sent.';

CREATE TABLE tag (
    account_id uuid NOT NULL,
    name citext NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT tag_pkey PRIMARY KEY (account_id, name),
    CONSTRAINT tag_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT tag_length CHECK (char_length(name::text) BETWEEN 1 AND 40)
);
COMMENT ON TABLE tag IS 'The tags an account uses; contacts carry them by name, spelled as here.';

CREATE TABLE contact_import (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    staff_id uuid,
    file_name text NOT NULL,
    size_bytes bigint NOT NULL,
    encoding text NOT NULL,
    delimiter text NOT NULL,
    has_header boolean NOT NULL,
    columns text[] NOT NULL,
    mapping text[] NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}',
    update_known boolean NOT NULL DEFAULT true,
    invite boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    read_bytes bigint NOT NULL DEFAULT 0,
    read_lines bigint NOT NULL DEFAULT 0,
    applied_line bigint NOT NULL DEFAULT 0,
    discarded_at timestamptz,
    course_id uuid,
    course_ends_at timestamptz,
    course_mail boolean NOT NULL DEFAULT false,
    CONSTRAINT contact_import_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT contact_import_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT contact_import_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE SET NULL
);
COMMENT ON TABLE contact_import IS 'An uploaded CSV file of contacts and how its columns are to be understood.';
COMMENT ON COLUMN contact_import.encoding IS 'utf-8, utf-16le, utf-16be or latin-1.';
COMMENT ON COLUMN contact_import.columns IS 'Headings of the columns, or "Column 1" and so on when the file has none.';
COMMENT ON COLUMN contact_import.mapping IS 'For each column the field it fills; empty text: left out.';
COMMENT ON COLUMN contact_import.update_known IS 'Whether values of the file replace those of contacts there are.';
COMMENT ON COLUMN contact_import.invite IS 'Whether new contacts are invited.';
COMMENT ON COLUMN contact_import.read_bytes IS 'How far the check has read the file, in bytes from its beginning; 0 before it began.';
COMMENT ON COLUMN contact_import.read_lines IS 'The same in lines.';
COMMENT ON COLUMN contact_import.applied_line IS 'Line of the last row that the real run did; 0 before it began.';
COMMENT ON COLUMN contact_import.discarded_at IS 'Since when nobody sees it any more; a job removes its file and rows, which can be millions, in portions.';
COMMENT ON COLUMN contact_import.course_id IS 'The course that everybody in the file is given; null: none.';
COMMENT ON COLUMN contact_import.course_ends_at IS 'Until when they are given it; null: without end.';
COMMENT ON COLUMN contact_import.course_mail IS 'Whether they are told by mail that it is ready.';
CREATE INDEX contact_import_age ON contact_import (created_at);

CREATE TABLE contact_import_part (
    account_id uuid NOT NULL,
    import_id uuid NOT NULL,
    part integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT contact_import_part_pkey PRIMARY KEY (account_id, import_id, part),
    CONSTRAINT contact_import_part_import_fkey FOREIGN KEY (account_id, import_id) REFERENCES contact_import (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE contact_import_part IS 'The uploaded file in parts, as it came, so that reading it needs no more memory than one.';

CREATE TABLE contact_import_row (
    account_id uuid NOT NULL,
    import_id uuid NOT NULL,
    row_number bigint NOT NULL,
    email citext,
    name text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    company text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    tags text[] NOT NULL DEFAULT '{}',
    typed text NOT NULL DEFAULT '',
    outcome task_outcome NOT NULL,
    reason text NOT NULL DEFAULT '',
    contact_id uuid,
    CONSTRAINT contact_import_row_pkey PRIMARY KEY (account_id, import_id, row_number),
    CONSTRAINT contact_import_row_import_fkey FOREIGN KEY (account_id, import_id) REFERENCES contact_import (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE contact_import_row IS 'A row of an import as it was understood, with what it will do or did.';
COMMENT ON COLUMN contact_import_row.row_number IS 'Line of the file where the row begins, the first one being 1.';
COMMENT ON COLUMN contact_import_row.email IS 'Null when the row has no address that can be taken; typed has what stands there.';
COMMENT ON COLUMN contact_import_row.reason IS 'Why it cannot be taken, or what it changes, a sentence; empty when there is nothing to say.';
COMMENT ON COLUMN contact_import_row.contact_id IS 'The contact it made or changed; null before the real run.';
CREATE INDEX contact_import_row_email ON contact_import_row (account_id, import_id, email) WHERE email IS NOT NULL;
CREATE INDEX contact_import_row_outcome ON contact_import_row (account_id, import_id, outcome, row_number);

CREATE TABLE task (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    kind task_kind NOT NULL,
    state task_state NOT NULL DEFAULT 'queued',
    staff_id uuid,
    import_id uuid,
    choice jsonb NOT NULL DEFAULT '{}',
    chosen uuid[],
    up_to uuid NOT NULL,
    after uuid NOT NULL,
    total bigint,
    done bigint NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    problem text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    leased_until timestamptz,
    cancel_asked_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT task_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT task_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT task_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT task_import_fkey FOREIGN KEY (account_id, import_id) REFERENCES contact_import (account_id, id) ON DELETE CASCADE,
    CONSTRAINT task_end CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'cancelled', 'failed')))
);
COMMENT ON TABLE task IS 'Long work that staff started: its choice of contacts, how far it is, and how it ended.';
COMMENT ON COLUMN task.choice IS 'Which contacts, as the filters of the list, and what kind-specific words there are, such as the tag.';
COMMENT ON COLUMN task.chosen IS 'The contacts chosen one by one; null means all that the filters fit.';
COMMENT ON COLUMN task.up_to IS 'The newest contact when it was started; later ones are not part of it.';
COMMENT ON COLUMN task.after IS 'The last contact that is done, in order of id; for imports unused.';
COMMENT ON COLUMN task.total IS 'How many contacts or rows it is about; null until they are counted.';
COMMENT ON COLUMN task.counts IS 'How many there are of each task_outcome.';
COMMENT ON COLUMN task.problem IS 'Why it failed, a sentence for staff.';
COMMENT ON COLUMN task.leased_until IS 'A worker has it until then; later it may be taken over, because that worker is gone.';
CREATE INDEX task_newest ON task (account_id, id DESC);
CREATE INDEX task_open ON task (leased_until) WHERE finished_at IS NULL;

CREATE TABLE task_result (
    account_id uuid NOT NULL,
    task_id uuid NOT NULL,
    number bigint NOT NULL,
    contact_id uuid,
    subject text NOT NULL,
    outcome task_outcome NOT NULL,
    note text NOT NULL DEFAULT '',
    CONSTRAINT task_result_pkey PRIMARY KEY (account_id, task_id, number),
    CONSTRAINT task_result_task_fkey FOREIGN KEY (account_id, task_id) REFERENCES task (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE task_result IS 'What a task did to one contact.';
COMMENT ON COLUMN task_result.contact_id IS 'The contact; it may be gone since, so nothing holds it.';
COMMENT ON COLUMN task_result.subject IS 'The address, as it was then.';
CREATE INDEX task_result_outcome ON task_result (account_id, task_id, outcome, number);

CREATE TABLE task_file (
    account_id uuid NOT NULL,
    task_id uuid NOT NULL,
    part integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT task_file_pkey PRIMARY KEY (account_id, task_id, part),
    CONSTRAINT task_file_task_fkey FOREIGN KEY (account_id, task_id) REFERENCES task (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE task_file IS 'The file a task wrote, in parts.';

CREATE TABLE contact_merge (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    kept_id uuid NOT NULL,
    gone_id uuid NOT NULL,
    staff_id uuid,
    gone_email citext NOT NULL,
    gone_name text NOT NULL,
    record jsonb NOT NULL,
    merged_at timestamptz NOT NULL,
    undo_until timestamptz NOT NULL,
    undone_at timestamptz,
    CONSTRAINT contact_merge_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT contact_merge_kept_fkey FOREIGN KEY (account_id, kept_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT contact_merge_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE SET NULL
);
COMMENT ON TABLE contact_merge IS 'Two contacts became one; until undo_until they can be parted again.';
COMMENT ON COLUMN contact_merge.gone_email IS 'As long as the merge stands, this address leads to the kept contact.';
COMMENT ON COLUMN contact_merge.record IS 'The rows of both as they were, the kept one as it became, and the keys of all rows that changed hands, by table; empty once it is too late to part them.';
CREATE INDEX contact_merge_kept ON contact_merge (account_id, kept_id, id DESC);
CREATE INDEX contact_merge_gone ON contact_merge (account_id, gone_id) WHERE undone_at IS NULL;
CREATE INDEX contact_merge_gone_email ON contact_merge (account_id, gone_email) WHERE undone_at IS NULL;

-- Where rows point at a contact: table, column, and what tells the row from others beside account and contact. It is read
-- from the catalogue, so a new table is in it by its foreign key. A row that points at a contact is locked after the contact
-- and in this order, as everywhere.
CREATE FUNCTION contact_pointers() RETURNS TABLE (relation text, pointer text, row_key text) LANGUAGE sql STABLE AS $$
SELECT c.relname::text, own.attname::text, coalesce((
        SELECT format('jsonb_build_object(%s)', string_agg(format('%L, t.%I', p.attname, p.attname), ', ' ORDER BY p.attname))
        FROM pg_index i JOIN pg_attribute p ON p.attrelid = i.indrelid AND p.attnum = ANY (i.indkey)
        WHERE i.indrelid = k.conrelid AND i.indisprimary AND p.attname NOT IN ('account_id', own.attname)
    ), '''{}''::jsonb')
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (own, other)
JOIN pg_attribute own ON own.attrelid = k.conrelid AND own.attnum = pair.own
JOIN pg_attribute other ON other.attrelid = k.confrelid AND other.attnum = pair.other AND other.attname = 'id'
WHERE k.contype = 'f' AND k.confrelid = 'contact'::regclass
ORDER BY array_position(ARRAY['invitation', 'magic_link', 'mail'], c.relname::text), c.relname, own.attname
$$;

-- Points every row that points at one contact at another, and answers which: their keys, by table and column.
CREATE FUNCTION contact_move(of_account uuid, from_contact uuid, to_contact uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    place record;
    keys jsonb;
    moved jsonb := '{}';
BEGIN
    FOR place IN SELECT * FROM contact_pointers() LOOP
        EXECUTE format('WITH moved AS (UPDATE %I t SET %2$I = $3 WHERE t.account_id = $1 AND t.%2$I = $2 RETURNING %3$s AS key) '
            'SELECT coalesce(jsonb_agg(key ORDER BY key), ''[]'') FROM moved', place.relation, place.pointer, place.row_key)
            INTO keys USING of_account, from_contact, to_contact;
        IF keys <> '[]' THEN
            moved := moved || jsonb_build_object(place.relation || '.' || place.pointer, keys);
        END IF;
    END LOOP;
    RETURN moved;
END
$$;

-- Points the rows that contact_move answered back, but for those that are gone or point elsewhere by now.
CREATE FUNCTION contact_move_back(of_account uuid, from_contact uuid, to_contact uuid, moved jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    FOR place IN SELECT * FROM contact_pointers() p WHERE moved ? (p.relation || '.' || p.pointer) LOOP
        EXECUTE format('UPDATE %I t SET %2$I = $3 WHERE t.account_id = $1 AND t.%2$I = $2 AND %3$s IN (SELECT jsonb_array_elements($4))',
            place.relation, place.pointer, place.row_key)
            USING of_account, from_contact, to_contact, moved -> (place.relation || '.' || place.pointer);
    END LOOP;
END
$$;

-- A contact's row as it is, without what is worked out from it.
CREATE FUNCTION contact_row(of_account uuid, of_contact uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT to_jsonb(c) - 'search' FROM contact c WHERE c.account_id = of_account AND c.id = of_contact
$$;

-- Writes a row that contact_row answered again. Columns that were added since have their defaults.
CREATE FUNCTION contact_restore(was jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(quote_ident(key), ', ' ORDER BY key) INTO columns FROM jsonb_object_keys(was) AS key;
    EXECUTE format('INSERT INTO contact (%1$s) SELECT %1$s FROM jsonb_populate_record(NULL::contact, $1)', columns) USING was;
END
$$;

-- Gives the columns of a contact that a change turned from one row into another their old values, but for those that were
-- changed again since. Of tags it takes those away that the change brought.
CREATE FUNCTION contact_revert(was jsonb, became jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_is jsonb := contact_row((became ->> 'account_id')::uuid, (became ->> 'id')::uuid);
    changed text;
BEGIN
    FOR changed IN SELECT key FROM jsonb_each(became) WHERE value IS DISTINCT FROM was -> key AND value IS NOT DISTINCT FROM now_is -> key LOOP
        EXECUTE format('UPDATE contact c SET %1$I = (jsonb_populate_record(NULL::contact, $1)).%1$I WHERE c.account_id = $2 AND c.id = $3', changed)
            USING was, (became ->> 'account_id')::uuid, (became ->> 'id')::uuid;
    END LOOP;
    IF now_is -> 'tags' IS DISTINCT FROM became -> 'tags' THEN
        UPDATE contact c SET tags = ARRAY(
            SELECT tag FROM unnest(c.tags) WITH ORDINALITY AS t (tag, position)
            WHERE was -> 'tags' ? tag OR NOT became -> 'tags' ? tag ORDER BY position)
        WHERE c.account_id = (became ->> 'account_id')::uuid AND c.id = (became ->> 'id')::uuid;
    END IF;
END
$$;

CREATE TABLE form (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name citext NOT NULL,
    title text NOT NULL,
    intro text NOT NULL DEFAULT '',
    fields jsonb NOT NULL,
    button text NOT NULL,
    thanks text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    confirm boolean NOT NULL,
    invite boolean NOT NULL,
    switched_on boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    course_id uuid,
    CONSTRAINT form_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT form_name_key UNIQUE (account_id, name),
    CONSTRAINT form_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT form_name_form CHECK (name::text ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$')
);
COMMENT ON TABLE form IS 'A public form on the portal host, at /f/ and its name.';
COMMENT ON COLUMN form.fields IS 'Its questions, in order: key, kind, label, whether it must be answered, options, link; one of them asks for the address.';
COMMENT ON COLUMN form.tags IS 'Names of the tags that whoever fills it in is given.';
COMMENT ON COLUMN form.confirm IS 'Whether the address has to be confirmed by mail before it counts.';
COMMENT ON COLUMN form.invite IS 'Whether whoever fills it in is invited to the portal.';
COMMENT ON COLUMN form.course_id IS 'The course that whoever fills it in is given; null: none.';

CREATE TABLE form_submission (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    form_id uuid NOT NULL,
    email citext NOT NULL,
    name text NOT NULL DEFAULT '',
    answers jsonb NOT NULL,
    token_hash bytea NOT NULL,
    ip inet NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    contact_id uuid,
    CONSTRAINT form_submission_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT form_submission_token_key UNIQUE (account_id, token_hash),
    CONSTRAINT form_submission_form_fkey FOREIGN KEY (account_id, form_id) REFERENCES form (account_id, id) ON DELETE CASCADE,
    CONSTRAINT form_submission_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE form_submission IS 'What somebody sent by a public form; written alike for known and unknown addresses.';
COMMENT ON COLUMN form_submission.answers IS 'All but address and name, in order: key, kind and label of the question as it was asked, and the answer.';
COMMENT ON COLUMN form_submission.token_hash IS 'SHA-256 of the token in the link that confirms it. The token itself is derived from SECRET and the id, and stored nowhere.';
COMMENT ON COLUMN form_submission.expires_at IS 'Until when it can be confirmed.';
COMMENT ON COLUMN form_submission.confirmed_at IS 'Since when it counts: at once, or from when its address was confirmed by mail.';
COMMENT ON COLUMN form_submission.contact_id IS 'The contact it made or changed; null until it counts.';
CREATE INDEX form_submission_form ON form_submission (account_id, form_id, id DESC);
CREATE INDEX form_submission_contact ON form_submission (account_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX form_submission_waiting ON form_submission (expires_at) WHERE confirmed_at IS NULL;

CREATE TABLE email_change (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    old_email citext NOT NULL,
    new_email citext NOT NULL,
    token_hash bytea NOT NULL,
    undo_token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    undo_until timestamptz,
    ended_at timestamptz,
    ended_because end_reason,
    CONSTRAINT email_change_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT email_change_token_key UNIQUE (account_id, token_hash),
    CONSTRAINT email_change_undo_token_key UNIQUE (account_id, undo_token_hash),
    CONSTRAINT email_change_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT email_change_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE email_change IS 'A client asked for another address: confirmed from the new one, told to the old one, which can undo it for seven days.';
COMMENT ON COLUMN email_change.ended_at IS 'When nothing can be done with it any more: it lapsed, was replaced, or was undone.';
CREATE INDEX email_change_contact ON email_change (account_id, contact_id, id DESC);
CREATE INDEX email_change_expiry ON email_change (coalesce(undo_until, expires_at)) WHERE ended_at IS NULL;

CREATE TABLE staff_recovery_code (
    staff_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT staff_recovery_code_pkey PRIMARY KEY (staff_id, code_hash),
    CONSTRAINT staff_recovery_code_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE
);
COMMENT ON TABLE staff_recovery_code IS 'A code that stands in once for the second factor.';

CREATE TABLE audit (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    actor text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    subject text NOT NULL,
    note text NOT NULL DEFAULT '',
    ip inet,
    was jsonb,
    became jsonb,
    CONSTRAINT audit_pkey PRIMARY KEY (account_id, id)
);
COMMENT ON TABLE audit IS 'Who did what, on whom, when, from where. Nothing in it points at other rows, and nothing changes or removes it.';
COMMENT ON COLUMN audit.staff_id IS 'The staff person; null when the program or a client did it.';
COMMENT ON COLUMN audit.actor IS 'Name and address of who did it, as they were.';
COMMENT ON COLUMN audit.action IS 'Noun and verb, such as contact.invite; stored for good.';
COMMENT ON COLUMN audit.subject IS 'Name or address of what it was done to, as it was.';
COMMENT ON COLUMN audit.note IS 'A reason somebody gave, what it was done with, or what changed in short; empty for most.';
CREATE INDEX audit_staff ON audit (account_id, staff_id, id DESC);
CREATE INDEX audit_action ON audit (account_id, action, id DESC);
CREATE INDEX audit_subject ON audit (account_id, subject_id, id DESC) WHERE subject_id IS NOT NULL;

-- What was done stays done: also a mistaken program cannot rewrite the trail.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- What points at tables that stand below it.
ALTER TABLE mail
    ADD CONSTRAINT mail_form_submission_fkey FOREIGN KEY (account_id, form_submission_id) REFERENCES form_submission (account_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT mail_email_change_fkey FOREIGN KEY (account_id, email_change_id) REFERENCES email_change (account_id, id) ON DELETE CASCADE;
CREATE INDEX mail_form_submission ON mail (account_id, form_submission_id) WHERE form_submission_id IS NOT NULL;
CREATE INDEX mail_email_change ON mail (account_id, email_change_id) WHERE email_change_id IS NOT NULL;
CREATE INDEX mail_newest ON mail (account_id, id DESC);
CREATE INDEX mail_state ON mail (account_id, state, id DESC);
CREATE INDEX mail_kind ON mail (account_id, kind, id DESC);
CREATE INDEX mail_address ON mail USING gin (account_id, lower(to_email::text) gin_trgm_ops);
ALTER TABLE session
    ADD CONSTRAINT session_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE;

CREATE TABLE stored_file (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL DEFAULT '',
    size_bytes bigint NOT NULL DEFAULT 0,
    uploaded_by uuid,
    created_at timestamptz NOT NULL,
    ready_at timestamptz,
    unused_since timestamptz,
    came_at timestamptz,
    CONSTRAINT stored_file_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT stored_file_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT stored_file_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT stored_file_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE stored_file IS 'A file in the files folder or bucket, at its account''s id and its own. The row is written first, so that what an upload leaves behind is found.';
COMMENT ON COLUMN stored_file.name IS 'As its sender called it, without folders; for showing and saving only.';
COMMENT ON COLUMN stored_file.media_type IS 'What its content says it is; empty until it is ready.';
COMMENT ON COLUMN stored_file.ready_at IS 'When the whole of it was kept; null while it comes.';
COMMENT ON COLUMN stored_file.came_at IS 'When a part of it came last, give or take half a minute; null: none has been noted.';
COMMENT ON COLUMN stored_file.unused_since IS 'Since when nothing shows it, as the clean-up found; a day later it is removed.';
CREATE INDEX stored_file_unready ON stored_file (created_at) WHERE ready_at IS NULL;

CREATE TABLE course (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    summary text NOT NULL DEFAULT '',
    cover_hash text NOT NULL DEFAULT '',
    minutes integer NOT NULL DEFAULT 0,
    position integer NOT NULL,
    clock drip_clock NOT NULL DEFAULT 'grant',
    clock_date date,
    in_order boolean NOT NULL DEFAULT false,
    certificate boolean NOT NULL DEFAULT false,
    certificate_signer text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    published_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT course_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT course_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT course_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
    CONSTRAINT course_clock CHECK (clock <> 'date' OR clock_date IS NOT NULL)
);
COMMENT ON TABLE course IS 'A course of modules and lessons. A deleted one stays as a row, because what clients did in it stays.';
COMMENT ON COLUMN course.summary IS 'Markdown; a paragraph or two.';
COMMENT ON COLUMN course.cover_hash IS 'The cover picture; empty: one is drawn from title and colour.';
COMMENT ON COLUMN course.minutes IS 'Estimated time in minutes as staff say; 0: the sum of its lessons.';
COMMENT ON COLUMN course.position IS 'Its place in lists, ascending; equal ones by id.';
COMMENT ON COLUMN course.clock IS 'From when the days count after which its parts unlock: the grant''s start, the day it was first opened, or clock_date.';
COMMENT ON COLUMN course.in_order IS 'Whether a lesson opens only once the one before it is finished.';
COMMENT ON COLUMN course.certificate IS 'Whether who finishes it is given a certificate.';
COMMENT ON COLUMN course.certificate_signer IS 'Name and title below the line of signature; empty: the account''s name.';
COMMENT ON COLUMN course.version IS 'Counts what was published of it: goes up when a lesson appears or goes.';
COMMENT ON COLUMN course.published_at IS 'Since when clients with a grant see it; null: a draft.';
CREATE INDEX course_listed ON course (account_id, position, id) WHERE deleted_at IS NULL;

CREATE TABLE course_module (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    course_id uuid NOT NULL,
    title text NOT NULL,
    position integer NOT NULL,
    drip_days integer,
    drip_date date,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT course_module_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT course_module_course_key UNIQUE (account_id, course_id, id),
    CONSTRAINT course_module_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE,
    CONSTRAINT course_module_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
    CONSTRAINT course_module_drip CHECK (num_nonnulls(drip_days, drip_date) <= 1 AND drip_days >= 0)
);
COMMENT ON TABLE course_module IS 'A part of a course, holding lessons.';
COMMENT ON COLUMN course_module.drip_days IS 'Its lessons unlock so many days after the course''s clock began, at the start of the day where the client is; null: with drip_date, or at once.';
COMMENT ON COLUMN course_module.drip_date IS 'Its lessons unlock at the start of this day where the client is.';
CREATE INDEX course_module_listed ON course_module (account_id, course_id, position, id) WHERE deleted_at IS NULL;

CREATE TABLE lesson (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    course_id uuid NOT NULL,
    module_id uuid NOT NULL,
    title text NOT NULL,
    position integer NOT NULL,
    body text NOT NULL DEFAULT '',
    minutes integer NOT NULL DEFAULT 0,
    video video_kind NOT NULL DEFAULT 'none',
    video_url text NOT NULL DEFAULT '',
    video_file_id uuid,
    drip_days integer,
    drip_date date,
    quiz_pass_percent integer NOT NULL DEFAULT 80,
    quiz_tries integer,
    quiz_shuffled boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    published_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    deleted_at timestamptz,
    search tsvector NOT NULL GENERATED ALWAYS AS (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')) STORED,
    CONSTRAINT lesson_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT lesson_course_key UNIQUE (account_id, course_id, id),
    CONSTRAINT lesson_module_fkey FOREIGN KEY (account_id, course_id, module_id) REFERENCES course_module (account_id, course_id, id) ON DELETE CASCADE,
    CONSTRAINT lesson_video_file_fkey FOREIGN KEY (account_id, video_file_id) REFERENCES stored_file (account_id, id),
    CONSTRAINT lesson_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
    CONSTRAINT lesson_body_length CHECK (char_length(body) <= 100000),
    CONSTRAINT lesson_drip CHECK (num_nonnulls(drip_days, drip_date) <= 1 AND drip_days >= 0),
    CONSTRAINT lesson_video CHECK ((video = 'upload') = (video_file_id IS NOT NULL) AND (video IN ('youtube', 'vimeo', 'hls', 'mp4')) = (video_url <> '')),
    CONSTRAINT lesson_quiz CHECK (quiz_pass_percent BETWEEN 1 AND 100 AND quiz_tries > 0)
);
COMMENT ON TABLE lesson IS 'One lesson: text, a video, files and a quiz, each of which may be missing. A deleted one stays as a row, because what clients did in it stays.';
COMMENT ON COLUMN lesson.body IS 'Markdown.';
COMMENT ON COLUMN lesson.minutes IS 'Estimated time in minutes; 0: not said.';
COMMENT ON COLUMN lesson.video_url IS 'https address of a video elsewhere; empty for uploads and without one.';
COMMENT ON COLUMN lesson.drip_days IS 'As course_module.drip_days, and beside it: the later of the two counts.';
COMMENT ON COLUMN lesson.quiz_pass_percent IS 'Share of right answers, in percent, that passes the quiz of a lesson with questions.';
COMMENT ON COLUMN lesson.quiz_tries IS 'How many tries there are; null: as many as one likes.';
COMMENT ON COLUMN lesson.version IS 'Goes up with every change of what clients see of it.';
COMMENT ON COLUMN lesson.published_at IS 'Since when it is part of the course; null: a draft.';
CREATE INDEX lesson_listed ON lesson (account_id, course_id, module_id, position, id) WHERE deleted_at IS NULL;
CREATE INDEX lesson_search ON lesson USING gin (account_id, search) WHERE deleted_at IS NULL;
CREATE INDEX lesson_video_file ON lesson (account_id, video_file_id) WHERE video_file_id IS NOT NULL;

CREATE TABLE lesson_file (
    account_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    file_id uuid NOT NULL,
    position integer NOT NULL,
    CONSTRAINT lesson_file_pkey PRIMARY KEY (account_id, lesson_id, file_id),
    CONSTRAINT lesson_file_lesson_fkey FOREIGN KEY (account_id, lesson_id) REFERENCES lesson (account_id, id) ON DELETE CASCADE,
    CONSTRAINT lesson_file_file_fkey FOREIGN KEY (account_id, file_id) REFERENCES stored_file (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE lesson_file IS 'A file that a lesson offers for download.';
CREATE INDEX lesson_file_file ON lesson_file (account_id, file_id);

CREATE TABLE quiz_question (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    position integer NOT NULL,
    kind question_kind NOT NULL,
    text text NOT NULL,
    options jsonb NOT NULL DEFAULT '[]',
    answers text[] NOT NULL DEFAULT '{}',
    explanation text NOT NULL DEFAULT '',
    CONSTRAINT quiz_question_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT quiz_question_lesson_fkey FOREIGN KEY (account_id, lesson_id) REFERENCES lesson (account_id, id) ON DELETE CASCADE,
    CONSTRAINT quiz_question_text_length CHECK (char_length(text) BETWEEN 1 AND 1000)
);
COMMENT ON TABLE quiz_question IS 'A question of a lesson''s quiz; a lesson without one has no quiz.';
COMMENT ON COLUMN quiz_question.options IS 'Of choices, in order: key, text and whether it is right.';
COMMENT ON COLUMN quiz_question.answers IS 'Of texts: the answers that are right, compared without regard to case and outer or repeated blanks.';
COMMENT ON COLUMN quiz_question.explanation IS 'Shown with the result; empty: none.';
CREATE INDEX quiz_question_lesson ON quiz_question (account_id, lesson_id, position, id);

-- Whether a grant gives access at a time.
CREATE FUNCTION grant_open(starts_at timestamptz, ends_at timestamptz, ended_at timestamptz, at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT starts_at <= at AND (ends_at IS NULL OR ends_at > at) AND (ended_at IS NULL OR ended_at > at)
$$;

CREATE TABLE access_grant (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    source grant_source NOT NULL,
    source_id uuid NOT NULL,
    origin_id uuid,
    given_by uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    ended_at timestamptz,
    ended_because grant_end,
    ended_by uuid,
    ended_note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    nth integer NOT NULL DEFAULT 0,
    CONSTRAINT access_grant_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT access_grant_source_key UNIQUE (account_id, source, source_id, course_id, nth),
    CONSTRAINT access_grant_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT access_grant_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE,
    CONSTRAINT access_grant_given_by_fkey FOREIGN KEY (given_by) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT access_grant_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT access_grant_end CHECK ((ended_at IS NULL) = (ended_because IS NULL)),
    CONSTRAINT access_grant_span CHECK (ends_at > starts_at)
);
COMMENT ON TABLE access_grant IS 'One reason why a contact may use a course. Access is any open grant now; a row is never changed but to close it.';
COMMENT ON COLUMN access_grant.source_id IS 'What gave it, one thing for one contact: the order, the subscription, the submission, the act of giving.';
COMMENT ON COLUMN access_grant.origin_id IS 'What that came through, for telling why: the free offer, the form, the import or the task; null: nothing.';
COMMENT ON COLUMN access_grant.given_by IS 'The staff person; null when the program did it by itself or the person is gone.';
COMMENT ON COLUMN access_grant.ends_at IS 'The planned end, from which on it gives nothing; null: none. It moves only with its subscription.';
COMMENT ON COLUMN access_grant.ended_at IS 'When it was closed; null: it was not.';
COMMENT ON COLUMN access_grant.ended_note IS 'The reason somebody gave; empty for most.';
COMMENT ON COLUMN access_grant.nth IS 'How many times its source had given the course before; above 0 where a subscription came back to a plan it was on, or an order is paid again after all.';
CREATE INDEX access_grant_contact ON access_grant (account_id, contact_id, course_id);
CREATE INDEX access_grant_course ON access_grant (account_id, course_id, contact_id);
CREATE INDEX access_grant_latest ON access_grant (account_id, course_id, starts_at, id);
CREATE INDEX access_grant_ends ON access_grant (ends_at) WHERE ended_at IS NULL AND ends_at IS NOT NULL;

-- The ledger keeps what was: a grant is closed once, moves with its contact when two become one, and is gone only with its
-- contact or account. Staff who leave are forgotten in it.
CREATE FUNCTION access_grant_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(OLD) - '{contact_id,ended_at,ended_because,ended_by,ended_note,given_by,ends_at}'::text[])
        IS DISTINCT FROM (to_jsonb(NEW) - '{contact_id,ended_at,ended_because,ended_by,ended_note,given_by,ends_at}'::text[])
        OR OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_because, NEW.ended_note, NEW.ends_at)
            IS DISTINCT FROM (OLD.ended_at, OLD.ended_because, OLD.ended_note, OLD.ends_at)
        OR NEW.ends_at IS DISTINCT FROM OLD.ends_at AND OLD.source <> 'subscription'
        OR NEW.given_by IS NOT NULL AND NEW.given_by IS DISTINCT FROM OLD.given_by THEN
        RAISE EXCEPTION 'a grant is never changed but to close it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_grant_stays BEFORE UPDATE ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_stays();

CREATE TABLE course_visit (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    first_opened_at timestamptz NOT NULL,
    last_opened_at timestamptz NOT NULL,
    last_lesson_id uuid,
    CONSTRAINT course_visit_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT course_visit_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT course_visit_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE,
    CONSTRAINT course_visit_last_lesson_fkey FOREIGN KEY (account_id, course_id, last_lesson_id) REFERENCES lesson (account_id, course_id, id)
);
COMMENT ON TABLE course_visit IS 'That a client has opened a course, and where they were last. One row for both, or two after two contacts became one: then the first opening and the last lesson of all count.';
CREATE INDEX course_visit_contact ON course_visit (account_id, contact_id, course_id);
CREATE INDEX course_visit_course ON course_visit (account_id, course_id, last_opened_at DESC);

CREATE TABLE lesson_visit (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    first_opened_at timestamptz NOT NULL,
    last_opened_at timestamptz NOT NULL,
    position_seconds integer NOT NULL DEFAULT 0,
    CONSTRAINT lesson_visit_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT lesson_visit_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT lesson_visit_lesson_fkey FOREIGN KEY (account_id, course_id, lesson_id) REFERENCES lesson (account_id, course_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE lesson_visit IS 'That a client has opened a lesson, and how far they watched. As course_visit, there may be two after two contacts became one: the later counts.';
COMMENT ON COLUMN lesson_visit.position_seconds IS 'Where its video was left, in seconds from the beginning.';
CREATE INDEX lesson_visit_contact ON lesson_visit (account_id, contact_id, lesson_id);
CREATE INDEX lesson_visit_lesson ON lesson_visit (account_id, lesson_id);

CREATE TABLE lesson_completion (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    lesson_version integer NOT NULL,
    completed_at timestamptz NOT NULL,
    completed_by completed_by NOT NULL,
    CONSTRAINT lesson_completion_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT lesson_completion_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT lesson_completion_lesson_fkey FOREIGN KEY (account_id, course_id, lesson_id) REFERENCES lesson (account_id, course_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE lesson_completion IS 'A client finished a lesson, as it was then. A fact: nothing changes or removes it but the client''s own deletion. Of several for one lesson the earliest counts.';
CREATE INDEX lesson_completion_contact ON lesson_completion (account_id, contact_id, lesson_id);
CREATE INDEX lesson_completion_lesson ON lesson_completion (account_id, lesson_id, contact_id);

CREATE TABLE course_completion (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    course_version integer NOT NULL,
    completed_at timestamptz NOT NULL,
    reopened_at timestamptz,
    CONSTRAINT course_completion_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT course_completion_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT course_completion_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE course_completion IS 'A client finished a course, as it was then. A fact; of several that stand the earliest counts.';
COMMENT ON COLUMN course_completion.reopened_at IS 'When staff published more of it and chose that those who had finished have more to do; null: it stands.';
CREATE INDEX course_completion_contact ON course_completion (account_id, contact_id, course_id);
CREATE INDEX course_completion_course ON course_completion (account_id, course_id, contact_id);

CREATE TABLE quiz_try (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    lesson_version integer NOT NULL,
    answers jsonb NOT NULL,
    right_count integer NOT NULL,
    question_count integer NOT NULL,
    passed boolean NOT NULL,
    tried_at timestamptz NOT NULL,
    CONSTRAINT quiz_try_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT quiz_try_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT quiz_try_lesson_fkey FOREIGN KEY (account_id, course_id, lesson_id) REFERENCES lesson (account_id, course_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE quiz_try IS 'One try at a lesson''s quiz, and its result.';
COMMENT ON COLUMN quiz_try.answers IS 'In order: the question as it was asked, what was answered, whether that was right, and the explanation.';
CREATE INDEX quiz_try_contact ON quiz_try (account_id, contact_id, lesson_id, id DESC);
CREATE INDEX quiz_try_lesson ON quiz_try (account_id, lesson_id);

CREATE TABLE lesson_note (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT lesson_note_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT lesson_note_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT lesson_note_lesson_fkey FOREIGN KEY (account_id, course_id, lesson_id) REFERENCES lesson (account_id, course_id, id) ON DELETE CASCADE,
    CONSTRAINT lesson_note_length CHECK (char_length(text) BETWEEN 1 AND 10000)
);
COMMENT ON TABLE lesson_note IS 'What a client wrote down for themselves beside a lesson; staff do not see it.';
CREATE INDEX lesson_note_contact ON lesson_note (account_id, contact_id, lesson_id, id);
CREATE INDEX lesson_note_lesson ON lesson_note (account_id, lesson_id);

CREATE TABLE certificate (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    completion_id uuid NOT NULL,
    holder text NOT NULL,
    course_title text NOT NULL,
    signer text NOT NULL,
    completed_on date NOT NULL,
    issued_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_note text NOT NULL DEFAULT '',
    pdf bytea,
    CONSTRAINT certificate_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT certificate_number_key UNIQUE (account_id, number),
    CONSTRAINT certificate_completion_key UNIQUE (account_id, completion_id),
    CONSTRAINT certificate_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT certificate_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE,
    CONSTRAINT certificate_completion_fkey FOREIGN KEY (account_id, completion_id) REFERENCES course_completion (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE certificate IS 'That somebody finished a course, for showing to others. What is printed on it stays as it was when it was issued.';
COMMENT ON COLUMN certificate.number IS 'Names it on its verification page; random, so that none can be guessed from another.';
COMMENT ON COLUMN certificate.holder IS 'The client''s name as it is printed.';
COMMENT ON COLUMN certificate.completed_on IS 'The day the course was finished, where the client was.';
COMMENT ON COLUMN certificate.pdf IS 'The document; null until the job has made it.';
CREATE INDEX certificate_contact ON certificate (account_id, contact_id, course_id);
CREATE INDEX certificate_course ON certificate (account_id, course_id, id DESC);

CREATE TABLE unlock_notice (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    course_id uuid NOT NULL,
    day date NOT NULL,
    lesson_ids uuid[] NOT NULL,
    CONSTRAINT unlock_notice_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT unlock_notice_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT unlock_notice_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE unlock_notice IS 'A client was told on a morning which lessons of a course had unlocked.';
COMMENT ON COLUMN unlock_notice.day IS 'Up to which day lessons were told, where the client is.';
CREATE INDEX unlock_notice_contact ON unlock_notice (account_id, contact_id, course_id, day DESC);

CREATE TABLE offer (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name citext NOT NULL,
    title text NOT NULL,
    text text NOT NULL DEFAULT '',
    access_days integer,
    until date,
    most integer,
    switched_on boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    landing text NOT NULL DEFAULT '',
    picture_hash text NOT NULL DEFAULT '',
    CONSTRAINT offer_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT offer_name_key UNIQUE (account_id, name),
    CONSTRAINT offer_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT offer_name_form CHECK (name::text ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    CONSTRAINT offer_title_length CHECK (char_length(title) BETWEEN 1 AND 120),
    CONSTRAINT offer_limits CHECK (access_days > 0 AND most > 0)
);
COMMENT ON TABLE offer IS 'Something offered on the portal host, at /o/ and its name, with the courses it gives.';
COMMENT ON COLUMN offer.text IS 'Markdown.';
COMMENT ON COLUMN offer.access_days IS 'How long the access lasts, in days; null: without end.';
COMMENT ON COLUMN offer.until IS 'The last day on which it can be taken, in the account''s time zone; null: no last day.';
COMMENT ON COLUMN offer.most IS 'How many contacts can take it; null: any number.';
COMMENT ON COLUMN offer.landing IS 'The page of the portal that buyers arrive on; course: the first course it gives; empty: as the account says.';
COMMENT ON COLUMN offer.picture_hash IS 'The picture on its page; empty: none.';

CREATE TABLE offer_course (
    account_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    course_id uuid NOT NULL,
    CONSTRAINT offer_course_pkey PRIMARY KEY (account_id, offer_id, course_id),
    CONSTRAINT offer_course_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id) ON DELETE CASCADE,
    CONSTRAINT offer_course_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE offer_course IS 'A course that an offer gives.';
CREATE INDEX offer_course_course ON offer_course (account_id, course_id);

CREATE TABLE offer_claim (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    email citext NOT NULL,
    name text NOT NULL DEFAULT '',
    token_hash bytea NOT NULL,
    ip inet NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    contact_id uuid,
    CONSTRAINT offer_claim_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT offer_claim_token_key UNIQUE (account_id, token_hash),
    CONSTRAINT offer_claim_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id) ON DELETE CASCADE,
    CONSTRAINT offer_claim_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE offer_claim IS 'Somebody who is not signed in wants an offer and is mailed a link that gives it; written alike for known and unknown addresses.';
COMMENT ON COLUMN offer_claim.token_hash IS 'SHA-256 of the token in the link that confirms it. The token itself is derived from SECRET and the id, and stored nowhere.';
COMMENT ON COLUMN offer_claim.expires_at IS 'Until when it can be confirmed.';
COMMENT ON COLUMN offer_claim.contact_id IS 'Who took it; null until it is confirmed.';
CREATE INDEX offer_claim_offer ON offer_claim (account_id, offer_id, id DESC);
CREATE INDEX offer_claim_contact ON offer_claim (account_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX offer_claim_waiting ON offer_claim (expires_at) WHERE confirmed_at IS NULL;

ALTER TABLE mail
    ADD CONSTRAINT mail_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT mail_certificate_fkey FOREIGN KEY (account_id, certificate_id) REFERENCES certificate (account_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT mail_unlock_notice_fkey FOREIGN KEY (account_id, unlock_notice_id) REFERENCES unlock_notice (account_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT mail_offer_claim_fkey FOREIGN KEY (account_id, offer_claim_id) REFERENCES offer_claim (account_id, id) ON DELETE CASCADE;
ALTER TABLE form
    ADD CONSTRAINT form_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id);
ALTER TABLE contact_import
    ADD CONSTRAINT contact_import_course_fkey FOREIGN KEY (account_id, course_id) REFERENCES course (account_id, id);

-- Whether an app of the portal is switched on.
CREATE FUNCTION app_on(of_account uuid, of_app app) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT NOT EXISTS (SELECT FROM account_app a WHERE a.account_id = of_account AND a.app = of_app AND NOT a.switched_on)
$$;

-- The day a moment falls on in a time zone, or in UTC where this server does not know the zone.
CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (at AT TIME ZONE zone)::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (at AT TIME ZONE 'UTC')::date;
END
$$;

-- The day on which a part of a course unlocks; null: at once.
CREATE FUNCTION unlock_day(clock_day date, drip_days integer, drip_date date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT coalesce(drip_date, clock_day + drip_days)
$$;

-- Who may use which course at a time, and for how long as far as it is known: the one place that decides it. A draft or
-- deleted course is nobody's, and neither is any while the app is switched off.
CREATE FUNCTION courses_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, since timestamptz, until timestamptz) LANGUAGE sql STABLE AS $$
SELECT g.course_id, min(g.starts_at), CASE WHEN bool_or(g.ends_at IS NULL) THEN NULL ELSE max(g.ends_at) END
FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
WHERE g.account_id = of_account AND g.contact_id = of_contact AND grant_open(g.starts_at, g.ends_at, g.ended_at, at)
    AND k.published_at IS NOT NULL AND k.published_at <= at AND k.deleted_at IS NULL AND app_on(of_account, 'courses')
GROUP BY g.course_id
$$;

-- The way of a client through their courses: each lesson in order, the day it unlocks (null: from the first on), when it was
-- finished, and whether the one before it keeps it shut. What was finished stays open.
CREATE FUNCTION lessons_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, module_id uuid, lesson_id uuid, place bigint, opens_on date, today date, completed_at timestamptz, waits boolean, is_open boolean)
    LANGUAGE sql STABLE AS $$
WITH clock AS MATERIALIZED (
    SELECT k.id, k.in_order, local_day(at, z.zone) AS today, CASE k.clock
        WHEN 'date' THEN k.clock_date
        WHEN 'first_open' THEN coalesce(local_day((SELECT min(v.first_opened_at) FROM course_visit v
            WHERE v.account_id = of_account AND v.contact_id = of_contact AND v.course_id = k.id), z.zone), local_day(at, z.zone))
        ELSE local_day(o.since, z.zone) END AS day
    FROM courses_of(of_account, of_contact, at) o JOIN course k ON k.account_id = of_account AND k.id = o.course_id
    JOIN contact c ON c.account_id = of_account AND c.id = of_contact JOIN account a ON a.id = of_account
    CROSS JOIN LATERAL (SELECT coalesce(nullif(c.time_zone, ''), a.time_zone) AS zone) z
), way AS (
    SELECT l.course_id, l.module_id, l.id AS lesson_id, clock.in_order, clock.today, row_number() OVER ordered AS place,
        greatest(unlock_day(clock.day, m.drip_days, m.drip_date), unlock_day(clock.day, l.drip_days, l.drip_date)) AS opens_on,
        done.at AS completed_at, lag(done.at IS NULL, 1, false) OVER ordered AS unfinished_before
    FROM clock JOIN lesson l ON l.account_id = of_account AND l.course_id = clock.id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
    JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id AND m.deleted_at IS NULL
    LEFT JOIN LATERAL (SELECT min(d.completed_at) AS at FROM lesson_completion d
        WHERE d.account_id = of_account AND d.contact_id = of_contact AND d.lesson_id = l.id) done ON true
    WINDOW ordered AS (PARTITION BY l.course_id ORDER BY m.position, m.id, l.position, l.id)
)
SELECT w.course_id, w.module_id, w.lesson_id, w.place, w.opens_on, w.today, w.completed_at, w.in_order AND w.unfinished_before AND w.completed_at IS NULL,
    w.completed_at IS NOT NULL OR (w.opens_on IS NULL OR w.opens_on <= w.today) AND NOT (w.in_order AND w.unfinished_before)
FROM way w
$$;

-- How far a client is in each course they may use: its published lessons and how many of them are done, its minutes and those
-- left, the lesson to go on with (the one opened last unless it is done, then the first open one after it, then any before it),
-- the next day on which one unlocks, when they opened it last (null before their first lesson), and when they finished it.
CREATE FUNCTION progress_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, lessons bigint, done bigint, minutes bigint, minutes_left bigint, next_lesson_id uuid, next_opens_on date,
        opened_at timestamptz, finished_at timestamptz) LANGUAGE sql STABLE AS $$
WITH visit AS (
    SELECT v.course_id, max(v.last_opened_at) FILTER (WHERE v.last_lesson_id IS NOT NULL) AS opened_at,
        (array_agg(v.last_lesson_id ORDER BY v.last_opened_at DESC) FILTER (WHERE v.last_lesson_id IS NOT NULL))[1] AS lesson_id
    FROM course_visit v WHERE v.account_id = of_account AND v.contact_id = of_contact GROUP BY v.course_id
), way AS (
    SELECT w.course_id, w.lesson_id, w.place, w.completed_at, w.is_open, CASE WHEN w.opens_on > w.today THEN w.opens_on END AS opens_on, l.minutes,
        coalesce(max(w.place) FILTER (WHERE w.lesson_id = v.lesson_id) OVER (PARTITION BY w.course_id), 0) AS last_place
    FROM lessons_of(of_account, of_contact, at) w
    JOIN lesson l ON l.account_id = of_account AND l.id = w.lesson_id LEFT JOIN visit v ON v.course_id = w.course_id
)
SELECT o.course_id, s.lessons, s.done, coalesce(nullif(k.minutes, 0), s.minutes, 0), CASE
        WHEN k.minutes = 0 OR s.lessons = 0 THEN s.minutes_left
        WHEN s.minutes > 0 THEN round(k.minutes::numeric * s.minutes_left / s.minutes)::bigint
        ELSE round(k.minutes::numeric * (s.lessons - s.done) / s.lessons)::bigint END,
    s.next_lesson_id, s.next_opens_on, v.opened_at,
    (SELECT min(f.completed_at) FROM course_completion f WHERE f.account_id = of_account AND f.contact_id = of_contact AND f.course_id = o.course_id AND f.reopened_at IS NULL)
FROM courses_of(of_account, of_contact, at) o JOIN course k ON k.account_id = of_account AND k.id = o.course_id
CROSS JOIN LATERAL (
    SELECT count(*) AS lessons, count(w.completed_at) AS done, sum(w.minutes) AS minutes,
        coalesce(sum(w.minutes) FILTER (WHERE w.completed_at IS NULL), 0) AS minutes_left,
        (array_agg(w.lesson_id ORDER BY w.place < w.last_place, w.place) FILTER (WHERE w.is_open AND w.completed_at IS NULL))[1] AS next_lesson_id,
        min(w.opens_on) FILTER (WHERE w.completed_at IS NULL) AS next_opens_on
    FROM way w WHERE w.course_id = o.course_id
) s
LEFT JOIN visit v ON v.course_id = o.course_id
$$;

-- What is looked for, as websearch_to_tsquery understands it; the last word may go on.
CREATE FUNCTION search_words(words text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN q::text LIKE '%''' THEN (q::text || ':*')::tsquery ELSE q END FROM websearch_to_tsquery('simple', words) q
$$;

-- A lesson's text without the marks of markdown, for excerpts.
CREATE FUNCTION lesson_words(body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT regexp_replace(regexp_replace(body, '!?\[([^\]\n]*)\]\([^)\n]*\)', '\1', 'g'), '[*_`#>~|]+', '', 'g')
$$;

-- The lessons of a client's courses that a search finds, best first. Of one that is not open only the title is looked at, which
-- they can see, and no excerpt is given. In excerpts, U+E000 and U+E001 stand around what was found.
CREATE FUNCTION lessons_found(of_account uuid, of_contact uuid, at timestamptz, words text, most integer)
    RETURNS TABLE (course_id uuid, lesson_id uuid, opens_on date, waits boolean, is_open boolean, excerpt text, place bigint) LANGUAGE sql STABLE AS $$
WITH way AS MATERIALIZED (SELECT w.course_id, w.lesson_id, w.place, w.opens_on, w.waits, w.is_open FROM lessons_of(of_account, of_contact, at) w)
SELECT f.course_id, f.lesson_id, f.opens_on, f.waits, f.is_open,
    CASE WHEN f.is_open THEN ts_headline('simple', lesson_words(f.body), f.query, U&'StartSel="\E000", StopSel="\E001", MaxWords=32, MinWords=14') ELSE '' END, f.place
FROM (
    SELECT w.course_id, w.lesson_id, w.opens_on, w.waits, w.is_open, l.body, q.query, row_number() OVER (ORDER BY ts_rank(seen.words, q.query) DESC, w.course_id, w.place) AS place
    FROM search_words(words) AS q (query), way w
    JOIN lesson l ON l.account_id = of_account AND l.id = w.lesson_id
    CROSS JOIN LATERAL (SELECT CASE WHEN w.is_open THEN l.search ELSE ts_filter(l.search, '{a}') END AS words) seen
    WHERE seen.words @@ q.query ORDER BY place LIMIT most
) f
$$;

-- Whether something shows a file: a lesson that is not deleted, in a course that is not. What else comes to show files belongs here.
CREATE FUNCTION file_shown(of_account uuid, of_file uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
    SELECT FROM lesson l JOIN course_module m ON m.account_id = l.account_id AND m.id = l.module_id JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id
    WHERE l.account_id = of_account AND l.deleted_at IS NULL AND m.deleted_at IS NULL AND k.deleted_at IS NULL
        AND l.id IN (
            SELECT v.id FROM lesson v WHERE v.account_id = of_account AND v.video_file_id = of_file
            UNION ALL SELECT lf.lesson_id FROM lesson_file lf WHERE lf.account_id = of_account AND lf.file_id = of_file)
)
$$;

CREATE INDEX access_grant_origin ON access_grant (account_id, origin_id, contact_id) WHERE origin_id IS NOT NULL;
CREATE INDEX mail_course ON mail (account_id, course_id, contact_id) WHERE course_id IS NOT NULL;

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
    by_address boolean NOT NULL DEFAULT false,
    CONSTRAINT stripe_customer_pkey PRIMARY KEY (account_id, stripe_id),
    CONSTRAINT stripe_customer_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE stripe_customer IS 'A customer at Stripe who is a contact; one contact can be several.';
COMMENT ON COLUMN stripe_customer.by_address IS 'Whether nothing but an address that was typed at a checkout says that it is the contact, who was known before and not signed in there.';
CREATE INDEX stripe_customer_contact ON stripe_customer (account_id, contact_id);

-- The customer at Stripe by whom a contact pays here; null for none. The newest of those who are the contact for certain; without one the
-- oldest of the others, so that nobody who types their address later comes before.
CREATE FUNCTION customer_of(of_account uuid, of_contact uuid) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT k.stripe_id FROM stripe_customer k WHERE k.account_id = of_account AND k.contact_id = of_contact
ORDER BY k.by_address, CASE WHEN k.by_address THEN k.created_at END, k.created_at DESC, k.stripe_id LIMIT 1
$$;

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
    email citext,
    stripe_account text,
    over_at timestamptz,
    CONSTRAINT checkout_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT checkout_stripe_session_key UNIQUE (account_id, stripe_session_id),
    CONSTRAINT checkout_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id) ON DELETE CASCADE,
    CONSTRAINT checkout_price_fkey FOREIGN KEY (account_id, price_id) REFERENCES offer_price (account_id, id) ON DELETE CASCADE,
    CONSTRAINT checkout_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE checkout IS 'Somebody went to pay for an offer. Its id is the idempotency key at Stripe, so that asking again makes no second one.';
COMMENT ON COLUMN checkout.contact_id IS 'The client who was signed in; null: a visitor, whose address only Stripe asks for.';
COMMENT ON COLUMN checkout.browser_hash IS 'SHA-256 of the paying browser''s cookie; only that one goes on without proving who it is.';
COMMENT ON COLUMN checkout.email IS 'Who confirmed to pay, where the money then did not come; null otherwise, and after a while.';
COMMENT ON COLUMN checkout.stripe_account IS 'The connected Stripe account it is at, empty for the installation''s own; null: the one that the account sells through, as long as it has not changed that.';
COMMENT ON COLUMN checkout.over_at IS 'Since when nothing can be charged any more of one whose money did not come; null otherwise, and while something may be.';
COMMENT ON COLUMN checkout.stripe_session_id IS 'Null until Stripe has answered.';
CREATE INDEX checkout_contact ON checkout (account_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX checkout_open ON checkout (created_at) WHERE state IN ('open', 'processing');
CREATE INDEX checkout_email ON checkout (changed_at) WHERE email IS NOT NULL;

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
    disputed_minor bigint NOT NULL DEFAULT 0,
    lost_minor bigint NOT NULL DEFAULT 0,
    stripe_account text,
    CONSTRAINT sales_order_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT sales_order_checkout_key UNIQUE (account_id, checkout_id),
    CONSTRAINT sales_order_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT sales_order_offer_fkey FOREIGN KEY (account_id, offer_id) REFERENCES offer (account_id, id),
    CONSTRAINT sales_order_price_fkey FOREIGN KEY (account_id, price_id) REFERENCES offer_price (account_id, id),
    CONSTRAINT sales_order_checkout_fkey FOREIGN KEY (account_id, checkout_id) REFERENCES checkout (account_id, id),
    CONSTRAINT sales_order_money CHECK (amount_minor >= 0 AND refunded_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT sales_order_disputed CHECK (disputed_minor >= 0 AND lost_minor >= 0 AND refunded_minor + disputed_minor + lost_minor <= amount_minor)
);
COMMENT ON TABLE sales_order IS 'What somebody bought and paid for; one for each checkout that was paid.';
COMMENT ON COLUMN sales_order.made_contact IS 'Whether the buyer was not known before: only then may the paying browser go on without proof.';
COMMENT ON COLUMN sales_order.amount_minor IS 'What was paid at first, in minor units; 0 for a trial or a coupon over all of it.';
COMMENT ON COLUMN sales_order.refunded_minor IS 'What was given back of it, in minor units.';
COMMENT ON COLUMN sales_order.disputed_minor IS 'What the payer disputes of it and a bank is deciding about, in minor units; it counts as paid until then.';
COMMENT ON COLUMN sales_order.lost_minor IS 'What a bank took back of it for good, in minor units.';
COMMENT ON COLUMN sales_order.stripe_account IS 'As checkout.stripe_account: where its money went.';
COMMENT ON COLUMN sales_order.stripe_payment_id IS 'Its payment intent; empty for subscriptions, whose invoices have one each.';
CREATE INDEX sales_order_contact ON sales_order (account_id, contact_id, id DESC);
CREATE INDEX sales_order_offer ON sales_order (account_id, offer_id, id DESC);
CREATE INDEX sales_order_payment ON sales_order (account_id, stripe_payment_id) WHERE stripe_payment_id <> '';
CREATE INDEX sales_order_listed ON sales_order (account_id, id DESC);

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
    collection_paused boolean NOT NULL DEFAULT false,
    price_id uuid,
    given boolean NOT NULL DEFAULT false,
    next_minor bigint,
    off_minor bigint NOT NULL DEFAULT 0,
    off_until timestamptz,
    CONSTRAINT subscription_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT subscription_stripe_key UNIQUE (account_id, stripe_id),
    CONSTRAINT subscription_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT subscription_order_fkey FOREIGN KEY (account_id, order_id) REFERENCES sales_order (account_id, id) ON DELETE CASCADE,
    CONSTRAINT subscription_price_fkey FOREIGN KEY (account_id, price_id) REFERENCES offer_price (account_id, id) ON DELETE SET NULL (price_id)
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
COMMENT ON COLUMN subscription.collection_paused IS 'Its charges are left out until somebody lets them go on; what it gives goes on.';
COMMENT ON COLUMN subscription.price_id IS 'What it is charged by, whose offer says what it gives; null when that is no price of an offer.';
COMMENT ON COLUMN subscription.given IS 'Its trial is days that staff gave after it had begun.';
COMMENT ON COLUMN subscription.off_minor IS 'What a discount takes off each charge of it, in minor units; 0 for one of a single charge.';
COMMENT ON COLUMN subscription.off_until IS 'When that discount ends; null: never, or there is none.';
COMMENT ON COLUMN subscription.next_minor IS 'What the next charge will come to as Stripe counts it: after discounts, tax, credit, and what a change of plan left over, in minor units; null when none is to come.';
CREATE INDEX subscription_price ON subscription (account_id, price_id) WHERE price_id IS NOT NULL;
CREATE INDEX subscription_contact ON subscription (account_id, contact_id, id DESC);
CREATE INDEX subscription_state ON subscription (account_id, state, id DESC);
CREATE INDEX subscription_order ON subscription (account_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX subscription_listed ON subscription (account_id, id DESC);

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
    receipt_url text NOT NULL DEFAULT '',
    disputed_minor bigint NOT NULL DEFAULT 0,
    lost_minor bigint NOT NULL DEFAULT 0,
    order_id uuid,
    returned_at timestamptz,
    stripe_account text,
    CONSTRAINT invoice_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT invoice_stripe_key UNIQUE (account_id, stripe_id),
    CONSTRAINT invoice_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT invoice_subscription_fkey FOREIGN KEY (account_id, subscription_id) REFERENCES subscription (account_id, id) ON DELETE CASCADE,
    CONSTRAINT invoice_order_fkey FOREIGN KEY (account_id, order_id) REFERENCES sales_order (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE invoice IS 'An invoice at Stripe, as Stripe last showed it; nothing in it is typed in.';
COMMENT ON COLUMN invoice.number IS 'Empty while it is a draft.';
COMMENT ON COLUMN invoice.payment IS 'Where its money is. While that is processing, nothing more is asked for.';
COMMENT ON COLUMN invoice.total_minor IS 'With tax, after discounts; all amounts in minor units.';
COMMENT ON COLUMN invoice.refunded_minor IS 'What was given back of what was paid.';
COMMENT ON COLUMN invoice.disputed_minor IS 'As sales_order.disputed_minor.';
COMMENT ON COLUMN invoice.lost_minor IS 'As sales_order.lost_minor.';
COMMENT ON COLUMN invoice.paid_outside IS 'Somebody said that it was paid past Stripe.';
COMMENT ON COLUMN invoice.lines IS 'In order: text, quantity, amount in minor units.';
COMMENT ON COLUMN invoice.hosted_url IS 'Stripe''s page where it can be paid; empty while it is a draft.';
COMMENT ON COLUMN invoice.created_at IS 'When it was made, by Stripe''s clock.';
COMMENT ON COLUMN invoice.order_id IS 'What was bought once and is paid with it, whose money is the same; null for charges of subscriptions, which have an order of their own, and for what staff bill.';
COMMENT ON COLUMN invoice.returned_at IS 'When it was seen that a bank had sent its payment back; null otherwise, and once it is paid or on its way again.';
COMMENT ON COLUMN invoice.stripe_account IS 'As checkout.stripe_account.';
COMMENT ON COLUMN invoice.receipt_url IS 'Stripe''s receipt of its payment; empty while nothing is paid there.';
CREATE INDEX invoice_contact ON invoice (account_id, contact_id, created_at DESC, id DESC);
CREATE INDEX invoice_listed ON invoice (account_id, created_at DESC, id DESC);
CREATE INDEX invoice_open ON invoice (account_id, due_at) WHERE state = 'open';
CREATE INDEX invoice_subscription ON invoice (account_id, subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX invoice_order ON invoice (account_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX invoice_payment ON invoice (account_id, stripe_payment_id) WHERE stripe_payment_id <> '';

-- Whether the first money for a subscription is on its way: a bank takes days, and Stripe calls it active meanwhile.
CREATE FUNCTION first_on_its_way(of_account uuid, of_subscription uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(bool_or(i.state = 'open' AND i.payment = 'processing') AND NOT bool_or(i.paid_minor > 0), false)
FROM invoice i WHERE i.account_id = of_account AND i.subscription_id = of_subscription
$$;

-- The charge that brings an unpaid subscription back once it is paid, if it can be paid on a page of Stripe's: its newest that is open. A newer
-- draft is what Stripe waits for instead (https://docs.stripe.com/billing/subscriptions/overview#unpaid-subscriptions): with the older one
-- paid, nothing comes back. Money that is on its way for one is told of all the same, so that nobody pays twice.
CREATE FUNCTION charge_due(of_account uuid, of_subscription uuid) RETURNS TABLE (id uuid, remaining_minor bigint, on_its_way boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT i.id, i.remaining_minor, i.payment = 'processing'
FROM subscription s JOIN invoice i ON i.account_id = s.account_id AND i.subscription_id = s.id AND i.contact_id = s.contact_id
WHERE s.account_id = of_account AND s.id = of_subscription AND s.state IN ('past_due', 'unpaid') AND i.state = 'open' AND i.remaining_minor > 0 AND i.hosted_url <> ''
    AND (i.payment = 'processing' OR NOT EXISTS (
        SELECT FROM invoice d WHERE d.account_id = i.account_id AND d.subscription_id = i.subscription_id AND d.state = 'draft' AND d.created_at > i.created_at))
ORDER BY i.created_at DESC, i.id DESC LIMIT 1
$$;

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
    about_account_id uuid,
    CONSTRAINT stripe_event_pkey PRIMARY KEY (stripe_account, id),
    CONSTRAINT stripe_event_about_fkey FOREIGN KEY (about_account_id) REFERENCES account (id) ON DELETE SET NULL
);
COMMENT ON TABLE stripe_event IS 'An event that Stripe reported: a hint to look at its object. Which of our accounts it is about is found out then.';
COMMENT ON COLUMN stripe_event.stripe_account IS 'The connected account it is about; empty: the installation''s own.';
COMMENT ON COLUMN stripe_event.created_at IS 'When it happened, by Stripe''s clock.';
COMMENT ON COLUMN stripe_event.problem IS 'Why it failed, a sentence for staff; empty otherwise.';
COMMENT ON COLUMN stripe_event.about_account_id IS 'Which account''s staff are shown it: the only one that sells through that Stripe account, or the one whose object it turned out to be about; null: nobody''s that is known.';
CREATE INDEX stripe_event_received ON stripe_event (stripe_account, received_at DESC);
CREATE INDEX stripe_event_state ON stripe_event (state, received_at) WHERE state IN ('waiting', 'failed');
CREATE INDEX stripe_event_deleted ON stripe_event (stripe_account, object_id) WHERE type = 'invoice.deleted';
CREATE INDEX stripe_event_done ON stripe_event (done_at) WHERE state IN ('done', 'ignored') AND type <> 'invoice.deleted';
CREATE INDEX stripe_event_about ON stripe_event (about_account_id, created_at DESC, id DESC) WHERE about_account_id IS NOT NULL;
CREATE INDEX stripe_event_unsettled ON stripe_event (about_account_id, created_at DESC, id DESC) WHERE state IN ('waiting', 'failed');

CREATE TABLE stripe_reconciliation (
    stripe_account text NOT NULL,
    id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    looked integer NOT NULL DEFAULT 0,
    differed integer NOT NULL DEFAULT 0,
    report jsonb NOT NULL DEFAULT '[]',
    total integer NOT NULL DEFAULT 0,
    CONSTRAINT stripe_reconciliation_pkey PRIMARY KEY (stripe_account, id)
);
COMMENT ON TABLE stripe_reconciliation IS 'One walk over everything that is open at Stripe, which puts right what events did not.';
COMMENT ON COLUMN stripe_reconciliation.stripe_account IS 'As stripe_event.stripe_account.';
COMMENT ON COLUMN stripe_reconciliation.looked IS 'How many objects it looked at.';
COMMENT ON COLUMN stripe_reconciliation.differed IS 'How many of them stood differently here.';
COMMENT ON COLUMN stripe_reconciliation.total IS 'How many objects there are to look at; 0 until that is known.';
COMMENT ON COLUMN stripe_reconciliation.finished_at IS 'Null: it goes on, or it broke off.';
COMMENT ON COLUMN stripe_reconciliation.report IS 'The first hundred that differed: their id, why they may have, and whose they are.';
CREATE INDEX stripe_reconciliation_newest ON stripe_reconciliation (stripe_account, started_at DESC);

CREATE TABLE invoice_reminder (
    account_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    day date NOT NULL,
    by_staff boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT invoice_reminder_pkey PRIMARY KEY (account_id, invoice_id, day),
    CONSTRAINT invoice_reminder_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES invoice (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE invoice_reminder IS 'A client was reminded of an invoice; once a day at most.';
COMMENT ON COLUMN invoice_reminder.day IS 'In the client''s time zone.';
COMMENT ON COLUMN invoice_reminder.by_staff IS 'A staff person asked for it; false: the schedule.';

ALTER TABLE mail ADD CONSTRAINT mail_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES invoice (account_id, id) ON DELETE CASCADE;
CREATE INDEX mail_invoice ON mail (account_id, invoice_id) WHERE invoice_id IS NOT NULL;

COMMENT ON COLUMN mail.checkout_id IS 'What somebody wanted to buy who need not be a contact.';
ALTER TABLE mail ADD CONSTRAINT mail_checkout_fkey FOREIGN KEY (account_id, checkout_id) REFERENCES checkout (account_id, id) ON DELETE CASCADE;
CREATE INDEX mail_checkout ON mail (account_id, checkout_id) WHERE checkout_id IS NOT NULL;

-- Which clients to look at for telling them of lessons, in order of id, from after the given one: those in the given zones, with the day it is there, who
-- have joined and take such mails, and for whom a module or a lesson unlocked within so many days by an open grant, that they have not finished and were
-- not told of. Everybody for whom lessons_of() says so is among them, and few others. How old a grant is then stands in one range for
-- each course, so that most clients are left out without a look at its lessons.
CREATE FUNCTION unlock_readers(of_account uuid, after uuid, at timestamptz, zones text[], days date[], within_days integer, most integer)
    RETURNS TABLE (contact_id uuid) LANGUAGE sql STABLE AS $$
WITH part AS MATERIALIZED (
    SELECT k.id AS course_id, k.clock, l.id AS lesson_id, CASE WHEN p.on_day IS NULL AND k.clock <> 'date' THEN p.days END AS days,
        coalesce(p.on_day, CASE WHEN k.clock = 'date' THEN k.clock_date + p.days END) AS on_day
    FROM course k JOIN course_module m ON m.account_id = k.account_id AND m.course_id = k.id AND m.deleted_at IS NULL
    JOIN lesson l ON l.account_id = m.account_id AND l.module_id = m.id AND l.course_id = m.course_id AND l.published_at IS NOT NULL AND l.deleted_at IS NULL
    CROSS JOIN LATERAL (VALUES (m.drip_days, m.drip_date), (l.drip_days, l.drip_date)) AS p (days, on_day)
    WHERE k.account_id = of_account AND k.published_at <= at AND k.deleted_at IS NULL AND num_nonnulls(p.days, p.on_day) > 0 AND app_on(of_account, 'courses')
), dripping AS MATERIALIZED (
    SELECT part.course_id, part.clock, array_agg(part.lesson_id) AS lesson_ids, array_agg(part.days) AS days, array_agg(part.on_day) AS on_days,
        coalesce(range_agg(int4range(part.days - 2, part.days + within_days + 1)) FILTER (WHERE part.days IS NOT NULL), '{}') AS ages,
        coalesce(bool_or(part.on_day BETWEEN (at AT TIME ZONE 'UTC')::date - within_days AND (at AT TIME ZONE 'UTC')::date + 1), false) AS on_a_day
    FROM part GROUP BY part.course_id, part.clock
), place AS MATERIALIZED (
    SELECT unnest(zones) AS zone, unnest(days) AS today
)
SELECT DISTINCT g.contact_id
FROM access_grant g JOIN dripping d ON d.course_id = g.course_id
JOIN contact c ON c.account_id = g.account_id AND c.id = g.contact_id AND c.joined_at IS NOT NULL AND c.no_mail_at IS NULL
    AND c.no_course_mail_at IS NULL AND c.bounced_at IS NULL
JOIN account a ON a.id = c.account_id JOIN place ON place.zone = coalesce(nullif(c.time_zone, ''), a.time_zone)
CROSS JOIN LATERAL (SELECT CASE WHEN d.clock = 'first_open' THEN coalesce((SELECT min(v.first_opened_at) FROM course_visit v
    WHERE v.account_id = g.account_id AND v.contact_id = g.contact_id AND v.course_id = g.course_id), at) ELSE g.starts_at END AS at) began
WHERE g.account_id = of_account AND g.contact_id > after AND grant_open(g.starts_at, g.ends_at, g.ended_at, at)
    AND (d.on_a_day OR floor(extract(epoch FROM at - began.at) / 86400)::integer <@ d.ages)
    AND NOT EXISTS (SELECT FROM unlock_notice n WHERE n.account_id = g.account_id AND n.contact_id = g.contact_id AND n.course_id = g.course_id AND n.day >= place.today)
    AND EXISTS (
        SELECT FROM (SELECT local_day(began.at, place.zone) AS day OFFSET 0) clock, unnest(d.lesson_ids, d.days, d.on_days) AS p (lesson_id, days, on_day)
        WHERE coalesce(p.on_day, clock.day + p.days) BETWEEN place.today - within_days + 1 AND place.today
            AND NOT EXISTS (SELECT FROM lesson_completion x WHERE x.account_id = g.account_id AND x.contact_id = g.contact_id AND x.lesson_id = p.lesson_id)
            AND NOT EXISTS (SELECT FROM unlock_notice n WHERE n.account_id = g.account_id AND n.contact_id = g.contact_id AND n.course_id = g.course_id AND p.lesson_id = ANY(n.lesson_ids))
    )
ORDER BY g.contact_id LIMIT most
$$;
