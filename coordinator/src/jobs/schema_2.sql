-- Proposed cubes. `document` is the proposal in JSON.
CREATE TABLE voorstel (
    id        TEXT NOT NULL PRIMARY KEY,
    analyst   TEXT NOT NULL,
    question  TEXT NOT NULL,  -- canonical text
    purpose   TEXT NOT NULL,
    document  TEXT NOT NULL,
    UNIQUE (analyst, question, purpose)
) STRICT;
