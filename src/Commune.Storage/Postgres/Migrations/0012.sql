-- Search: one index for each organisation, log-structured (docs/decisions/0009-our-own-index.md).

-- How many document numbers the organisation has given, and how often documents were taken away.
ALTER TABLE org_heads ADD COLUMN documents bigint NOT NULL DEFAULT 0;
ALTER TABLE org_heads ADD COLUMN search_deletions bigint NOT NULL DEFAULT 0;

-- One row for each message, written with it; numbered in commit order.
CREATE TABLE search_documents (
    org_id         text COLLATE "C" NOT NULL,
    document       bigint NOT NULL,
    message_id     text COLLATE "C" NOT NULL,
    thread_id      text COLLATE "C" NOT NULL,
    inbox_id       text COLLATE "C" NOT NULL,
    at             bigint NOT NULL,
    length         integer NOT NULL,
    has_attachment integer NOT NULL,
    model          text COLLATE "C" NOT NULL,
    vector         bytea NOT NULL,
    PRIMARY KEY (org_id, document)
);
CREATE INDEX search_documents_by_message ON search_documents (org_id, message_id);

-- Its terms, until they are merged into a segment. They are packed already: compressing them again costs more than it saves.
CREATE TABLE search_tail (
    org_id   text COLLATE "C" NOT NULL,
    document bigint NOT NULL,
    terms    bytea NOT NULL,
    PRIMARY KEY (org_id, document)
);
ALTER TABLE search_tail ALTER COLUMN terms SET STORAGE EXTERNAL;

-- sources are the numbers of the segments that one is made of, separated by spaces.
CREATE TABLE search_segments (
    org_id         text COLLATE "C" NOT NULL,
    segment        bigint NOT NULL,
    state          text COLLATE "C" NOT NULL,
    first_document bigint NOT NULL,
    last_document  bigint NOT NULL,
    documents      bigint NOT NULL,
    sources        text COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, segment)
);

-- Terms are UTF-8, so that both engines sort them alike.
CREATE TABLE search_postings (
    org_id    text COLLATE "C" NOT NULL,
    segment   bigint NOT NULL,
    term      bytea NOT NULL,
    documents bigint NOT NULL,
    postings  bytea NOT NULL,
    PRIMARY KEY (org_id, segment, term)
);
ALTER TABLE search_postings ALTER COLUMN postings SET STORAGE EXTERNAL;

-- Documents that are gone, for the nodes that know them and for the segments that still name them: eight bytes each.
CREATE TABLE search_deletions (
    org_id    text COLLATE "C" NOT NULL,
    deletion  bigint NOT NULL,
    at        bigint NOT NULL,
    documents bytea NOT NULL,
    purged    integer NOT NULL,
    PRIMARY KEY (org_id, deletion)
);
CREATE INDEX search_deletions_by_age ON search_deletions (at) WHERE purged = 1;

-- Organisations with mail that is to be indexed by the present model, and how far that has come.
CREATE TABLE search_backfill (
    org_id    text COLLATE "C" NOT NULL,
    place     text COLLATE "C" NOT NULL,
    remaining bigint NOT NULL,
    PRIMARY KEY (org_id)
);
INSERT INTO search_backfill (org_id, place, remaining)
SELECT org_id, '', count(*) FROM messages GROUP BY org_id;

-- The model that vectors are made by.
CREATE TABLE search_model (
    one   integer PRIMARY KEY CHECK (one = 1),
    model text COLLATE "C" NOT NULL
);

-- Few threads are triaged: those that are not need no row here.
CREATE INDEX threads_by_status ON threads (org_id, status, id) WHERE status <> 'open';
CREATE INDEX threads_with_tags ON threads (org_id, id) WHERE tags <> '{}';
