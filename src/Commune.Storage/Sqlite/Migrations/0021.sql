-- What the tokens were spent on: each kind of work has an allowance of its own.
CREATE TABLE model_spending_by_work (
    org_id TEXT NOT NULL,
    day    INTEGER NOT NULL,
    work   TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (org_id, day, work)
) WITHOUT ROWID;
INSERT INTO model_spending_by_work (org_id, day, work, tokens) SELECT org_id, day, 'extraction', tokens FROM model_spending;
DROP TABLE model_spending;
ALTER TABLE model_spending_by_work RENAME TO model_spending;
CREATE INDEX model_spending_by_day ON model_spending (day);
