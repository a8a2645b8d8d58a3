-- When it came to this device, ms UTC, if it was not history by then: how late messages come.
ALTER TABLE message ADD COLUMN came_at INTEGER;
