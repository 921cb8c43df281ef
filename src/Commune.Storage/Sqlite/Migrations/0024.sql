-- Terms that wait are appended, and those of a mail are longer than what a row without a row id keeps on its page: each had a page of its own.
CREATE TABLE search_tail_by_row (
    org_id   TEXT NOT NULL,
    document INTEGER NOT NULL,
    terms    BLOB NOT NULL,
    PRIMARY KEY (org_id, document)
);
INSERT INTO search_tail_by_row (org_id, document, terms) SELECT org_id, document, terms FROM search_tail ORDER BY org_id, document;
DROP TABLE search_tail;
ALTER TABLE search_tail_by_row RENAME TO search_tail;
