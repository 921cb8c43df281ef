-- What has become of a sent message, beside its row: there every change would write a new version of the row, and an entry into each of its indexes.
-- The row is made when the state changes first; until then messages.delivery_status and delivery_data hold.
CREATE TABLE sent_states (
    org_id     text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    status     text COLLATE "C" NOT NULL,
    data       text COLLATE "C",
    PRIMARY KEY (org_id, message_id)
) WITH (fillfactor = 80);

-- For what is deleted by age: rows are appended in the order of time, so that a summary of each stretch of the table finds them.
CREATE INDEX delivery_events_by_age ON delivery_events USING brin (at);
