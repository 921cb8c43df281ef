-- The sum over an organisation's uploads, for its storage quota.
CREATE INDEX attachments_uploaded ON attachments (org_id, size) WHERE blob_key IS NOT NULL;

CREATE TABLE dmarc_reports (
    org_id        text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    report_id     text COLLATE "C" NOT NULL,
    domain        text COLLATE "C" NOT NULL,
    domain_id     text COLLATE "C",
    org_name      text COLLATE "C" NOT NULL,
    email         text COLLATE "C" NOT NULL,
    date_begin    bigint NOT NULL,
    date_end      bigint NOT NULL,
    policy_domain text COLLATE "C" NOT NULL,
    adkim         text COLLATE "C" NOT NULL,
    aspf          text COLLATE "C" NOT NULL,
    p             text COLLATE "C" NOT NULL,
    sp            text COLLATE "C" NOT NULL,
    pct           integer NOT NULL,
    received_at   bigint NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX dmarc_reports_by_report ON dmarc_reports (org_id, domain, report_id);
CREATE INDEX dmarc_reports_by_receipt ON dmarc_reports (org_id, domain, received_at, id);
CREATE INDEX dmarc_reports_by_end ON dmarc_reports (org_id, domain, date_end);

-- passed is 1 when DKIM or SPF did: the row's mail passed DMARC.
CREATE TABLE dmarc_rows (
    org_id        text COLLATE "C" NOT NULL,
    dmarc_id      text COLLATE "C" NOT NULL,
    position      integer NOT NULL,
    source_ip     text COLLATE "C" NOT NULL,
    count         bigint NOT NULL,
    disposition   text COLLATE "C" NOT NULL,
    dkim_result   text COLLATE "C" NOT NULL,
    spf_result    text COLLATE "C" NOT NULL,
    passed        integer NOT NULL,
    header_from   text COLLATE "C" NOT NULL,
    dkim_domain   text COLLATE "C",
    dkim_selector text COLLATE "C",
    spf_domain    text COLLATE "C",
    PRIMARY KEY (org_id, dmarc_id, position)
);

-- The last live check of a domain's DNS, and when the next is due. A domain that stands here is watched;
-- one that the operator trusts without DNS does not.
CREATE TABLE domain_checks (
    org_id     text COLLATE "C" NOT NULL,
    domain_id  text COLLATE "C" NOT NULL,
    records    text,
    checked_at bigint,
    broken_at  bigint,
    next_at    bigint NOT NULL,
    PRIMARY KEY (org_id, domain_id)
);
CREATE INDEX domain_checks_due ON domain_checks (next_at);
