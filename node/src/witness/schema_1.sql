-- What this node saw of the logs of others: the key that it saw first, and the last checkpoint, as the log signed it.
CREATE TABLE seen (
    log         TEXT NOT NULL PRIMARY KEY,
    key         TEXT NOT NULL,
    checkpoint  TEXT NOT NULL
) STRICT;

-- What witnesses cosigned of its own log: the last of each.
CREATE TABLE cosigned (
    key         TEXT NOT NULL PRIMARY KEY,
    head        TEXT NOT NULL,
    time        INTEGER NOT NULL,  -- seconds since 1970, as the witness signed it
    checkpoint  TEXT NOT NULL
) STRICT;
