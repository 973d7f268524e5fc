-- News: what was signed is kept as it was signed, so that it can be handed on.

CREATE TABLE status_signed (
    -- The list of revoked cards as it came: a whole one, then the changes that were applied to it, by
    -- the version that each led to. A whole list replaces all. Whoever is handed it verifies it.
    version  INTEGER PRIMARY KEY CHECK (version > 0),
    is_whole INTEGER NOT NULL CHECK (is_whole IN (0, 1)),
    bytes    BLOB    NOT NULL
) STRICT;

-- What undo, absences, spot checks and answers that are still open need beside the events.

CREATE TABLE document (
    -- The files that excuse absences, by their SHA-256: events carry the hash, the log never the file.
    -- Kept on the device that took them, and nowhere else. Never changed.
    hash  BLOB PRIMARY KEY CHECK (length(hash) = 32),
    -- 'image/jpeg', 'image/png' or 'application/pdf', as the bytes say.
    media TEXT NOT NULL,
    bytes BLOB NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TRIGGER document_keeps_no_update BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'a document is never changed'); END;

CREATE TABLE spot_check (
    -- The newest linked checkpoint that this device held when it first opened a lesson: with it is drawn
    -- whether the lesson is asked for a headcount. Append-only.
    lesson BLOB PRIMARY KEY CHECK (length(lesson) = 8),
    origin TEXT NOT NULL,
    size   INTEGER NOT NULL,
    root   BLOB NOT NULL CHECK (length(root) = 32),
    FOREIGN KEY (origin, size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE TRIGGER spot_check_keeps_no_update BEFORE UPDATE ON spot_check
BEGIN SELECT RAISE(ABORT, 'a draw is never changed'); END;
CREATE TRIGGER spot_check_keeps_no_delete BEFORE DELETE ON spot_check
BEGIN SELECT RAISE(ABORT, 'a draw is never deleted'); END;

CREATE TABLE not_sure (
    -- On a parent's device: visits about which the family said that it is not sure, to be asked again.
    -- Nothing of it is signed or sent.
    visit BLOB PRIMARY KEY CHECK (length(visit) = 32),
    at_ms INTEGER NOT NULL
) STRICT;

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
