-- The HTML body is read from the raw bytes instead of content_html.
ALTER TABLE messages ADD COLUMN html_in_raw boolean NOT NULL DEFAULT false;
