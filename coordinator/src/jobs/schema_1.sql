-- Questions and what became of them.
CREATE TABLE job (
    id           TEXT NOT NULL PRIMARY KEY,
    analyst      TEXT NOT NULL,
    key          TEXT,           -- Idempotency-Key
    fingerprint  TEXT NOT NULL,  -- digest of the request
    question     TEXT NOT NULL,  -- canonical text
    purpose      TEXT NOT NULL,
    partial      INTEGER NOT NULL,
    created      TEXT NOT NULL,
    status       TEXT NOT NULL,
    document     TEXT,           -- the answer, in JSON
    UNIQUE (analyst, key)
) STRICT;

-- Each gemeente asked. `answer` is what its node sent, with its place in the node's log.
CREATE TABLE part (
    job       TEXT NOT NULL REFERENCES job (id),
    gemeente  TEXT NOT NULL,
    state     TEXT NOT NULL,
    reason    TEXT,
    answer    TEXT,
    PRIMARY KEY (job, gemeente)
) STRICT, WITHOUT ROWID;
