-- The second DKIM signature (RFC 8463): whether a domain wants it, and when resolvers last answered a key's record as issued.
ALTER TABLE domains ADD COLUMN dkim_ed25519 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dkim_keys ADD COLUMN verified_at INTEGER;
