-- Sends counted by what they go to or through (SendCap.Counted), per second of time, where a setting caps them.
CREATE TABLE counted_sends (
    org_id  text COLLATE "C" NOT NULL,
    counted text COLLATE "C" NOT NULL,
    second  bigint NOT NULL,
    count   integer NOT NULL,
    PRIMARY KEY (org_id, counted, second)
);
CREATE INDEX counted_sends_by_age ON counted_sends (second);

-- Messages that wait for their time: a row goes when its message is released or cancelled.
CREATE TABLE scheduled_sends (
    org_id          text COLLATE "C" NOT NULL,
    message_id      text COLLATE "C" NOT NULL,
    thread_id       text COLLATE "C" NOT NULL,
    send_at         bigint NOT NULL,
    cancel_on_reply integer NOT NULL,
    created_at      bigint NOT NULL,
    PRIMARY KEY (org_id, message_id)
);
CREATE INDEX scheduled_sends_by_thread ON scheduled_sends (org_id, thread_id);

-- When a scheduled message was released to the queue; null for one that was queued when it was made.
ALTER TABLE messages ADD COLUMN queued_at bigint;

-- paused_at is null when the organisation may send. Outcomes before counted_from are forgiven.
CREATE TABLE sending_pauses (
    org_id       text COLLATE "C" PRIMARY KEY REFERENCES orgs(id),
    paused_at    bigint,
    until        bigint NOT NULL,
    outcomes     integer NOT NULL,
    hard_bounces integer NOT NULL,
    complaints   integer NOT NULL,
    counted_from bigint NOT NULL
);

-- Since when the domain is warmed up, null when it is not; whether its mail offers one-click unsubscribing unasked.
ALTER TABLE domains ADD COLUMN warm_up_from bigint;
ALTER TABLE domains ADD COLUMN unsubscribe integer NOT NULL DEFAULT 0;

-- What the breaker looks for: few rows of many.
CREATE INDEX delivery_events_negative ON delivery_events (at, org_id)
    WHERE type = 'complained' OR (type = 'bounced' AND bounce_class = 'hard');
