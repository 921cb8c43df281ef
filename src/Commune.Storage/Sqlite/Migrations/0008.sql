-- One call that an endpoint is owed. Written with the mail it tells of; the body is fixed before the first attempt.
-- earlier_attempts are those of the sets before the present one: a dead delivery that is retried gets a fresh set.
CREATE TABLE webhook_deliveries (
    org_id           TEXT NOT NULL,
    id               TEXT NOT NULL,
    inbox_id         TEXT NOT NULL,
    message_id       TEXT NOT NULL,
    endpoint         TEXT NOT NULL,
    status           TEXT NOT NULL,
    attempts         INTEGER NOT NULL,
    earlier_attempts INTEGER NOT NULL,
    forced           INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    delivered_at     INTEGER,
    dead_at          INTEGER,
    last_error       TEXT,
    last_code        INTEGER,
    latency_ms       INTEGER,
    next_retry_at    INTEGER,
    failed_at        INTEGER,
    payload_hash     TEXT,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (org_id, created_at, id);
CREATE INDEX webhook_deliveries_by_inbox ON webhook_deliveries (org_id, inbox_id, created_at, id);
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (org_id, status, created_at, id);
CREATE INDEX webhook_deliveries_by_message ON webhook_deliveries (org_id, message_id);
CREATE INDEX webhook_deliveries_delivered ON webhook_deliveries (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (dead_at) WHERE dead_at IS NOT NULL;

-- The bytes of a delivery that is not done: gone once it is delivered.
CREATE TABLE webhook_payloads (
    org_id      TEXT NOT NULL,
    message_id  TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (org_id, message_id, delivery_id)
);

CREATE TABLE webhook_attempts (
    org_id       TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    delivery_id  TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    status_code  INTEGER,
    error        TEXT,
    latency_ms   INTEGER NOT NULL,
    attempted_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, message_id, delivery_id, attempt)
) WITHOUT ROWID;

-- How often an endpoint failed in a row, and until when it is left alone. An endpoint that works has no row.
CREATE TABLE webhook_circuits (
    org_id     TEXT NOT NULL,
    key        TEXT NOT NULL,
    failures   INTEGER NOT NULL,
    open_until INTEGER NOT NULL,
    PRIMARY KEY (org_id, key)
) WITHOUT ROWID;
