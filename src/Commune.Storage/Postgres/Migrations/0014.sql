-- DKIM keys change over: the next one waits for its record, the former one stays in DNS for mail that is under way.
ALTER TABLE dkim_keys ADD COLUMN role text COLLATE "C" NOT NULL DEFAULT 'active';
-- Of the next key: how long the one before it stays published, in ms.
ALTER TABLE dkim_keys ADD COLUMN overlap bigint;
-- Of a former key.
ALTER TABLE dkim_keys ADD COLUMN keep_until bigint;
CREATE INDEX dkim_keys_former ON dkim_keys (keep_until) WHERE keep_until IS NOT NULL;

-- Whose mail an inbox takes: JSON arrays of addresses and @domains. An inbox that takes all mail has no row.
CREATE TABLE sender_lists (
    org_id     text COLLATE "C" NOT NULL,
    inbox_id   text COLLATE "C" NOT NULL,
    mode       text COLLATE "C" NOT NULL,
    allow      text COLLATE "C" NOT NULL,
    block      text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (org_id, inbox_id)
);

-- Suppressed addresses that outlive the inbox or organisation whose data was deleted: keyed hashes, which nobody can turn back into addresses.
CREATE TABLE suppression_hashes (
    org_id        text COLLATE "C" NOT NULL,
    hash          bytea NOT NULL,
    reason        text COLLATE "C" NOT NULL,
    suppressed_at bigint NOT NULL,
    PRIMARY KEY (org_id, hash)
);
