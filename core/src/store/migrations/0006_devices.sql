-- What the user calls a device; whether they are to be told of it (one of their own that came by itself); whether it is to go
-- from our published lists.
ALTER TABLE omemo_device ADD COLUMN name TEXT;
ALTER TABLE omemo_device ADD COLUMN announce INTEGER NOT NULL DEFAULT 0 CHECK (announce IN (0, 1));
ALTER TABLE omemo_device ADD COLUMN unwanted INTEGER NOT NULL DEFAULT 0 CHECK (unwanted IN (0, 1));
