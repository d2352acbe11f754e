-- +goose Up
-- What staff need to run their portal: contacts at scale, brand, apps, mail texts, long work, forms, people, trail.

ALTER TYPE mail_kind ADD VALUE 'reminder';
ALTER TYPE mail_kind ADD VALUE 'welcome';
ALTER TYPE mail_kind ADD VALUE 'form_confirm';
ALTER TYPE mail_kind ADD VALUE 'email_change';
ALTER TYPE mail_kind ADD VALUE 'email_changed';
ALTER TYPE mail_kind ADD VALUE 'staff_added';
ALTER TYPE link_kind ADD VALUE 'visit';
ALTER TYPE sign_in_method ADD VALUE 'staff';

-- How a page chooses between light and dark: as the reader's system says, or always one.
CREATE TYPE color_scheme AS ENUM ('auto', 'light', 'dark');
-- Long work that staff started, which goes on without them.
CREATE TYPE task_kind AS ENUM ('invite', 'magic_link', 'tag', 'untag', 'export', 'delete', 'import_check', 'import');
CREATE TYPE task_state AS ENUM ('queued', 'running', 'done', 'cancelled', 'failed');
-- What became of one contact or one row of a task. The last five are an import's.
CREATE TYPE task_outcome AS ENUM ('done', 'skipped', 'failed', 'new', 'updated', 'same', 'invalid', 'duplicate');

-- +goose StatementBegin
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
-- +goose StatementEnd

-- +goose StatementBegin
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
-- +goose StatementEnd

