-- What has become of a sent message, beside its row: there every change would write the message's text once more.
-- Of a message stored before this the row is made when its state changes; until then messages.delivery_status and delivery_data hold.
CREATE TABLE sent_states (
    org_id     TEXT NOT NULL,
    message_id TEXT NOT NULL,
    status     TEXT NOT NULL,
    data       TEXT,
    PRIMARY KEY (org_id, message_id)
) WITHOUT ROWID;
