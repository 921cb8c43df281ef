-- Where and how the model of a set of vectors is asked, so that it can rank queries while another one takes its place;
-- dimensions are those that were asked for, 0 for none, length what came, 0 while nothing did.
ALTER TABLE search_vector_places ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';
ALTER TABLE search_vector_places ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE search_vector_places ADD COLUMN dimensions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_vector_places ADD COLUMN length INTEGER NOT NULL DEFAULT 0;
