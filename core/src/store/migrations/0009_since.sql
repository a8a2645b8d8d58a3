-- Since when what is written in a chat is encrypted, ms UTC: what comes in the clear after that is marked.
ALTER TABLE chat ADD COLUMN encrypted_at INTEGER;
