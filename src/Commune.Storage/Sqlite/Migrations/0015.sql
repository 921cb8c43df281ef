-- What was read out of a message by its inbox's schema: the data, and how it was found.
ALTER TABLE messages ADD COLUMN extracted_data TEXT;
ALTER TABLE messages ADD COLUMN extraction TEXT;

-- How often the extraction schema of an inbox changed, and whether mail is read by it: asked at each receipt.
ALTER TABLE inboxes ADD COLUMN schema_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inboxes ADD COLUMN extracts INTEGER NOT NULL DEFAULT 0;
UPDATE inboxes SET schema_version = 1, extracts = coalesce(json_extract(extraction_schema, '$.enabled'), 1) WHERE extraction_schema IS NOT NULL;

-- Reading the older mail of an inbox by its schema: how far it has come.
CREATE TABLE extraction_backfills (
    org_id         TEXT NOT NULL,
    inbox_id       TEXT NOT NULL,
    id             TEXT NOT NULL,
    status         TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    total          INTEGER NOT NULL,
    done           INTEGER NOT NULL,
    failed         INTEGER NOT NULL,
    cursor_at      INTEGER NOT NULL,
    cursor_id      TEXT NOT NULL,
    before         INTEGER NOT NULL,
    started_at     INTEGER NOT NULL,
    ended_at       INTEGER,
    error          TEXT,
    PRIMARY KEY (org_id, inbox_id)
) WITHOUT ROWID;

-- Tokens that an organisation spent on models, per day of UTC (days since 1970).
CREATE TABLE model_spending (
    org_id TEXT NOT NULL,
    day    INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (org_id, day)
) WITHOUT ROWID;
CREATE INDEX model_spending_by_day ON model_spending (day);
