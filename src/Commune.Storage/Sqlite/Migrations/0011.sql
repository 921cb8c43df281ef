-- The HTML body is read from the raw bytes instead of content_html.
ALTER TABLE messages ADD COLUMN html_in_raw INTEGER NOT NULL DEFAULT 0;

-- Pages of an organisation's domains and keys, by age.
CREATE INDEX domains_by_age ON domains (org_id, created_at, id);
CREATE INDEX api_keys_by_age ON api_keys (org_id, created_at, id);
