-- A roster on its way, in pieces.

CREATE TABLE roster_coming (
    -- The packed roster whose pieces are in `roster_piece`, by the SHA-256 of all of it. One row,
    -- replaced together with them. Nothing here is in force: it is verified when it is whole.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    name     BLOB NOT NULL CHECK (length(name) = 32),
    version  INTEGER NOT NULL CHECK (version >= 0),
    -- Of the whole, in bytes.
    length   INTEGER NOT NULL CHECK (length BETWEEN 1 AND 4194304)
) STRICT;

CREATE TABLE roster_piece (
    -- The pieces that came, by where they begin: without a gap from 0 on.
    at    INTEGER PRIMARY KEY CHECK (at >= 0),
    bytes BLOB NOT NULL CHECK (length(bytes) > 0)
) STRICT;

CREATE TRIGGER roster_piece_has_no_gap BEFORE INSERT ON roster_piece
WHEN new.at <> (SELECT coalesce(max(at + length(bytes)), 0) FROM roster_piece)
  OR new.at + length(new.bytes) > coalesce((SELECT length FROM roster_coming), 0)
BEGIN SELECT RAISE(ABORT, 'a piece comes after the one before it, and within the roster'); END;
CREATE TRIGGER roster_piece_keeps_no_update BEFORE UPDATE ON roster_piece
BEGIN SELECT RAISE(ABORT, 'a piece of a roster is never changed'); END;
