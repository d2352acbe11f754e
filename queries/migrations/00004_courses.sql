-- +goose Up
-- Courses, what clients do in them, and the ledger of who may see them and why.

-- Why a contact may use a course: what gave it to them.
CREATE TYPE grant_source AS ENUM ('order', 'subscription', 'manual', 'import', 'form', 'free_offer');
-- Why a grant was closed before its planned end, or at it.
CREATE TYPE grant_end AS ENUM ('expired', 'revoked', 'refunded', 'cancelled', 'lapsed');
-- From when the days count after which a course unlocks its parts.
CREATE TYPE drip_clock AS ENUM ('grant', 'first_open', 'date');
-- Where the video of a lesson comes from; upload is a file of ours, the others are addresses elsewhere.
CREATE TYPE video_kind AS ENUM ('none', 'upload', 'youtube', 'vimeo', 'hls', 'mp4');
-- How a question of a quiz is answered.
CREATE TYPE question_kind AS ENUM ('single', 'multiple', 'text');
-- What finished a lesson.
CREATE TYPE completed_by AS ENUM ('button', 'video', 'quiz');

ALTER TYPE mail_kind ADD VALUE 'course_ready';
ALTER TYPE mail_kind ADD VALUE 'lessons_unlocked';
ALTER TYPE mail_kind ADD VALUE 'certificate_ready';
ALTER TYPE mail_kind ADD VALUE 'offer_confirm';
ALTER TYPE task_kind ADD VALUE 'enrol';

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
    CONSTRAINT stored_file_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT stored_file_account_fkey FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT stored_file_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES staff (id) ON DELETE SET NULL,
    CONSTRAINT stored_file_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE stored_file IS 'A file in the files folder or bucket, at its account''s id and its own. The row is written first, so that what an upload leaves behind is found.';
COMMENT ON COLUMN stored_file.name IS 'As its sender called it, without folders; for showing and saving only.';
COMMENT ON COLUMN stored_file.media_type IS 'What its content says it is; empty until it is ready.';
COMMENT ON COLUMN stored_file.ready_at IS 'When the whole of it was kept; null while it comes.';
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
-- +goose StatementBegin
CREATE FUNCTION grant_open(starts_at timestamptz, ends_at timestamptz, ended_at timestamptz, at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT starts_at <= at AND (ends_at IS NULL OR ends_at > at) AND (ended_at IS NULL OR ended_at > at)
$$;
-- +goose StatementEnd

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
    CONSTRAINT access_grant_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT access_grant_source_key UNIQUE (account_id, source, source_id, course_id),
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
CREATE INDEX access_grant_contact ON access_grant (account_id, contact_id, course_id);
CREATE INDEX access_grant_course ON access_grant (account_id, course_id, contact_id);
CREATE INDEX access_grant_ends ON access_grant (ends_at) WHERE ended_at IS NULL AND ends_at IS NOT NULL;

-- The ledger keeps what was: a grant is closed once, moves with its contact when two become one, and is gone only with its
-- contact or account. Staff who leave are forgotten in it.
-- +goose StatementBegin
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
-- +goose StatementEnd
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

ALTER TABLE form ADD COLUMN course_id uuid;
COMMENT ON COLUMN form.course_id IS 'The course that whoever fills it in is given; null: none.';
ALTER TABLE contact_import ADD COLUMN course_id uuid;
COMMENT ON COLUMN contact_import.course_id IS 'The course that everybody in the file is given; null: none.';
ALTER TABLE magic_link ADD COLUMN path text NOT NULL DEFAULT '';
COMMENT ON COLUMN magic_link.path IS 'The page of the portal the client lands on, such as a lesson; empty: the target app.';
ALTER TABLE sign_in_request ADD COLUMN path text NOT NULL DEFAULT '';
COMMENT ON COLUMN sign_in_request.path IS 'The page they wanted before they were asked to sign in; empty: the target app.';
ALTER TABLE mail ADD COLUMN course_id uuid, ADD COLUMN certificate_id uuid, ADD COLUMN unlock_notice_id uuid, ADD COLUMN offer_claim_id uuid;
ALTER TABLE mail DROP CONSTRAINT mail_person;
ALTER TABLE mail ADD CONSTRAINT mail_person CHECK (num_nonnulls(contact_id, staff_id, form_submission_id, offer_claim_id) = 1);
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
-- +goose StatementBegin
CREATE FUNCTION app_on(of_account uuid, of_app app) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT NOT EXISTS (SELECT FROM account_app a WHERE a.account_id = of_account AND a.app = of_app AND NOT a.switched_on)
$$;
-- +goose StatementEnd

-- The day a moment falls on in a time zone, or in UTC where this server does not know the zone.
-- +goose StatementBegin
CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (at AT TIME ZONE zone)::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (at AT TIME ZONE 'UTC')::date;
END
$$;
-- +goose StatementEnd

-- The day on which a part of a course unlocks; null: at once.
-- +goose StatementBegin
CREATE FUNCTION unlock_day(clock_day date, drip_days integer, drip_date date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT coalesce(drip_date, clock_day + drip_days)
$$;
-- +goose StatementEnd

-- Who may use which course at a time, and for how long as far as it is known: the one place that decides it. A draft or
-- deleted course is nobody's, and neither is any while the app is switched off.
-- +goose StatementBegin
CREATE FUNCTION courses_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, since timestamptz, until timestamptz) LANGUAGE sql STABLE AS $$
SELECT g.course_id, min(g.starts_at), CASE WHEN bool_or(g.ends_at IS NULL) THEN NULL ELSE max(g.ends_at) END
FROM access_grant g JOIN course k ON k.account_id = g.account_id AND k.id = g.course_id
WHERE g.account_id = of_account AND g.contact_id = of_contact AND grant_open(g.starts_at, g.ends_at, g.ended_at, at)
    AND k.published_at IS NOT NULL AND k.published_at <= at AND k.deleted_at IS NULL AND app_on(of_account, 'courses')
GROUP BY g.course_id
$$;
-- +goose StatementEnd

-- The way of a client through their courses: each lesson in order, the day it unlocks (null: from the first on), when it was
-- finished, and whether the one before it keeps it shut. What was finished stays open.
-- +goose StatementBegin
CREATE FUNCTION lessons_of(of_account uuid, of_contact uuid, at timestamptz)
    RETURNS TABLE (course_id uuid, module_id uuid, lesson_id uuid, place bigint, opens_on date, today date, completed_at timestamptz, waits boolean, is_open boolean)
    LANGUAGE sql STABLE AS $$
WITH clock AS (
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
-- +goose StatementEnd
