-- One call that an endpoint is owed. Written with the mail it tells of; the body is fixed before the first attempt.
-- earlier_attempts are those of the sets before the present one: a dead delivery that is retried gets a fresh set.
CREATE TABLE webhook_deliveries (
    org_id           text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    inbox_id         text COLLATE "C" NOT NULL,
    message_id       text COLLATE "C" NOT NULL,
    endpoint         text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    attempts         integer NOT NULL,
    earlier_attempts integer NOT NULL,
    forced           integer NOT NULL,
    created_at       bigint NOT NULL,
    delivered_at     bigint,
    dead_at          bigint,
    last_error       text COLLATE "C",
    last_code        integer,
    latency_ms       bigint,
    next_retry_at    bigint,
    failed_at        bigint,
    payload_hash     text COLLATE "C",
    PRIMARY KEY (org_id, id)
);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (org_id, created_at, id);
CREATE INDEX webhook_deliveries_by_inbox ON webhook_deliveries (org_id, inbox_id, created_at, id);
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (org_id, status, created_at, id);
CREATE INDEX webhook_deliveries_by_message ON webhook_deliveries (org_id, message_id);
CREATE INDEX webhook_deliveries_delivered ON webhook_deliveries (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (dead_at) WHERE dead_at IS NOT NULL;

-- The bytes of a delivery that is not done: gone once it is delivered.
CREATE TABLE webhook_payloads (
    org_id      text COLLATE "C" NOT NULL,
    message_id  text COLLATE "C" NOT NULL,
    delivery_id text COLLATE "C" NOT NULL,
    body        bytea NOT NULL,
    PRIMARY KEY (org_id, message_id, delivery_id)
);

CREATE TABLE webhook_attempts (
    org_id       text COLLATE "C" NOT NULL,
    message_id   text COLLATE "C" NOT NULL,
    delivery_id  text COLLATE "C" NOT NULL,
    attempt      integer NOT NULL,
    status_code  integer,
    error        text COLLATE "C",
    latency_ms   bigint NOT NULL,
    attempted_at bigint NOT NULL,
    PRIMARY KEY (org_id, message_id, delivery_id, attempt)
);

-- How often an endpoint failed in a row, and until when it is left alone. An endpoint that works has no row.
CREATE TABLE webhook_circuits (
    org_id     text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    failures   integer NOT NULL,
    open_until bigint NOT NULL,
    PRIMARY KEY (org_id, key)
);
