-- The coordinator as a witness of logs: the key that it saw first, and the last checkpoint, with its own cosignature.
CREATE TABLE log_seen (
    log         TEXT NOT NULL PRIMARY KEY,
    key         TEXT NOT NULL,
    checkpoint  TEXT NOT NULL
) STRICT;

-- How far each witness has cosigned a log.
CREATE TABLE log_cosigned (
    log      TEXT NOT NULL,
    witness  TEXT NOT NULL,
    head     TEXT NOT NULL,
    time     TEXT NOT NULL,
    PRIMARY KEY (log, witness)
) STRICT, WITHOUT ROWID;

-- That a witness did not find a log to be what it was, the first time that it said so.
CREATE TABLE log_dispute (
    log      TEXT NOT NULL,
    witness  TEXT NOT NULL,
    why      TEXT NOT NULL,  -- in JSON
    seen     TEXT NOT NULL,  -- the head that the witness saw last; empty if it does not show one
    shown    TEXT NOT NULL,  -- the head that the log showed now; empty if it showed none
    time     TEXT NOT NULL,
    PRIMARY KEY (log, witness, why, seen)
) STRICT, WITHOUT ROWID;
