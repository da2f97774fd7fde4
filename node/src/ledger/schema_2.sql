-- Releases of gemeenten that became this one (herindeling), from their ledgers. Answered from by nobody here; kept like
-- this gemeente's own, as readers have both.
CREATE TABLE voorganger (
    gemeente TEXT NOT NULL,
    period   TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (gemeente, period)
) STRICT, WITHOUT ROWID;

-- The gemeenten whose ledgers were imported and whose stocks no release of this one has taken over yet.
CREATE TABLE opgegaan (
    gemeente TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
