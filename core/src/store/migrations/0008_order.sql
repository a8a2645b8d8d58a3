-- 1: it stands where the archive has it, at or before "caught up to here": all that the archive tells later belongs below.
-- 0: it came live and is newer than that. 2: where the archive has it only the archive knows.
-- 3: it was written here, and stands where it was written.
ALTER TABLE message ADD COLUMN placed INTEGER NOT NULL DEFAULT 2 CHECK (placed IN (0, 1, 2, 3));
UPDATE message SET placed = 1 WHERE archive_id IS NOT NULL;
UPDATE message SET placed = 3 WHERE archive_id IS NULL AND mine = 1;
CREATE INDEX message_unplaced ON message (chat_id, id) WHERE placed = 0;
