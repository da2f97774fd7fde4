-- The keys that the coordinator cosigned logs with since the store was made: no other may cosign by what is in it.
CREATE TABLE own_witness_key (
    key  TEXT NOT NULL PRIMARY KEY
) STRICT;

-- That a witness did not find a log to be what it was: the first time that it said so, or showed it.
CREATE TABLE dispute (
    log       TEXT NOT NULL,
    witness   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    why       TEXT NOT NULL,  -- in JSON
    seen      TEXT NOT NULL,  -- the head that the witness saw last; empty if it does not show one
    shown     TEXT NOT NULL,  -- the head that the log showed now; empty if it showed none
    time      TEXT NOT NULL,
    evidence  TEXT,           -- in JSON: the checkpoints of both, signed by the log, where they show it
    PRIMARY KEY (log, witness, kind)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO dispute (log, witness, kind, why, seen, shown, time)
    SELECT log, witness, CASE WHEN why LIKE '{"forked":%' THEN 'forked' ELSE trim(why, '"') END, why, seen, shown, time
    FROM log_dispute ORDER BY time;

DROP TABLE log_dispute;
