-- A document is a message, or a file of one: parent is then the document of the message.
ALTER TABLE search_documents ADD COLUMN parent bigint NOT NULL DEFAULT 0;
ALTER TABLE search_documents ADD COLUMN attachment_id text COLLATE "C" NOT NULL DEFAULT '';

-- What was read out of files, for search: as much of it as is shown.
CREATE TABLE attachment_texts (
    org_id        text COLLATE "C" NOT NULL,
    message_id    text COLLATE "C" NOT NULL,
    attachment_id text COLLATE "C" NOT NULL,
    text          text COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, message_id, attachment_id)
);

-- Files of mail that is there already.
INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
SELECT DISTINCT 'attachments_' || message_id, 'read-attachments', org_id, org_id, message_id, 0, 0, 0
FROM attachments
WHERE message_id IS NOT NULL;

-- Vectors of a provider's model, one byte for each number, beside the built-in ones of search_documents.
CREATE TABLE search_vectors (
    org_id   text COLLATE "C" NOT NULL,
    model    text COLLATE "C" NOT NULL,
    document bigint NOT NULL,
    vector   bytea NOT NULL,
    PRIMARY KEY (org_id, model, document)
);
ALTER TABLE search_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;

-- Up to which document they are made; ready once they were made of all.
CREATE TABLE search_vector_places (
    org_id text COLLATE "C" NOT NULL,
    model  text COLLATE "C" NOT NULL,
    place  bigint NOT NULL,
    ready  integer NOT NULL,
    PRIMARY KEY (org_id, model)
);
