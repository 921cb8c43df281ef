-- What became of each recipient, one row per change: the events and the metrics are both read from here.
-- The rows of a message stand together, in the order of their ids, which is that of time.
CREATE TABLE delivery_events (
    org_id       TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    id           TEXT NOT NULL,
    inbox_id     TEXT NOT NULL,
    domain_id    TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    type         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    code         INTEGER,
    detail       TEXT,
    bounce_class TEXT,
    report_id    TEXT,
    PRIMARY KEY (org_id, message_id, id)
) WITHOUT ROWID;
-- With all that counting needs.
CREATE INDEX delivery_events_by_inbox ON delivery_events (org_id, inbox_id, at, id, type, bounce_class);
CREATE INDEX delivery_events_by_domain ON delivery_events (org_id, domain_id, at, id, type, bounce_class);

-- inbox_id is '' for what holds in the whole organisation. A row gives way only to one of more strength.
CREATE TABLE suppressions (
    org_id        TEXT NOT NULL,
    inbox_id      TEXT NOT NULL,
    address       TEXT NOT NULL,
    id            TEXT NOT NULL,
    domain_id     TEXT,
    reason        TEXT NOT NULL,
    strength      INTEGER NOT NULL,
    message_id    TEXT,
    detail        TEXT,
    suppressed_at INTEGER NOT NULL,
    expires_at    INTEGER,
    PRIMARY KEY (org_id, inbox_id, address)
) WITHOUT ROWID;
CREATE UNIQUE INDEX suppressions_by_id ON suppressions (org_id, id);
CREATE INDEX suppressions_by_address ON suppressions (org_id, address);
CREATE INDEX suppressions_by_inbox ON suppressions (org_id, inbox_id, suppressed_at, id);
CREATE INDEX suppressions_by_domain ON suppressions (org_id, domain_id, suppressed_at, id);
CREATE INDEX suppressions_by_end ON suppressions (expires_at) WHERE expires_at IS NOT NULL;

-- Consecutive soft bounces; a delivery deletes the row.
CREATE TABLE soft_bounces (
    org_id   TEXT NOT NULL,
    inbox_id TEXT NOT NULL,
    address  TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (org_id, inbox_id, address)
) WITHOUT ROWID;

-- What a report names: the Message-ID of what we sent.
CREATE INDEX messages_sent_by_smtp_id ON messages (org_id, smtp_message_id) WHERE direction = 'outbound';
