-- Keys that rotate, agents that register, who changed what, and data that is deleted for good.

-- When a secret was rotated away and stops working; null for the present one. The rows of dead secrets stay: a secret that was
-- rotated away must not be taken for a new one.
ALTER TABLE api_key_hashes ADD COLUMN expires_at bigint;
CREATE INDEX api_key_hashes_by_key ON api_key_hashes (org_id, key_id);

CREATE TABLE audit (
    org_id  text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    at      bigint NOT NULL,
    actor   text COLLATE "C" NOT NULL,
    action  text COLLATE "C" NOT NULL,
    target  text COLLATE "C" NOT NULL,
    address text COLLATE "C",
    PRIMARY KEY (org_id, id)
);

CREATE TABLE agents (
    org_id     text COLLATE "C" NOT NULL REFERENCES orgs(id),
    id         text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    status     text COLLATE "C" NOT NULL,
    profile    text COLLATE "C",
    created_at bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Global look-up: an agent to its organisation.
CREATE TABLE agent_ids (
    id     text COLLATE "C" PRIMARY KEY,
    org_id text COLLATE "C" NOT NULL
);

-- Timestamps that agents have signed: each is taken once.
CREATE TABLE agent_timestamps (
    agent_id   text COLLATE "C" NOT NULL,
    signed_at  bigint NOT NULL,
    org_id     text COLLATE "C" NOT NULL,
    claimed_at bigint NOT NULL,
    PRIMARY KEY (agent_id, signed_at)
);
CREATE INDEX agent_timestamps_by_age ON agent_timestamps (claimed_at);

-- Registrations that wait for their signature. Each holds its slug here, and its address in the table of addresses, with no inbox.
CREATE TABLE agent_signups (
    token_hash   bytea PRIMARY KEY,
    slug         text COLLATE "C" NOT NULL UNIQUE,
    domain_id    text COLLATE "C" NOT NULL,
    agent_name   text COLLATE "C" NOT NULL,
    org_name     text COLLATE "C" NOT NULL,
    public_key   bytea NOT NULL,
    challenge    text COLLATE "C" NOT NULL,
    word_count   integer,
    profile      text COLLATE "C",
    invite_hash  bytea,
    expires_at   bigint NOT NULL
);
CREATE INDEX agent_signups_by_age ON agent_signups (expires_at);

CREATE TABLE agent_invites (
    code_hash  bytea PRIMARY KEY,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);

CREATE TABLE registration_attempts (
    kind    text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    at      bigint NOT NULL,
    id      text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, address, at, id)
);
CREATE INDEX registration_attempts_by_age ON registration_attempts (at);

CREATE TABLE feedback (
    org_id     text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    actor      text COLLATE "C" NOT NULL,
    type       text COLLATE "C" NOT NULL,
    message    text COLLATE "C" NOT NULL,
    context    text COLLATE "C",
    created_at bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- A request, and once it is executed the receipt: it outlives everything that it deletes.
CREATE TABLE deletion_requests (
    org_id       text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    scope        text COLLATE "C" NOT NULL,
    inbox_id     text COLLATE "C",
    before       bigint,
    cutoff       bigint NOT NULL,
    status       text COLLATE "C" NOT NULL,
    token_hash   bytea NOT NULL,
    request_hash bytea NOT NULL,
    preview      text COLLATE "C" NOT NULL,
    deleted      text COLLATE "C",
    phase        integer NOT NULL,
    place        text COLLATE "C" NOT NULL,
    requested_at bigint NOT NULL,
    confirm_by   bigint NOT NULL,
    confirmed_at bigint,
    completed_at bigint,
    error        text COLLATE "C",
    PRIMARY KEY (org_id, id)
);

-- Blobs that lost a reference: whoever finds none left removes them from the blob store.
CREATE TABLE blob_garbage (
    key text COLLATE "C" PRIMARY KEY
);

CREATE INDEX attachments_by_message ON attachments (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_by_blob ON attachments (blob_key) WHERE blob_key IS NOT NULL;
CREATE INDEX raw_messages_by_blob ON raw_messages (sha256) WHERE inline IS NULL;
-- Only mail that went to several inboxes of an organisation stands here.
CREATE INDEX messages_sharing_raw ON messages (org_id, raw_id) WHERE raw_id <> id;
