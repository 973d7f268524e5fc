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
