-- Checkpoints that its own log signed and did not have: the last one of each who had cosigned it.
CREATE TABLE contradiction (
    witness     TEXT NOT NULL PRIMARY KEY,  -- as it is called in the configuration, or that it is none of it
    head        TEXT NOT NULL,
    checkpoint  TEXT NOT NULL
) STRICT;

-- The keys that it cosigned with since the file was made: no other may cosign by what is in it.
CREATE TABLE own_key (
    key  TEXT NOT NULL PRIMARY KEY
) STRICT;
