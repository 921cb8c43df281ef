-- Times are Unix ms. Keys of organisation-owned tables begin with org_id. Text sorts by its bytes (COLLATE "C").
-- JSON that is only handed on is kept as text, JSON that is asked about as jsonb. Flags are 0 or 1.

CREATE TABLE orgs (
    id         text COLLATE "C" PRIMARY KEY,
    name       text COLLATE "C" NOT NULL,
    slug       text COLLATE "C" NOT NULL UNIQUE,
    tier       text COLLATE "C" NOT NULL,
    status     text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);

-- One row per organisation, locked by whoever appends to its log: it gives the next event number, and a clock that never
-- gives the same millisecond to two commits, so that what is listed by time is listed in commit order.
CREATE TABLE org_heads (
    org_id    text COLLATE "C" PRIMARY KEY REFERENCES orgs(id),
    event_seq bigint NOT NULL,
    clock     bigint NOT NULL
) WITH (fillfactor = 50); -- room to write the new version of a row beside the old one

CREATE TABLE api_keys (
    org_id       text COLLATE "C" NOT NULL REFERENCES orgs(id),
    id           text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    prefix       text COLLATE "C" NOT NULL,
    permissions  text COLLATE "C" NOT NULL,
    status       text COLLATE "C" NOT NULL,
    expires_at   bigint,
    last_used_at bigint,
    created_at   bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Global look-up: SHA-256 of the secret to its record.
CREATE TABLE api_key_hashes (
    hash   bytea PRIMARY KEY,
    org_id text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL
);

CREATE TABLE secrets (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE domains (
    org_id      text COLLATE "C" NOT NULL REFERENCES orgs(id),
    id          text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    status      text COLLATE "C" NOT NULL,
    region      text COLLATE "C",
    shared      integer NOT NULL,
    created_at  bigint NOT NULL,
    verified_at bigint,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX domains_by_name ON domains (org_id, name);
CREATE UNIQUE INDEX domains_shared ON domains (shared) WHERE shared = 1;

-- Global look-up: who receives for a domain name. Only verified and shared domains stand here.
CREATE TABLE domain_names (
    name      text COLLATE "C" PRIMARY KEY,
    org_id    text COLLATE "C" NOT NULL,
    domain_id text COLLATE "C" NOT NULL,
    shared    integer NOT NULL
);

CREATE TABLE dkim_keys (
    org_id      text COLLATE "C" NOT NULL,
    domain_id   text COLLATE "C" NOT NULL,
    selector    text COLLATE "C" NOT NULL,
    algorithm   text COLLATE "C" NOT NULL,
    private_key text COLLATE "C" NOT NULL,
    public_key  text COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL,
    PRIMARY KEY (org_id, domain_id, selector)
);

CREATE TABLE inboxes (
    org_id            text COLLATE "C" NOT NULL REFERENCES orgs(id),
    id                text COLLATE "C" NOT NULL,
    domain_id         text COLLATE "C" NOT NULL,
    domain_name       text COLLATE "C" NOT NULL,
    local_part        text COLLATE "C" NOT NULL,
    display_name      text COLLATE "C",
    webhook           text COLLATE "C",
    extraction_schema text COLLATE "C",
    status            text COLLATE "C" NOT NULL,
    created_at        bigint NOT NULL,
    deleted_at        bigint,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX inboxes_by_age ON inboxes (org_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX inboxes_by_domain ON inboxes (org_id, domain_id, created_at, id) WHERE deleted_at IS NULL;

-- Global look-up: an address to its inbox. A domain that is pending in several organisations has an id in each.
CREATE TABLE addresses (
    domain_id  text COLLATE "C" NOT NULL,
    local_part text COLLATE "C" NOT NULL,
    org_id     text COLLATE "C" NOT NULL,
    inbox_id   text COLLATE "C" NOT NULL,
    active     integer NOT NULL,
    PRIMARY KEY (domain_id, local_part)
);

CREATE TABLE threads (
    org_id            text COLLATE "C" NOT NULL,
    id                text COLLATE "C" NOT NULL,
    inbox_id          text COLLATE "C" NOT NULL,
    domain_id         text COLLATE "C" NOT NULL,
    subject           text COLLATE "C",
    subject_key       text COLLATE "C" NOT NULL,
    reply_token       text COLLATE "C" NOT NULL,
    message_count     integer NOT NULL,
    first_message_at  bigint NOT NULL,
    last_message_at   bigint NOT NULL,
    snippet           text COLLATE "C" NOT NULL,
    last_direction    text COLLATE "C" NOT NULL,
    has_attachments   integer NOT NULL,
    participants      jsonb NOT NULL,
    status            text COLLATE "C" NOT NULL,
    assigned_to       text COLLATE "C",
    tags              text[] NOT NULL,
    triage_updated_at bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX threads_by_inbox ON threads (org_id, inbox_id, last_message_at, id);
CREATE INDEX threads_by_domain ON threads (org_id, domain_id, last_message_at, id);
CREATE INDEX threads_by_subject ON threads (org_id, inbox_id, subject_key, last_message_at) WHERE subject_key <> '';

-- Every Message-ID that an inbox has seen, its own messages' and those they refer to, with the thread it belongs to.
-- received_id is the received message that has it: a retry is looked for there.
CREATE TABLE thread_refs (
    org_id     text COLLATE "C" NOT NULL,
    inbox_id   text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    thread_id  text COLLATE "C" NOT NULL,
    received_id text COLLATE "C",
    PRIMARY KEY (org_id, inbox_id, message_id)
);

-- inline is null for a message that is too large for a row: it is in the blob store under its hash.
CREATE TABLE raw_messages (
    org_id text COLLATE "C" NOT NULL,
    id     text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    size   bigint NOT NULL,
    inline bytea,
    PRIMARY KEY (org_id, id)
);
-- Mail is mostly encoded already: trying to compress it costs more time than it saves space.
ALTER TABLE raw_messages ALTER COLUMN inline SET STORAGE EXTERNAL;

CREATE TABLE messages (
    org_id          text COLLATE "C" NOT NULL,
    id              text COLLATE "C" NOT NULL,
    thread_id       text COLLATE "C" NOT NULL,
    inbox_id        text COLLATE "C" NOT NULL,
    inbox_address   text COLLATE "C" NOT NULL,
    domain_id       text COLLATE "C" NOT NULL,
    raw_id          text COLLATE "C" NOT NULL,
    direction       text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    sender          text COLLATE "C" NOT NULL,
    subject         text COLLATE "C" NOT NULL,
    participants    text COLLATE "C" NOT NULL,
    content         text COLLATE "C" NOT NULL,
    content_html    text COLLATE "C",
    attachment_ids  text COLLATE "C" NOT NULL,
    smtp_message_id text COLLATE "C",
    in_reply_to     text COLLATE "C",
    refs            text COLLATE "C" NOT NULL,
    retry_key       bytea,
    delivery_status text COLLATE "C",
    delivery_data   text COLLATE "C",
    metadata        text COLLATE "C",
    PRIMARY KEY (org_id, id)
);
CREATE INDEX messages_by_thread ON messages (org_id, thread_id, created_at, id);
CREATE INDEX messages_by_inbox ON messages (org_id, inbox_id, created_at, id);
CREATE INDEX messages_by_domain ON messages (org_id, domain_id, created_at, id);
CREATE INDEX messages_by_sender ON messages (org_id, sender, created_at, id);

CREATE TABLE attachments (
    org_id     text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    message_id text COLLATE "C",
    part_path  text COLLATE "C",
    blob_key   text COLLATE "C",
    file_name  text COLLATE "C" NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    size       bigint NOT NULL,
    content_id text COLLATE "C",
    created_at bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE recipients (
    org_id          text COLLATE "C" NOT NULL,
    message_id      text COLLATE "C" NOT NULL,
    address         text COLLATE "C" NOT NULL,
    destination     text COLLATE "C" NOT NULL,
    status          text COLLATE "C" NOT NULL,
    attempts        integer NOT NULL,
    last_code       integer,
    last_detail     text COLLATE "C",
    next_attempt_at bigint,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (org_id, message_id, address)
);

CREATE TABLE idempotency (
    org_id      text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status      integer NOT NULL,
    body        bytea NOT NULL,
    created_at  bigint NOT NULL,
    PRIMARY KEY (org_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Accepted sends, counted per second of time: the sliding windows are sums over it.
CREATE TABLE sends (
    org_id text COLLATE "C" NOT NULL,
    second bigint NOT NULL,
    count  integer NOT NULL,
    PRIMARY KEY (org_id, second)
);
CREATE INDEX sends_by_age ON sends (second);

CREATE TABLE events (
    org_id     text COLLATE "C" NOT NULL,
    seq        bigint NOT NULL,
    type       text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    inbox_id   text COLLATE "C",
    thread_id  text COLLATE "C",
    message_id text COLLATE "C",
    data       text COLLATE "C",
    PRIMARY KEY (org_id, seq)
);

CREATE TABLE jobs (
    id          text COLLATE "C" PRIMARY KEY,
    kind        text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    org_id      text COLLATE "C" NOT NULL,
    payload     text COLLATE "C" NOT NULL,
    attempts    integer NOT NULL,
    due_at      bigint NOT NULL,
    lease       text COLLATE "C",
    lease_until bigint NOT NULL
);
-- A leased job is due when its lease ends: one index finds what is due and what was let go.
CREATE INDEX jobs_by_due ON jobs (kind, due_at, id);
CREATE INDEX jobs_by_key ON jobs (kind, key, due_at, id);
CREATE INDEX jobs_leased ON jobs (kind, key) WHERE lease IS NOT NULL;
