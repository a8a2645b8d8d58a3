-- A stream outlives the process: what was sent in it, who was there, and what had to be left out.
DROP TABLE stream;

-- The stream that an account had last, so that it goes on after a crash. XEP-0198.
CREATE TABLE stream (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    resume_id TEXT NOT NULL,
    -- How many stanzas of the server are stored.
    handled INTEGER NOT NULL,
    -- How many of ours went, and how many of those the server has.
    sent INTEGER NOT NULL,
    acked INTEGER NOT NULL
) STRICT;

-- Which devices of contacts are there, as the stream told.
CREATE TABLE presence (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    resource TEXT NOT NULL,
    show TEXT NOT NULL CHECK (show IN ('available', 'away', 'busy')),
    PRIMARY KEY (account_id, address, resource)
) STRICT, WITHOUT ROWID;

-- Stanzas that could not be taken, and why.
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    reason TEXT NOT NULL CHECK (reason IN ('unreadable', 'deep', 'large', 'attributes', 'unstorable')),
    -- Who sent it, as it said itself; absent where not even that could be read.
    sender TEXT,
    -- The archive's id, if it came from there.
    archive_id TEXT,
    aside_at INTEGER NOT NULL
) STRICT;
CREATE INDEX quarantine_account ON quarantine (account_id, id);
