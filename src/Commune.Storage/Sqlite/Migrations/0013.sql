-- Endpoints of an organisation, told of any event of its log. events and inbox_ids are JSON arrays; no inbox_ids mean every inbox.
-- headers is a JSON object of the headers that go with each call.
CREATE TABLE webhook_endpoints (
    org_id              TEXT NOT NULL,
    id                  TEXT NOT NULL,
    endpoint            TEXT NOT NULL,
    events              TEXT NOT NULL,
    inbox_ids           TEXT NOT NULL,
    secret              TEXT NOT NULL,
    former_secret       TEXT,
    former_secret_until INTEGER,
    headers             TEXT NOT NULL,
    description         TEXT,
    enabled             INTEGER NOT NULL,
    disabled_reason     TEXT,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE INDEX webhook_endpoints_by_age ON webhook_endpoints (org_id, created_at, id);

-- 0: no endpoint of the organisation is active; else a number that is new with every change of them, by which copies in memory are told apart.
ALTER TABLE org_heads ADD COLUMN endpoints INTEGER NOT NULL DEFAULT 0;

-- Which endpoint is told of which event; null in the deliveries of an inbox's own webhook.
-- A delivery without an inbox or message has '' in their place.
ALTER TABLE webhook_deliveries ADD COLUMN webhook_id TEXT;
ALTER TABLE webhook_deliveries ADD COLUMN event_seq INTEGER;
ALTER TABLE webhook_deliveries ADD COLUMN event_type TEXT;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (org_id, webhook_id, created_at, id) WHERE webhook_id IS NOT NULL;
