-- The keys that the logs of others must be signed with, as somebody at this gemeente said; of the others the first that is seen.
CREATE TABLE pinned (
    log  TEXT NOT NULL PRIMARY KEY,
    key  TEXT NOT NULL
) STRICT;

-- What was seen of logs that others took the place of, as they signed it: their keys are taken for no log again.
CREATE TABLE replaced (
    log         TEXT NOT NULL,
    key         TEXT NOT NULL,
    checkpoint  TEXT NOT NULL,
    PRIMARY KEY (log, key)
) STRICT, WITHOUT ROWID;
