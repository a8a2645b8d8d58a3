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
