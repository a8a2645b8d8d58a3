-- Accounts, contacts, chats and messages; what is to be sent; how far the archives are known.
-- Times are ms UTC and end in _at. Positions order a conversation: microseconds UTC, made unique by counting on.
CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    -- Chosen once per installation; says nothing about the device.
    resource TEXT NOT NULL,
    -- Where the server is, if the user had to say so.
    host TEXT,
    port INTEGER,
    tls TEXT CHECK (tls IN ('direct', 'starttls')),
    ca TEXT,
    -- RFC 6121, section 2.6. Absent: the list was never fetched.
    roster_version TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    name TEXT,
    -- A JSON array of strings.
    groups TEXT NOT NULL DEFAULT '[]',
    subscription TEXT NOT NULL DEFAULT 'none' CHECK (subscription IN ('none', 'to', 'from', 'both')),
    -- On the server's list. A row without it is somebody who only asks.
    listed INTEGER NOT NULL DEFAULT 0 CHECK (listed IN (0, 1)),
    asks INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1)),
    asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)),
    UNIQUE (account_id, address)
) STRICT;

CREATE TABLE chat (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    draft TEXT NOT NULL DEFAULT '',
    -- This chat alone is complete from here to now; absent: the archive's floor counts.
    floor_id TEXT,
    floor_position INTEGER,
    -- The floor is the beginning: the server has nothing older.
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)), encrypt INTEGER CHECK (encrypt IN (0, 1)), encrypted_at INTEGER,
    UNIQUE (account_id, address)
) STRICT;

CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
    mine INTEGER NOT NULL CHECK (mine IN (0, 1)),
    sender TEXT NOT NULL,
    -- The id attribute of the stanza; empty if it had none.
    wire_id TEXT NOT NULL,
    origin_id TEXT,
    archive_id TEXT,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'displayed', 'failed', 'received')),
    failure TEXT,
    unread INTEGER NOT NULL DEFAULT 0 CHECK (unread IN (0, 1)),
    -- The sender wants to know when it was read. XEP-0333.
    markable INTEGER NOT NULL DEFAULT 0 CHECK (markable IN (0, 1))
, encryption TEXT NOT NULL DEFAULT 'none' CHECK (encryption IN ('none', 'omemo', 'omemo2')), device INTEGER, unreadable TEXT, placed INTEGER NOT NULL DEFAULT 2 CHECK (placed IN (0, 1, 2, 3)), came_at INTEGER) STRICT;
CREATE INDEX message_timeline ON message (chat_id, position);
CREATE INDEX message_wire ON message (chat_id, wire_id);
CREATE UNIQUE INDEX message_archive ON message (chat_id, archive_id) WHERE archive_id IS NOT NULL;
CREATE INDEX message_unread ON message (chat_id, position) WHERE unread = 1;
CREATE INDEX message_unplaced ON message (chat_id, id) WHERE placed = 0;

-- "Delivered" or "displayed" said of a message that is not here yet.
CREATE TABLE orphan (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
    wire_id TEXT NOT NULL,
    mine INTEGER NOT NULL CHECK (mine IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('delivered', 'displayed')),
    UNIQUE (chat_id, wire_id, mine, state)
) STRICT;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (
        kind IN ('message', 'receipt', 'displayed', 'contact', 'subscribe', 'subscribed', 'unsubscribed')
    ),
    message_id INTEGER REFERENCES message (id) ON DELETE CASCADE,
    address TEXT,
    -- Which stanza of the stream it was, if it is on its way: XEP-0198 counts them.
    sequence INTEGER
) STRICT;
CREATE INDEX outbox_account ON outbox (account_id, id);

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
    pages INTEGER NOT NULL DEFAULT 0, gap_id TEXT,
    PRIMARY KEY (account_id, owner)
) STRICT, WITHOUT ROWID;

-- How an account signed in so far: what is held against a server that offers less one day.
CREATE TABLE pin (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    -- Names this installation to the server, and means nothing. XEP-0388.
    client_id TEXT NOT NULL,
    -- Channel binding worked.
    bound INTEGER NOT NULL DEFAULT 0 CHECK (bound IN (0, 1)),
    -- The strongest SASL mechanism ever offered, without -PLUS.
    strongest TEXT
) STRICT;

-- Who this device is for others.
CREATE TABLE omemo_self (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    device INTEGER NOT NULL,
    seed BLOB NOT NULL,
    -- How often our list of devices was repaired since the last start of a session.
    repairs INTEGER NOT NULL DEFAULT 0
, restored INTEGER NOT NULL DEFAULT 0 CHECK (restored IN (0, 1))) STRICT;

-- Secrets with which others begin sessions.
CREATE TABLE omemo_prekey (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- Part of every session for a week, or else of one.
    signed INTEGER NOT NULL CHECK (signed IN (0, 1)),
    id INTEGER NOT NULL,
    secret BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1)), replaced_at INTEGER,
    PRIMARY KEY (account_id, signed, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX omemo_prekey_used ON omemo_prekey (account_id, replaced_at) WHERE used = 1;

-- Whose devices are known. A version without a row was never asked for.
CREATE TABLE omemo_list (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    version TEXT NOT NULL CHECK (version IN ('omemo', 'omemo2')),
    known_at INTEGER NOT NULL, stale INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1)),
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
    healed_at INTEGER, name TEXT, announce INTEGER NOT NULL DEFAULT 0 CHECK (announce IN (0, 1)), unwanted INTEGER NOT NULL DEFAULT 0 CHECK (unwanted IN (0, 1)), listed_at INTEGER,
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
-- Who wakes this device when something comes while it is not connected: a push service, and where that reaches the device, once
-- both are known. At most one row.
CREATE TABLE wake (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    service TEXT,
    endpoint TEXT
) STRICT;
-- What the server of an account is to know, or to forget, of that. XEP-0357.
CREATE TABLE push (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    node TEXT NOT NULL,
    secret TEXT NOT NULL,
    -- refused: the server cannot do it, or does not want to. leaving: it is to be told, and the row goes when it was.
    state TEXT NOT NULL CHECK (state IN ('wanted', 'on', 'refused', 'leaving')),
    PRIMARY KEY (account_id, service, node)
) STRICT;
