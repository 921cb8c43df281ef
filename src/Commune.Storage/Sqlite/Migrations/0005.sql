-- Keys that rotate, agents that register, who changed what, and data that is deleted for good.

-- When a secret was rotated away and stops working; null for the present one. The rows of dead secrets stay: a secret that was
-- rotated away must not be taken for a new one.
ALTER TABLE api_key_hashes ADD COLUMN expires_at INTEGER;
CREATE INDEX api_key_hashes_by_key ON api_key_hashes (org_id, key_id);

CREATE TABLE audit (
    org_id  TEXT NOT NULL,
    id      TEXT NOT NULL,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    target  TEXT NOT NULL,
    address TEXT,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;

CREATE TABLE agents (
    org_id     TEXT NOT NULL REFERENCES orgs(id),
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    public_key BLOB NOT NULL,
    status     TEXT NOT NULL,
    profile    TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;

-- Global look-up: an agent to its organisation.
CREATE TABLE agent_ids (
    id     TEXT PRIMARY KEY,
    org_id TEXT NOT NULL
) WITHOUT ROWID;

-- Timestamps that agents have signed: each is taken once.
CREATE TABLE agent_timestamps (
    agent_id   TEXT NOT NULL,
    signed_at  INTEGER NOT NULL,
    org_id     TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    PRIMARY KEY (agent_id, signed_at)
) WITHOUT ROWID;
CREATE INDEX agent_timestamps_by_age ON agent_timestamps (claimed_at);

-- Registrations that wait for their signature. Each holds its slug here, and its address in the table of addresses, with no inbox.
CREATE TABLE agent_signups (
    token_hash   BLOB PRIMARY KEY,
    slug         TEXT NOT NULL UNIQUE,
    domain_id    TEXT NOT NULL,
    agent_name   TEXT NOT NULL,
    org_name     TEXT NOT NULL,
    public_key   BLOB NOT NULL,
    challenge    TEXT NOT NULL,
    word_count   INTEGER,
    profile      TEXT,
    invite_hash  BLOB,
    expires_at   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX agent_signups_by_age ON agent_signups (expires_at);

CREATE TABLE agent_invites (
    code_hash  BLOB PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE registration_attempts (
    kind    TEXT NOT NULL,
    address TEXT NOT NULL,
    at      INTEGER NOT NULL,
    id      TEXT NOT NULL,
    PRIMARY KEY (kind, address, at, id)
) WITHOUT ROWID;
CREATE INDEX registration_attempts_by_age ON registration_attempts (at);

CREATE TABLE feedback (
    org_id     TEXT NOT NULL,
    id         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    type       TEXT NOT NULL,
    message    TEXT NOT NULL,
    context    TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;

-- A request, and once it is executed the receipt: it outlives everything that it deletes.
CREATE TABLE deletion_requests (
    org_id       TEXT NOT NULL,
    id           TEXT NOT NULL,
    scope        TEXT NOT NULL,
    inbox_id     TEXT,
    before       INTEGER,
    cutoff       INTEGER NOT NULL,
    status       TEXT NOT NULL,
    token_hash   BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    preview      TEXT NOT NULL,
    deleted      TEXT,
    phase        INTEGER NOT NULL,
    place        TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    confirm_by   INTEGER NOT NULL,
    confirmed_at INTEGER,
    completed_at INTEGER,
    error        TEXT,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;

-- Blobs that lost a reference: whoever finds none left removes them from the blob store.
CREATE TABLE blob_garbage (
    key TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE INDEX attachments_by_message ON attachments (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_by_blob ON attachments (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX raw_messages_by_blob ON raw_messages (sha256) WHERE inline IS NULL;
-- Only mail that went to several inboxes of an organisation stands here.
CREATE INDEX messages_sharing_raw ON messages (org_id, raw_id) WHERE raw_id <> id;