-- What a search of contacts looks through. array_to_string is only stable for the sake of types whose text depends on settings;
-- text itself does not.
-- +goose StatementBegin
CREATE FUNCTION contact_search(name text, email citext, company text, tags text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT ' ' || lower(name || ' ' || email::text || ' ' || company || ' ' || array_to_string(tags, ' '))
$$;
-- +goose StatementEnd

ALTER TABLE account
    ADD COLUMN scheme color_scheme NOT NULL DEFAULT 'auto',
    ADD COLUMN footer_links jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN menu_links jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN sign_in_title text NOT NULL DEFAULT '',
    ADD COLUMN sign_in_text text NOT NULL DEFAULT '',
    ADD COLUMN picture_hash text NOT NULL DEFAULT '',
    ADD COLUMN icon_hash text NOT NULL DEFAULT '',
    ADD COLUMN landing app NOT NULL DEFAULT 'home',
    ADD COLUMN sender_name text NOT NULL DEFAULT '',
    ADD COLUMN reminder_days smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN staff_may_change boolean NOT NULL DEFAULT false,
    ADD COLUMN require_two_factor boolean NOT NULL DEFAULT false,
    ADD COLUMN welcome_mail boolean NOT NULL DEFAULT false;
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

ALTER TABLE staff
    ADD COLUMN totp_secret bytea,
    ADD COLUMN totp_confirmed_at timestamptz,
    ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN staff.totp_secret IS 'The second factor''s secret, encrypted with a key from SECRET; null without one.';
COMMENT ON COLUMN staff.totp_confirmed_at IS 'When the first code was right; null until then, and then no code is asked for.';
COMMENT ON COLUMN staff.totp_step IS 'The last 30-second step whose code was used, so that none is used twice.';

ALTER TABLE staff_session
    ADD COLUMN waits_for_code boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN staff_session.waits_for_code IS 'The password was right and the second factor is still to come; until then it opens nothing else.';
CREATE INDEX staff_session_seen ON staff_session (staff_id, last_seen_at DESC) WHERE NOT waits_for_code;

ALTER TABLE staff_membership
    ADD COLUMN added_by uuid,
    ADD CONSTRAINT staff_membership_added_by_fkey FOREIGN KEY (added_by) REFERENCES staff (id) ON DELETE SET NULL;
COMMENT ON COLUMN staff_membership.added_by IS 'The staff person who invited them; null when the program did or the person is gone.';

ALTER TABLE contact
    ADD COLUMN phone text NOT NULL DEFAULT '',
    ADD COLUMN company text NOT NULL DEFAULT '',
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN sent_at timestamptz,
    ADD COLUMN filter_opened_at timestamptz,
    ADD COLUMN opened_at timestamptz,
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN no_mail_at timestamptz,
    ADD COLUMN time_zone text NOT NULL DEFAULT '',
    ADD COLUMN locale text NOT NULL DEFAULT '',
    ADD COLUMN avatar_hash text NOT NULL DEFAULT '',
    ADD COLUMN search text NOT NULL GENERATED ALWAYS AS (contact_search(name, email, company, tags)) STORED,
    ADD COLUMN deletion_asked_at timestamptz;
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

ALTER TABLE session
    ADD COLUMN staff_id uuid,
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN may_change boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN session.staff_id IS 'Set: a staff person looks at the portal as this client.';
COMMENT ON COLUMN session.reason IS 'Why they do; empty for clients themselves.';
COMMENT ON COLUMN session.may_change IS 'Whether it may change anything.';

ALTER TABLE magic_link
    ADD COLUMN reason text NOT NULL DEFAULT '';
COMMENT ON COLUMN magic_link.reason IS 'Why staff want to look as the client; empty for all kinds but visit.';

ALTER TABLE mail
    ADD COLUMN form_submission_id uuid,
    ADD COLUMN email_change_id uuid;

ALTER TABLE invitation
    ADD COLUMN reminded smallint NOT NULL DEFAULT 0,
    ADD COLUMN reminded_at timestamptz;
COMMENT ON COLUMN invitation.reminded IS 'How many of the account''s reminder days are behind it.';
COMMENT ON COLUMN invitation.reminded_at IS 'When the last reminder was queued; null before the first.';
CREATE INDEX invitation_reminder ON invitation (account_id, reminded, created_at) WHERE ended_at IS NULL AND bounced_at IS NULL AND sent_at IS NOT NULL;

ALTER TABLE metric
    ADD COLUMN sent bigint NOT NULL DEFAULT 0,
    ADD COLUMN filter_opened bigint NOT NULL DEFAULT 0,
    ADD COLUMN opened bigint NOT NULL DEFAULT 0,
    ADD COLUMN active bigint NOT NULL DEFAULT 0,
    ADD COLUMN recounted_at timestamptz,
    ADD COLUMN drift bigint NOT NULL DEFAULT 0,
    ADD COLUMN took_ms bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN metric.sent IS 'Contacts whose invitation a mail server accepted.';
COMMENT ON COLUMN metric.filter_opened IS 'Contacts of whose invitation only filters looked at the link.';
COMMENT ON COLUMN metric.opened IS 'Contacts who looked at their invitation''s link, or joined.';
COMMENT ON COLUMN metric.active IS 'Contacts who used the portal within 30 days before computed_at.';
COMMENT ON COLUMN metric.recounted_at IS 'When the nightly count last proved the figures.';
COMMENT ON COLUMN metric.drift IS 'By how much the figures were wrong then, summed over all of them.';
COMMENT ON COLUMN metric.took_ms IS 'How long the count took, in milliseconds; the next one keeps a distance by it.';

ALTER TABLE metric_day
    ADD COLUMN active bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN metric_day.active IS 'Clients who were last seen on that day.';

ALTER TABLE mail DROP CONSTRAINT mail_person;
ALTER TABLE mail ADD CONSTRAINT mail_person CHECK (num_nonnulls(contact_id, staff_id, form_submission_id) = 1);
ALTER TABLE mail DROP CONSTRAINT mail_link;
ALTER TABLE mail ADD CONSTRAINT mail_link CHECK ((link_id IS NULL OR contact_id IS NOT NULL) AND (staff_link_id IS NULL OR staff_id IS NOT NULL));

-- What is known already of the new facts, before their indexes are built. One whose address was corrected has an invitation that was
-- revoked with it, which tells nothing of the address they have.
UPDATE contact SET sent_at = fact.sent_at, filter_opened_at = fact.filter_opened_at, opened_at = fact.opened_at, last_seen_at = fact.last_seen_at
FROM (
    SELECT c.account_id, c.id, (
        SELECT min(m.sent_at) FROM mail m WHERE m.account_id = c.account_id AND m.contact_id = c.id AND m.kind = 'invitation' AND m.to_email = c.email
    ) AS sent_at, (
        SELECT min(f.at) FROM magic_link l JOIN link_fetch f ON f.account_id = l.account_id AND f.link_id = l.id
        WHERE l.account_id = c.account_id AND l.contact_id = c.id AND l.kind = 'invitation' AND l.ended_because IS DISTINCT FROM 'revoked' AND f.by_filter
    ) AS filter_opened_at, least(c.joined_at, (
        SELECT min(f.at) FROM magic_link l JOIN link_fetch f ON f.account_id = l.account_id AND f.link_id = l.id
        WHERE l.account_id = c.account_id AND l.contact_id = c.id AND l.kind = 'invitation' AND l.ended_because IS DISTINCT FROM 'revoked' AND NOT f.by_filter
    )) AS opened_at, (
        SELECT max(s.last_seen_at) FROM session s WHERE s.account_id = c.account_id AND s.contact_id = c.id
    ) AS last_seen_at
    FROM contact c WHERE c.invited_at IS NOT NULL OR c.joined_at IS NOT NULL
) fact WHERE contact.account_id = fact.account_id AND contact.id = fact.id;

DROP INDEX contact_search;
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
INSERT INTO picture (account_id, hash, media_type, content, created_at)
SELECT id, logo_hash, logo_type, logo, changed_at FROM account WHERE logo IS NOT NULL;
ALTER TABLE account DROP COLUMN logo, DROP COLUMN logo_type;
COMMENT ON COLUMN account.logo_hash IS 'The logo; empty when the account has none and its name stands instead.';

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
-- +goose StatementBegin
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
-- +goose StatementEnd

-- Points every row that points at one contact at another, and answers which: their keys, by table and column.
-- +goose StatementBegin
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
-- +goose StatementEnd

-- Points the rows that contact_move answered back, but for those that are gone or point elsewhere by now.
-- +goose StatementBegin
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
-- +goose StatementEnd

-- A contact's row as it is, without what is worked out from it.
-- +goose StatementBegin
CREATE FUNCTION contact_row(of_account uuid, of_contact uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT to_jsonb(c) - 'search' FROM contact c WHERE c.account_id = of_account AND c.id = of_contact
$$;
-- +goose StatementEnd

-- Writes a row that contact_row answered again. Columns that were added since have their defaults.
-- +goose StatementBegin
CREATE FUNCTION contact_restore(was jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(quote_ident(key), ', ' ORDER BY key) INTO columns FROM jsonb_object_keys(was) AS key;
    EXECUTE format('INSERT INTO contact (%1$s) SELECT %1$s FROM jsonb_populate_record(NULL::contact, $1)', columns) USING was;
END
$$;
-- +goose StatementEnd

-- Gives the columns of a contact that a change turned from one row into another their old values, but for those that were
-- changed again since. Of tags it takes those away that the change brought.
-- +goose StatementBegin
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
-- +goose StatementEnd

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
-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

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
