-- +goose Up
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
CREATE TYPE mail_kind AS ENUM ('invitation', 'magic_link', 'sign_in', 'staff_setup', 'password_reset');
-- queued: waiting for its first try. sent: the server accepted it. deferred: refused for now, will be tried again.
-- bounced: the address was refused for good. failed: given up after a day of deferrals.
-- withdrawn: no longer wanted before it was sent.
CREATE TYPE mail_state AS ENUM ('queued', 'sent', 'deferred', 'bounced', 'failed', 'withdrawn');
-- Why a magic link exists: sent with an invitation, made by staff, or asked for by the client.
CREATE TYPE link_kind AS ENUM ('invitation', 'staff', 'sign_in');
-- Why a link, invitation, code or session is over.
CREATE TYPE end_reason AS ENUM ('used', 'expired', 'revoked', 'superseded', 'signed_out', 'password_changed', 'too_many_tries');
-- How somebody proved who they are.
CREATE TYPE sign_in_method AS ENUM ('password', 'invitation', 'link', 'code');
-- What a staff link lets its holder do.
CREATE TYPE staff_link_kind AS ENUM ('setup', 'password_reset');
-- Corner style of the account's pages.
CREATE TYPE corner_style AS ENUM ('sharp', 'soft', 'round');

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
    logo bytea,
    logo_type text NOT NULL DEFAULT '',
    logo_hash text NOT NULL DEFAULT '',
    show_product boolean NOT NULL DEFAULT false,
    time_zone text NOT NULL DEFAULT 'UTC',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
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
COMMENT ON COLUMN account.logo IS 'The logo file; null when the account has none and its name stands instead.';
COMMENT ON COLUMN account.logo_type IS 'Media type of the logo; empty without one.';
COMMENT ON COLUMN account.logo_hash IS 'Content hash of the logo, part of its path; empty without one.';
COMMENT ON COLUMN account.show_product IS 'Whether portal pages and mails may name Atrium.';
COMMENT ON COLUMN account.time_zone IS 'IANA name; days of the trend and times in mails are told in it.';
COMMENT ON COLUMN account.changed_at IS 'Moves forward with every change of the row; programs refresh their memory of accounts by it.';
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
-- +goose StatementBegin
CREATE FUNCTION account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('account_changed', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
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
    CONSTRAINT staff_pkey PRIMARY KEY (id),
    CONSTRAINT staff_email_key UNIQUE (email)
);
COMMENT ON TABLE staff IS 'A person who uses the admin side, of one account or several.';
COMMENT ON COLUMN staff.password_hash IS 'argon2id; null until the set-up link was used.';

CREATE TABLE staff_membership (
    account_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    role staff_role NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT staff_membership_pkey PRIMARY KEY (account_id, staff_id),
    CONSTRAINT staff_membership_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT staff_membership_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE
);
COMMENT ON TABLE staff_membership IS 'The role a staff person has in one account.';
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
    CONSTRAINT staff_session_pkey PRIMARY KEY (id),
    CONSTRAINT staff_session_token_key UNIQUE (token_hash),
    CONSTRAINT staff_session_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT staff_session_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON COLUMN staff_session.token_hash IS 'SHA-256 of the cookie''s value.';
