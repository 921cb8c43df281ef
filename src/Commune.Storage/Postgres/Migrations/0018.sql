-- Neighbouring terms of a segment stand in one row, that of the first of them: others is the rest of them, postings those of all.
CREATE TABLE search_blocks (
    org_id    text COLLATE "C" NOT NULL,
    segment   bigint NOT NULL,
    term      bytea NOT NULL,
    documents bigint NOT NULL,
    others    bytea NOT NULL,
    postings  bytea NOT NULL,
    PRIMARY KEY (org_id, segment, term)
);
-- They are packed already, and a part of the postings is read without the rest.
ALTER TABLE search_blocks ALTER COLUMN others SET STORAGE EXTERNAL;
ALTER TABLE search_blocks ALTER COLUMN postings SET STORAGE EXTERNAL;

-- A term alone is a block, too; merges pack them.
INSERT INTO search_blocks (org_id, segment, term, documents, others, postings)
SELECT org_id, segment, term, documents, '', postings FROM search_postings;

DROP TABLE search_postings;
