-- Times are Unix ms. Keys of organisation-owned tables begin with org_id.
-- JSON is kept as text. Flags are 0 or 1.

CREATE TABLE orgs (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    slug       TEXT NOT NULL UNIQUE,
    tier       TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per organisation, locked by whoever appends to its log: it gives the next event number, and a clock that never
-- gives the same millisecond to two commits, so that what is listed by time is listed in commit order.
CREATE TABLE org_heads (
    org_id    TEXT PRIMARY KEY REFERENCES orgs(id),
    event_seq INTEGER NOT NULL,
    clock     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
    org_id       TEXT NOT NULL REFERENCES orgs(id),
    id           TEXT NOT NULL,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    permissions  TEXT NOT NULL,
    status       TEXT NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;

-- Global look-up: SHA-256 of the secret to its record.
CREATE TABLE api_key_hashes (
    hash   BLOB PRIMARY KEY,
    org_id TEXT NOT NULL,
    key_id TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE domains (
    org_id      TEXT NOT NULL REFERENCES orgs(id),
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    status      TEXT NOT NULL,
    region      TEXT,
    shared      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    verified_at INTEGER,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX domains_by_name ON domains (org_id, name);

-- Global look-up: who receives for a domain name. Only verified and shared domains stand here.
CREATE TABLE domain_names (
    name      TEXT PRIMARY KEY,
    org_id    TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    shared    INTEGER NOT NULL
) WITHOUT ROWID;
-- There is one shared domain, found without its name.
CREATE UNIQUE INDEX domain_names_shared ON domain_names (shared) WHERE shared = 1;

CREATE TABLE dkim_keys (
    org_id      TEXT NOT NULL,
    domain_id   TEXT NOT NULL,
    selector    TEXT NOT NULL,
    algorithm   TEXT NOT NULL,
    private_key TEXT NOT NULL,
    public_key  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, domain_id, selector)
) WITHOUT ROWID;

CREATE TABLE inboxes (
    org_id            TEXT NOT NULL REFERENCES orgs(id),
    id                TEXT NOT NULL,
    domain_id         TEXT NOT NULL,
    domain_name       TEXT NOT NULL,
    local_part        TEXT NOT NULL,
    display_name      TEXT,
    webhook           TEXT,
    extraction_schema TEXT,
    status            TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE INDEX inboxes_by_age ON inboxes (org_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX inboxes_by_domain ON inboxes (org_id, domain_id, created_at, id) WHERE deleted_at IS NULL;

-- Global look-up: an address to its inbox. A domain that is pending in several organisations has an id in each.
CREATE TABLE addresses (
    domain_id  TEXT NOT NULL,
    local_part TEXT NOT NULL,
    org_id     TEXT NOT NULL,
    inbox_id   TEXT NOT NULL,
    active     INTEGER NOT NULL,
    PRIMARY KEY (domain_id, local_part)
) WITHOUT ROWID;

CREATE TABLE threads (
    org_id            TEXT NOT NULL,
    id                TEXT NOT NULL,
    inbox_id          TEXT NOT NULL,
    domain_id         TEXT NOT NULL,
    subject           TEXT,
    subject_key       TEXT NOT NULL,
    reply_token       TEXT NOT NULL,
    message_count     INTEGER NOT NULL,
    first_message_at  INTEGER NOT NULL,
    last_message_at   INTEGER NOT NULL,
    snippet           TEXT NOT NULL,
    last_direction    TEXT NOT NULL,
    has_attachments   INTEGER NOT NULL,
    participants      TEXT NOT NULL,
    status            TEXT NOT NULL,
    assigned_to       TEXT,
    tags              TEXT NOT NULL,
    triage_updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE INDEX threads_by_inbox ON threads (org_id, inbox_id, last_message_at, id);
CREATE INDEX threads_by_domain ON threads (org_id, domain_id, last_message_at, id);
CREATE INDEX threads_by_subject ON threads (org_id, inbox_id, subject_key, last_message_at) WHERE subject_key <> '';

-- Every Message-ID that an inbox has seen, its own messages' and those they refer to, with the thread it belongs to.
-- received_id is the received message that has it: a retry is looked for there.
CREATE TABLE thread_refs (
    org_id     TEXT NOT NULL,
    inbox_id   TEXT NOT NULL,
    message_id TEXT NOT NULL,
    thread_id  TEXT NOT NULL,
    received_id TEXT,
    PRIMARY KEY (org_id, inbox_id, message_id)
) WITHOUT ROWID;

-- inline is null for a message that is too large for a row: it is in the blob store under its hash.
CREATE TABLE raw_messages (
    org_id TEXT NOT NULL,
    id     TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    size   INTEGER NOT NULL,
    inline BLOB,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE messages (
    org_id          TEXT NOT NULL,
    id              TEXT NOT NULL,
    thread_id       TEXT NOT NULL,
    inbox_id        TEXT NOT NULL,
    inbox_address   TEXT NOT NULL,
    domain_id       TEXT NOT NULL,
    raw_id          TEXT NOT NULL,
    direction       TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    retry_key       BLOB,
    sender          TEXT NOT NULL,
    subject         TEXT NOT NULL,
    participants    TEXT NOT NULL,
    content         TEXT NOT NULL,
    content_html    TEXT,
    attachment_ids  TEXT NOT NULL,
    smtp_message_id TEXT,
    in_reply_to     TEXT,
    refs            TEXT NOT NULL,
    delivery_status TEXT,
    delivery_data   TEXT,
    metadata        TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX messages_by_thread ON messages (org_id, thread_id, created_at, id);
CREATE INDEX messages_by_inbox ON messages (org_id, inbox_id, created_at, id);
CREATE INDEX messages_by_domain ON messages (org_id, domain_id, created_at, id);
CREATE INDEX messages_by_sender ON messages (org_id, sender, created_at, id);

CREATE TABLE attachments (
    org_id     TEXT NOT NULL,
    id         TEXT NOT NULL,
    message_id TEXT,
    part_path  TEXT,
    blob_key   TEXT,
    file_name  TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL,
    content_id TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;

CREATE TABLE recipients (
    org_id          TEXT NOT NULL,
    message_id      TEXT NOT NULL,
    address         TEXT NOT NULL,
    destination     TEXT NOT NULL,
    status          TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    last_code       INTEGER,
    last_detail     TEXT,
    next_attempt_at INTEGER,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (org_id, message_id, address)
) WITHOUT ROWID;

CREATE TABLE idempotency (
    org_id      TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status      INTEGER NOT NULL,
    body        BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Accepted sends, counted per second of time: the sliding windows are sums over it.
CREATE TABLE sends (
    org_id TEXT NOT NULL,
    second INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (org_id, second)
) WITHOUT ROWID;
CREATE INDEX sends_by_age ON sends (second);

CREATE TABLE events (
    org_id     TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    type       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    inbox_id   TEXT,
    thread_id  TEXT,
    message_id TEXT,
    data       TEXT,
    PRIMARY KEY (org_id, seq)
) WITHOUT ROWID;

CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL,
    org_id      TEXT NOT NULL,
    payload     TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    lease       TEXT,
    lease_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_due ON jobs (kind, due_at);
CREATE INDEX jobs_leased ON jobs (kind, lease_until) WHERE lease IS NOT NULL;
CREATE INDEX jobs_by_key ON jobs (kind, key, due_at);
