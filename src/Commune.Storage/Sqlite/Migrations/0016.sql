-- From which scores on an inbox refuses or holds back mail, as JSON; null leaves all mail in.
ALTER TABLE inboxes ADD COLUMN screening TEXT;
