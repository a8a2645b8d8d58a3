-- End-to-end encryption. XEP-0384. `omemo` is version 0.3, `omemo2` is `urn:xmpp:omemo:2`.

-- Whether what we write is encrypted; absent: nobody decided, and it will be as soon as they can read it.
ALTER TABLE chat ADD COLUMN encrypt INTEGER CHECK (encrypt IN (0, 1));
-- How it travelled; of a message that is queued, how it must.
ALTER TABLE message ADD COLUMN encryption TEXT NOT NULL DEFAULT 'none' CHECK (encryption IN ('none', 'omemo', 'omemo2'));
-- The number of the device that encrypted it.
ALTER TABLE message ADD COLUMN device INTEGER;
-- Why it could not be read; then it has no body.
ALTER TABLE message ADD COLUMN unreadable TEXT;

-- Who this device is for others.
CREATE TABLE omemo_self (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    device INTEGER NOT NULL,
    seed BLOB NOT NULL,
    -- How often our list of devices was repaired since the last start of a session.
    repairs INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Secrets with which others begin sessions.
CREATE TABLE omemo_prekey (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- Part of every session for a week, or else of one.
    signed INTEGER NOT NULL CHECK (signed IN (0, 1)),
    id INTEGER NOT NULL,
    secret BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1)),
    PRIMARY KEY (account_id, signed, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX omemo_prekey_used ON omemo_prekey (account_id) WHERE used = 1;

-- Whose devices are known. A version without a row was never asked for.
CREATE TABLE omemo_list (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    version TEXT NOT NULL CHECK (version IN ('omemo', 'omemo2')),
    known_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, address, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE omemo_device (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    device INTEGER NOT NULL,
    -- On which lists of its address it stands.
    omemo INTEGER NOT NULL DEFAULT 0 CHECK (omemo IN (0, 1)),
    omemo2 INTEGER NOT NULL DEFAULT 0 CHECK (omemo2 IN (0, 1)),
    -- Absent until its keys were seen.
    identity BLOB,
    trust TEXT CHECK (trust IN ('undecided', 'refused', 'blind', 'verified')),
    seen_at INTEGER NOT NULL,
    -- When it wrote last.
    used_at INTEGER,
    -- When its keys could not be had or used.
    broken_at INTEGER,
    -- What it waits for, and in which version.
    owed TEXT CHECK (owed IN ('answer', 'session')),
    owed_version TEXT CHECK (owed_version IN ('omemo', 'omemo2')),
    healed_at INTEGER,
    UNIQUE (account_id, address, device)
) STRICT;
CREATE INDEX omemo_device_owed ON omemo_device (account_id) WHERE owed IS NOT NULL;

CREATE TABLE omemo_session (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    device INTEGER NOT NULL,
    version TEXT NOT NULL CHECK (version IN ('omemo', 'omemo2')),
    session BLOB NOT NULL,
    PRIMARY KEY (account_id, address, device, version)
) STRICT, WITHOUT ROWID;
