-- What became of each recipient at each attempt: who was asked, over what, and the answer.
CREATE TABLE attempts (
    org_id       text COLLATE "C" NOT NULL,
    message_id   text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    recipient    text COLLATE "C" NOT NULL,
    at           bigint NOT NULL,
    outcome      text COLLATE "C" NOT NULL,
    code         integer,
    reply        text COLLATE "C" NOT NULL,
    host         text COLLATE "C",
    address      text COLLATE "C",
    tls_version  text COLLATE "C",
    tls_cipher   text COLLATE "C",
    tls_verified integer NOT NULL,
    PRIMARY KEY (org_id, message_id, id)
);

-- RFC 8461 policies of other people's domains: of nobody's organisation, shared by all nodes.
CREATE TABLE mta_sts (
    domain     text COLLATE "C" PRIMARY KEY,
    policy_id  text COLLATE "C" NOT NULL,
    policy     text COLLATE "C" NOT NULL,
    fetched_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX mta_sts_by_expiry ON mta_sts (expires_at);

-- opportunistic, require or verify: what mail from this domain asks of the way.
ALTER TABLE domains ADD COLUMN tls text COLLATE "C" NOT NULL DEFAULT 'opportunistic';

-- Claims step from organisation to organisation, and in each from key to key.
DROP INDEX jobs_by_key;
CREATE INDEX jobs_by_org ON jobs (kind, org_id, key, due_at, id);
