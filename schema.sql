-- The picture of the database: what queries/migrations builds, in one place.
-- sqlc reads it; a test builds one database from each and compares them.
--
-- Every table of an account has account_id, leading its primary key and every
-- foreign key, so that a row of one account cannot even point at another's.
-- Ids are UUIDv7 made by the program. Times come in as parameters.

CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gin;

-- What a person of the business may do in one account; each includes the ones before it.
CREATE TYPE staff_role AS ENUM ('support', 'admin', 'owner');
-- One section of the portal.
CREATE TYPE app AS ENUM ('home', 'courses', 'communities', 'invoices', 'documents', 'subscriptions', 'affiliate', 'profile');
-- Where a contact came from.
CREATE TYPE contact_source AS ENUM ('checkout', 'form', 'import', 'manual');
-- What a mail is for; it names the template.
CREATE TYPE mail_kind AS ENUM ('invitation', 'magic_link', 'sign_in', 'staff_setup', 'password_reset', 'reminder', 'welcome', 'form_confirm', 'email_change', 'email_changed', 'staff_added');
-- queued: waiting for its first try. sent: the server accepted it. deferred: refused for now, will be tried again.
-- bounced: the address was refused for good. failed: given up after a day of deferrals.
-- withdrawn: no longer wanted before it was sent.
CREATE TYPE mail_state AS ENUM ('queued', 'sent', 'deferred', 'bounced', 'failed', 'withdrawn');
-- Why a magic link exists: sent with an invitation, made by staff, asked for by the client, or for staff to look as the client.
CREATE TYPE link_kind AS ENUM ('invitation', 'staff', 'sign_in', 'visit');
-- Why a link, invitation, code or session is over.
CREATE TYPE end_reason AS ENUM ('used', 'expired', 'revoked', 'superseded', 'signed_out', 'password_changed', 'too_many_tries');
-- How somebody proved who they are.
CREATE TYPE sign_in_method AS ENUM ('password', 'invitation', 'link', 'code', 'staff');
-- What a staff link lets its holder do.
CREATE TYPE staff_link_kind AS ENUM ('setup', 'password_reset');
-- Corner style of the account's pages.
CREATE TYPE corner_style AS ENUM ('sharp', 'soft', 'round');
-- How a page chooses between light and dark: as the reader's system says, or always one.
CREATE TYPE color_scheme AS ENUM ('auto', 'light', 'dark');
-- Long work that staff started, which goes on without them.
CREATE TYPE task_kind AS ENUM ('invite', 'magic_link', 'tag', 'untag', 'export', 'delete', 'import_check', 'import');
CREATE TYPE task_state AS ENUM ('queued', 'running', 'done', 'cancelled', 'failed');
-- What became of one contact or one row of a task. The last five are an import's.
CREATE TYPE task_outcome AS ENUM ('done', 'skipped', 'failed', 'new', 'updated', 'same', 'invalid', 'duplicate');

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
END
$$;

-- When a contact last used the portal: within so many days, longer ago, or never.
CREATE FUNCTION contact_seen(seen text, now timestamptz, last_seen_at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE seen
    WHEN '' THEN true
    WHEN '7' THEN last_seen_at IS NOT NULL AND last_seen_at >= now - interval '168 hours'
    WHEN '30' THEN last_seen_at IS NOT NULL AND last_seen_at >= now - interval '720 hours'
    WHEN 'earlier' THEN last_seen_at IS NOT NULL AND last_seen_at < now - interval '720 hours'
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
    CONSTRAINT mail_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT mail_message_id_key UNIQUE (account_id, message_id),
    CONSTRAINT mail_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT mail_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_staff_fkey FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE,
    CONSTRAINT mail_link_fkey FOREIGN KEY (account_id, link_id) REFERENCES magic_link (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_staff_link_fkey FOREIGN KEY (staff_link_id) REFERENCES staff_link (id) ON DELETE CASCADE,
    CONSTRAINT mail_sign_in_request_fkey FOREIGN KEY (account_id, sign_in_request_id) REFERENCES sign_in_request (account_id, id) ON DELETE CASCADE,
    CONSTRAINT mail_person CHECK (num_nonnulls(contact_id, staff_id, form_submission_id) = 1),
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
COMMENT ON COLUMN picture.hash IS 'Content hash, part of its path.';

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
