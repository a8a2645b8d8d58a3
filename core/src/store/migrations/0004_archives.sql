-- Each archive has its row: the account's own, and later those of group chats.
ALTER TABLE archive RENAME TO archive_of_account;

-- How far an archive is known: the account's own, where owner is its address, or that of a group chat.
CREATE TABLE archive (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    -- Caught up to here. Absent: nothing is known yet.
    newest_id TEXT,
    -- Complete from here to newest_id.
    floor_id TEXT,
    floor_position INTEGER,
    -- The floor is the beginning of the archive.
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
    -- How many pages were fetched backwards since the last jump.
    pages INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, owner)
) STRICT, WITHOUT ROWID;

INSERT INTO archive (account_id, owner, newest_id, floor_id, floor_position, complete, pages)
SELECT account_id, address, newest_id, floor_id, floor_position, complete, pages
FROM archive_of_account JOIN account ON account.id = account_id;

DROP TABLE archive_of_account;
