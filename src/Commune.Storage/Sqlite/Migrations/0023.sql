-- How far vectors were copied to a search engine beside the store: up to which document, and up to which deletion. A row stays until the engine
-- has removed the points, also when the organisation is gone.
CREATE TABLE search_mirrors (
    org_id   TEXT NOT NULL,
    target   TEXT NOT NULL,
    model    TEXT NOT NULL,
    length   INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    deletion INTEGER NOT NULL,
    PRIMARY KEY (org_id, target, model)
) WITHOUT ROWID;
