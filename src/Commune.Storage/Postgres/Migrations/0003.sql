-- What became of each recipient, one row per change: the events and the metrics are both read from here.
-- The rows of a message stand together, in the order of their ids, which is that of time.
CREATE TABLE delivery_events (
    org_id       text COLLATE "C" NOT NULL,
    message_id   text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    inbox_id     text COLLATE "C" NOT NULL,
    domain_id    text COLLATE "C" NOT NULL,
    recipient    text COLLATE "C" NOT NULL,
    type         text COLLATE "C" NOT NULL,
    at           bigint NOT NULL,
    code         integer,
    detail       text COLLATE "C",
    bounce_class text COLLATE "C",
    report_id    text COLLATE "C",
    PRIMARY KEY (org_id, message_id, id)
);
-- With all that counting needs.
CREATE INDEX delivery_events_by_inbox ON delivery_events (org_id, inbox_id, at, id) INCLUDE (type, bounce_class);
CREATE INDEX delivery_events_by_domain ON delivery_events (org_id, domain_id, at, id) INCLUDE (type, bounce_class);

-- inbox_id is '' for what holds in the whole organisation. A row gives way only to one of more strength.
CREATE TABLE suppressions (
    org_id        text COLLATE "C" NOT NULL,
    inbox_id      text COLLATE "C" NOT NULL,
    address       text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    domain_id     text COLLATE "C",
    reason        text COLLATE "C" NOT NULL,
    strength      integer NOT NULL,
    message_id    text COLLATE "C",
    detail        text COLLATE "C",
    suppressed_at bigint NOT NULL,
    expires_at    bigint,
    PRIMARY KEY (org_id, inbox_id, address)
);
CREATE UNIQUE INDEX suppressions_by_id ON suppressions (org_id, id);
CREATE INDEX suppressions_by_address ON suppressions (org_id, address);
CREATE INDEX suppressions_by_inbox ON suppressions (org_id, inbox_id, suppressed_at, id);
CREATE INDEX suppressions_by_domain ON suppressions (org_id, domain_id, suppressed_at, id);
CREATE INDEX suppressions_by_end ON suppressions (expires_at) WHERE expires_at IS NOT NULL;

-- Consecutive soft bounces; a delivery deletes the row.
CREATE TABLE soft_bounces (
    org_id   text COLLATE "C" NOT NULL,
    inbox_id text COLLATE "C" NOT NULL,
    address  text COLLATE "C" NOT NULL,
    count    integer NOT NULL,
    PRIMARY KEY (org_id, inbox_id, address)
);

-- What a report names: the Message-ID of what we sent.
CREATE INDEX messages_sent_by_smtp_id ON messages (org_id, smtp_message_id) WHERE direction = 'outbound';
