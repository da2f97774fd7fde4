-- The keys that the coordinator cosigned logs with since the store was made: no other may cosign by what is in it.
CREATE TABLE own_witness_key (
    key  TEXT NOT NULL PRIMARY KEY
) STRICT;
