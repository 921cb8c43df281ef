-- Neighbouring terms of a segment stand in one row, that of the first of them: others is the rest of them, postings those of all.
-- With row ids, unlike most tables here: a row fills a page, and rows are appended.
CREATE TABLE search_blocks (
    org_id    TEXT NOT NULL,
    segment   INTEGER NOT NULL,
    term      BLOB NOT NULL,
    documents INTEGER NOT NULL,
    others    BLOB NOT NULL,
    postings  BLOB NOT NULL,
    PRIMARY KEY (org_id, segment, term)
);

-- A term alone is a block, too; merges pack them.
INSERT INTO search_blocks (org_id, segment, term, documents, others, postings)
SELECT org_id, segment, term, documents, x'', postings FROM search_postings ORDER BY org_id, segment, term;

DROP TABLE search_postings;
