-- A document is a message, or a file of one: parent is then the document of the message.
ALTER TABLE search_documents ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_documents ADD COLUMN attachment_id TEXT NOT NULL DEFAULT '';

-- What was read out of files, for search: as much of it as is shown.
CREATE TABLE attachment_texts (
    org_id        TEXT NOT NULL,
    message_id    TEXT NOT NULL,
    attachment_id TEXT NOT NULL,
    text          TEXT NOT NULL,
    PRIMARY KEY (org_id, message_id, attachment_id)
);

-- Files of mail that is there already.
INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease, lease_until)
SELECT DISTINCT 'attachments_' || message_id, 'read-attachments', org_id, org_id, message_id, 0, 0, NULL, 0
FROM attachments
WHERE message_id IS NOT NULL;

-- Vectors of a provider's model, one byte for each number, beside the built-in ones of search_documents.
CREATE TABLE search_vectors (
    org_id   TEXT NOT NULL,
    model    TEXT NOT NULL,
    document INTEGER NOT NULL,
    vector   BLOB NOT NULL,
    PRIMARY KEY (org_id, model, document)
) WITHOUT ROWID;

-- Up to which document they are made; ready once they were made of all.
CREATE TABLE search_vector_places (
    org_id TEXT NOT NULL,
    model  TEXT NOT NULL,
    place  INTEGER NOT NULL,
    ready  INTEGER NOT NULL,
    PRIMARY KEY (org_id, model)
) WITHOUT ROWID;
