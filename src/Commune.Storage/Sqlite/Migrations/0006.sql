-- The sum over an organisation's uploads, for its storage quota.
CREATE INDEX attachments_uploaded ON attachments (org_id, size) WHERE blob_key IS NOT NULL;

CREATE TABLE dmarc_reports (
    org_id        TEXT NOT NULL,
    id            TEXT NOT NULL,
    report_id     TEXT NOT NULL,
    domain        TEXT NOT NULL,
    domain_id     TEXT,
    org_name      TEXT NOT NULL,
    email         TEXT NOT NULL,
    date_begin    INTEGER NOT NULL,
    date_end      INTEGER NOT NULL,
    policy_domain TEXT NOT NULL,
    adkim         TEXT NOT NULL,
    aspf          TEXT NOT NULL,
    p             TEXT NOT NULL,
    sp            TEXT NOT NULL,
    pct           INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX dmarc_reports_by_report ON dmarc_reports (org_id, domain, report_id);
CREATE INDEX dmarc_reports_by_receipt ON dmarc_reports (org_id, domain, received_at, id);
CREATE INDEX dmarc_reports_by_end ON dmarc_reports (org_id, domain, date_end);

-- passed is 1 when DKIM or SPF did: the row's mail passed DMARC.
CREATE TABLE dmarc_rows (
    org_id        TEXT NOT NULL,
    dmarc_id      TEXT NOT NULL,
    position      INTEGER NOT NULL,
    source_ip     TEXT NOT NULL,
    count         INTEGER NOT NULL,
    disposition   TEXT NOT NULL,
    dkim_result   TEXT NOT NULL,
    spf_result    TEXT NOT NULL,
    passed        INTEGER NOT NULL,
    header_from   TEXT NOT NULL,
    dkim_domain   TEXT,
    dkim_selector TEXT,
    spf_domain    TEXT,
    PRIMARY KEY (org_id, dmarc_id, position)
) WITHOUT ROWID;

-- The last live check of a domain's DNS, and when the next is due. A domain that stands here is watched;
-- one that the operator trusts without DNS does not.
CREATE TABLE domain_checks (
    org_id     TEXT NOT NULL,
    domain_id  TEXT NOT NULL,
    records    TEXT,
    checked_at INTEGER,
    broken_at  INTEGER,
    next_at    INTEGER NOT NULL,
    PRIMARY KEY (org_id, domain_id)
) WITHOUT ROWID;
CREATE INDEX domain_checks_due ON domain_checks (next_at);
