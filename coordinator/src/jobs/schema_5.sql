-- Disputes that somebody at the coordinator settled, and why: they are kept, and stand no more.
CREATE TABLE dispute_settled (
    log       TEXT NOT NULL,
    witness   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    why       TEXT NOT NULL,
    seen      TEXT NOT NULL,
    shown     TEXT NOT NULL,
    time      TEXT NOT NULL,
    evidence  TEXT,
    settled   TEXT NOT NULL,
    reason    TEXT NOT NULL
) STRICT;

-- What was seen of logs that others took the place of, as they signed it: their keys are taken for no log again.
CREATE TABLE log_replaced (
    log         TEXT NOT NULL,
    key         TEXT NOT NULL,
    checkpoint  TEXT NOT NULL,
    time        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (log, key)
) STRICT, WITHOUT ROWID;
