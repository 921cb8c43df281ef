-- What the tokens were spent on: each kind of work has an allowance of its own.
ALTER TABLE model_spending ADD COLUMN work text COLLATE "C" NOT NULL DEFAULT 'extraction';
ALTER TABLE model_spending ALTER COLUMN work DROP DEFAULT;
ALTER TABLE model_spending DROP CONSTRAINT model_spending_pkey;
ALTER TABLE model_spending ADD PRIMARY KEY (org_id, day, work);
