-- When another pre-key was put in the place of one that was used: the used one is kept for a while.
ALTER TABLE omemo_prekey ADD COLUMN replaced_at INTEGER;
DROP INDEX omemo_prekey_used;
CREATE INDEX omemo_prekey_used ON omemo_prekey (account_id, replaced_at) WHERE used = 1;

-- The database was restored from a backup: others remember more of our sessions than we do.
ALTER TABLE omemo_self ADD COLUMN restored INTEGER NOT NULL DEFAULT 0 CHECK (restored IN (0, 1));

-- When it came onto a list of its address, after it had been on none.
ALTER TABLE omemo_device ADD COLUMN listed_at INTEGER;
-- It is to be asked for again before anything is written.
ALTER TABLE omemo_list ADD COLUMN stale INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1));
