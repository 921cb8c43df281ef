-- Search: one index for each organisation, log-structured (docs/decisions/0009-our-own-index.md).

-- How many document numbers the organisation has given, and how often documents were taken away.
ALTER TABLE org_heads ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE org_heads ADD COLUMN search_deletions INTEGER NOT NULL DEFAULT 0;

-- One row for each message, written with it; numbered in commit order.
CREATE TABLE search_documents (
    org_id         TEXT NOT NULL,
    document       INTEGER NOT NULL,
    message_id     TEXT NOT NULL,
    thread_id      TEXT NOT NULL,
    inbox_id       TEXT NOT NULL,
    at             INTEGER NOT NULL,
    length         INTEGER NOT NULL,
    has_attachment INTEGER NOT NULL,
    model          TEXT NOT NULL,
    vector         BLOB NOT NULL,
    PRIMARY KEY (org_id, document)
) WITHOUT ROWID;
CREATE INDEX search_documents_by_message ON search_documents (org_id, message_id);

-- Its terms, until they are merged into a segment.
CREATE TABLE search_tail (
    org_id   TEXT NOT NULL,
    document INTEGER NOT NULL,
    terms    BLOB NOT NULL,
    PRIMARY KEY (org_id, document)
) WITHOUT ROWID;

-- sources are the numbers of the segments that one is made of, separated by spaces.
CREATE TABLE search_segments (
    org_id         TEXT NOT NULL,
    segment        INTEGER NOT NULL,
    state          TEXT NOT NULL,
    first_document INTEGER NOT NULL,
    last_document  INTEGER NOT NULL,
    documents      INTEGER NOT NULL,
    sources        TEXT NOT NULL,
    PRIMARY KEY (org_id, segment)
) WITHOUT ROWID;

-- Terms are UTF-8, so that both engines sort them alike.
CREATE TABLE search_postings (
    org_id    TEXT NOT NULL,
    segment   INTEGER NOT NULL,
    term      BLOB NOT NULL,
    documents INTEGER NOT NULL,
    postings  BLOB NOT NULL,
    PRIMARY KEY (org_id, segment, term)
) WITHOUT ROWID;

-- Documents that are gone, for the nodes that know them and for the segments that still name them: eight bytes each.
CREATE TABLE search_deletions (
    org_id    TEXT NOT NULL,
    deletion  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    documents BLOB NOT NULL,
    purged    INTEGER NOT NULL,
    PRIMARY KEY (org_id, deletion)
) WITHOUT ROWID;
CREATE INDEX search_deletions_by_age ON search_deletions (at) WHERE purged = 1;

-- Organisations with mail that is to be indexed by the present model, and how far that has come.
CREATE TABLE search_backfill (
    org_id    TEXT NOT NULL,
    place     TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    PRIMARY KEY (org_id)
) WITHOUT ROWID;
INSERT INTO search_backfill (org_id, place, remaining)
SELECT org_id, '', count(*) FROM messages GROUP BY org_id;

-- The model that vectors are made by.
CREATE TABLE search_model (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    model TEXT NOT NULL
) WITHOUT ROWID;

-- Few threads are triaged: those that are not need no row here.
CREATE INDEX threads_by_status ON threads (org_id, status, id) WHERE status <> 'open';
CREATE INDEX threads_with_tags ON threads (org_id, id, tags, status) WHERE tags <> '[]';
