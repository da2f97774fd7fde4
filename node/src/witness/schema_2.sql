-- Checkpoints that its own log signed and did not have: the last one of each who had cosigned it.
CREATE TABLE contradiction (
    witness     TEXT NOT NULL PRIMARY KEY,  -- as it is called in the configuration, or that it is none of it
    head        TEXT NOT NULL,
    checkpoint  TEXT NOT NULL
) STRICT;