COMMENT ON COLUMN staff_session.last_seen_at IS 'Kept to within five minutes; 14 days after it the session is over.';
COMMENT ON COLUMN staff_session.expires_at IS 'Over at this time however much it was used; 90 days after it began.';
CREATE INDEX staff_session_open ON staff_session (staff_id) WHERE ended_at IS NULL;

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
CREATE INDEX contact_search ON contact USING gin (account_id, (name || ' ' || email::text) gin_trgm_ops);
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
CREATE UNIQUE INDEX invitation_open ON invitation (account_id, contact_id) WHERE ended_at IS NULL;
CREATE INDEX invitation_contact ON invitation (account_id, contact_id, id DESC);
CREATE INDEX invitation_expiry ON invitation (expires_at) WHERE ended_at IS NULL;

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
CREATE INDEX magic_link_contact ON magic_link (account_id, contact_id, id DESC);
CREATE INDEX magic_link_invitation ON magic_link (account_id, invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX magic_link_expiry ON magic_link (expires_at) WHERE ended_at IS NULL;

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
    CONSTRAINT sign_in_request_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT sign_in_request_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT sign_in_request_link_fkey FOREIGN KEY (account_id, link_id) REFERENCES magic_link (account_id, id) ON DELETE CASCADE,
    CONSTRAINT sign_in_request_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE sign_in_request IS 'Somebody asked to be mailed a sign-in link; written alike for known and unknown addresses, so that neither answer nor time tells which.';
COMMENT ON COLUMN sign_in_request.browser_hash IS 'SHA-256 of the asking browser''s cookie; the code works only there.';
COMMENT ON COLUMN sign_in_request.link_id IS 'The link that was mailed; null until the job ran, and for unknown addresses for ever.';
COMMENT ON COLUMN sign_in_request.tries IS 'Codes tried; the fifth wrong one ends the request.';
CREATE INDEX sign_in_request_browser ON sign_in_request (account_id, browser_hash, id DESC) WHERE ended_at IS NULL;
CREATE INDEX sign_in_request_link ON sign_in_request (account_id, link_id) WHERE link_id IS NOT NULL;
CREATE INDEX sign_in_request_expiry ON sign_in_request (expires_at) WHERE ended_at IS NULL;

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
    CONSTRAINT session_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT session_token_key UNIQUE (account_id, token_hash),
    CONSTRAINT session_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT session_end CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
COMMENT ON TABLE session IS 'A browser in which a client is signed in.';
COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the cookie''s value.';
COMMENT ON COLUMN session.last_seen_at IS 'Kept to within five minutes; 14 days after it the session is over.';
COMMENT ON COLUMN session.expires_at IS 'Over at this time however much it was used; 90 days after it began.';
CREATE INDEX session_contact ON session (account_id, contact_id, id DESC);
CREATE INDEX session_expiry ON session (last_seen_at) WHERE ended_at IS NULL;

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
    CONSTRAINT mail_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT mail_message_id_key UNIQUE (account_id, message_id),
    CONSTRAINT mail_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT mail_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT mail_link_fkey FOREIGN KEY (account_id, link_id) REFERENCES magic_link (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_staff_link_fkey FOREIGN KEY (staff_link_id) REFERENCES staff_link (id) ON DELETE CASCADE,
    CONSTRAINT mail_sign_in_request_fkey FOREIGN KEY (account_id, sign_in_request_id) REFERENCES sign_in_request (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_person CHECK ((contact_id IS NULL) <> (staff_id IS NULL)),
    CONSTRAINT mail_link CHECK ((contact_id IS NOT NULL) = (link_id IS NOT NULL) AND (staff_id IS NOT NULL) = (staff_link_id IS NOT NULL))
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
    CONSTRAINT metric_pkey PRIMARY KEY (account_id),
    CONSTRAINT metric_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
COMMENT ON TABLE metric IS 'The dashboard''s figures of one account, as of computed_at.';
COMMENT ON COLUMN metric.invited IS 'Contacts that were sent an invitation.';
COMMENT ON COLUMN metric.joined IS 'Contacts that signed in at least once.';
COMMENT ON COLUMN metric.waiting IS 'Contacts last invited over seven days before computed_at and not joined.';

CREATE TABLE metric_day (
    account_id uuid NOT NULL,
    day date NOT NULL,
    invited bigint NOT NULL,
    joined bigint NOT NULL,
    CONSTRAINT metric_day_pkey PRIMARY KEY (account_id, day),
    CONSTRAINT metric_day_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
);
COMMENT ON TABLE metric_day IS 'First invitations and joins of one day in the account''s time zone; a day without either has no row.';
