-- What became of each recipient at each attempt: who was asked, over what, and the answer.
CREATE TABLE attempts (
    org_id       TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    id           TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    at           INTEGER NOT NULL,
    outcome      TEXT NOT NULL,
    code         INTEGER,
    reply        TEXT NOT NULL,
    host         TEXT,
    address      TEXT,
    tls_version  TEXT,
    tls_cipher   TEXT,
    tls_verified INTEGER NOT NULL,
    PRIMARY KEY (org_id, message_id, id)
) WITHOUT ROWID;

-- RFC 8461 policies of other people's domains: of nobody's organisation, shared by all nodes.
CREATE TABLE mta_sts (
    domain     TEXT PRIMARY KEY,
    policy_id  TEXT NOT NULL,
    policy     TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX mta_sts_by_expiry ON mta_sts (expires_at);

-- opportunistic, require or verify: what mail from this domain asks of the way.
ALTER TABLE domains ADD COLUMN tls TEXT NOT NULL DEFAULT 'opportunistic';

-- Claims step from organisation to organisation, and in each from key to key.
DROP INDEX jobs_by_key;
CREATE INDEX jobs_by_org ON jobs (kind, org_id, key, due_at);
