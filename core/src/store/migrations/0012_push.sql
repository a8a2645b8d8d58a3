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
