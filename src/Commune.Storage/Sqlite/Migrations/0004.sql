-- Sends counted by what they go to or through (SendCap.Counted), per second of time, where a setting caps them.
CREATE TABLE counted_sends (
    org_id  TEXT NOT NULL,
    counted TEXT NOT NULL,
    second  INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (org_id, counted, second)
) WITHOUT ROWID;
CREATE INDEX counted_sends_by_age ON counted_sends (second);

-- Messages that wait for their time: a row goes when its message is released or cancelled.
CREATE TABLE scheduled_sends (
    org_id          TEXT NOT NULL,
    message_id      TEXT NOT NULL,
    thread_id       TEXT NOT NULL,
    send_at         INTEGER NOT NULL,
    cancel_on_reply INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (org_id, message_id)
) WITHOUT ROWID;
CREATE INDEX scheduled_sends_by_thread ON scheduled_sends (org_id, thread_id);

-- When a scheduled message was released to the queue; null for one that was queued when it was made.
ALTER TABLE messages ADD COLUMN queued_at INTEGER;

-- paused_at is null when the organisation may send. Outcomes before counted_from are forgiven.
CREATE TABLE sending_pauses (
    org_id       TEXT PRIMARY KEY REFERENCES orgs(id),
    paused_at    INTEGER,
    until        INTEGER NOT NULL,
    outcomes     INTEGER NOT NULL,
    hard_bounces INTEGER NOT NULL,
    complaints   INTEGER NOT NULL,
    counted_from INTEGER NOT NULL
) WITHOUT ROWID;

-- Since when the domain is warmed up, null when it is not; whether its mail offers one-click unsubscribing unasked.
ALTER TABLE domains ADD COLUMN warm_up_from INTEGER;
ALTER TABLE domains ADD COLUMN unsubscribe INTEGER NOT NULL DEFAULT 0;

-- What the breaker looks for: few rows of many.
CREATE INDEX delivery_events_negative ON delivery_events (at, org_id)
    WHERE type = 'complained' OR (type = 'bounced' AND bounce_class = 'hard');
