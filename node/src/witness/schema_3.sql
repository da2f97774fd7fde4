-- The keys that the logs of others must be signed with, as somebody at this gemeente said; of the others the first that is seen.
CREATE TABLE pinned (
    log  TEXT NOT NULL PRIMARY KEY,
    key  TEXT NOT NULL
) STRICT;
