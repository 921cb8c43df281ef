-- Endpoints of an organisation, told of any event of its log. events and inbox_ids are JSON arrays; no inbox_ids mean every inbox.
-- headers is a JSON object of the headers that go with each call.
CREATE TABLE webhook_endpoints (
    org_id              text COLLATE "C" NOT NULL,
    id                  text COLLATE "C" NOT NULL,
    endpoint            text COLLATE "C" NOT NULL,
    events              text COLLATE "C" NOT NULL,
    inbox_ids           text COLLATE "C" NOT NULL,
    secret              text COLLATE "C" NOT NULL,
    former_secret       text COLLATE "C",
    former_secret_until bigint,
    headers             text COLLATE "C" NOT NULL,
    description         text COLLATE "C",
    enabled             integer NOT NULL,
    disabled_reason     text COLLATE "C",
    created_at          bigint NOT NULL,
    updated_at          bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX webhook_endpoints_by_age ON webhook_endpoints (org_id, created_at, id);

-- 0: no endpoint of the organisation is active; else a number that is new with every change of them, by which copies in memory are told apart.
ALTER TABLE org_heads ADD COLUMN endpoints bigint NOT NULL DEFAULT 0;

-- Which endpoint is told of which event; null in the deliveries of an inbox's own webhook.
-- A delivery without an inbox or message has '' in their place.
ALTER TABLE webhook_deliveries ADD COLUMN webhook_id text COLLATE "C";
ALTER TABLE webhook_deliveries ADD COLUMN event_seq bigint;
ALTER TABLE webhook_deliveries ADD COLUMN event_type text COLLATE "C";
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (org_id, webhook_id, created_at, id) WHERE webhook_id IS NOT NULL;
