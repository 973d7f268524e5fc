-- News: what was signed is kept as it was signed, so that it can be handed on.

CREATE TABLE status_signed (
    -- The list of revoked cards as it came: a whole one, then the changes that were applied to it, by
    -- the version that each led to. A whole list replaces all. Whoever is handed it verifies it.
    version  INTEGER PRIMARY KEY CHECK (version > 0),
    is_whole INTEGER NOT NULL CHECK (is_whole IN (0, 1)),
    bytes    BLOB    NOT NULL
) STRICT;
