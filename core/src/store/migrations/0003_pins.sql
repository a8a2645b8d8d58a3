-- How an account signed in so far: what is held against a server that offers less one day.
CREATE TABLE pin (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    -- Channel binding worked.
    bound INTEGER NOT NULL DEFAULT 0 CHECK (bound IN (0, 1)),
    -- The strongest SASL mechanism ever offered, without -PLUS.
    strongest TEXT
) STRICT;
