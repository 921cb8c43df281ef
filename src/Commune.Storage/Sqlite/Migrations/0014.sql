-- DKIM keys change over: the next one waits for its record, the former one stays in DNS for mail that is under way.
ALTER TABLE dkim_keys ADD COLUMN role TEXT NOT NULL DEFAULT 'active';
-- Of the next key: how long the one before it stays published, in ms.
ALTER TABLE dkim_keys ADD COLUMN overlap INTEGER;
-- Of a former key.
ALTER TABLE dkim_keys ADD COLUMN keep_until INTEGER;
CREATE INDEX dkim_keys_former ON dkim_keys (keep_until) WHERE keep_until IS NOT NULL;

-- Whose mail an inbox takes: JSON arrays of addresses and @domains. An inbox that takes all mail has no row.
CREATE TABLE sender_lists (
    org_id     TEXT NOT NULL,
    inbox_id   TEXT NOT NULL,
    mode       TEXT NOT NULL,
    allow      TEXT NOT NULL,
    block      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, inbox_id)
) WITHOUT ROWID;

-- Suppressed addresses that outlive the inbox or organisation whose data was deleted: keyed hashes, which nobody can turn back into addresses.
CREATE TABLE suppression_hashes (
    org_id        TEXT NOT NULL,
    hash          BLOB NOT NULL,
    reason        TEXT NOT NULL,
    suppressed_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, hash)
) WITHOUT ROWID;
