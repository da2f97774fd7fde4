-- Releases, for good: a release is never changed and never removed.
CREATE TABLE release (
    period  TEXT PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    built   TEXT NOT NULL,
    body    TEXT NOT NULL
) STRICT;

-- A release that is answered from no more. Its figures stay known to readers.
CREATE TABLE withdrawal (
    period  TEXT PRIMARY KEY REFERENCES release (period),
    at      TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT;

-- The counted set (rule R2): for each person, categorie and hulpvorm how many trajecten run on after the last release,
-- and how many were known when it was built.
CREATE TABLE counted (
    person    BLOB NOT NULL,
    categorie TEXT NOT NULL,
    hulpvorm  TEXT NOT NULL,
    running   INTEGER NOT NULL,
    known     INTEGER NOT NULL,
    PRIMARY KEY (person, categorie, hulpvorm)
) STRICT, WITHOUT ROWID;

-- Persons whose keyed hash became another, because the key of the records did.
CREATE TABLE renamed (
    new BLOB PRIMARY KEY,
    old BLOB NOT NULL
) STRICT, WITHOUT ROWID;
