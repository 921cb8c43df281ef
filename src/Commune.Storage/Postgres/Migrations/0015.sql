-- What was read out of a message by its inbox's schema: the data, and how it was found.
ALTER TABLE messages ADD COLUMN extracted_data text COLLATE "C";
ALTER TABLE messages ADD COLUMN extraction text COLLATE "C";

-- How often the extraction schema of an inbox changed, and whether mail is read by it: asked at each receipt.
ALTER TABLE inboxes ADD COLUMN schema_version bigint NOT NULL DEFAULT 0;
ALTER TABLE inboxes ADD COLUMN extracts bigint NOT NULL DEFAULT 0;
UPDATE inboxes SET schema_version = 1, extracts = CASE extraction_schema::json ->> 'enabled' WHEN 'false' THEN 0 ELSE 1 END WHERE extraction_schema IS NOT NULL;

-- Reading the older mail of an inbox by its schema: how far it has come.
CREATE TABLE extraction_backfills (
    org_id         text COLLATE "C" NOT NULL,
    inbox_id       text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    status         text COLLATE "C" NOT NULL,
    schema_version bigint NOT NULL,
    total          bigint NOT NULL,
    done           bigint NOT NULL,
    failed         bigint NOT NULL,
    cursor_at      bigint NOT NULL,
    cursor_id      text COLLATE "C" NOT NULL,
    before         bigint NOT NULL,
    started_at     bigint NOT NULL,
    ended_at       bigint,
    error          text COLLATE "C",
    PRIMARY KEY (org_id, inbox_id)
);

-- Tokens that an organisation spent on models, per day of UTC (days since 1970).
CREATE TABLE model_spending (
    org_id text COLLATE "C" NOT NULL,
    day    bigint NOT NULL,
    tokens bigint NOT NULL,
    PRIMARY KEY (org_id, day)
);
CREATE INDEX model_spending_by_day ON model_spending (day);
