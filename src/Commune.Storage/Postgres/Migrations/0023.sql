-- How far vectors were copied to a search engine beside the store: up to which document, and up to which deletion. A row stays until the engine
-- has removed the points, also when the organisation is gone.
CREATE TABLE search_mirrors (
    org_id   text COLLATE "C" NOT NULL,
    target   text COLLATE "C" NOT NULL,
    model    text COLLATE "C" NOT NULL,
    length   bigint NOT NULL,
    place    bigint NOT NULL,
    deletion bigint NOT NULL,
    PRIMARY KEY (org_id, target, model)
);
