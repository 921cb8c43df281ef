-- The sum over an organisation's uploads, for its storage quota.
CREATE INDEX attachments_uploaded ON attachments (org_id, size) WHERE blob_key IS NOT NULL;
