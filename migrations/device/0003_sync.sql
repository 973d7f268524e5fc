-- What a device keeps to sync in its full form.

-- Sync engine: how far deltas were looked through, and what families answered.

CREATE TABLE delta_cursor (
    -- The leaf to ask from next, for each kind of delta of a log: an interrupted sync goes on there.
    -- Nothing here is evidence; it only ever rises.
    origin TEXT NOT NULL,
    name   TEXT NOT NULL,
    next   INTEGER NOT NULL CHECK (next >= 0),
    PRIMARY KEY (origin, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer_seen (
    -- On a teacher's device: answers of families about its visits, each with its proof; the one with
    -- the highest leaf counts. Append-only.
    origin      TEXT NOT NULL,
    leaf_index  INTEGER NOT NULL CHECK (leaf_index >= 0),
    hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- The own visit that it speaks of.
    about       BLOB NOT NULL REFERENCES event (hash),
    was         INTEGER NOT NULL CHECK (was IN (0, 1)),
    certificate BLOB NOT NULL,
    bytes       BLOB NOT NULL,
    salt        BLOB NOT NULL CHECK (length(salt) = 16),
    receipt     BLOB NOT NULL,
    tree_size   INTEGER NOT NULL,
    PRIMARY KEY (origin, leaf_index),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE INDEX answer_seen_about ON answer_seen (about, leaf_index);

CREATE TRIGGER answer_seen_keeps_no_update BEFORE UPDATE ON answer_seen
BEGIN SELECT RAISE(ABORT, 'an answer is never changed'); END;
CREATE TRIGGER answer_seen_keeps_no_delete BEFORE DELETE ON answer_seen
BEGIN SELECT RAISE(ABORT, 'an answer is never deleted'); END;
